"""Sign-ups for one mail address that are finished at the same moment, on every backend."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from assent.actions.accounts.sign_ups import Answers, Problem, begin_sign_up, finish_sign_up
from assent.engine.server import Caller
from assent.identity.local.policy import PasswordPolicy
from assent.identity.local.registration import LocalRegistration
from assent.identity.registration import Registration
from assent.records.identities import Arrival
from assent.storage.interface import Backend, Change, act
from assent.storage.tables import AUDIT, NAMES, PEOPLE, SIGN_UPS
from assent.testing.server import TestServer, a_server

OFFER = Registration(LocalRegistration(PasswordPolicy()))
PASSWORD = "quite a long sentence, kept to herself"
RACERS = 4


@pytest.fixture
async def served(backend: Backend) -> AsyncIterator[TestServer]:
    """A server on it."""
    served = await a_server(backend=backend)
    yield served
    await served.close()


async def begin(served: TestServer, number: int, email: str) -> tuple[str, str]:
    """A sign-up that waits in browser `number`: its handle and its code."""
    caller = Caller(f"192.0.2.{number}")
    begun = await begin_sign_up(served.server, OFFER, email, f"browser-{number}", caller)
    assert begun is not None
    assert begun.letter == "code"
    return begun.handle, begun.code


async def finish(served: TestServer, number: int, begun: tuple[str, str]) -> Arrival | Problem:
    handle, code = begun
    answers = Answers(code, f"maria{number}", PASSWORD, "Maria", "Okafor", "es")
    browser, caller = f"browser-{number}", Caller(f"192.0.2.{number}")
    return await finish_sign_up(served.server, OFFER, handle, browser, answers, caller=caller)


async def test_of_sign_ups_for_one_address_that_are_finished_at_once_one_makes_an_account(
    served: TestServer,
) -> None:
    spelt = ["maria@mail.example", "Maria@Mail.example"]
    begun = [await begin(served, n, spelt[n % 2]) for n in range(RACERS)]
    answers = await asyncio.gather(*(finish(served, n, begun[n]) for n in range(RACERS)))
    assert sum(isinstance(answer, Arrival) for answer in answers) == 1
    assert answers.count(Problem("email", "known")) == RACERS - 1
    storage = served.server.storage
    [person] = await storage.find(PEOPLE)
    assert [name.person_id for name in await storage.find(NAMES)] == [person.person_id]
    assert len(await storage.find(AUDIT, {"type": "user.registered"})) == 1
    assert [bool(one.used_at) for one in await storage.find(SIGN_UPS)].count(True) == 1


async def test_sign_ups_for_different_addresses_do_not_meet(served: TestServer) -> None:
    begun = [await begin(served, n, f"m{n}@mail.example") for n in range(RACERS)]
    answers: list[Any] = await asyncio.gather(*(finish(served, n, begun[n]) for n in range(RACERS)))
    assert all(isinstance(answer, Arrival) for answer in answers)


async def test_an_address_is_free_again_once_nobody_has_it_and_no_sign_up_may_still_wait(
    served: TestServer,
) -> None:
    assert isinstance(await finish(served, 0, await begin(served, 0, "maria@mail.example")), Arrival)
    [person] = await served.server.storage.find(PEOPLE)
    moved = Change(
        PEOPLE, (person.person_id,), {"email": "other@mail.example", "email_key": "other@mail.example"}
    )
    assert (await served.server.storage.commit(act(moved))).all
    served.clock.advance(OFFER.code_seconds + 1)
    assert isinstance(await finish(served, 1, await begin(served, 1, "maria@mail.example")), Arrival)
    assert len(await served.server.storage.find(PEOPLE)) == 2
