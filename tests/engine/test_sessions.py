"""A signed-in browser: its id, its limits, its end."""

import pytest

from assent.engine.handles import hash_handle
from assent.engine.server import Caller
from assent.engine.sessions import TOUCH_SECONDS, SignedIn, begin_session, end_session, find_session
from assent.engine.settings import EngineSettings
from assent.records.people import Person
from assent.storage.interface import Change, act
from assent.storage.tables import GRANTS, PEOPLE, SESSIONS
from assent.testing.server import TestServer, a_server

CALLER = Caller("192.0.2.7", "a browser", "7F3K-22")


async def signed_in(served: TestServer, person: Person, replaces: str | None = None) -> str:
    cookie, _ = await begin_session(served.server, person, ("pwd",), CALLER, replaces)
    return cookie


async def found(served: TestServer, cookie: str) -> SignedIn | None:
    return await find_session(served.server, cookie)


async def test_a_cookie_leads_to_its_session_and_person(served: TestServer) -> None:
    person = await served.add_person()
    cookie = await signed_in(served, person)
    live = await found(served, cookie)
    assert live is not None
    assert live.person == person
    assert (live.session.auth_time, live.session.amr) == (served.server.now(), ("pwd",))
    assert (live.session.address, live.session.user_agent) == ("192.0.2.7", "a browser")


async def test_the_cookie_itself_is_not_kept(served: TestServer) -> None:
    cookie = await signed_in(served, await served.add_person())
    (session,) = await served.server.storage.find(SESSIONS)
    assert session.session_hash == hash_handle(cookie)
    assert cookie not in repr(session)
    assert session.public_id not in cookie


@pytest.mark.parametrize("cookie", ["", None, "x" * 43])
async def test_another_cookie_leads_nowhere(served: TestServer, cookie: str | None) -> None:
    await signed_in(served, await served.add_person())
    assert await find_session(served.server, cookie) is None


async def test_each_sign_in_makes_a_new_id_and_the_old_one_is_worth_nothing(served: TestServer) -> None:
    person = await served.add_person()
    before = await signed_in(served, person)
    after = await signed_in(served, person, replaces=before)
    assert after != before
    assert await found(served, before) is None
    assert await found(served, after) is not None


async def test_a_session_ends_when_it_is_not_used(served: TestServer) -> None:
    cookie = await signed_in(served, await served.add_person())
    served.clock.advance(served.server.settings.session_idle_seconds - 1)
    assert await found(served, cookie) is not None
    served.clock.advance(served.server.settings.session_idle_seconds)
    assert await found(served, cookie) is None


async def test_a_session_ends_at_its_absolute_limit_however_much_it_is_used(served: TestServer) -> None:
    cookie = await signed_in(served, await served.add_person())
    settings = served.server.settings
    uses = settings.session_absolute_seconds // (settings.session_idle_seconds - 1)
    for _ in range(uses):
        served.clock.advance(settings.session_idle_seconds - 1)
        assert await found(served, cookie) is not None
    served.clock.advance(settings.session_idle_seconds - 1)
    assert await found(served, cookie) is None


async def test_use_is_written_down_once_a_minute_at_most(served: TestServer) -> None:
    cookie = await signed_in(served, await served.add_person())
    begun = served.server.now()
    served.clock.advance(TOUCH_SECONDS - 1)
    await found(served, cookie)
    (session,) = await served.server.storage.find(SESSIONS)
    assert session.last_seen_at == begun
    served.clock.advance(1)
    await found(served, cookie)
    (session,) = await served.server.storage.find(SESSIONS)
    assert session.last_seen_at == begun + TOUCH_SECONDS


async def test_a_short_idle_limit_does_not_end_a_session_that_is_used() -> None:
    served = await a_server(EngineSettings(session_idle_seconds=40))
    cookie = await signed_in(served, await served.add_person())
    for _ in range(10):
        served.clock.advance(20)
        assert await found(served, cookie) is not None
    await served.close()


async def test_a_session_of_a_person_who_was_switched_off_is_none(served: TestServer) -> None:
    person = await served.add_person()
    cookie = await signed_in(served, person)
    await served.server.storage.commit(act(Change(PEOPLE, (person.person_id,), {"enabled": False})))
    assert await found(served, cookie) is None


async def test_an_ended_session_ends_once_and_takes_its_online_grants_along(served: TestServer) -> None:
    person, client = await served.add_person(), await served.add_client()
    cookie = await signed_in(served, person)
    live = await found(served, cookie)
    assert live is not None
    here = live.session.session_hash
    online = await served.add_grant(client, person, "online_access", session_hash=here)
    offline = await served.add_grant(client, person, "offline_access", session_hash=here)
    assert await end_session(served.server, live.session, because="signed out", actor="amy")
    assert not await end_session(served.server, live.session, because="signed out", actor="amy")
    assert await found(served, cookie) is None
    grants = {grant.grant_id: grant for grant in await served.server.storage.find(GRANTS)}
    assert grants[online.grant_id].revoked_because == "the session ended"
    assert grants[offline.grant_id].revoked_at == 0
    assert [event.type for event in served.events].count("session.ended") == 1


@pytest.mark.row("T14")
async def test_online_grants_stay_with_a_person_who_signs_in_again_and_end_with_another(
    served: TestServer,
) -> None:
    amy, ben, client = await served.add_person(), await served.add_person("ben"), await served.add_client()
    first = await signed_in(served, amy)
    grant = await served.add_grant(client, amy, "online_access", session_hash=hash_handle(first))
    second = await signed_in(served, amy, replaces=first)
    kept = await served.server.storage.get(GRANTS, grant.grant_id)
    assert kept is not None
    assert (kept.session_hash, kept.revoked_at) == (hash_handle(second), 0)
    await signed_in(served, ben, replaces=second)
    ended = await served.server.storage.get(GRANTS, grant.grant_id)
    assert ended is not None
    assert ended.revoked_at == served.server.now()


async def test_online_grants_of_a_session_that_was_over_do_not_come_back_with_the_next(
    served: TestServer,
) -> None:
    amy, client = await served.add_person(), await served.add_client()
    first = await signed_in(served, amy)
    grant = await served.add_grant(client, amy, "online_access", session_hash=hash_handle(first))
    served.clock.advance(served.server.settings.session_idle_seconds)
    await signed_in(served, amy, replaces=first)
    ended = await served.server.storage.get(GRANTS, grant.grant_id)
    assert ended is not None
    assert ended.revoked_at == served.server.now()


async def test_a_sign_in_writes_an_audit_row_with_where_it_came_from(served: TestServer) -> None:
    person = await served.add_person()
    await signed_in(served, person)
    (event,) = [event for event in served.events if event.type == "login.succeeded"]
    assert (event.person_id, event.address, event.reference) == (person.person_id, "192.0.2.7", "7F3K-22")
