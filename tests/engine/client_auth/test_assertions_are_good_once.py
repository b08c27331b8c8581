"""A client assertion is good once, by its `jti`: SMART App Launch 2.2, client-confidential-asymmetric (row K9)."""

import asyncio

import pytest

from assent.engine.token_endpoint import respond
from assent.spec.errors import InvalidClient, InvalidScope
from assent.storage.tables import AUDIT, SEEN_ASSERTIONS
from assent.testing.server import START, TestServer, public_jwks
from engine.client_auth.backend import ES, add_backend, ask, refusal_of


@pytest.mark.row("K9")
async def test_an_assertion_is_good_once(served: TestServer) -> None:
    client = await add_backend(served)
    assertion = served.assertion("backend", ES)
    await ask(served, client, **assertion)
    assert await refusal_of(served, client, assertion) == "jti was used before"


@pytest.mark.row("K9")
async def test_of_many_at_once_one_wins(served: TestServer) -> None:
    client = await add_backend(served)
    assertion = served.assertion("backend", ES)
    answers = await asyncio.gather(
        *(ask(served, client, **assertion) for _ in range(50)), return_exceptions=True
    )
    assert sum(isinstance(answer, dict) for answer in answers) == 1
    assert {type(answer) for answer in answers} == {dict, InvalidClient}
    issued = await served.server.storage.find(AUDIT, {"type": "token.issued"})
    assert len(issued) == 1


@pytest.mark.row("K9")
async def test_an_assertion_is_used_up_by_a_refused_request_too(served: TestServer) -> None:
    client = await add_backend(served)
    assertion = served.assertion("backend", ES)
    with pytest.raises(InvalidScope):
        await respond(
            served.server, served.ask(client, grant_type="client_credentials", scope="openid", **assertion)
        )
    assert await refusal_of(served, client, assertion) == "jti was used before"


@pytest.mark.row("K9")
async def test_a_replay_is_refused_as_such_whatever_else_is_wrong(served: TestServer) -> None:
    client = await add_backend(served)
    assertion = served.assertion("backend", ES)
    await ask(served, client, **assertion)
    with pytest.raises(InvalidClient):
        await respond(
            served.server, served.ask(client, grant_type="client_credentials", scope="openid", **assertion)
        )


@pytest.mark.row("K9")
async def test_a_jti_is_remembered_until_exp_and_leeway(served: TestServer) -> None:
    client = await add_backend(served)
    await ask(served, client, **served.assertion("backend", ES, exp=START + 100))
    (seen,) = await served.server.storage.find(SEEN_ASSERTIONS)
    assert seen.expires_at > START + 160


@pytest.mark.row("K9")
async def test_a_jti_of_another_client_is_its_own(served: TestServer) -> None:
    first = await add_backend(served)
    second = await served.add_client(
        "second", token_endpoint_auth_method="private_key_jwt", jwks=public_jwks(ES), scope=("system/*.rs",)
    )
    assert await ask(served, first, **served.assertion("backend", ES, jti="same"))
    assert await ask(served, second, **served.assertion("second", ES, jti="same"))
