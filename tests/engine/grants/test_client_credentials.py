"""What a client may do on its own: asked ∩ listed, or all that is listed."""

from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from assent.engine.settings import EngineSettings
from assent.engine.token_endpoint import respond
from assent.records.clients import Client
from assent.spec.errors import InvalidScope, UnauthorizedClient
from assent.spec.scope_sets import read_scope_definition, read_scopes
from assent.testing.server import TestServer, a_server


async def ask(served: TestServer, client: Client, scope: str | None = None) -> dict[str, Any]:
    return await respond(served.server, served.ask(client, grant_type="client_credentials", scope=scope))


@pytest.mark.row("B1", "B4", "B5", "B6")
async def test_a_backend_gets_a_short_lived_token_and_nothing_else(served: TestServer) -> None:
    client = await served.add_client(scope=("system/*.rs", "offline_access"))
    body = await ask(served, client, "system/Patient.rs offline_access")
    access_token = body.pop("access_token")
    assert access_token.count(".") == 2
    assert body == {"token_type": "Bearer", "expires_in": 300, "scope": "system/Patient.rs"}


@pytest.mark.row("B2", "B7")
@pytest.mark.parametrize(
    ("asked", "given_scope"),
    [
        ("system/Patient.rs", "system/Patient.rs"),
        ("system/*.rs", "system/Patient.rs system/Observation.rs?category=laboratory"),
        ("system/*.cruds", "system/Patient.rs system/Observation.rs?category=laboratory"),
        ("system/Patient.read", "system/Patient.read"),
        ("system/Patient.cruds system/Group.rs", "system/Patient.rs"),
        ("system/Observation.r", "system/Observation.r?category=laboratory"),
        ("launch:create", "launch:create"),
        ("system/Patient.rs system/Patient.sr unknown", "system/Patient.rs"),
    ],
)
async def test_what_is_asked_is_met_with_the_list(served: TestServer, asked: str, given_scope: str) -> None:
    client = await served.add_client(
        scope=("system/Patient.rs", "system/Observation.rs?category=laboratory", "launch:create")
    )
    assert (await ask(served, client, asked))["scope"] == given_scope


@pytest.mark.row("S3")
async def test_old_scopes_come_back_as_they_were_asked(served: TestServer) -> None:
    client = await served.add_client(scope=("system/*.cruds",))
    assert (await ask(served, client, "system/*.read"))["scope"] == "system/*.read"


async def test_without_scope_all_that_is_listed_is_given(served: TestServer) -> None:
    client = await served.add_client(scope=("openid", "launch", "system/*.rs", "custom", "offline_access"))
    assert (await ask(served, client))["scope"] == "system/*.rs custom"


async def test_a_client_may_be_set_to_get_all_always(served: TestServer) -> None:
    client = await served.add_client(scope=("system/*.rs", "custom"), client_credentials_scope="all")
    assert (await ask(served, client, "custom"))["scope"] == "system/*.rs custom"


@pytest.mark.row("B10")
async def test_scopes_about_a_patient_or_user_are_not_forbidden(served: TestServer) -> None:
    client = await served.add_client(scope=("patient/*.rs", "user/*.rs"))
    assert (await ask(served, client, "patient/*.rs user/*.rs"))["scope"] == "patient/*.rs user/*.rs"


@pytest.mark.parametrize(
    "asked",
    [
        "system/Patient.rs " * 300,
        "system/Patient.rs " + "x" * 20_000,
        " ".join(f"system/Observation.rs?code={number}" for number in range(51)),
    ],
)
async def test_more_scope_than_anybody_needs_is_refused(served: TestServer, asked: str) -> None:
    client = await served.add_client(scope=("system/*.rs",))
    with pytest.raises(InvalidScope, match=r"longer than|asks for more than"):
        await ask(served, client, asked)


async def test_more_than_the_gateway_looks_at_is_not_granted(served: TestServer) -> None:
    listed = tuple(f"system/Observation.rs?status={number}" for number in range(51))
    for asked in ("system/*.rs", None):
        with pytest.raises(InvalidScope, match="scopes with constraints"):
            await ask(served, await served.add_client(scope=listed), asked)


@pytest.mark.row("B2", "B3")
@pytest.mark.parametrize(
    "asked",
    [
        "openid",
        "launch/patient",
        "system/Group.rs",
        "offline_access",
        "patient/x",
        "x" * 20_001,
        "system/Patient.rs?birthdate=gt2020",
    ],
)
async def test_when_nothing_is_left_the_request_is_refused(served: TestServer, asked: str) -> None:
    client = await served.add_client(
        scope=("openid", "launch/patient", "offline_access", "system/Patient.rs")
    )
    with pytest.raises(InvalidScope):
        await ask(served, client, asked)


async def test_unknown_scopes_may_be_set_to_be_refused() -> None:
    served = await a_server(EngineSettings(unknown_scope="refuse"))
    client = await served.add_client(scope=("system/Patient.rs",))
    assert await ask(served, client, "system/*.rs")
    for scope in ("system/Patient.rs system/Group.rs", "system/Patient.rs system/Patient.sr"):
        with pytest.raises(InvalidScope, match="more than this client may have"):
            await ask(served, client, scope)
    await served.close()


async def test_a_public_client_cannot_act_on_its_own(served: TestServer) -> None:
    client = await served.add_client(token_endpoint_auth_method="none", scope=("system/*.rs",))
    with pytest.raises(UnauthorizedClient):
        await ask(served, client)


async def test_a_client_may_say_how_long_its_tokens_live(served: TestServer) -> None:
    client = await served.add_client(scope=("system/*.rs",), access_token_seconds=60)
    assert (await ask(served, client))["expires_in"] == 60


PARTS = [
    "system/*.rs", "system/*.read", "system/*.cruds", "system/Patient.rs", "system/Patient.c",
    "system/Observation.rs?category=laboratory", "system/Observation.r", "user/*.rs", "patient/*.rs", "custom",
    "openid", "launch", "offline_access",
]  # fmt: skip


@pytest.mark.row("B2")
@hypothesis_settings(max_examples=40, deadline=None)
@given(
    listed=st.lists(st.sampled_from(PARTS), min_size=1, unique=True),
    asked=st.none() | st.lists(st.sampled_from([*PARTS, "system/Patient.sr", "no/such"]), unique=True),
    rule=st.sampled_from(["requested", "all"]),
)
def test_what_is_granted_is_within_what_is_allowed(
    listed: list[str], asked: list[str] | None, rule: str
) -> None:
    anyio.run(_granted_is_within_allowed, listed, asked, rule)


async def _granted_is_within_allowed(listed: list[str], asked: list[str] | None, rule: str) -> None:
    served = await a_server()
    client = await served.add_client(scope=tuple(listed), client_credentials_scope=rule)
    try:
        body = await ask(served, client, None if asked is None else " ".join(asked))
    except InvalidScope:
        return
    finally:
        await served.close()
    given_scope = read_scopes(body["scope"]).scopes
    assert read_scope_definition(listed).covers(given_scope)
    if asked and rule == "requested":
        assert read_scopes(" ".join(asked)).scopes.covers(given_scope)
