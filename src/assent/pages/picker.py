"""What the context page shows: records without a search, what a search finds, and a patient's visits.

A person who may open any record searches first; a list of everybody is shown only where a deployment allows one of that
length. Whoever is shown is the person's to open, and left by the hook.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from assent.engine.authorize.choices import (
    listed_patients,
    may_search,
    named_records,
    narrow_encounters,
    narrow_patients,
)
from assent.engine.authorize.recent import recent_patients
from assent.engine.authorize.searches import count_search, record_search
from assent.engine.server import RecordSystemDown
from assent.fhir.cards import EncounterCard, PatientCard
from assent.fhir.patient_query import BadQuery, PatientQuery, read_patient_query
from assent.fhir.people import MAX_ENCOUNTERS, PatientsFound
from assent.fhir.relations import Relation
from assent.pages.journey import Visit
from assent.pages.relations import say_relation
from assent.records.people import Person
from assent.spec.errors import TooManyRequests
from assent.web.dates import say_date, say_duration
from assent.web.site import Site
from assent.web.views import EncounterView, PagerView, RecordGroup, RecordView, SearchView

PAGE_SIZE: Final = 20
MOST_SUGGESTED: Final = 20


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into the search, and which page of the answer is wanted, from 1."""

    text: str = ""
    page: int = 1

    @property
    def is_search(self) -> bool:
        """Whether anything was typed."""
        return bool(self.text.strip())


@dataclass(frozen=True, slots=True)
class Problem:
    """What stands above the form: its text, the id of what it is about, the answer's status."""

    text: str
    field: str = "choices"
    status: int = 200
    retry_after_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """The patients of one page. `search` None: this person has a list, not a search."""

    groups: tuple[RecordGroup, ...] = ()
    search: SearchView | None = None
    pager: PagerView | None = None
    problem: Problem | None = None


async def offer_patients(site: Site, seen: Visit, person: Person, typed: Typed) -> Offered:
    """What the person may choose from. Raises `RecordSystemDown` where there is nothing to show instead."""
    if not await may_search(site.server, person):
        return await _list(site, seen, person, typed.page)
    if not typed.is_search:
        return await _offer_without_search(site, seen, person)
    view = SearchView(typed.text)
    try:
        query = read_patient_query(typed.text)
    except BadQuery as error:
        offered = await _offer_without_search(site, seen, person)
        return _with_problem(
            offered, view, Problem(seen.messages.text(f"context.problem.{error.reason}"), "search")
        )
    try:
        found = await _search(site, seen, person, query, typed.page)
    except TooManyRequests as refused:
        wait = say_duration(refused.retry_after_seconds, seen.messages)
        text = seen.messages.text("context.problem.too_often", wait=wait)
        problem = Problem(text, "search", refused.status, refused.retry_after_seconds)
        return _with_problem(await _offer_without_search(site, seen, person), view, problem)
    except RecordSystemDown:
        problem = Problem(seen.messages.text("context.problem.down"), "search", 503)
        return _with_problem(Offered(), view, problem)
    return await _found(site, seen, person, typed, found)


async def offer_encounters(
    site: Site, seen: Visit, person: Person, patient: str
) -> tuple[list[EncounterView], bool]:
    """A patient's visits, and whether they are only the latest of more. Raises `RecordSystemDown`."""
    cards = {card.id: card for card in await site.records.describe_encounters(patient)}
    client = seen.waiting.progress.client
    kept = await narrow_encounters(site.server, client, person, patient, tuple(cards))
    return [_encounter(cards[id_], seen) for id_ in kept], len(cards) >= MAX_ENCOUNTERS


async def _list(site: Site, seen: Visit, person: Person, page: int) -> Offered:
    """Somebody's own records and those she represents or was given by name."""
    ids = await listed_patients(site.server, seen.waiting.progress.client, person)
    first, pager = _cut(len(ids), page, seen)
    cards = await site.records.describe_patients(ids[first : first + PAGE_SIZE])
    relations = await site.records.relations(person)
    return Offered(_groups(seen, relations, [(None, cards)]), None, pager)


async def _offer_without_search(site: Site, seen: Visit, person: Person) -> Offered:
    """Before a search: own records, what was opened last, and everybody where these are few."""
    server, client = site.server, seen.waiting.progress.client
    own, recent = await named_records(server, person), await recent_patients(server, person)
    everybody = await _everybody(site)
    offered = tuple(dict.fromkeys((*own, *recent, *(card.id for card in everybody))))
    kept = await narrow_patients(server, client, person, offered)
    suggested = [id_ for id_ in kept if id_ not in offered][:MOST_SUGGESTED]
    shown = [id_ for id_ in kept if id_ in (*own, *recent, *suggested)]
    known = {card.id: card for card in (*everybody, *await site.records.describe_patients(shown))}
    cards = [known[id_] for id_ in kept if id_ in known]
    text = seen.messages.text
    parts = [
        (text("context.group.own"), [card for card in cards if card.id in own]),
        (text("context.group.suggested"), [card for card in cards if card.id in suggested]),
        (text("context.group.recent"), [card for card in cards if card.id in recent and card.id not in own]),
        (text("context.group.all"), [card for card in cards if card.id not in (*own, *suggested, *recent)]),
    ]
    return Offered(_groups(seen, await site.records.relations(person), parts), SearchView())


async def _everybody(site: Site) -> tuple[PatientCard, ...]:
    """All patients by name, where there are no more than the setting allows."""
    most = site.server.settings.picker_lists_up_to
    if most == 0:
        return ()
    found = await site.records.list_patients(most)
    return () if found.has_more else tuple(sorted(found.cards, key=_by_name))


async def _search(site: Site, seen: Visit, person: Person, query: PatientQuery, page: int) -> PatientsFound:
    """One search, counted and written down whatever comes of it. Raises `TooManyRequests`, `RecordSystemDown`."""
    server, client, caller = site.server, seen.waiting.progress.client, site.caller(seen.request)
    await count_search(server, person, client.client_id, caller)
    number: int | None = None
    try:
        found = await site.records.find_patients(query, server.settings.picker_results)
        number = len(found.cards)
    finally:
        await record_search(server, person, client.client_id, caller, page=page, found=number)
    return found


async def _found(site: Site, seen: Visit, person: Person, typed: Typed, found: PatientsFound) -> Offered:
    cards = {card.id: card for card in sorted(found.cards, key=_by_name)}
    kept = await narrow_patients(site.server, seen.waiting.progress.client, person, tuple(cards))
    hers = [cards[id_] for id_ in kept if id_ in cards]
    first, pager = _cut(len(hers), typed.page, seen)
    title = seen.messages.text("context.found_for", query=typed.text.strip())
    groups = _groups(seen, {}, [(title, hers[first : first + PAGE_SIZE])])
    return Offered(groups, SearchView(typed.text, found.has_more), pager)


def _cut(total: int, page: int, seen: Visit) -> tuple[int, PagerView | None]:
    """Where a page begins, and what leads to its neighbours where there are any; a page beyond the last is the last."""
    if total <= PAGE_SIZE:
        return 0, None
    pages = -(-total // PAGE_SIZE)
    page = min(max(page, 1), pages)
    first = (page - 1) * PAGE_SIZE
    last = min(first + PAGE_SIZE, total)
    shown = seen.messages.text("context.shown", first=first + 1, last=last, total=total)
    return first, PagerView(shown, page - 1 if page > 1 else None, page + 1 if page < pages else None)


def _groups(
    seen: Visit,
    relations: dict[str, Relation],
    parts: Iterable[tuple[str | None, Sequence[PatientCard]]],
) -> tuple[RecordGroup, ...]:
    return tuple(
        RecordGroup(title, tuple(_record(card, relations.get(card.id), seen) for card in cards))
        for title, cards in parts
        if cards
    )


def _record(card: PatientCard, relation: Relation | None, seen: Visit) -> RecordView:
    sex = card.gender if card.gender in ("female", "male", "other") else "unknown"
    return RecordView(
        id=card.id,
        name=card.name,
        born=say_date(card.birth_date, seen.messages) if card.birth_date else None,
        sex=seen.messages.text(f"context.sex.{sex}"),
        identifier=card.identifier,
        relation=say_relation(relation, card, seen.messages),
    )


def _encounter(card: EncounterCard, seen: Visit) -> EncounterView:
    return EncounterView(
        card.id,
        card.title or seen.messages.text("context.visit"),
        say_date(card.start, seen.messages) if card.start else "",
        state=seen.messages.text("context.under_way") if card.is_under_way else None,
    )


def _with_problem(offered: Offered, view: SearchView, problem: Problem) -> Offered:
    return Offered(offered.groups, view, offered.pager, problem)


def _by_name(card: PatientCard) -> tuple[str, str]:
    return card.name.casefold(), card.birth_date or ""
