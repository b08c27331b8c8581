"""A client's secrets: added, expired, replaced one after the other."""

import pytest

from assent.actions.apps.clients import get_client
from assent.actions.apps.definition import MOST_SECRETS
from assent.actions.apps.secrets import add_client_secret, expire_client_secret
from assent.actions.refusals import Refused
from assent.engine.client_auth import authenticate
from assent.records.clients import Client
from assent.spec.errors import InvalidClient
from assent.storage.tables import AUDIT
from assent.testing.server import SECRET, TestServer, basic


async def is_good(served: TestServer, client: Client, secret: str) -> bool:
    """Whether the secret authenticates the client now."""
    try:
        await authenticate(served.server, served.ask(client, basic(client.client_id, secret)))
    except InvalidClient:
        return False
    return True


async def test_two_secrets_are_good_while_one_replaces_the_other(served: TestServer) -> None:
    client = await served.add_client()
    now = served.server.now()

    made = await add_client_secret(served.server, client, description="new", actor="tests")
    client = await get_client(served.server, "app")
    await expire_client_secret(served.server, client, "one", at=now + 60, actor="tests")

    assert await is_good(served, client, made.text)
    assert await is_good(served, client, SECRET)
    served.clock.advance(60)
    assert await is_good(served, client, made.text)
    assert not await is_good(served, client, SECRET)


async def test_a_secret_is_not_good_before_it_is_active(served: TestServer) -> None:
    client = await served.add_client()
    begins = served.server.now() + 60

    made = await add_client_secret(served.server, client, activates_at=begins, actor="tests")

    assert not await is_good(served, client, made.text)
    served.clock.advance(60)
    assert await is_good(served, client, made.text)


async def test_an_expired_secret_is_forgotten(served: TestServer) -> None:
    client = await served.add_client()

    await expire_client_secret(served.server, client, "one", actor="tests")

    assert (await get_client(served.server, "app")).secrets == ()
    assert not await is_good(served, client, SECRET)
    [row] = await served.server.storage.find(AUDIT, {"type": "client.secret_expired"})
    assert row.detail == {"secret": "one"}


async def test_the_text_of_a_secret_is_nowhere_but_in_the_answer(served: TestServer) -> None:
    client = await served.add_client()

    made = await add_client_secret(served.server, client, actor="tests")

    assert made.text not in repr(made)
    assert made.text not in repr(await get_client(served.server, "app"))
    assert made.text not in repr(await served.server.storage.find(AUDIT))


async def test_a_secret_cannot_end_before_it_begins(served: TestServer) -> None:
    client = await served.add_client()

    with pytest.raises(Refused, match="after activates_at"):
        await add_client_secret(served.server, client, activates_at=20, expires_at=10, actor="tests")


async def test_a_public_client_gets_no_secret(served: TestServer) -> None:
    client = await served.add_client(
        token_endpoint_auth_method="none", grant_types=("authorization_code",), secrets=()
    )

    with pytest.raises(Refused, match="public client"):
        await add_client_secret(served.server, client, actor="tests")


async def test_the_number_of_secrets_is_bounded(served: TestServer) -> None:
    client = await served.add_client()
    for _ in range(MOST_SECRETS - 1):
        await add_client_secret(served.server, client, actor="tests")
        client = await get_client(served.server, "app")

    with pytest.raises(Refused, match="at most"):
        await add_client_secret(served.server, client, actor="tests")


async def test_an_unknown_secret_is_refused(served: TestServer) -> None:
    client = await served.add_client()

    with pytest.raises(Refused, match="has no secret 'two'"):
        await expire_client_secret(served.server, client, "two", actor="tests")
