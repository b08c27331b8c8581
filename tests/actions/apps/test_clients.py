"""Clients: added, edited, switched, deleted, imported; what is stored and what is audited."""

from dataclasses import replace
from typing import Any

import pytest

from assent.actions.apps.clients import (
    add_client,
    delete_client,
    disable_client,
    edit_client,
    enable_client,
    export_clients,
    get_client,
    import_clients,
    list_clients,
)
from assent.actions.refusals import Refused
from assent.engine.bearer import look_at_token
from assent.engine.client_auth import authenticate
from assent.engine.liveness import Ended, look_at_grant
from assent.engine.token_endpoint import respond
from assent.spec.errors import InvalidClient, InvalidToken
from assent.storage.interface import Change, Storage, act
from assent.storage.tables import AUDIT, CLIENTS
from assent.testing.server import TestServer, basic, private_jwk, public_jwks

APP: dict[str, Any] = {
    "client_id": "heart",
    "client_name": "Heart Diary",
    "redirect_uris": ["https://heart.example/done"],
    "scope": "openid patient/*.rs",
}
SERVICE: dict[str, Any] = {
    "client_id": "service",
    "grant_types": ["client_credentials"],
    "scope": "system/*.rs",
    "secrets": [{"description": "first", "secret": "chosen-by-somebody"}],
}


async def test_a_needed_secret_is_made_given_once_and_works(served: TestServer) -> None:
    added = await add_client(served.server, APP, actor="tests")

    assert added.secret is not None
    stored = await get_client(served.server, "heart")
    assert stored.secrets[0].secret_hash.startswith("sha256$")
    assert added.secret not in repr(added)
    assert added.secret not in str(await export_clients(served.server))
    await authenticate(served.server, served.ask(stored, basic("heart", added.secret)))


async def test_a_chosen_secret_gets_a_slow_hash_and_works(served: TestServer) -> None:
    await import_clients(served.server, {"clients": [SERVICE]}, actor="tests")

    stored = await get_client(served.server, "service")
    assert stored.secrets[0].secret_hash.startswith("$argon2id$")
    await authenticate(served.server, served.ask(stored, basic("service", "chosen-by-somebody")))


async def test_a_public_client_gets_no_secret(served: TestServer) -> None:
    added = await add_client(served.server, {**APP, "token_endpoint_auth_method": "none"}, actor="tests")

    assert added.secret is None
    assert added.client.secrets == ()


async def test_the_product_s_defaults(served: TestServer) -> None:
    client = (await add_client(served.server, APP, actor="tests")).client

    assert client.enabled
    assert client.pkce == "required"
    assert client.can_introspect == "none"
    assert not client.remember_approved_scopes
    assert client.access_token_seconds is None
    assert client.response_types == ("code",)


async def test_a_client_without_a_client_id_gets_one_and_without_a_name_its_client_id(
    served: TestServer,
) -> None:
    document = {"redirect_uris": APP["redirect_uris"]}

    client = (await add_client(served.server, document, actor="tests")).client

    assert client.client_id.startswith("c-")
    assert client.client_name == client.client_id


async def test_a_client_id_is_taken_once(served: TestServer) -> None:
    await add_client(served.server, APP, actor="tests")

    with pytest.raises(Refused, match="there is a client heart already"):
        await add_client(served.server, APP, actor="tests")


async def test_a_change_is_audited_with_who_made_it_and_without_secrets(served: TestServer) -> None:
    added = await add_client(served.server, APP, actor="root")
    served.clock.advance(1)
    await edit_client(served.server, "heart", {"client_name": "Heart"}, actor="root")

    rows = await served.server.storage.find(AUDIT, {"client_id": "heart"})
    assert [(row.type, row.actor) for row in rows] == [("client.added", "root"), ("client.edited", "root")]
    assert rows[1].detail == {"fields": ["client_name"]}
    assert [row.event_id for row in served.events] == [row.event_id for row in rows]
    assert added.secret is not None
    assert added.secret not in repr(rows)


async def test_an_edit_changes_what_it_names_and_null_gives_the_default(served: TestServer) -> None:
    await add_client(served.server, {**APP, "access_token_seconds": 600, "pkce": "optional"}, actor="tests")

    client = await edit_client(
        served.server, "heart", {"access_token_seconds": 60, "pkce": None}, actor="tests"
    )

    assert client.access_token_seconds == 60
    assert client.pkce == "required"
    assert client.scope == ("openid", "patient/*.rs")
    assert client == await get_client(served.server, "heart")


async def test_editing_the_grants_brings_their_response_types(served: TestServer) -> None:
    await add_client(served.server, APP, actor="tests")

    client = await edit_client(served.server, "heart", {"grant_types": ["client_credentials"]}, actor="tests")

    assert client.response_types == ()


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"client_id": "other"}, "cannot be changed"),
        ({"token_endpoint_auth_method": "none"}, "cannot have secrets"),
        ({"redirect_uris": []}, "is required for the grant"),
        ({"scop": "openid"}, "did you mean scope"),
        ([], "must be an object"),
    ],
)
async def test_a_refused_edit_changes_nothing(served: TestServer, changes: Any, rule: str) -> None:
    before = (await add_client(served.server, APP, actor="tests")).client

    with pytest.raises(Refused, match=rule):
        await edit_client(served.server, "heart", changes, actor="tests")

    assert await get_client(served.server, "heart") == before


async def test_an_edit_that_changes_nothing_writes_nothing(served: TestServer) -> None:
    before = (await add_client(served.server, APP, actor="tests")).client

    assert await edit_client(served.server, "heart", {"client_name": "Heart Diary"}, actor="tests") == before
    assert len(await served.server.storage.find(AUDIT, {"client_id": "heart"})) == 1


class Overtaken:
    """A storage on which somebody else changes one client right after it was read for the first time."""

    def __init__(self, storage: Storage, client_id: str) -> None:
        self._storage = storage
        self._client_id: str | None = client_id

    async def get(self, table: Any, *key: Any) -> Any:
        found = await self._storage.get(table, *key)
        if table is CLIENTS and key == (self._client_id,):
            self._client_id = None
            await self._storage.commit(act(Change(CLIENTS, key, {"updated_at": found.updated_at + 1})))
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)


async def test_of_two_edits_at_once_the_second_is_refused(served: TestServer) -> None:
    await add_client(served.server, APP, actor="tests")
    server = replace(served.server, storage=Overtaken(served.server.storage, "heart"))  # type: ignore[arg-type]

    with pytest.raises(Refused, match="somebody else changed it meanwhile"):
        await edit_client(server, "heart", {"client_name": "Mine"}, actor="tests")

    assert (await get_client(served.server, "heart")).client_name == "Heart Diary"


async def test_an_import_that_loses_one_client_to_somebody_else_changes_none(served: TestServer) -> None:
    await import_clients(served.server, {"clients": [APP, SERVICE]}, actor="tests")
    served.events.clear()
    server = replace(served.server, storage=Overtaken(served.server.storage, "service"))  # type: ignore[arg-type]
    document = {"clients": [{**one, "client_name": "Mine"} for one in (APP, SERVICE)]}

    with pytest.raises(Refused, match="service: somebody else"):
        await import_clients(server, document, actor="tests")

    assert {one.client_name for one in await list_clients(served.server)} == {"Heart Diary", "service"}
    assert served.events == []


async def test_disabling_ends_tokens_at_once_and_enabling_brings_them_back(served: TestServer) -> None:
    await import_clients(served.server, {"clients": [SERVICE]}, actor="tests")
    client = await get_client(served.server, "service")
    asked = served.ask(client, basic("service", "chosen-by-somebody"), grant_type="client_credentials")
    token = (await respond(served.server, asked))["access_token"]

    await disable_client(served.server, "service", actor="tests")

    with pytest.raises(InvalidToken):
        await look_at_token(served.server, token)
    with pytest.raises(InvalidClient):
        await authenticate(served.server, asked)
    await enable_client(served.server, "service", actor="tests")
    await look_at_token(served.server, token)
    types = [row.type for row in await served.server.storage.find(AUDIT, {"client_id": "service"})]
    assert "client.disabled" in types
    assert "client.enabled" in types


async def test_deleting_ends_what_people_granted(served: TestServer) -> None:
    client = (await add_client(served.server, APP, actor="tests")).client
    person = await served.add_person()
    grant = await served.add_grant(client, person, "openid")

    await delete_client(served.server, "heart", actor="tests")

    assert await served.server.storage.get(CLIENTS, "heart") is None
    await add_client(served.server, APP, actor="tests")
    assert isinstance(await look_at_grant(served.server, grant.grant_id), Ended)


async def test_an_unknown_client_is_refused_with_the_nearest_one(served: TestServer) -> None:
    await add_client(served.server, APP, actor="tests")

    with pytest.raises(Refused, match="did you mean heart"):
        await get_client(served.server, "hearth")


async def test_an_import_adds_and_replaces_by_client_id(served: TestServer) -> None:
    first = await import_clients(served.server, {"clients": [APP, SERVICE]}, actor="tests")
    served.clock.advance(10)
    second = await import_clients(
        served.server, {"clients": [{**APP, "client_name": "New"}, SERVICE]}, actor="tests"
    )

    assert first.added == ("heart", "service")
    assert first.without_secret == ("heart",)
    assert second.replaced == ("heart",)
    assert second.unchanged == ("service",)
    heart = await get_client(served.server, "heart")
    assert heart.client_name == "New"
    assert heart.updated_at > heart.created_at


async def test_an_import_replaces_what_it_does_not_name_by_the_default_but_keeps_secrets(
    served: TestServer,
) -> None:
    added = await add_client(served.server, {**APP, "access_token_seconds": 60}, actor="tests")

    await import_clients(served.server, {"clients": [APP]}, actor="tests")

    client = await get_client(served.server, "heart")
    assert client.access_token_seconds is None
    assert client.secrets == added.client.secrets


async def test_an_empty_list_of_secrets_takes_them_away(served: TestServer) -> None:
    await import_clients(served.server, {"clients": [SERVICE]}, actor="tests")
    await import_clients(served.server, {"clients": [{**SERVICE, "secrets": []}]}, actor="tests")

    assert (await get_client(served.server, "service")).secrets == ()


async def test_an_export_can_be_imported_again_and_changes_nothing(served: TestServer) -> None:
    await import_clients(served.server, {"clients": [APP, SERVICE]}, actor="tests")
    before = await list_clients(served.server)

    done = await import_clients(served.server, await export_clients(served.server), actor="tests")

    assert done.unchanged == ("heart", "service")
    assert await list_clients(served.server) == before


async def test_one_mistake_keeps_everything_out_and_every_mistake_is_named(served: TestServer) -> None:
    document = {
        "clients": [
            APP,
            {"client_id": "a", "redirect_uris": ["http://app.example/"]},
            {"client_id": "b"},
            APP,
            {"client_name": "no id", "redirect_uris": ["https://app.example/"]},
        ]
    }

    with pytest.raises(Refused) as caught:
        await import_clients(served.server, document, actor="tests")

    assert [mistake.partition(": ")[0] for mistake in caught.value.mistakes] == [
        "clients[1].redirect_uris[0]",
        "clients[2].redirect_uris",
        "clients[3].client_id",
        "clients[4].client_id",
    ]
    assert await list_clients(served.server) == ()
    assert served.events == []


async def test_every_client_of_a_long_list_is_listed(served: TestServer) -> None:
    many = [{**SERVICE, "client_id": f"s{n}", "secrets": None} for n in range(1005)]
    await import_clients(served.server, {"clients": many}, actor="tests")

    assert len(await list_clients(served.server)) == 1005


async def test_a_member_of_a_key_that_no_database_could_keep_is_refused(served: TestServer) -> None:
    key = {**public_jwks(private_jwk("ES384", "one"))["keys"][0], "note": "\ud800"}

    with pytest.raises(Refused, match="cannot be kept"):
        await add_client(served.server, {**APP, "jwks": {"keys": [key]}}, actor="tests")

    assert await list_clients(served.server) == ()
