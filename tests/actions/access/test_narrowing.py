"""An app's access narrowed by the person who gave it: every grant, every token, never wider, all or nothing."""

import asyncio

import pytest

from assent.actions.access.narrowing import StillGiven, narrow_app
from assent.engine.bearer import look_at_token
from assent.engine.introspection import introspect
from assent.engine.liveness import Ended, LiveGrant, look_at_grant
from assent.engine.server import Caller
from assent.engine.token_endpoint import respond
from assent.records.clients import Client
from assent.records.grants import Grant
from assent.records.people import Person
from assent.spec.errors import InvalidGrant, InvalidScope, InvalidToken
from assent.storage.tables import AUDIT, GRANTS
from assent.testing.server import REDIRECT_URI, VERIFIER, TestServer

WIDE = "openid fhirUser launch/patient patient/Observation.rs patient/Condition.rs offline_access"
HERE = Caller("192.0.2.7")


@pytest.fixture
async def amy(served: TestServer) -> Person:
    return await served.add_person("amy", fhir_user="Patient/p1")


@pytest.fixture
async def client(served: TestServer) -> Client:
    return await served.add_client(
        scope=(*WIDE.split(), "online_access", "patient/*.rs"), can_introspect="any"
    )


async def tokens(served: TestServer, client: Client, grant: Grant) -> dict[str, str]:
    """The token response for a code of the grant."""
    code = await served.add_code(grant)
    return await respond(
        served.server,
        served.ask(
            client,
            grant_type="authorization_code",
            code=code,
            redirect_uri=REDIRECT_URI,
            code_verifier=VERIFIER,
        ),
    )


async def refresh(served: TestServer, client: Client, token: str, scope: str | None = None) -> dict[str, str]:
    return await respond(
        served.server, served.ask(client, grant_type="refresh_token", refresh_token=token, scope=scope)
    )


async def keep(served: TestServer, person: Person, *kept: str):
    return await narrow_app(served.server, person, "app", kept, caller=HERE, actor=person.person_id)


async def scope_now(served: TestServer, grant: Grant) -> str:
    live = await look_at_grant(served.server, grant.grant_id)
    assert isinstance(live, LiveGrant)
    return live.grant.scope


async def test_what_is_not_kept_is_taken_from_every_grant_to_the_app_and_from_no_other(
    served: TestServer, amy: Person, client: Client
) -> None:
    lee, other = await served.add_person("lee"), await served.add_client("other")
    first = await served.add_grant(client, amy, WIDE)
    second = await served.add_grant(client, amy, "patient/Condition.rs openid", context={"patient": "p2"})
    others = [await served.add_grant(client, lee, WIDE), await served.add_grant(other, amy, WIDE)]

    narrowed = await keep(served, amy, "openid", "patient/Observation.rs", "offline_access")

    assert set(narrowed.taken.texts) == {"fhirUser", "patient/Condition.rs"}
    assert not narrowed.is_revoked
    assert await scope_now(served, first) == "openid launch/patient patient/Observation.rs offline_access"
    assert await scope_now(served, second) == "openid"
    assert [await scope_now(served, one) for one in others] == [WIDE, WIDE]
    [row] = await served.server.storage.find(AUDIT, {"type": "access.narrowed"})
    assert (row.client_id, row.person_id, row.actor, row.address) == (
        "app",
        amy.person_id,
        amy.person_id,
        "192.0.2.7",
    )
    assert row.detail is not None
    assert set(row.detail["grants"]) == {first.grant_id, second.grant_id}
    assert set(row.detail["kept"].split()) == {"openid", "patient/Observation.rs", "offline_access"}
    assert set(row.detail["taken"].split()) == {"fhirUser", "patient/Condition.rs"}


async def test_a_token_that_is_out_already_is_worth_only_what_is_kept(
    served: TestServer, amy: Person, client: Client
) -> None:
    grant = await served.add_grant(client, amy, WIDE)
    answer = await tokens(served, client, grant)

    await keep(served, amy, "openid", "patient/Observation.rs", "offline_access")

    bearer = await look_at_token(served.server, answer["access_token"])
    assert bearer.scope.texts == ("openid", "launch/patient", "patient/Observation.rs", "offline_access")
    for token in ("access_token", "refresh_token"):
        said = await introspect(served.server, served.ask(client, token=answer[token]))
        assert said["scope"] == "openid launch/patient patient/Observation.rs offline_access"
        assert "fhirUser" not in said


async def test_a_wide_token_reaches_just_the_part_that_its_grant_was_narrowed_to(
    served: TestServer, amy: Person, client: Client
) -> None:
    grant = await served.add_grant(client, amy, "openid patient/*.rs patient/Observation.rs")
    answer = await tokens(served, client, grant)

    await keep(served, amy, "patient/Observation.rs")

    bearer = await look_at_token(served.server, answer["access_token"])
    assert bearer.scope.texts == ("patient/Observation.rs",)


async def test_a_token_of_which_nothing_is_left_is_no_token(
    served: TestServer, amy: Person, client: Client
) -> None:
    grant = await served.add_grant(client, amy, WIDE)
    answer = await tokens(served, client, grant)
    narrow = await refresh(served, client, answer["refresh_token"], "patient/Condition.rs")

    await keep(served, amy, "openid", "offline_access")

    with pytest.raises(InvalidToken) as refused:
        await look_at_token(served.server, narrow["access_token"])
    assert refused.value.detail == "all that it was issued for was taken back"


async def test_a_refresh_gives_what_is_kept_also_when_more_is_asked_as_before(
    served: TestServer, amy: Person, client: Client
) -> None:
    answer = await tokens(served, client, await served.add_grant(client, amy, WIDE))
    await keep(served, amy, "openid", "patient/Observation.rs", "offline_access")
    left = "openid launch/patient patient/Observation.rs offline_access"

    for asked in (None, WIDE, WIDE):
        answer = await refresh(served, client, answer["refresh_token"], asked)
        assert answer["scope"] == left
        assert (await look_at_token(served.server, answer["access_token"])).scope.text == left
    with pytest.raises(InvalidScope):
        await refresh(served, client, answer["refresh_token"], "patient/Condition.rs")


async def test_without_offline_access_there_is_no_refresh_and_the_access_token_runs_out(
    served: TestServer, amy: Person, client: Client
) -> None:
    grant = await served.add_grant(client, amy, WIDE)
    answer = await tokens(served, client, grant)

    await keep(served, amy, "openid", "patient/Observation.rs")

    with pytest.raises(InvalidGrant):
        await refresh(served, client, answer["refresh_token"])
    assert (await look_at_token(served.server, answer["access_token"])).scope.has("patient/Observation.rs")
    [stored] = await served.server.storage.find(GRANTS)
    assert stored.expires_at == served.server.now()


async def test_access_kept_for_her_presence_alone_ends_with_her_session(
    served: TestServer, amy: Person, client: Client
) -> None:
    session = await served.add_session(amy, ended_at=1)
    grant = await served.add_grant(
        client,
        amy,
        "openid patient/Condition.rs online_access offline_access",
        session_hash=session.session_hash,
        online=False,
    )

    await keep(served, amy, "patient/Condition.rs", "online_access")

    ended = await look_at_grant(served.server, grant.grant_id)
    assert ended == Ended("the session of this online grant has ended")


async def test_a_code_that_is_not_redeemed_yet_gives_only_what_is_kept(
    served: TestServer, amy: Person, client: Client
) -> None:
    grant = await served.add_grant(client, amy, WIDE)
    code = await served.add_code(grant)
    await keep(served, amy, "openid", "patient/Observation.rs")

    asked = served.ask(
        client,
        grant_type="authorization_code",
        code=code,
        redirect_uri=REDIRECT_URI,
        code_verifier=VERIFIER,
    )
    answer = await respond(served.server, asked)

    assert answer["scope"] == "openid launch/patient patient/Observation.rs"
    assert "refresh_token" not in answer


@pytest.mark.parametrize(
    "kept", [(), ("launch/patient",), ("patient/Patient.rs", "user/*.cruds", "nonsense/")]
)
async def test_keeping_nothing_takes_all_of_it_back(
    served: TestServer, amy: Person, client: Client, kept: tuple[str, ...]
) -> None:
    grant = await served.add_grant(client, amy, WIDE)

    narrowed = await keep(served, amy, *kept)

    assert narrowed.is_revoked
    assert isinstance(await look_at_grant(served.server, grant.grant_id), Ended)
    assert len(await served.server.storage.find(AUDIT, {"type": "access.revoked"})) == 1


@pytest.mark.parametrize("more", ["patient/*.cruds", "user/*.rs", "patient/Observation.cruds", "email"])
async def test_narrowing_never_widens(served: TestServer, amy: Person, client: Client, more: str) -> None:
    grant = await served.add_grant(client, amy, WIDE)

    await keep(served, amy, "openid", more)

    assert await scope_now(served, grant) == "openid launch/patient"


async def test_a_scope_that_a_kept_one_gives_all_the_same_is_not_said_to_be_gone(
    served: TestServer, amy: Person, client: Client
) -> None:
    scope = "openid patient/*.rs patient/Observation.rs"
    grant = await served.add_grant(client, amy, scope)

    with pytest.raises(StillGiven) as refused:
        await keep(served, amy, "openid", "patient/*.rs")

    assert refused.value.scopes.texts == ("patient/Observation.rs",)
    assert await scope_now(served, grant) == scope


async def test_both_ways_of_writing_one_meaning_go_together(
    served: TestServer, amy: Person, client: Client
) -> None:
    grant = await served.add_grant(client, amy, "openid patient/Condition.read patient/Condition.rs")

    await keep(served, amy, "openid")

    assert await scope_now(served, grant) == "openid"


async def test_of_two_narrowings_at_once_both_hold(served: TestServer, amy: Person, client: Client) -> None:
    grant = await served.add_grant(client, amy, WIDE)
    scopes = ["openid", "patient/Observation.rs", "patient/Condition.rs", "offline_access"]

    await asyncio.gather(
        *(keep(served, amy, *(one for one in scopes if one != gone)) for gone in scopes[1:3])
    )

    assert await scope_now(served, grant) == "openid launch/patient offline_access"
    assert len(await served.server.storage.find(AUDIT, {"type": "access.narrowed"})) == 2


async def test_keeping_everything_changes_nothing(served: TestServer, amy: Person, client: Client) -> None:
    grant = await served.add_grant(client, amy, WIDE)

    narrowed = await keep(served, amy, *WIDE.split())

    assert not narrowed.taken
    assert await scope_now(served, grant) == WIDE
    assert await served.server.storage.find(AUDIT, {"type": "access.narrowed"}) == []
