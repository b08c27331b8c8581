"""What apps have, in words: shared by the page that lists them and the page that narrows one."""

from collections.abc import Iterable

from assent.actions.access.grants import AppAccess, RecordAccess
from assent.engine.server import RecordSystemDown
from assent.pages.own import Own
from assent.records.clients import Client
from assent.spec.scope_sets import ScopeSet
from assent.web.apps import app_view, show_app
from assent.web.dates import say_instant
from assent.web.messages import Messages
from assent.web.views import AppView, RecordAccessView
from assent.web.words import describe_scope

MOST_NAMES = 50
"""Patients whose names are asked for one page; of further ones the id is shown."""


async def app_shown(own: Own, client_id: str, client: Client | None) -> AppView:
    """The app; one that is registered no more is known by its id."""
    if client is None:
        return app_view(Client(client_id, client_id), own.messages)
    return await show_app(own.site, client, own.messages)


def scope_titles(scope: ScopeSet, messages: Messages) -> tuple[str, ...]:
    """What a scope lets an app see and do, each thing once."""
    return tuple(dict.fromkeys(describe_scope(one, messages).title for one in scope))


async def names_of(own: Own, patients: Iterable[str | None]) -> dict[str, str]:
    """The names of these patients other than the reader herself, by id; the id where no name can be had now."""
    others = [one for one in dict.fromkeys(patients) if one is not None and not is_reader(own, one)]
    names = {one: one for one in others}
    try:
        cards = await own.site.records.describe_patients(others[:MOST_NAMES])
    except RecordSystemDown:
        return names  # taking back has to work when the record system does not
    return names | {card.id: card.name for card in cards}


def is_reader(own: Own, patient: str) -> bool:
    """Whether a patient is the reader herself."""
    return own.person.fhir_user == f"Patient/{patient}"


def record_views(own: Own, access: AppAccess, names: dict[str, str]) -> tuple[RecordAccessView, ...]:
    """Record by record what an app may do."""
    is_only = len(access.records) == 1
    return tuple(_record_view(own, record, names, is_only=is_only) for record in access.records)


def record_name(own: Own, patient: str | None, scope: ScopeSet, names: dict[str, str]) -> str:
    """Whose record a grant is about."""
    if patient is None:
        reaches_any = any(one.context == "user" for one in scope.resources)
        return own.messages.text("revoke.any_record" if reaches_any else "revoke.no_record")
    if is_reader(own, patient):
        return own.messages.text("revoke.own_record")
    return own.messages.text("revoke.subject", name=names.get(patient, patient))


def _record_view(own: Own, record: RecordAccess, names: dict[str, str], *, is_only: bool) -> RecordAccessView:
    is_own = record.patient is None or is_reader(own, record.patient)
    messages = own.messages
    return RecordAccessView(
        titles=scope_titles(record.scope, messages),
        since=say_instant(record.since, messages),
        until=_say_end(record, messages),
        last_used=say_instant(record.last_used_at, messages) if record.last_used_at else None,
        subject=None if is_own and is_only else record_name(own, record.patient, record.scope, names),
        is_own=is_own,
    )


def _say_end(record: RecordAccess, messages: Messages) -> str:
    if record.until is not None:
        return messages.text("revoke.until", date=say_instant(record.until, messages))
    return messages.text("revoke.while_signed_in" if record.online else "revoke.until_stopped")
