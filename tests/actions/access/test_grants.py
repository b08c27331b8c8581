"""The apps that can see something on a person's word, and taking it back."""

from assent.actions.access.grants import apps_with_access, find_access, revoke_app
from assent.engine.liveness import Ended, look_at_grant
from assent.engine.server import Caller
from assent.storage.tables import AUDIT
from assent.testing.server import TestServer


async def test_an_app_is_listed_once_with_all_that_it_was_granted(served: TestServer) -> None:
    person, client = await served.add_person(), await served.add_client()
    now = served.server.now()
    await served.add_grant(client, person, "openid patient/Condition.rs", last_used_at=now + 5)
    await served.add_grant(client, person, "patient/Observation.rs offline_access", context={"patient": "p2"})

    [app] = await apps_with_access(served.server, person)

    assert app.client == client
    assert {one.patient: one.scope.text for one in app.records} == {
        "p1": "openid patient/Condition.rs",
        "p2": "patient/Observation.rs offline_access",
    }
    assert {one.patient: one.last_used_at for one in app.records} == {"p1": now + 5, "p2": 0}
    assert app.last_used_at == now + 5


async def test_what_another_person_granted_is_not_listed(served: TestServer) -> None:
    amy, lee = await served.add_person("amy"), await served.add_person("lee")
    await served.add_grant(await served.add_client(), lee, "openid offline_access")

    assert await apps_with_access(served.server, amy) == ()


async def test_an_app_without_a_refresh_token_is_listed_while_its_access_token_may_live(
    served: TestServer,
) -> None:
    person, client = await served.add_person(), await served.add_client(access_token_seconds=600)
    await served.add_grant(client, person, "openid")

    served.clock.advance(600)
    assert len(await apps_with_access(served.server, person)) == 1
    served.clock.advance(served.server.settings.code_seconds)
    assert await apps_with_access(served.server, person) == ()


async def test_an_app_that_may_come_back_without_asking_is_listed_until_it_is_taken_back(
    served: TestServer,
) -> None:
    person, client = await served.add_person(), await served.add_client(remember_approved_scopes=True)
    await served.add_grant(client, person, "openid")
    served.clock.advance(10 * 365 * 86_400)

    [app] = await apps_with_access(served.server, person)

    assert [(one.until, one.online) for one in app.records] == [(None, False)]
    await revoke_app(served.server, person, "app", caller=None, actor=person.person_id)
    assert await apps_with_access(served.server, person) == ()


async def test_access_that_ended_with_its_session_is_not_listed(served: TestServer) -> None:
    person, client = await served.add_person(), await served.add_client()
    session = await served.add_session(person, ended_at=1)
    await served.add_grant(client, person, "openid online_access", session_hash=session.session_hash)

    assert await apps_with_access(served.server, person) == ()


async def test_access_is_told_to_end_with_the_session_only_where_all_of_it_does(served: TestServer) -> None:
    person, client = await served.add_person(), await served.add_client()
    session = await served.add_session(person)
    await served.add_grant(client, person, "openid online_access", session_hash=session.session_hash)

    [app] = await apps_with_access(served.server, person)
    assert [(one.until, one.online) for one in app.records] == [(None, True)]

    lasting = await served.add_grant(client, person, "openid offline_access")
    [app] = await apps_with_access(served.server, person)
    end = lasting.expires_at + served.server.settings.access_token_seconds
    assert [(one.until, one.online) for one in app.records] == [(end, False)]


async def test_one_app_is_found_by_its_id(served: TestServer) -> None:
    person, client = await served.add_person(), await served.add_client()
    assert await find_access(served.server, person, "app") is None
    grant = await served.add_grant(client, person, "openid offline_access")

    found = await find_access(served.server, person, "app")

    assert found is not None
    assert found.grants == (grant,)
    assert await find_access(served.server, await served.add_person("lee"), "app") is None


async def test_taking_back_ends_every_grant_to_the_app_and_to_no_other(served: TestServer) -> None:
    amy, lee = await served.add_person("amy"), await served.add_person("lee")
    app, other = await served.add_client("app"), await served.add_client("other")
    mine = [await served.add_grant(app, amy, "openid offline_access") for _ in range(2)]
    kept = [
        await served.add_grant(other, amy, "openid offline_access"),
        await served.add_grant(app, lee, "openid offline_access"),
    ]

    count = await revoke_app(served.server, amy, "app", caller=Caller("192.0.2.7"), actor=amy.person_id)

    assert count == 2
    assert all([isinstance(await look_at_grant(served.server, grant.grant_id), Ended) for grant in mine])
    assert not any([isinstance(await look_at_grant(served.server, grant.grant_id), Ended) for grant in kept])
    [row] = await served.server.storage.find(AUDIT, {"type": "access.revoked"})
    assert (row.person_id, row.client_id, row.actor, row.address) == (
        amy.person_id,
        "app",
        amy.person_id,
        "192.0.2.7",
    )


async def test_taking_back_what_was_never_given_does_nothing(served: TestServer) -> None:
    person = await served.add_person()

    assert await revoke_app(served.server, person, "app", caller=None, actor=None) == 0
    assert served.events == []
