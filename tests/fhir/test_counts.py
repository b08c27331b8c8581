"""How many records a scope reaches: within the person's rights, within one budget of time, and never in the way."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from assent.demo.upstream import DemoUpstream
from assent.fhir.counts import KINDS, MOST_SEARCHES, Counts, RecordCounts
from assent.fhir.people import FhirRecords
from assent.fhir.upstream import UpstreamDown, UpstreamRequest, UpstreamResponse
from assent.records.people import Person
from assent.spec.scope_sets import read_scopes
from assent.testing.population import ALL_READ
from assent.testing.server import empty_storage
from tests.observations import BASE, store
from tests.observations import CATEGORY as HL7

AMY = Person("u-amy", "amy", "amy", fhir_user="Patient/amy")
JONAS = Person("u-jonas", "jonas", "jonas", fhir_user="Person/jonas")
LEE = Person("u-lee", "lee", "lee", fhir_user="Practitioner/lee", permissions=ALL_READ)
NOBODY = Person("u-ada", "ada", "ada")


Answer = Callable[[UpstreamRequest], UpstreamResponse | None]


class Server(DemoUpstream):
    """The store behind a server that may be slow, down, or odd; `asked` is what it was asked."""

    def __init__(self, delay: float = 0.0, answer: Answer | None = None) -> None:
        super().__init__(store())
        self.delay, self.answer = delay, answer
        self.asked: list[UpstreamRequest] = []

    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        self.asked.append(request)
        if self.delay:
            await asyncio.sleep(self.delay)
        own = self.answer(request) if self.answer else None
        return own or await super().send(request)


def counting(server: Server, budget_seconds: float = 60.0) -> RecordCounts:
    return RecordCounts(server, FhirRecords(server, empty_storage()), frozenset({BASE}), budget_seconds)


async def count(scope: str, person: Person = AMY, patient: str | None = "amy") -> dict[str, dict[str, int]]:
    found = await counting(Server()).count(person, patient, read_scopes(scope).scopes.resources)
    assert not found.is_short
    return said(found)


def said(counts: Counts) -> dict[str, dict[str, int]]:
    return {scope.written: dict(numbers) for scope, numbers in counts.by_scope.items()}


async def test_a_scope_counts_what_it_reaches_in_the_record_in_context() -> None:
    assert await count("patient/Observation.rs") == {"patient/Observation.rs": {"Observation": 4}}
    assert await count("patient/Encounter.read") == {"patient/Encounter.read": {"Encounter": 2}}
    assert await count("patient/Condition.rs") == {"patient/Condition.rs": {"Condition": 0}}


async def test_a_granular_scope_counts_by_its_own_parameters() -> None:
    scope = f"patient/Observation.rs?category={HL7}|laboratory"
    assert await count(scope) == {scope: {"Observation": 3}}


async def test_a_child_has_the_childs_numbers() -> None:
    assert await count("patient/Observation.rs", JONAS, "mia") == {
        "patient/Observation.rs": {"Observation": 2}
    }


@pytest.mark.parametrize(("person", "patient"), [(AMY, "zoe"), (JONAS, "amy"), (NOBODY, "amy"), (AMY, None)])
async def test_what_a_person_may_not_read_is_not_counted(person: Person, patient: str | None) -> None:
    assert await count("patient/Observation.rs patient/*.rs", person, patient) == {}


async def test_a_scope_for_all_records_counts_those_that_this_person_may_read() -> None:
    assert await count("user/Observation.rs", AMY) == {"user/Observation.rs": {"Observation": 4}}
    assert await count("user/Observation.rs", JONAS, None) == {"user/Observation.rs": {"Observation": 2}}
    assert await count("user/Observation.rs", LEE, None) == {"user/Observation.rs": {"Observation": 7}}
    assert await count("user/*.rs", JONAS, None) == {"user/*.rs": {"Patient": 2}}


async def test_a_whole_record_is_counted_kind_by_kind() -> None:
    found = (await count("patient/*.rs"))["patient/*.rs"]
    assert set(found) == set(KINDS)
    assert (found["Observation"], found["Encounter"]) == (4, 2)


@pytest.mark.parametrize(
    "scope",
    ["openid", "patient/Observation.cud", "patient/Patient.rs", "patient/Practitioner.rs", "system/*.rs"],
)
async def test_what_has_no_sensible_number_asks_the_server_nothing(scope: str) -> None:
    server = Server()
    found = await counting(server).count(AMY, "amy", read_scopes(scope).scopes.resources)
    assert (found, server.asked) == (Counts({}), [])


async def test_only_numbers_are_asked_for_strictly_and_within_the_record() -> None:
    server = Server()
    await counting(server).count(AMY, "amy", read_scopes("patient/Observation.rs").scopes.resources)
    (request,) = server.asked
    assert dict(request.query) == {"patient": "Patient/amy", "_summary": "count"}
    assert request.headers["prefer"] == "handling=strict"


async def test_a_server_that_is_too_slow_holds_nobody_up() -> None:
    server = Server(delay=3600)
    found = await counting(server, 0.05).count(AMY, "amy", read_scopes("patient/*.rs").scopes.resources)
    assert found == Counts({}, is_short=True)


async def test_what_has_arrived_is_told_and_that_some_has_not() -> None:
    class Half(Server):
        async def send(self, request: UpstreamRequest) -> UpstreamResponse:
            if request.path == "Condition":
                await asyncio.sleep(3600)
            return await super().send(request)

    await count("patient/Observation.rs")  # the first search reads the tables of parameters
    scopes = read_scopes("patient/Observation.rs patient/Condition.rs").scopes.resources
    found = await counting(Half(), 1.0).count(AMY, "amy", scopes)
    assert said(found) == {"patient/Observation.rs": {"Observation": 4}}
    assert found.is_short


async def test_the_searches_are_made_at_once() -> None:
    class Patient(Server):
        """Answers nobody before all have asked."""

        everybody = asyncio.Barrier(len(KINDS))

        async def send(self, request: UpstreamRequest) -> UpstreamResponse:
            await self.everybody.wait()
            return await super().send(request)

    scopes = read_scopes(" ".join(f"patient/{kind}.rs" for kind in KINDS)).scopes.resources
    found = await counting(Patient()).count(AMY, "amy", scopes)
    assert len(found.by_scope) == len(KINDS)


async def test_no_more_is_asked_than_a_page_may_ask() -> None:
    server = Server()
    scopes = [f"patient/Observation.rs?code=http://loinc.org|{number}" for number in range(MOST_SEARCHES + 5)]
    found = await counting(server).count(AMY, "amy", read_scopes(" ".join(scopes)).scopes.resources)
    assert len(server.asked) == MOST_SEARCHES
    assert found.is_short


def answering(status: int, body: object) -> Answer:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _request: UpstreamResponse(status, {}, text)


def bundle(total: object, self_url: object = None) -> dict[str, Any]:
    links = [{"relation": "self", "url": self_url}] if self_url is not None else []
    return {"resourceType": "Bundle", "type": "searchset", "total": total, "link": links}


@pytest.mark.parametrize(
    "answer",
    [
        answering(500, {"resourceType": "OperationOutcome"}),
        answering(400, bundle(7)),
        answering(200, b"<html>"),
        answering(200, []),
        answering(200, {"resourceType": "Patient", "total": 3}),
        answering(200, {"resourceType": "Bundle"}),
        answering(200, bundle("7")),
        answering(200, bundle(True)),
        answering(200, bundle(-1)),
        answering(200, bundle(7, f"{BASE}/Observation?_summary=count")),
    ],
)
async def test_an_answer_that_tells_no_number_of_these_records_is_left_out(answer: Answer) -> None:
    scopes = read_scopes("patient/Observation.rs").scopes.resources
    assert await counting(Server(answer=answer)).count(AMY, "amy", scopes) == Counts({}, is_short=True)


@pytest.mark.parametrize(
    "self_url", [f"{BASE}/Observation?patient=Patient/amy", f"{BASE}?page=4"[:20], 7, ""]
)
async def test_a_self_link_that_names_the_criteria_or_nothing_is_believed(self_url: object) -> None:
    scopes = read_scopes("patient/Observation.rs").scopes.resources
    server = Server(answer=answering(200, bundle(7, self_url)))
    assert said(await counting(server).count(AMY, "amy", scopes)) == {
        "patient/Observation.rs": {"Observation": 7}
    }


async def test_a_server_that_is_down_has_no_numbers() -> None:
    def down(_request: UpstreamRequest) -> UpstreamResponse:
        raise UpstreamDown("switched off")

    for person in (AMY, JONAS):
        scopes = read_scopes("patient/Observation.rs").scopes.resources
        found = await counting(Server(answer=down)).count(person, "mia", scopes)
        assert found.by_scope == {}
