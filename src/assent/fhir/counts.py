"""How many records a scope reaches for a person right now, so that she knows what she is asked for.

Owns asking the FHIR server for numbers alone (`_summary=count`), all at once and within one budget of time for all of
them together: a number that has not arrived is left out, and that is told. What is counted is decided by the same
rights that the gateway enforces (scope ∩ powers ∩ patient in context); where one search cannot say them exactly,
nothing is counted. Numbers are told to the person alone: neither they nor the searches are logged.
Sources: FHIR R4 Search 3.1.1.3 (handling=strict), 3.1.1.4.1 (the self link names what was carried out), 3.1.1.5.9
(`_summary=count`).
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl

from assent.engine.server import RecordSystem, RecordSystemDown
from assent.fhir.upstream import Upstream, UpstreamDown, UpstreamRequest
from assent.records.people import Person
from assent.spec.fhir.compartments import SUPPORTING_TYPES
from assent.spec.fhir.interactions import FhirRequest, Parameters
from assent.spec.fhir.references import Bases
from assent.spec.fhir.refusals import Refused
from assent.spec.fhir.rights import Rights
from assent.spec.fhir.search import read_search
from assent.spec.permissions import Power
from assent.spec.scope_sets import ScopeSet
from assent.spec.scopes import ResourceScope

MOST_SEARCHES: Final = 30
LONGEST_TARGET: Final = 2000

KINDS: Final = (
    "Observation",
    "Condition",
    "MedicationRequest",
    "Encounter",
    "DiagnosticReport",
    "DocumentReference",
    "Procedure",
    "Immunization",
    "AllergyIntolerance",
)
"""The types that stand for a whole record: of `patient/*.rs` these are counted, each by itself."""

_COUNT: Final = (("_summary", "count"),)
_STRICT: Final = {"prefer": "handling=strict"}


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers by scope and resource type; several types for a scope of all types. `is_short`: some did not arrive."""

    by_scope: Mapping[ResourceScope, Mapping[str, int]]
    is_short: bool = False


@dataclass(frozen=True, slots=True)
class RecordCounts:
    """Counts the records of one issuer's FHIR server. `bases` are the URLs under which references name it.

    `budget_seconds` is for everything that one page counts; with 0 nothing is counted.
    """

    upstream: Upstream
    records: RecordSystem
    bases: Bases
    budget_seconds: float

    async def count(self, person: Person, patient: str | None, scopes: Iterable[ResourceScope]) -> Counts:
        """What each reading scope reaches for `person` with this patient in context. Never raises, never late."""
        wanted = [(scope, kind) for scope in scopes if _is_reading(scope) for kind in _types_of(scope)]
        if not wanted or not self.budget_seconds:
            return Counts({})
        searches = wanted[:MOST_SEARCHES]
        found: dict[ResourceScope, dict[str, int]] = {}
        counting = asyncio.create_task(self._count_all(person, patient, searches, found))
        try:
            done, _ = await asyncio.wait((counting,), timeout=self.budget_seconds)
        finally:
            counting.cancel()  # nothing to one that is done; nobody waits for the others
        is_whole = bool(done) and counting.result() and len(searches) == len(wanted)
        return Counts({scope: dict(numbers) for scope, numbers in found.items()}, not is_whole)

    async def _count_all(
        self,
        person: Person,
        patient: str | None,
        searches: list[tuple[ResourceScope, str]],
        found: dict[ResourceScope, dict[str, int]],
    ) -> bool:
        """Fills `found` as the numbers arrive; whether every search was answered."""
        try:
            powers = await self.records.powers(person)
        except RecordSystemDown:
            return False

        async def count_one(scope: ResourceScope, kind: str) -> bool:
            parameters = self._parameters(scope, kind, powers, patient)
            if parameters is None:
                return True
            try:
                number = await self._ask(kind, parameters)
            except UpstreamDown:
                return False
            if number is not None:
                found.setdefault(scope, {})[kind] = number
            return number is not None

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(count_one(scope, kind)) for scope, kind in searches]
        return all(task.result() for task in tasks)

    def _parameters(
        self, scope: ResourceScope, kind: str, powers: tuple[Power, ...], patient: str | None
    ) -> Parameters | None:
        """The search that finds what the scope reaches, and nothing else; None where there is no such search."""
        searching = replace(scope, interactions="rs", v1=False, written="")
        rights = Rights(ScopeSet.of([searching]), powers, patient, "person")
        try:
            return read_search(
                FhirRequest("search_type", kind, parameters=_COUNT), rights, self.bases
            ).parameters
        except Refused:
            return None

    async def _ask(self, kind: str, parameters: Parameters) -> int | None:
        """The total of a search; None for an answer that is none, or that is about less than was asked."""
        request = UpstreamRequest("GET", kind, parameters, _STRICT)
        if len(request.target) > LONGEST_TARGET:
            return None
        answer = await self.upstream.send(request)
        bundle = answer.json() if answer.status == 200 else {}
        total = bundle.get("total")
        if bundle.get("resourceType") != "Bundle" or type(total) is not int or total < 0:
            return None
        return total if _heeds(bundle.get("link"), parameters) else None


def _is_reading(scope: ResourceScope) -> bool:
    return scope.context != "system" and set(scope.interactions) <= {"r", "s"}


def _types_of(scope: ResourceScope) -> Iterator[str]:
    """The types whose numbers say how much a scope reaches."""
    if scope.resource_type == "*":
        yield from KINDS if scope.context == "patient" or scope.parameters else ("Patient",)
    elif scope.context == "user" or scope.resource_type not in {"Patient", *SUPPORTING_TYPES}:
        yield scope.resource_type


def _heeds(links: object, parameters: Parameters) -> bool:
    """Whether a server that says which criteria it carried out carried out all of them."""
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == "self":
            query = str(link.get("url")).partition("?")[2]
            named = {name.partition(":")[0] for name, _ in parse_qsl(query)}
            return not named or {name for name, _ in parameters if name != "_summary"} <= named
    return True
