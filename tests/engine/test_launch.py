"""A launch handle: bound to one browser, spent once, its person."""

import asyncio
from typing import Any

import pytest

from assent.engine.handles import hash_handle, new_handle
from assent.engine.launch import find_launch, is_for, register_launch
from assent.engine.server import Caller
from assent.records.people import Person
from assent.records.sessions import Launch
from assent.spec.errors import InvalidRequest
from assent.storage.interface import Change, act
from assent.storage.tables import LAUNCHES
from assent.testing.server import TestServer

CALLER = Caller()


async def registered(served: TestServer, **members: Any) -> bytes:
    """The hash of a new handle for the client `app`."""
    ehr = await served.add_client("ehr")
    await served.add_client("app", launch_uris=("https://app.example/launch",))
    answer = await register_launch(served.server, ehr, {"client_id": "app", **members}, CALLER)
    return hash_handle(answer.launch)


async def test_of_two_hundred_browsers_that_bring_a_handle_at_once_one_has_it(served: TestServer) -> None:
    handle = await registered(served)
    browsers = [hash_handle(new_handle(served.server)) for _ in range(200)]
    answers = await asyncio.gather(
        *(find_launch(served.server, handle, "app", browser) for browser in browsers), return_exceptions=True
    )
    assert sum(isinstance(answer, Launch) for answer in answers) == 1
    assert sum(isinstance(answer, InvalidRequest) for answer in answers) == 199


async def test_of_two_hundred_tasks_that_spend_a_handle_one_wins(served: TestServer) -> None:
    handle = await registered(served)
    spend = act(Change(LAUNCHES, (handle,), {"spent_at": served.server.now()}, {"spent_at": 0}))
    outcomes = await asyncio.gather(*(served.server.storage.commit(spend) for _ in range(200)))
    assert sum(one.all for one in outcomes) == 1


async def test_the_browser_that_has_it_may_bring_it_again(served: TestServer) -> None:
    handle = await registered(served)
    assert await find_launch(served.server, handle, "app", b"one")
    assert await find_launch(served.server, handle, "app", b"one")
    with pytest.raises(InvalidRequest):
        await find_launch(served.server, handle, "app", b"two")


@pytest.mark.row("A9")
async def test_every_refusal_reads_the_same_and_the_log_says_which_it_was(served: TestServer) -> None:
    handle = await registered(served)
    reasons = {}
    for browser, client_id, known in ((b"one", "app", b"?"), (b"one", "other", handle)):
        with pytest.raises(InvalidRequest) as refused:
            await find_launch(served.server, known, client_id, browser)
        reasons[refused.value.detail] = refused.value.description
    served.clock.advance(served.server.settings.launch_seconds)
    with pytest.raises(InvalidRequest) as refused:
        await find_launch(served.server, handle, "app", b"one")
    reasons[refused.value.detail] = refused.value.description
    assert set(reasons) == {"unknown", "of another client", "expired"}
    assert len(set(reasons.values())) == 1


async def test_once_it_is_bound_it_lives_as_long_as_the_pages_may_take(served: TestServer) -> None:
    handle = await registered(served)
    await find_launch(served.server, handle, "app", b"one")
    served.clock.advance(served.server.settings.pending_seconds - 1)
    assert await find_launch(served.server, handle, "app", b"one")
    served.clock.advance(1)
    with pytest.raises(InvalidRequest):
        await find_launch(served.server, handle, "app", b"one")


@pytest.mark.parametrize(
    ("named", "person_id", "person", "is_meant"),
    [
        (None, None, Person("u-1", "amy", "amy"), True),
        ("amy", "u-1", Person("u-1", "amy", "amy"), True),
        ("amy", "u-1", Person("u-1", "renamed", "renamed"), True),
        ("amy", "u-1", Person("u-2", "amy", "amy"), False),
        ("Patient/amy", None, Person("u-1", "x", "x", fhir_user="Patient/amy"), True),
        ("Patient/amy", None, Person("u-1", "Patient/amy", "patient/amy"), False),
        ("Patient/amy", None, Person("u-1", "amy", "amy", fhir_user="Patient/AMY"), False),
        ("Patient/amy", None, Person("u-1", "amy", "amy"), False),
    ],
)
def test_whom_a_launch_is_for(
    named: str | None, person_id: str | None, person: Person, is_meant: bool
) -> None:
    launch = Launch(b"l", "app", "ehr", named, {}, 0, 1, person_id=person_id)
    assert is_for(launch, person) is is_meant


@pytest.mark.parametrize("named", ["amy", "AMY "])
async def test_a_user_name_is_kept_with_whose_it_is(served: TestServer, named: str) -> None:
    amy = await served.add_person("amy")
    launch = await served.server.storage.get(LAUNCHES, await registered(served, user=named))
    assert launch is not None
    assert (launch.person, launch.person_id) == (named, amy.person_id)


async def test_a_handle_in_the_name_of_nobody_here_may_be_a_fhir_user(served: TestServer) -> None:
    assert await registered(served, user="Practitioner/who-never-signed-in")
