"""Registered apps: added, shown, edited, switched off and on, deleted, brought in and taken out.

A definition replaces or edits a client whole or not at all. Secrets that a definition leaves out are kept; one that is
made here is given back once, by the call that made it. A client that is switched off is refused at its next request,
since every request looks at it; deleting one also ends what people granted it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from assent.actions.access.terms import revoking_agreements
from assent.actions.apps.definition import ClientDefinition, client_definition, read_client_definition
from assent.actions.apps.rules import client_mistakes, needs_secret
from assent.actions.apps.secrets import new_client_secret, settle_secrets
from assent.actions.changes import Author, Planned, carry_out, changed_at, changed_fields, every, replacing
from assent.actions.definitions import Wrong, nearest, refused
from assent.actions.documents import read_definition
from assent.actions.imports import Imported, Step, import_all
from assent.actions.permissions.roles import check_roles, read_with_roles
from assent.actions.refusals import Refused
from assent.engine.events import audit_event
from assent.engine.handles import new_id
from assent.engine.server import AuthorizationServer, Caller
from assent.records.audit import AuditEvent
from assent.records.clients import Client
from assent.storage.interface import Add, ChangeAll, Remove
from assent.storage.tables import CLIENTS, GRANTS


@dataclass(frozen=True, slots=True)
class AddedClient:
    """A new client, and the secret that was made for it, if one was: shown now and never again."""

    client: Client
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ImportedClients(Imported):
    """What an import did, by client_id. `without_secret` are those that cannot sign in before they get one."""

    without_secret: tuple[str, ...]


async def get_client(server: AuthorizationServer, client_id: str) -> Client:
    """The client. Raises `Refused` when there is none, with the nearest client_id."""
    client = await server.storage.get(CLIENTS, client_id)
    if client is None:
        known = [one.client_id for one in await server.storage.find(CLIENTS)]
        raise Refused([f"there is no client {client_id[:200]!r}{nearest(client_id, known)}"])
    return client


async def list_clients(server: AuthorizationServer) -> tuple[Client, ...]:
    """Every client, by client_id."""
    return tuple(await every(server.storage, CLIENTS))


async def export_clients(server: AuthorizationServer) -> dict[str, Any]:
    """`{"clients": [ … ]}`, as `import_clients` reads it; without secrets."""
    return {"clients": [client_definition(client) for client in await list_clients(server)]}


async def add_client(
    server: AuthorizationServer, document: Any, *, actor: str | None, caller: Caller | None = None
) -> AddedClient:
    """Adds the client of a definition. Without a `client_id` it gets one, without a needed secret, too.

    Raises `Refused`.
    """
    definition = await read_with_roles(server, read_client_definition, document)
    client_id = definition.client_id or new_id(server, "c")
    if await server.storage.get(CLIENTS, client_id) is not None:
        raise Refused([f"client_id: there is a client {client_id} already"])
    client = _defined(definition, client_id, server.now())
    client = replace(client, secrets=await settle_secrets(server, definition.secrets, ()))
    secret: str | None = None
    if needs_secret(client):
        made = new_client_secret(server, description="made with the client")
        client, secret = replace(client, secrets=(made.record,)), made.text
    _check(client)
    await carry_out(server, [_adding(server, client, Author(actor, caller))])
    return AddedClient(client, secret)


async def edit_client(
    server: AuthorizationServer,
    client_id: str,
    changes: Any,
    *,
    actor: str | None,
    caller: Caller | None = None,
) -> Client:
    """Changes the fields that `changes` names; `null` gives a field its default back. Raises `Refused`."""
    old = await get_client(server, client_id)
    definition = await read_with_roles(server, read_client_definition, changes)
    if definition.client_id not in (None, client_id):
        raise Refused(["client_id: cannot be changed; add a new client and delete this one"])
    values = {name: value for name, value in definition.values.items() if name != "client_id"}
    if values.get("client_name", "") is None:
        values["client_name"] = client_id
    secrets = await settle_secrets(server, definition.secrets, old.secrets)
    new = replace(old, **values, secrets=secrets, updated_at=changed_at(server, old))
    if "grant_types" in values and "response_types" not in values:
        new = _with_response_types(new)
    _check(new)
    await check_roles(server, new.roles)
    if changed_fields(old, new):
        await carry_out(server, [_editing(server, old, new, Author(actor, caller))])
        return new
    return old


async def disable_client(
    server: AuthorizationServer, client_id: str, *, actor: str | None, caller: Caller | None = None
) -> Client:
    """Switches the client off: its next request is refused, and its tokens are good for nothing meanwhile."""
    return await _switch(server, client_id, "client.disabled", Author(actor, caller))


async def enable_client(
    server: AuthorizationServer, client_id: str, *, actor: str | None, caller: Caller | None = None
) -> Client:
    """Switches the client on again."""
    return await _switch(server, client_id, "client.enabled", Author(actor, caller))


async def delete_client(
    server: AuthorizationServer, client_id: str, *, actor: str | None, caller: Caller | None = None
) -> Client:
    """Removes the client and ends every grant and agreement: a later one of the same name inherits nothing."""
    client = await get_client(server, client_id)
    ends = {"revoked_at": server.now(), "revoked_because": "the app was deleted"}
    plan = Planned(
        client_id,
        (
            Remove(CLIENTS, (client_id,)),
            ChangeAll(GRANTS, {"client_id": client_id, "revoked_at": 0}, ends),
            revoking_agreements(server, client_id=client_id),
        ),
        audit_event(server, "client.deleted", client_id=client_id, actor=actor, caller=caller),
    )
    await carry_out(server, [plan])
    return client


async def import_clients(
    server: AuthorizationServer, document: Any, *, actor: str | None, caller: Caller | None = None
) -> ImportedClients:
    """Adds or replaces every client of `{"clients": [ … ]}` by its client_id, or none of them.

    Raises `Refused` with every mistake by its JSON path. Importing the same again changes nothing.
    """
    author = Author(actor, caller)
    without_secret: list[str] = []

    async def plan(item: Any, path: str) -> Step:
        definition = read_definition(read_client_definition, item, path)
        step, client = await _plan(server, definition, path, author)
        if needs_secret(client):
            without_secret.append(client.client_id)
        return step

    done = await import_all(server, document, "clients", "client_id", plan)
    return ImportedClients(done.added, done.replaced, done.unchanged, tuple(without_secret))


async def _plan(
    server: AuthorizationServer, definition: ClientDefinition, path: str, author: Author
) -> tuple[Step, Client]:
    """What an import does for one client, and what the client is then. Raises `Refused`."""
    client_id = definition.client_id
    if client_id is None:
        raise Refused([f"{path}.client_id: is required"])
    old = await server.storage.get(CLIENTS, client_id)
    new = _defined(definition, client_id, server.now())
    new = replace(new, secrets=await settle_secrets(server, definition.secrets, old.secrets if old else ()))
    _check(new, path)
    await check_roles(server, new.roles, path)
    if old is None:
        return Step(client_id, "added", _adding(server, new, author)), new
    new = replace(new, created_at=old.created_at, updated_at=changed_at(server, old))
    if not changed_fields(old, new):
        return Step(client_id, "unchanged"), old
    return Step(client_id, "replaced", _editing(server, old, new, author)), new


def _defined(definition: ClientDefinition, client_id: str, now: int) -> Client:
    """A client as its definition says, every other field at its default; secrets are settled apart."""
    values: Mapping[str, Any] = {**definition.values, "client_id": client_id}
    if values.get("client_name") is None:
        values = {**values, "client_name": client_id}
    client = Client(**values, created_at=now, updated_at=now)
    return client if "response_types" in values else _with_response_types(client)


def _with_response_types(client: Client) -> Client:
    """The response types that go with the grants, where a definition does not say them (RFC 7591 2.1)."""
    return replace(client, response_types=("code",) if "authorization_code" in client.grant_types else ())


def _check(client: Client, path: str = "") -> None:
    mistakes = client_mistakes(client)
    if mistakes:
        raise Refused(refused(path, Wrong(*mistakes)))


async def _switch(server: AuthorizationServer, client_id: str, type_: str, author: Author) -> Client:
    old = await get_client(server, client_id)
    new = replace(old, enabled=type_ == "client.enabled", updated_at=changed_at(server, old))
    if new.enabled == old.enabled:
        return old
    event = _event(server, type_, client_id, author)
    await carry_out(server, [Planned(client_id, replacing(CLIENTS, old, new), event)])
    return new


def _adding(server: AuthorizationServer, client: Client, author: Author) -> Planned:
    event = _event(server, "client.added", client.client_id, author)
    return Planned(client.client_id, (Add(CLIENTS, client),), event)


def _editing(server: AuthorizationServer, old: Client, new: Client, author: Author) -> Planned:
    event = _event(server, "client.edited", new.client_id, author, fields=changed_fields(old, new))
    return Planned(new.client_id, replacing(CLIENTS, old, new), event)


def _event(
    server: AuthorizationServer, type_: str, client_id: str, author: Author, **detail: list[str]
) -> AuditEvent:
    return audit_event(
        server, type_, client_id=client_id, actor=author.actor, caller=author.caller, detail=detail
    )
