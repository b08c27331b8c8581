"""A client's secrets: made, brought, listed and ended. Several may be good at once, so that one can replace another.

A secret of our own making has 256 random bits and a quick hash; one that somebody chose gets a slow one. No text of a
secret is ever stored; one that was made here is given back once.
Source: OWASP Secrets Management (rotation with an overlap).
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from assent.actions.apps.definition import MOST_SECRETS, GivenSecret
from assent.actions.apps.rules import client_mistakes
from assent.actions.changes import Planned, carry_out, changed_at, replacing
from assent.actions.refusals import Refused
from assent.engine.client_auth.secrets import hash_secret, new_secret
from assent.engine.events import audit_event
from assent.engine.handles import new_id
from assent.engine.server import AuthorizationServer, Caller
from assent.records.clients import Client, ClientSecret
from assent.storage.tables import CLIENTS


@dataclass(frozen=True, slots=True)
class MadeSecret:
    """A fresh secret: its text, once, and its record."""

    text: str = field(repr=False)
    record: ClientSecret


def new_client_secret(
    server: AuthorizationServer,
    *,
    description: str,
    activates_at: int | None = None,
    expires_at: int | None = None,
) -> MadeSecret:
    """Makes a secret; nothing is stored yet."""
    secret, secret_hash = new_secret(server)
    record = ClientSecret(new_id(server, "k"), description, secret_hash, activates_at, expires_at)
    return MadeSecret(secret, record)


async def add_client_secret(
    server: AuthorizationServer,
    client: Client,
    *,
    description: str = "",
    activates_at: int | None = None,
    expires_at: int | None = None,
    actor: str | None,
    caller: Caller | None = None,
) -> MadeSecret:
    """Gives the client one more secret. Raises `Refused`."""
    if len(client.secrets) >= MOST_SECRETS:
        raise Refused([f"secrets: a client has at most {MOST_SECRETS}; expire one first"])
    made = new_client_secret(
        server, description=description, activates_at=activates_at, expires_at=expires_at
    )
    await _change(
        server, client, (*client.secrets, made.record), "client.secret_added", made.record.id, actor, caller
    )
    return made


async def expire_client_secret(
    server: AuthorizationServer,
    client: Client,
    secret_id: str,
    *,
    at: int | None = None,
    actor: str | None,
    caller: Caller | None = None,
) -> ClientSecret:
    """Ends a secret at an instant, now by default. What has expired now is forgotten. Raises `Refused`."""
    now = server.now()
    ends_at = now if at is None else at
    found = next((secret for secret in client.secrets if secret.id == secret_id), None)
    if found is None:
        raise Refused([f"client {client.client_id} has no secret {secret_id[:100]!r}"])
    ended = replace(found, expires_at=ends_at)
    secrets = tuple(ended if secret is found else secret for secret in client.secrets)
    kept = tuple(secret for secret in secrets if secret is not ended or ends_at > now)
    await _change(server, client, kept, "client.secret_expired", secret_id, actor, caller)
    return ended


async def settle_secrets(
    server: AuthorizationServer, given: Sequence[GivenSecret] | None, kept: tuple[ClientSecret, ...]
) -> tuple[ClientSecret, ...]:
    """The secrets that a definition leaves a client with: its own, or `kept` where it says nothing.

    One that the client has already keeps its hash, so that bringing the same definition twice changes nothing. One that
    is named by its id, and that this client does not have, cannot be brought: it is left out.
    """
    if given is None:
        return kept
    settled = [await _settle(server, secret, kept) for secret in given]
    return tuple(secret for secret in settled if secret is not None)


async def _settle(
    server: AuthorizationServer, given: GivenSecret, kept: tuple[ClientSecret, ...]
) -> ClientSecret | None:
    for secret in kept:
        if await _is_meant(server, given, secret):
            return replace(
                secret,
                description=given.description,
                activates_at=given.activates_at,
                expires_at=given.expires_at,
            )
    if given.secret is None:
        return None
    secret_hash = await server.passwords.hash(given.secret)
    return ClientSecret(
        new_id(server, "k"), given.description, secret_hash, given.activates_at, given.expires_at
    )


async def _is_meant(server: AuthorizationServer, given: GivenSecret, stored: ClientSecret) -> bool:
    if given.secret is None:
        return given.id == stored.id
    return await _is_same(server, stored, given.secret)


async def _is_same(server: AuthorizationServer, stored: ClientSecret, secret: str) -> bool:
    if hmac.compare_digest(stored.secret_hash, hash_secret(secret)):
        return True
    is_slow = stored.secret_hash.startswith("$")
    return is_slow and await server.passwords.verify(stored.secret_hash, secret)


async def _change(
    server: AuthorizationServer,
    client: Client,
    secrets: tuple[ClientSecret, ...],
    type_: str,
    secret_id: str,
    actor: str | None,
    caller: Caller | None,
) -> None:
    new = replace(client, secrets=secrets, updated_at=changed_at(server, client))
    mistakes = client_mistakes(new)
    if mistakes:
        raise Refused([f"{place.lstrip('.')}: {rule}" for place, rule in mistakes])
    event = audit_event(
        server, type_, client_id=client.client_id, actor=actor, caller=caller, detail={"secret": secret_id}
    )
    await carry_out(server, [Planned(client.client_id, replacing(CLIENTS, client, new), event)])
