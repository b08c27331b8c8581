"""What a provider wants to see when somebody signs out there, and whom it signs out by its name for her."""

import pytest

from assent.engine.provider_logout import (
    NamedNotice,
    Replayed,
    end_named_sessions,
    keep_logout_hint,
    logout_hint_of,
)
from assent.engine.server import Caller
from assent.engine.sessions import begin_session, find_sign_in, session_there, step_up
from assent.records.identities import Arrival
from assent.records.sessions import Session
from assent.storage.tables import LOGOUT_HINTS, SESSIONS
from assent.testing.server import TestServer

NAME = "persistent\np-4711"


def an_arrival(session: str | None = "s-1", module: str = "clinic", provider: str = "urn:idp") -> Arrival:
    return Arrival(
        module,
        provider,
        "p-4711",
        "maria",
        (),
        provider_session=session,
        logout_hint="what it said",
        logout_name=NAME,
    )


LONG = "s" * 256


async def begun(served: TestServer, arrival: Arrival) -> tuple[str, Session]:
    """The cookie and record of a session of a new person."""
    person = await served.add_person(f"p{len(await served.server.storage.find(SESSIONS))}")
    cookie, session = await begin_session(served.server, person, (), Caller(), None, arrival)
    await keep_logout_hint(served.server, served.sealer, session, arrival)
    return cookie, session


def a_notice(
    *sessions: str, notice_id: str = "n-1", name: str = NAME, provider: str = "urn:idp"
) -> NamedNotice:
    return NamedNotice(provider, notice_id, name, sessions, 2_000_000_000)


async def test_a_second_factor_takes_the_hint_along(served: TestServer) -> None:
    cookie, session = await begun(served, an_arrival())
    found = await find_sign_in(served.server, cookie)
    assert found is not None
    stepped = await step_up(served.server, found, ("otp",), Caller(), detail={})
    assert stepped is not None
    _, new = stepped
    assert new.session_hash != session.session_hash
    assert await logout_hint_of(served.server, served.sealer, new) == "what it said"
    assert await end_named_sessions(served.server, "clinic", a_notice("s-1"), Caller()) == 1


@pytest.mark.parametrize(
    ("arrival", "notice", "ended"),
    [
        (an_arrival(), a_notice(), 1),
        (an_arrival(), a_notice("s-2", "s-1"), 1),
        (an_arrival(), a_notice("s-2"), 0),
        (an_arrival(None), a_notice(), 1),
        (an_arrival(None), a_notice("s-1"), 0),
        (an_arrival(None), a_notice(""), 0),
        (an_arrival(""), a_notice(""), 0),
        (an_arrival(LONG), a_notice(LONG), 1),
        (an_arrival(LONG), a_notice(LONG + "s"), 0),
        (an_arrival("\t1"), a_notice("\t1"), 1),
        (an_arrival(LONG), a_notice(session_there(LONG)), 0),
        (an_arrival(), a_notice(name="persistent\np-4712"), 0),
        (an_arrival(), a_notice(provider="urn:other"), 0),
        (an_arrival(module="hospital"), a_notice(), 0),
    ],
)
async def test_a_notice_ends_what_it_is_about(
    served: TestServer, arrival: Arrival, notice: NamedNotice, ended: int
) -> None:
    await begun(served, arrival)
    assert await end_named_sessions(served.server, "clinic", notice, Caller()) == ended


async def test_a_notice_is_good_once(served: TestServer) -> None:
    await end_named_sessions(served.server, "clinic", a_notice(), Caller())
    with pytest.raises(Replayed):
        await end_named_sessions(served.server, "clinic", a_notice("s-1"), Caller())
    assert await end_named_sessions(served.server, "clinic", a_notice(notice_id="n-2"), Caller()) == 0


async def test_the_name_is_not_to_be_read_in_the_database(served: TestServer) -> None:
    await begun(served, an_arrival())
    [kept] = await served.server.storage.find(LOGOUT_HINTS)
    assert b"4711" not in (kept.name_hash or b"")
    assert b"what it said" not in kept.sealed


async def test_nothing_is_kept_of_who_came_with_nothing(served: TestServer) -> None:
    person = await served.add_person()
    _, session = await begin_session(served.server, person, ("pwd",), Caller(), None)
    await keep_logout_hint(served.server, served.sealer, session, Arrival("local", "", "u", "maria", ()))
    assert await served.server.storage.find(LOGOUT_HINTS) == []
    assert await logout_hint_of(served.server, served.sealer, session) is None
