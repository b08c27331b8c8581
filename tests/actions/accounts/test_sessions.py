"""Sessions: listed and ended."""

import pytest

from assent.actions.accounts.sessions import end_one_session, end_sessions_of, list_sessions
from assent.actions.refusals import Refused
from assent.engine.liveness import Ended, look_at_grant
from assent.engine.server import Caller
from assent.storage.tables import AUDIT
from assent.testing.server import TestServer


async def test_only_live_sessions_are_listed_the_latest_first(served: TestServer) -> None:
    amy, lee = await served.add_person("amy"), await served.add_person("lee")
    now = served.server.now()
    await served.add_session(amy, ended_at=now)
    await served.add_session(amy, expires_at=now)
    earlier = await served.add_session(amy, last_seen_at=now - 10)
    latest = await served.add_session(lee)

    listed = await list_sessions(served.server)

    assert [(one.session, one.username) for one in listed] == [(latest, "lee"), (earlier, "amy")]
    assert [one.session for one in await list_sessions(served.server, amy)] == [earlier]


async def test_ending_a_session_ends_its_online_grants(served: TestServer) -> None:
    person, client = await served.add_person(), await served.add_client()
    session = await served.add_session(person)
    grant = await served.add_grant(client, person, "openid online_access", session_hash=session.session_hash)

    await end_one_session(served.server, session.public_id, actor="root")

    assert await list_sessions(served.server) == ()
    assert isinstance(await look_at_grant(served.server, grant.grant_id), Ended)
    [row] = await served.server.storage.find(AUDIT, {"type": "session.ended"})
    assert row.actor == "root"


async def test_every_session_of_a_person_can_be_ended(served: TestServer) -> None:
    amy, lee = await served.add_person("amy"), await served.add_person("lee")
    for person in (amy, amy, lee):
        await served.add_session(person)

    ended = await end_sessions_of(served.server, amy, actor="root")

    assert len(ended) == 2
    assert [one.username for one in await list_sessions(served.server)] == ["lee"]


async def test_a_session_that_is_not_live_cannot_be_ended(served: TestServer) -> None:
    session = await served.add_session(await served.add_person(), ended_at=1)

    for public_id in ("s-none", session.public_id):
        with pytest.raises(Refused, match="no live session"):
            await end_one_session(served.server, public_id, actor="root")


async def test_a_person_ends_her_own_sessions_and_nobody_elses(served: TestServer) -> None:
    amy, lee = await served.add_person("amy"), await served.add_person("lee")
    hers, his = await served.add_session(amy), await served.add_session(lee)

    with pytest.raises(Refused, match="no live session"):
        await end_one_session(served.server, his.public_id, actor=amy.person_id, person=amy)
    await end_one_session(
        served.server, hers.public_id, actor=amy.person_id, person=amy, caller=Caller("192.0.2.7")
    )

    assert [one.username for one in await list_sessions(served.server)] == ["lee"]
    [row] = await served.server.storage.find(AUDIT, {"type": "session.ended"})
    assert (row.actor, row.address) == (amy.person_id, "192.0.2.7")
    assert row.detail == {"session": hers.public_id, "because": "the person ended it"}
