"""Providers elsewhere: added, shown, edited, switched off and on, removed, tried out, brought in and taken out.

A definition replaces or edits a provider whole or not at all; credentials that it leaves out are kept, and none is ever
shown. Those of the configuration are shown beside and changed there alone. What is changed holds for the next sign-in.
"""

from dataclasses import replace
from typing import Any

from assent.actions.changes import Author, Planned, carry_out, changed_at, changed_fields, every, replacing
from assent.actions.definitions import Wrong, nearest, refused, without_shown
from assent.actions.documents import read_definition
from assent.actions.imports import Imported, Step, import_all
from assent.actions.providers.credentials import SEALED_AS, sealed, with_kept
from assent.actions.providers.definition import (
    ProviderDefinition,
    provider_definition,
    read_provider_definition,
)
from assent.actions.providers.desk import PROVIDER_SHOWN, Desk, addresses_of, defined_provider, written_as
from assent.actions.providers.rules import provider_mistakes
from assent.actions.refusals import Refused
from assent.engine.events import audit_event
from assent.engine.server import Caller
from assent.identity.oidc.credentials import opened
from assent.identity.oidc.probe import probe
from assent.identity.probing import Step as ProbeStep
from assent.records.providers import Provider
from assent.storage.interface import Add, Remove
from assent.storage.tables import PROVIDERS


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
    provider = sealed(desk, definition, _defined(desk, definition))
    desk.refuse_taken(provider.name)
    if await desk.server.storage.get(PROVIDERS, provider.name) is not None:
        raise Refused([f"name: there is a provider {provider.name} already"])
    _check(provider)
    await carry_out(desk.server, [_adding(desk, provider, Author(actor, caller))])
    return provider


async def edit_provider(
    desk: Desk, name: str, changes: Any, *, actor: str | None, caller: Caller | None = None
) -> Provider:
    """Changes the fields that `changes` names; `null` gives a field its default back. Raises `Refused`."""
    desk.refuse_configured(name)
    old = await get_provider(desk, name)
    definition = _read(changes)
    if definition.name not in (None, name):
        raise Refused(["name: cannot be changed; add a new provider and remove this one"])
    values = {field: value for field, value in definition.values.items() if field != "name"}
    for field in ("iss", "client_id"):
        if values.get(field, "") is None:
            raise Refused([f"{written_as(field)}: is required"])
    if values.get("title", "") is None:
        values["title"] = name
    if isinstance(changes, dict):  # which it is, or it had not been read
        values |= {stored: None for one, stored in SEALED_AS.items() if changes.get(one, "") is None}
    new = replace(old, **values)
    new = replace(sealed(desk, definition, new), updated_at=changed_at(desk.server, old))
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
    desk.refuse_configured(name)
    provider = await get_provider(desk, name)
    event = _event(desk, "provider.removed", name, Author(actor, caller))
    await carry_out(desk.server, [Planned(name, (Remove(PROVIDERS, (name,)),), event)])
    return provider


async def try_provider(desk: Desk, name: str) -> tuple[ProbeStep, ...]:
    """Tries the provider out, live. Raises `Refused` when there is none, and `SealBroken`."""
    provider = await get_provider(desk, name)
    registered = desk.configured_one(name) or opened(desk.sealer, desk.server.issuer.id, provider)
    return_url = addresses_of(desk.server, name).redirect_uri
    return tuple([step async for step in probe(desk.server, registered, return_url)])


async def import_providers(
    desk: Desk, document: Any, *, actor: str | None, caller: Caller | None = None
) -> Imported:
    """Adds or replaces every provider of `{"providers": [ … ]}` by its name, or none of them.

    Raises `Refused` with every mistake by its JSON path. Importing the same again changes nothing.
    """
    author = Author(actor, caller)

    async def plan(item: Any, path: str) -> Step:
        definition = _read(item, path)
        provider = _defined(desk, definition, path)
        if _is_configured(desk, provider):
            return Step(provider.name, "unchanged")  # a list holds those of the configuration, too
        desk.refuse_taken(provider.name, path)
        old = await desk.server.storage.get(PROVIDERS, provider.name)
        new = sealed(desk, definition, with_kept(definition, provider, old))
        _check(new, path)
        if old is None:
            return Step(new.name, "added", _adding(desk, new, author))
        new = replace(new, created_at=old.created_at, updated_at=changed_at(desk.server, old))
        if not _changed_fields(old, new):
            return Step(new.name, "unchanged")
        return Step(new.name, "replaced", _editing(desk, old, new, author))

    return await import_all(desk.server, document, "providers", "name", plan)


def _read(document: Any, path: str = "") -> ProviderDefinition:
    return read_definition(read_provider_definition, without_shown(document, PROVIDER_SHOWN), path)


def _is_configured(desk: Desk, provider: Provider) -> bool:
    """Whether the configuration has this very provider."""
    known = desk.configured_one(provider.name)
    return known is not None and provider_definition(known.provider) == provider_definition(provider)


def _defined(desk: Desk, definition: ProviderDefinition, path: str = "") -> Provider:
    return read_definition(lambda given: defined_provider(given, desk.server.now()), definition, path)


def _check(provider: Provider, path: str = "") -> None:
    mistakes = provider_mistakes(provider, has_secret=provider.secret_sealed is not None)
    if mistakes:
        raise Refused(refused(path, Wrong(*mistakes)))


async def _switch(desk: Desk, name: str, type_: str, author: Author) -> Provider:
    desk.refuse_configured(name)
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
    return [written_as(name) for name in changed_fields(old, new)]
