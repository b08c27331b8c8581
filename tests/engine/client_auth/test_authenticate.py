"""Which client asks: the order of the steps, and what a refusal tells."""

import pytest

from assent.engine.client_auth import FAILED, Presented, authenticate
from assent.engine.settings import EngineSettings
from assent.spec.errors import InvalidClient, InvalidRequest
from assent.testing.server import SECRET, TestServer, a_server, basic, form, private_jwk, public_jwks

KEY = private_jwk("ES384", "one")


async def refusal_of(served: TestServer, presented: Presented) -> InvalidClient:
    with pytest.raises(InvalidClient) as caught:
        await authenticate(served.server, presented)
    return caught.value


@pytest.mark.row("T3")
async def test_a_confidential_client_is_known_by_its_basic_header(served: TestServer) -> None:
    client = await served.add_client()
    found = await authenticate(served.server, Presented(form(), basic("app")))
    assert found.client == client
    assert found.writes == ()


async def test_both_parts_of_the_basic_header_are_form_decoded(served: TestServer) -> None:
    await served.add_client("an app:with%signs")
    found = await authenticate(served.server, Presented(form(), basic("an app:with%signs")))
    assert found.client.client_id == "an app:with%signs"


async def test_a_client_may_send_its_secret_in_the_body_when_registered_so(served: TestServer) -> None:
    await served.add_client(token_endpoint_auth_method="client_secret_post")
    found = await authenticate(served.server, Presented(form(client_id="app", client_secret=SECRET)))
    assert found.client.client_id == "app"


@pytest.mark.row("T3")
async def test_a_public_client_only_says_its_name(served: TestServer) -> None:
    await served.add_client(token_endpoint_auth_method="none", secrets=())
    found = await authenticate(served.server, Presented(form(client_id="app")))
    assert found.client.client_id == "app"


@pytest.mark.row("T3")
async def test_a_confidential_client_without_its_secret_is_refused(served: TestServer) -> None:
    await served.add_client()
    refused = await refusal_of(served, Presented(form(client_id="app")))
    assert refused.detail == "none was used, client_secret_basic is registered"


async def test_no_credentials_at_all_are_refused(served: TestServer) -> None:
    refused = await refusal_of(served, Presented(form()))
    assert refused.status == 401


@pytest.mark.parametrize(
    "method", ["none", "client_secret_post", "private_key_jwt", "self_signed_tls_client_auth"]
)
async def test_a_method_that_is_not_the_registered_one_is_refused(served: TestServer, method: str) -> None:
    await served.add_client(token_endpoint_auth_method=method)
    refused = await refusal_of(served, Presented(form(), basic("app")))
    assert refused.detail == f"client_secret_basic was used, {method} is registered"


@pytest.mark.parametrize(
    ("authorization", "fields"),
    [
        (basic("app"), {"client_id": "app", "client_secret": SECRET}),
        (basic("app"), {"client_secret": "wrong"}),
    ],
)
async def test_two_methods_at_once_are_refused(
    served: TestServer, authorization: str, fields: dict[str, str]
) -> None:
    await served.add_client()
    with pytest.raises(InvalidRequest, match="more than one client authentication method"):
        await authenticate(served.server, Presented(form(**fields), authorization))


async def test_an_assertion_beside_a_secret_is_refused(served: TestServer) -> None:
    await served.add_client(jwks=public_jwks(KEY))
    fields = served.assertion("app", KEY)
    with pytest.raises(InvalidRequest, match="more than one"):
        await authenticate(served.server, Presented(form(**fields), basic("app")))


async def test_two_methods_are_refused_also_when_one_of_them_is_off() -> None:
    served = await a_server(EngineSettings(token_endpoint_auth_methods=("client_secret_basic",)))
    await served.add_client()
    both = Presented(form(client_id="app", client_secret=SECRET), basic("app"))
    with pytest.raises(InvalidRequest, match="more than one"):
        await authenticate(served.server, both)
    await served.close()


async def test_a_method_that_is_off_is_refused() -> None:
    served = await a_server(EngineSettings(token_endpoint_auth_methods=("none", "private_key_jwt")))
    await served.add_client()
    refused = await refusal_of(served, Presented(form(), basic("app")))
    assert refused.detail == "client_secret_basic is switched off here"
    await served.close()


async def test_client_id_must_be_that_of_the_credentials(served: TestServer) -> None:
    await served.add_client()
    await served.add_client("other")
    refused = await refusal_of(served, Presented(form(client_id="other"), basic("app")))
    assert refused.detail == "client_id differs from the client of the credentials"


async def test_unknown_disabled_and_wrong_are_told_in_the_same_words(served: TestServer) -> None:
    await served.add_client()
    await served.add_client("off", enabled=False)
    refusals = [
        await refusal_of(served, Presented(form(), basic("nobody"))),
        await refusal_of(served, Presented(form(), basic("off"))),
        await refusal_of(served, Presented(form(), basic("app", "wrong"))),
    ]
    assert {refused.description for refused in refusals} == {FAILED}
    assert [refused.detail for refused in refusals] == [
        "client_id is unknown",
        "the client is disabled",
        "the secret is none of the client's",
    ]


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic",
        "Basic !!!",
        "Basic YXBw",
        "Basic OnNlY3JldA==",
        "Basic /////w==",
        "Bearer abc",
        "Digest x",
        "Basic YXBwOg==",
    ],
)
async def test_a_header_that_is_no_basic_header_is_refused(served: TestServer, authorization: str) -> None:
    await served.add_client(token_endpoint_auth_method="none")
    refused = await refusal_of(served, Presented(form(client_id="app"), authorization))
    assert refused.description == FAILED
