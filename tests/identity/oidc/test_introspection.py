"""What a provider says of a token is kept for some seconds: never beyond its exp, and one call is enough for many."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from assent.engine.server import Answered, Caller, FetchFailed, Outgoing
from assent.engine.settings import EngineSettings
from assent.identity import ModuleDown
from assent.identity.oidc import introspection
from assent.identity.oidc.credentials import Registered
from assent.identity.oidc.introspection import Introspection
from assent.identity.oidc.metadata import Metadata
from assent.records.providers import Provider
from assent.spec.errors import TooManyRequests
from assent.testing.server import START, TestServer, a_server

URL = "https://id.clinic.example/introspect"
METADATA = Metadata("https://id.clinic.example", introspection_endpoint=URL)
CLINIC = Provider("clinic", "Clinic", METADATA.issuer, "us", token_endpoint_auth_method="client_secret_basic")
REGISTERED = Registered(CLINIC, "a-secret")


@pytest.fixture
async def served() -> AsyncIterator[TestServer]:
    made = await a_server()
    says(made)
    yield made
    await made.close()


def says(served: TestServer, **claims: Any) -> None:
    right = {"active": True, "exp": START + 300, "sub": "s-1"}
    answers(served, msgspec.json.encode({**right, **claims}))


def answers(served: TestServer, body: bytes, status: int = 200) -> None:
    served.web.answers[URL] = lambda _: Answered(status, "application/json", body)


async def ask(
    served: TestServer, asked: Introspection, token: str = "t", registered: Registered = REGISTERED
) -> Any:
    return (await asked.ask(served.server, registered, METADATA, token, Caller())).get("active")


async def test_an_answer_is_kept_for_the_seconds_of_the_setting(served: TestServer) -> None:
    asked = Introspection()
    assert [await ask(served, asked) for _ in range(3)] == [True] * 3
    assert len(served.web.sent) == 1
    says(served, active=False)
    served.clock.advance(9.9)
    assert await ask(served, asked) is True
    served.clock.advance(0.1)
    assert await ask(served, asked) is False
    assert len(served.web.sent) == 2


async def test_an_answer_is_not_kept_beyond_the_exp_of_the_token(served: TestServer) -> None:
    asked = Introspection()
    says(served, exp=START + 3)
    await ask(served, asked)
    served.clock.advance(2)
    await ask(served, asked)
    assert len(served.web.sent) == 1
    served.clock.advance(1)
    await ask(served, asked)
    assert len(served.web.sent) == 2


async def test_a_no_is_kept_no_longer_than_a_yes(served: TestServer) -> None:
    asked = Introspection()
    answers(served, b'{"active": false}')
    assert [await ask(served, asked) for _ in range(3)] == [False] * 3
    assert len(served.web.sent) == 1
    says(served)
    served.clock.advance(10)
    assert await ask(served, asked) is True


async def test_with_0_seconds_nothing_is_kept() -> None:
    served = await a_server(settings=EngineSettings(introspection_cache_seconds=0))
    says(served)
    asked = Introspection()
    await ask(served, asked)
    await ask(served, asked)
    assert len(served.web.sent) == 2
    await served.close()


async def test_one_token_is_never_taken_for_another(served: TestServer) -> None:
    asked = Introspection()
    assert await ask(served, asked, "good") is True
    answers(served, b'{"active": false}')
    assert await ask(served, asked, "bad") is False
    assert await ask(served, asked, "good") is True
    assert [(sent.form or {})["token"] for sent in served.web.sent] == ["good", "bad"]


async def test_the_token_itself_is_not_kept(served: TestServer) -> None:
    asked = Introspection()
    await ask(served, asked, "a-token-that-nobody-may-see")
    [(_, kept)] = asked._kept.values()
    assert "a-token-that-nobody-may-see" not in repr(vars(kept))
    assert [len(key) for key in kept._active] == [32]


async def test_a_definition_that_changed_begins_anew(served: TestServer) -> None:
    asked = Introspection()
    await ask(served, asked)
    changed = replace(REGISTERED, provider=replace(CLINIC, client_id="another"))
    await ask(served, asked, registered=changed)
    assert len(served.web.sent) == 2


@pytest.mark.parametrize(
    ("body", "status"), [(b"<html>", 502), (b'{"active": true}', 401), (b"[]", 200), (b'{"active"', 200)]
)
async def test_what_is_no_answer_is_not_kept(served: TestServer, body: bytes, status: int) -> None:
    asked = Introspection()
    answers(served, body, status)
    with pytest.raises(ModuleDown):
        await ask(served, asked)
    says(served)
    assert await ask(served, asked) is True


async def test_only_so_many_are_kept_and_bad_tokens_push_no_good_ones_out(
    served: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(introspection, "MOST_ACTIVE", 3)
    monkeypatch.setattr(introspection, "MOST_OTHERS", 2)
    asked = Introspection()
    for token in "abcd":
        await ask(served, asked, token)
    answers(served, b'{"active": false}')
    for token in "uvwxyz":
        await ask(served, asked, token)
    [(_, kept)] = asked._kept.values()
    assert (len(kept._active), len(kept._others)) == (3, 2)
    assert await ask(served, asked, "d") is True
    assert await ask(served, asked, "a") is False  # pushed out, so it is asked about again


class Slow:
    """A provider that answers when it is told to."""

    def __init__(self, outcome: Answered | FetchFailed) -> None:
        self.outcome = outcome
        self.go_on, self.is_asked = asyncio.Event(), asyncio.Event()
        self.asked = 0

    async def send(self, request: Outgoing) -> Answered:
        self.asked += 1
        self.is_asked.set()
        await self.go_on.wait()
        if isinstance(self.outcome, FetchFailed):
            raise self.outcome
        return self.outcome


async def waiting(served: TestServer, slow: Slow, asked: Introspection) -> list[asyncio.Task[Any]]:
    """Five requests with one token, all at once, and the provider has been asked."""
    at_slow = replace(served, server=replace(served.server, fetch=slow))  # type: ignore[arg-type]
    tasks = [asyncio.create_task(ask(at_slow, asked)) for _ in range(5)]
    await slow.is_asked.wait()
    await asyncio.sleep(0)  # and the others have had their turn
    return tasks


async def test_requests_at_the_same_time_share_one_call(served: TestServer) -> None:
    slow, asked = Slow(Answered(200, "application/json", b'{"active": true}')), Introspection()
    tasks = await waiting(served, slow, asked)
    tasks[0].cancel()  # the browser that asked first went away
    slow.go_on.set()
    assert await asyncio.gather(*tasks[1:]) == [True] * 4
    assert slow.asked == 1


async def test_a_failure_is_told_to_all_who_waited_and_then_forgotten(served: TestServer) -> None:
    slow, asked = Slow(FetchFailed("not reached")), Introspection()
    tasks = await waiting(served, slow, asked)
    slow.go_on.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in found] == [ModuleDown] * 5
    assert slow.asked == 1
    assert await ask(served, asked) is True


# --- tokens that somebody makes up ---------------------------------------------------------------------------------


class Choosy:
    """Answers about good tokens at once, and about others when it is told to."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.asked: list[str] = []

    async def send(self, request: Outgoing) -> Answered:
        token = (request.form or {})["token"]
        self.asked.append(token)
        if token.startswith("good"):
            return Answered(200, "application/json", b'{"active": true}')
        await self.go_on.wait()
        return Answered(200, "application/json", b'{"active": false}')


class Asking:
    """Somebody who asks a choosy provider from several places."""

    def __init__(self, served: TestServer) -> None:
        self.choosy, self.asked = Choosy(), Introspection()
        self.server = replace(served.server, fetch=self.choosy)  # type: ignore[arg-type]

    async def ask(self, token: str, address: str) -> bool:
        said = await self.asked.ask(self.server, REGISTERED, METADATA, token, Caller(address))
        return said["active"] is True

    async def begin(self, how_many: int, *addresses: str) -> list[asyncio.Task[bool]]:
        """So many made-up tokens from each of these places."""
        pairs = [(f"made-up-{number}-{one}", one) for number in range(how_many) for one in addresses]
        tasks = [asyncio.create_task(self.ask(*pair)) for pair in pairs]
        for _ in range(5):
            await asyncio.sleep(0)
        return tasks

    async def end(self, tasks: list[asyncio.Task[bool]]) -> None:
        self.choosy.go_on.set()
        await asyncio.gather(*tasks, return_exceptions=True)


HERE, THERE = "192.0.2.7", "198.51.100.9"


async def test_made_up_tokens_of_one_place_take_a_few_calls_and_leave_others_theirs(
    served: TestServer,
) -> None:
    asking = Asking(served)
    tasks = await asking.begin(64, HERE)
    assert len(asking.choosy.asked) == 8
    assert await asking.ask("good", THERE)
    await asking.end(tasks)


@pytest.mark.parametrize("seconds", [0, 10])
async def test_a_token_that_was_good_is_asked_about_again_whatever_others_do(seconds: int) -> None:
    served = await a_server(settings=EngineSettings(introspection_cache_seconds=seconds))
    asking = Asking(served)
    assert await asking.ask("good", HERE)
    served.clock.advance(11)
    tasks = await asking.begin(8, *(f"203.0.113.{number}" for number in range(8)))
    with pytest.raises(ModuleDown):
        await asking.ask("good and new", THERE)
    assert await asking.ask("good", HERE)
    await asking.end(tasks)
    assert asking.choosy.asked.count("good") == 2
    await served.close()


async def test_a_token_that_was_good_passes_where_too_many_were_made_up(served: TestServer) -> None:
    asking = Asking(served)
    assert await asking.ask("good", HERE)
    asking.choosy.go_on.set()
    for number in range(60):
        assert not await asking.ask(f"made-up-{number}", HERE)
    with pytest.raises(TooManyRequests):
        await asking.ask("good and new", HERE)
    assert await asking.ask("good and new", THERE)
    served.clock.advance(11)
    assert await asking.ask("good", HERE)


@pytest.mark.parametrize(("exp", "of_his_making"), [(START + 3, 59), (START + 300, 60)])
async def test_a_token_that_was_good_is_then_like_any_other(
    served: TestServer, exp: int, of_his_making: int
) -> None:
    """One that has expired counts; one that was taken back does not, but is known for good no more."""
    asked = Introspection()

    async def ask_here(token: str) -> Any:
        return (await asked.ask(served.server, REGISTERED, METADATA, token, Caller(HERE))).get("active")

    says(served, exp=exp)
    assert await ask_here("t")
    answers(served, b'{"active": false}')
    for number in range(of_his_making):
        assert not await ask_here(f"made-up-{number}")
    served.clock.advance(11)
    assert not await ask_here("t")
    served.clock.advance(11)
    with pytest.raises(TooManyRequests):
        await ask_here("t")
