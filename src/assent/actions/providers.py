"""Providers elsewhere: added, shown, edited, switched off and on, removed, tried out, brought in and taken out.

A definition replaces or edits a provider whole or not at all; credentials that it leaves out are kept, and none is ever
shown. Those of the configuration are shown beside and changed there alone. What is changed holds for the next sign-in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import msgspec

from assent.actions.changes import Author, Planned, carry_out, changed_at, every, replacing
from assent.actions.definitions import Wrong, nearest, read_items, refused
from assent.actions.provider_definition import (
    ProviderDefinition,
    provider_definition,
    read_provider_definition,
)
from assent.actions.provider_rules import SECRET_METHODS, provider_mistakes
from assent.actions.refusals import Refused
from assent.engine.events import audit_event
from assent.engine.sealing import Sealer
from assent.engine.server import AuthorizationServer, Caller
from assent.identity.oidc.credentials import Registered, opened, provider_key_purpose, secret_purpose
from assent.identity.oidc.probe import Step, probe
from assent.records.providers import Provider
from assent.storage.interface import Add, Remove
from assent.storage.tables import PROVIDERS


@dataclass(frozen=True, slots=True)
class Desk:
    """What work on an issuer's providers needs. `configured` are those of the configuration: changed there alone.

    `taken`: names that other modules' providers have, so that an address and an identity is always one provider's.
    """

    server: AuthorizationServer
    sealer: Sealer
    configured: tuple[Registered, ...] = ()
    taken: frozenset[str] = frozenset()

    def configured_one(self, name: str) -> Registered | None:
        """The provider of the configuration with this name."""
        return next((one for one in self.configured if one.provider.name == name), None)


@dataclass(frozen=True, slots=True)
class ImportedProviders:
    """What an import did, by name."""

    added: tuple[str, ...]
    replaced: tuple[str, ...]
    unchanged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Addresses:
    """What is registered at the provider for us."""

    redirect_uri: str
    post_logout_redirect_uri: str
    backchannel_logout_uri: str
    jwks_uri: str


def addresses_of(server: AuthorizationServer, name: str) -> Addresses:
    """What is registered at the provider of this name."""
    at = server.issuer.endpoint
    return Addresses(
        at(f"/login/{name}/callback"),
        at(f"/login/{name}/signed-out"),
        at(f"/login/{name}/backchannel-logout"),
        at("/.well-known/jwks.json"),
    )


def configured_provider(name: str, table: Mapping[str, Any]) -> Registered:
    """The provider of `[providers.<name>]`. Raises `Wrong`, whose places are within the table."""
    if table.get("name", name) != name:
        raise Wrong((".name", "is that of the table"))
    definition = read_provider_definition({**table, "name": name})
    provider = _defined(definition, 0)
    has_secret = definition.client_secret is not None
    mistakes = provider_mistakes(provider, has_secret=has_secret)
    if mistakes:
        raise Wrong(*mistakes)
    return Registered(provider, definition.client_secret, definition.client_key)


def configured_providers(tables: Mapping[str, Any]) -> tuple[Registered, ...]:
    """The providers of a configuration, which was checked when it was read, in its order."""
    return tuple(configured_provider(name, table) for name, table in tables.items())


async def get_provider(desk: Desk, name: str) -> Provider:
    """The provider. Raises `Refused` when there is none, with the nearest name."""
    configured = desk.configured_one(name)
    if configured is not None:
        return configured.provider
    provider = await desk.server.storage.get(PROVIDERS, name)
    if provider is None:
        known = [one.name for one in await list_providers(desk)]
        raise Refused([f"there is no provider {name[:200]!r}{nearest(name, known)}"])
    return provider


async def list_providers(desk: Desk) -> tuple[Provider, ...]:
    """Every provider: those of the configuration, then the others by name."""
    stored = await every(desk.server.storage, PROVIDERS)
    return (*(one.provider for one in desk.configured), *stored)


async def export_providers(desk: Desk) -> dict[str, Any]:
    """`{"providers": [ … ]}` of those in the database, as `import_providers` reads it; without secrets."""
    stored = await every(desk.server.storage, PROVIDERS)
    return {"providers": [provider_definition(provider) for provider in stored]}


async def add_provider(
    desk: Desk, document: Any, *, actor: str | None, caller: Caller | None = None
) -> Provider:
    """Adds the provider of a definition. Raises `Refused`."""
    definition = _read(document)
    provider = _sealed(desk, definition, _defined_or_refused(definition, desk.server.now()))
    _refuse_taken(desk, provider.name)
    if await desk.server.storage.get(PROVIDERS, provider.name) is not None:
        raise Refused([f"name: there is a provider {provider.name} already"])
    _check(provider)
    await carry_out(desk.server, [_adding(desk, provider, Author(actor, caller))])
    return provider


async def edit_provider(
    desk: Desk, name: str, changes: Any, *, actor: str | None, caller: Caller | None = None
) -> Provider:
    """Changes the fields that `changes` names; `null` gives a field its default back. Raises `Refused`."""
    _refuse_configured(desk, name)
    old = await get_provider(desk, name)
    definition = _read(changes)
    if definition.name not in (None, name):
        raise Refused(["name: cannot be changed; add a new provider and remove this one"])
    values = {field: value for field, value in definition.values.items() if field != "name"}
    for field in ("iss", "client_id"):
        if values.get(field, "") is None:
            raise Refused([f"{_written(field)}: is required"])
    if values.get("title", "") is None:
        values["title"] = name
    if isinstance(changes, dict):  # which it is, or it had not been read
        values |= {_SEALED_AS[one]: None for one in _SEALED_AS if changes.get(one, "") is None}
    new = replace(old, **values)
    new = replace(_sealed(desk, definition, new), updated_at=changed_at(desk.server, old))
    _check(new)
    if _changed_fields(old, new):
        await carry_out(desk.server, [_editing(desk, old, new, Author(actor, caller))])
        return new
    return old


async def disable_provider(
    desk: Desk, name: str, *, actor: str | None, caller: Caller | None = None
) -> Provider:
    """Switches the provider off: nobody signs in there from now on. Who is signed in stays so."""
    return await _switch(desk, name, "provider.disabled", Author(actor, caller))


async def enable_provider(
    desk: Desk, name: str, *, actor: str | None, caller: Caller | None = None
) -> Provider:
    """Switches the provider on again."""
    return await _switch(desk, name, "provider.enabled", Author(actor, caller))


async def remove_provider(
    desk: Desk, name: str, *, actor: str | None, caller: Caller | None = None
) -> Provider:
    """Removes the provider with our credentials there. The accounts of its people stay, and so do their identities."""
    _refuse_configured(desk, name)
    provider = await get_provider(desk, name)
    event = _event(desk, "provider.removed", name, Author(actor, caller))
    await carry_out(desk.server, [Planned(name, (Remove(PROVIDERS, (name,)),), event)])
    return provider


async def try_provider(desk: Desk, name: str) -> tuple[Step, ...]:
    """Tries the provider out, live. Raises `Refused` when there is none, and `SealBroken`."""
    provider = await get_provider(desk, name)
    registered = desk.configured_one(name) or opened(desk.sealer, desk.server.issuer.id, provider)
    return_url = addresses_of(desk.server, name).redirect_uri
    return tuple([step async for step in probe(desk.server, registered, return_url)])


async def import_providers(
    desk: Desk, document: Any, *, actor: str | None, caller: Caller | None = None
) -> ImportedProviders:
    """Adds or replaces every provider of `{"providers": [ … ]}` by its name, or none of them.

    Raises `Refused` with every mistake by its JSON path. Importing the same again changes nothing.
    """
    author = Author(actor, caller)
    kinds: dict[str, Literal["added", "replaced", "unchanged"]] = {}
    plans: list[Planned] = []
    mistakes: list[str] = []
    for index, item in enumerate(read_items(document, "providers")):
        path = f"providers[{index}]"
        try:
            definition = _read(item, path)
            provider = _defined_or_refused(definition, desk.server.now(), path)
            _refuse_taken(desk, provider.name, path)
            if provider.name in kinds:
                mistakes.append(f"{path}.name: is there twice")
                continue
            old = await desk.server.storage.get(PROVIDERS, provider.name)
            new = _sealed(desk, definition, _with_kept(definition, provider, old))
            _check(new, path)
        except Refused as error:
            mistakes += error.mistakes
            continue
        if old is None:
            kinds[new.name] = "added"
            plans.append(_adding(desk, new, author))
            continue
        new = replace(new, created_at=old.created_at, updated_at=changed_at(desk.server, old))
        kinds[new.name] = "replaced" if _changed_fields(old, new) else "unchanged"
        if kinds[new.name] == "replaced":
            plans.append(_editing(desk, old, new, author))
    if mistakes:
        raise Refused(mistakes)
    if plans:
        await carry_out(desk.server, plans)
    return ImportedProviders(*(_of_kind(kinds, kind) for kind in ("added", "replaced", "unchanged")))


_SEALED_AS = {"client_secret": "secret_sealed", "client_key": "key_sealed"}


def _of_kind(kinds: Mapping[str, str], kind: str) -> tuple[str, ...]:
    return tuple(name for name, one in kinds.items() if one == kind)


def _read(document: Any, path: str = "") -> ProviderDefinition:
    try:
        return read_provider_definition(document)
    except Wrong as error:
        raise Refused(refused(path, error)) from error


def _defined_or_refused(definition: ProviderDefinition, now: int, path: str = "") -> Provider:
    try:
        return _defined(definition, now)
    except Wrong as error:
        raise Refused(refused(path, error)) from error


def _defined(definition: ProviderDefinition, now: int) -> Provider:
    """A provider as its definition says, every other field at its default; credentials are sealed apart."""
    values = dict(definition.values)
    lacking = [(f".{_written(field)}", "is required") for field in _NEEDED if values.get(field) is None]
    if lacking:
        raise Wrong(*lacking)
    if values.get("title") is None:
        values["title"] = values["name"]
    if "token_endpoint_auth_method" not in values:
        keyed = "private_key_jwt" if definition.client_key is not None else "none"
        method = "client_secret_basic" if definition.client_secret is not None else keyed
        values["token_endpoint_auth_method"] = method
    return Provider(**values, created_at=now, updated_at=now)


def _sealed(desk: Desk, definition: ProviderDefinition, provider: Provider) -> Provider:
    """The provider with the credentials that the definition brings; those that it had already stay as they are."""
    issuer_id, sealer = desk.server.issuer.id, desk.sealer
    known = opened(sealer, issuer_id, provider)
    secret, key = definition.client_secret, definition.client_key
    if secret is not None and secret != known.secret:
        purpose = secret_purpose(issuer_id, provider.name)
        provider = replace(provider, secret_sealed=sealer.seal(secret.encode(), purpose))
    if key is not None and key != known.key:
        purpose = provider_key_purpose(issuer_id, provider.name)
        provider = replace(provider, key_sealed=sealer.seal(msgspec.json.encode(key), purpose))
    return provider


def _with_kept(definition: ProviderDefinition, provider: Provider, old: Provider | None) -> Provider:
    """The provider of an import with the credentials of the one that it replaces, where it can use them."""
    if old is None:
        return provider
    brings = definition.client_secret is not None or definition.client_key is not None
    is_said = brings or "token_endpoint_auth_method" in definition.values
    method = (provider if is_said else old).token_endpoint_auth_method
    return replace(
        provider,
        token_endpoint_auth_method=method,
        secret_sealed=old.secret_sealed if method in SECRET_METHODS else None,
        key_sealed=old.key_sealed if method == "private_key_jwt" else None,
    )


def _check(provider: Provider, path: str = "") -> None:
    mistakes = provider_mistakes(provider, has_secret=provider.secret_sealed is not None)
    if mistakes:
        raise Refused(refused(path, Wrong(*mistakes)))


def _refuse_configured(desk: Desk, name: str, path: str = "") -> None:
    place = f"{path}.name" if path else "name"
    if desk.configured_one(name) is not None:
        raise Refused([f"{place}: {name} is in the configuration: change it there"])


def _refuse_taken(desk: Desk, name: str, path: str = "") -> None:
    """Refuses a name for a new provider that another one has."""
    _refuse_configured(desk, name, path)
    if name in desk.taken:
        place = f"{path}.name" if path else "name"
        raise Refused([f"{place}: {name} is a provider of another module: choose another name"])


async def _switch(desk: Desk, name: str, type_: str, author: Author) -> Provider:
    _refuse_configured(desk, name)
    old = await get_provider(desk, name)
    new = replace(old, enabled=type_ == "provider.enabled", updated_at=changed_at(desk.server, old))
    if new.enabled == old.enabled:
        return old
    plan = Planned(name, replacing(PROVIDERS, old, new), _event(desk, type_, name, author))
    await carry_out(desk.server, [plan])
    return new


def _adding(desk: Desk, provider: Provider, author: Author) -> Planned:
    event = _event(desk, "provider.added", provider.name, author)
    return Planned(provider.name, (Add(PROVIDERS, provider),), event)


def _editing(desk: Desk, old: Provider, new: Provider, author: Author) -> Planned:
    event = _event(desk, "provider.edited", new.name, author, fields=_changed_fields(old, new))
    return Planned(new.name, replacing(PROVIDERS, old, new), event)


def _event(desk: Desk, type_: str, name: str, author: Author, **detail: list[str]) -> Any:
    said = {"provider": name, **detail}
    return audit_event(desk.server, type_, actor=author.actor, caller=author.caller, detail=said)


def _changed_fields(old: Provider, new: Provider) -> list[str]:
    names = (name for name in Provider.__dataclass_fields__ if name not in ("created_at", "updated_at"))
    return [_written(name) for name in names if getattr(old, name) != getattr(new, name)]


def _written(name: str) -> str:
    return _WRITTEN.get(name, name)


_NEEDED = ("name", "iss", "client_id")
_WRITTEN = {"iss": "issuer", "secret_sealed": "client_secret", "key_sealed": "client_key"}
