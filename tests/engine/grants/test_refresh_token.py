"""Refreshing: rotation, reuse, narrowing, and everything looked at again."""

import asyncio
from dataclasses import replace

import anyio
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from assent.engine.grants.refresh_token import _remembered_meet
from assent.engine.settings import EngineSettings
from assent.spec.errors import InvalidClient, InvalidGrant, InvalidScope, UnauthorizedClient
from assent.spec.scope_sets import read_scopes
from assent.storage.interface import Change, Put, act
from assent.storage.tables import CLIENTS, PEOPLE, SESSIONS
from assent.testing.server import TestServer, a_server
from engine.grants.refreshing import SCOPE, a_grant, is_revoked, refresh


@pytest.mark.row("T12", "T13", "L5")
async def test_a_refresh_gives_a_new_token_and_the_context_again(served: TestServer) -> None:
    client, _, token = await a_grant(served)
    body = await refresh(served, client, token)
    assert body["refresh_token"] != token
    assert body["scope"] == SCOPE
    assert body["expires_in"] == 3600
    assert body["token_type"] == "Bearer"
    assert body["patient"] == "p1"
    assert "id_token" not in body


async def test_a_list_that_cuts_a_scope_into_more_than_is_looked_at_gives_what_is_asked_and_no_more(
    served: TestServer,
) -> None:
    client, _, token = await a_grant(served)
    listed = tuple(f"patient/Observation.rs?code=c{number}" for number in range(51))
    await served.server.storage.commit(act(Put(CLIENTS, replace(client, scope=(*listed, "offline_access")))))
    narrowed = replace(client, scope=(*listed, "offline_access"))
    with pytest.raises(InvalidScope, match="constraints"):
        await refresh(served, narrowed, token)
    body = await refresh(served, narrowed, token, scope=" ".join(listed[:50]))
    assert body["scope"].split() == list(listed[:50])


@pytest.mark.row("T15")
async def test_a_chain_of_refreshes_goes_on(served: TestServer) -> None:
    client, grant, token = await a_grant(served)
    for _ in range(5):
        token = (await refresh(served, client, token))["refresh_token"]
    assert not await is_revoked(served, grant)


@pytest.mark.row("T15")
async def test_reuse_of_a_spent_token_ends_the_grant(served: TestServer) -> None:
    client, grant, token = await a_grant(served)
    newest = (await refresh(served, client, token))["refresh_token"]
    with pytest.raises(InvalidGrant):
        await refresh(served, client, token)
    assert await is_revoked(served, grant)
    with pytest.raises(InvalidGrant):
        await refresh(served, client, newest)


@pytest.mark.row("T15")
async def test_of_many_at_once_one_wins_and_the_others_end_the_grant(served: TestServer) -> None:
    client, grant, token = await a_grant(served)
    answers = await asyncio.gather(
        *(refresh(served, client, token) for _ in range(50)), return_exceptions=True
    )
    assert sum(isinstance(answer, dict) for answer in answers) == 1
    assert all(isinstance(answer, dict | InvalidGrant) for answer in answers)
    assert await is_revoked(served, grant)


@pytest.mark.row("T11")
async def test_a_refresh_token_is_bound_to_its_client(served: TestServer) -> None:
    client, grant, token = await a_grant(served)
    other = await served.add_client("other")
    with pytest.raises(InvalidGrant):
        await refresh(served, other, token)
    assert not await is_revoked(served, grant)
    assert await refresh(served, client, token)


@pytest.mark.row("T12")
async def test_a_confidential_client_authenticates_to_refresh(served: TestServer) -> None:
    client, _, token = await a_grant(served)
    public = replace(client, token_endpoint_auth_method="none")
    with pytest.raises(InvalidClient):
        await refresh(served, public, token)
    assert await refresh(served, client, token)


@pytest.mark.row("T5")
async def test_an_unknown_token_is_refused(served: TestServer) -> None:
    client, _, _ = await a_grant(served)
    with pytest.raises(InvalidGrant):
        await refresh(served, client, "unknown")


@pytest.mark.row("T12")
async def test_a_narrower_scope_narrows_the_token_and_not_the_grant(served: TestServer) -> None:
    client, _, token = await a_grant(served)
    narrowed = await refresh(served, client, token, scope="patient/Observation.rs?category=laboratory")
    assert narrowed["scope"] == "patient/Observation.rs?category=laboratory"
    assert narrowed["patient"] == "p1"
    whole = await refresh(served, client, narrowed["refresh_token"])
    assert whole["scope"] == SCOPE


@pytest.mark.row("T12")
@pytest.mark.parametrize(
    "wider",
    [
        "patient/*.cruds",
        "patient/*.rs user/*.rs",
        "patient/*.rs online_access",
        "patient/*.rs fhirUser",
        "patient/*.sr",
        "system/*.rs",
    ],
)
async def test_a_wider_scope_is_refused_and_the_token_stays_good(served: TestServer, wider: str) -> None:
    client, grant, token = await a_grant(served)
    with pytest.raises(InvalidScope):
        await refresh(served, client, token, scope=wider)
    assert not await is_revoked(served, grant)
    assert await refresh(served, client, token)


async def test_a_scope_that_left_the_clients_list_leaves_the_token(served: TestServer) -> None:
    client, _, token = await a_grant(served)
    fewer = replace(client, scope=("offline_access", "patient/Observation.rs", "openid"))
    await served.server.storage.commit(act(Put(CLIENTS, fewer)))
    body = await refresh(served, client, token)
    assert body["scope"] == "openid patient/Observation.rs offline_access"
    with pytest.raises(InvalidScope):
        await refresh(served, client, body["refresh_token"], scope="launch/patient")


async def test_an_automatic_scope_stays_while_the_client_has_it(served: TestServer) -> None:
    client, _, token = await a_grant(served, SCOPE + " custom", auto_grant_scope=("custom",))
    assert (await refresh(served, client, token))["scope"] == SCOPE + " custom"


async def test_a_client_that_may_no_longer_refresh_is_refused(served: TestServer) -> None:
    client, _, token = await a_grant(served)
    await served.server.storage.commit(act(Put(CLIENTS, replace(client, scope=("patient/*.rs",)))))
    with pytest.raises(InvalidGrant):
        await refresh(served, client, token)
    await served.server.storage.commit(
        act(Put(CLIENTS, replace(client, grant_types=("authorization_code",))))
    )
    with pytest.raises(UnauthorizedClient):
        await refresh(served, client, token)
    await served.server.storage.commit(act(Put(CLIENTS, replace(client, enabled=False))))
    with pytest.raises(InvalidClient):
        await refresh(served, client, token)
    await served.server.storage.commit(act(Put(CLIENTS, client)))
    assert await refresh(served, client, token)


async def test_a_disabled_person_ends_refreshing(served: TestServer) -> None:
    client, _, token = await a_grant(served)
    (person,) = await served.server.storage.find(PEOPLE)
    await served.server.storage.commit(act(Put(PEOPLE, replace(person, enabled=False))))
    with pytest.raises(InvalidGrant):
        await refresh(served, client, token)


async def test_a_token_that_is_not_used_for_too_long_is_over() -> None:
    served = await a_server(EngineSettings(refresh_idle_seconds=100))
    client, _, token = await a_grant(served)
    served.clock.advance(99)
    token = (await refresh(served, client, token))["refresh_token"]
    served.clock.advance(100)
    with pytest.raises(InvalidGrant):
        await refresh(served, client, token)
    await served.close()


async def test_a_grant_is_refreshed_no_longer_than_its_end() -> None:
    served = await a_server(EngineSettings(refresh_idle_seconds=100, refresh_absolute_seconds=250))
    client, _, token = await a_grant(served)
    for _ in range(3):
        served.clock.advance(80)
        token = (await refresh(served, client, token))["refresh_token"]
    served.clock.advance(10)
    with pytest.raises(InvalidGrant):
        await refresh(served, client, token)
    await served.close()


@pytest.mark.row("T14")
async def test_an_online_grant_ends_with_its_session(served: TestServer) -> None:
    person = await served.add_person("lee")
    session = await served.add_session(person)
    scope = "openid online_access patient/*.rs"
    client, _, token = await a_grant(served, scope, {"session_hash": session.session_hash})
    token = (await refresh(served, client, token))["refresh_token"]
    await served.server.storage.commit(act(Change(SESSIONS, (session.session_hash,), {"ended_at": 1})))
    with pytest.raises(InvalidGrant) as refused:
        await refresh(served, client, token)
    assert refused.value.detail == "the session of this online grant has ended"


@pytest.mark.row("T14")
@pytest.mark.parametrize("seconds", [1800, 12 * 3600])
async def test_an_online_grant_ends_when_its_session_times_out(served: TestServer, seconds: int) -> None:
    session = await served.add_session(await served.add_person("lee"))
    scope = "openid online_access patient/*.rs"
    client, _, token = await a_grant(served, scope, {"session_hash": session.session_hash})
    served.clock.advance(seconds)
    with pytest.raises(InvalidGrant):
        await refresh(served, client, token)


@pytest.mark.row("T14")
async def test_an_offline_grant_outlives_its_session(served: TestServer) -> None:
    session = await served.add_session(await served.add_person("lee"))
    client, _, token = await a_grant(served, SCOPE, {"session_hash": session.session_hash})
    served.clock.advance(13 * 3600)
    assert await refresh(served, client, token)


async def test_a_long_granted_scope_is_not_remembered(served: TestServer) -> None:
    long = " ".join([SCOPE, *(f"patient/Observation.rs?code={number}" for number in range(50))])
    client, _, token = await a_grant(served, long)
    before = _remembered_meet.cache_info().currsize
    token = (await refresh(served, client, token))["refresh_token"]
    assert _remembered_meet.cache_info().currsize == before
    assert (await refresh(served, client, token))["scope"] == long


@pytest.mark.parametrize(
    "asked",
    [
        "patient/Observation.rs " * 300,
        "patient/Observation.rs?code=" + "x" * 20_000,
        " ".join(f"patient/Observation.rs?code={number}" for number in range(51)),
    ],
)
async def test_more_scope_than_anybody_needs_is_refused_at_refresh_too(
    served: TestServer, asked: str
) -> None:
    client, _, token = await a_grant(served)
    with pytest.raises(InvalidScope, match=r"longer than|asks for more than"):
        await refresh(served, client, token, scope=asked)
    assert await refresh(served, client, token)


PARTS = [
    "patient/*.rs", "patient/*.read", "patient/Observation.rs", "patient/Observation.rs?category=laboratory",
    "patient/Observation.cruds", "user/*.rs", "user/*.cruds", "openid", "fhirUser", "launch/patient",
    "offline_access", "custom", "patient/Observation.sr",
]  # fmt: skip


@pytest.mark.row("T11", "T12")
@hypothesis_settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    granted=st.lists(st.sampled_from(PARTS[:-1]), min_size=1, unique=True),
    listed=st.lists(st.sampled_from(PARTS[:-1]), unique=True),
    asked=st.none() | st.lists(st.sampled_from(PARTS), min_size=1, unique=True),
)
def test_a_refresh_never_widens(granted: list[str], listed: list[str], asked: list[str] | None) -> None:
    anyio.run(_refresh_never_widens, granted, listed, asked)


async def _refresh_never_widens(granted: list[str], listed: list[str], asked: list[str] | None) -> None:
    served = await a_server()
    scope = " ".join(dict.fromkeys([*granted, "offline_access"]))
    client, _, token = await a_grant(served, scope)
    allowed = (*listed, "offline_access")
    await served.server.storage.commit(act(Put(CLIENTS, replace(client, scope=allowed))))
    fields = {} if asked is None else {"scope": " ".join(asked)}
    try:
        body = await refresh(served, client, token, **fields)
    except InvalidScope:
        return
    finally:
        await served.close()
    given_scope = read_scopes(body["scope"]).scopes
    for bound in (scope, " ".join(allowed), *fields.values()):
        assert read_scopes(bound).scopes.covers(given_scope)
