"""Whose records a person may be shown, asked of a FHIR server."""

from typing import Any

import pytest

from assent.demo.store.store import FhirStore
from assent.engine.server import RecordSystemDown
from assent.fhir.people import FhirRecords
from assent.fhir.relations import ROLE_CODES
from assent.fhir.upstream import UpstreamRequest, UpstreamResponse
from assent.records.people import Person
from assent.spec.fhir.compartments import REPRESENTING_TYPES
from assent.spec.permissions import Permission, Power
from assent.spec.resource_types import RESOURCE_TYPES
from assent.testing.application import START, FhirServer
from assent.testing.population import resources
from assent.testing.server import empty_storage

BASE = "http://fhir.internal"


class Moment:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.now = float(START)

    def __call__(self) -> float:
        return self.now


def fhir(*more: dict[str, Any]) -> FhirServer:
    return FhirServer(FhirStore([*resources(), *more], base_url=BASE))


def person(fhir_user: str | None = None, **fields: Any) -> Person:
    return Person("u-1", "name", "name", fhir_user=fhir_user, **fields)


async def patients(someone: Person, *more: dict[str, Any]) -> tuple[str, ...]:
    return await FhirRecords(fhir(*more), empty_storage(), Moment()).patients(someone)


@pytest.mark.parametrize(
    ("someone", "theirs"),
    [
        (person(), ()),
        (person("Patient/amy"), ("amy",)),
        (person(f"{BASE}/Patient/amy"), ("amy",)),
        (person("Person/jonas"), ("mia", "leo")),
        (person("RelatedPerson/jonas-for-mia"), ("mia",)),
        (person("Practitioner/lee"), ()),
        (person("Person/nobody"), ()),
        (person("RelatedPerson/nobody"), ()),
        (person("Patient/amy", represents=("mia", "Patient/leo", "amy")), ("amy", "mia", "leo")),
        (person(represents=("zoe", "not an id", "..")), ("zoe",)),
        # a resource of another server is not ours, whatever its id
        (person("https://elsewhere.example/fhir/Patient/amy"), ()),
        (person("https://elsewhere.example/fhir/RelatedPerson/jonas-for-mia"), ()),
        (person("Patient/amy/_history/1"), ()),
        (person("Patient/"), ()),
        (person("Patient"), ()),
    ],
)
async def test_whose_records_are_a_persons(someone: Person, theirs: tuple[str, ...]) -> None:
    assert await patients(someone) == theirs


def guardian(**fields: Any) -> dict[str, Any]:
    return {
        "resourceType": "RelatedPerson",
        "id": "guardian",
        "patient": {"reference": "Patient/zoe"},
        "relationship": [{"coding": [{"system": ROLE_CODES, "code": "HPOWATT"}]}],
        **fields,
    }


@pytest.mark.parametrize(
    ("fields", "holds"),
    [
        ({}, True),
        ({"active": True}, True),
        ({"active": False}, False),
        ({"period": {"start": "2001-01-01"}}, True),
        ({"period": {"end": "2027-01-15"}}, True),  # the day that it is: it still holds
        ({"period": {"end": "2027-01-14"}}, False),
        ({"period": {"end": "2027-01-14T23:59:59Z"}}, False),
        ({"period": {"end": "2027-01"}}, True),
        ({"period": {"end": "2026"}}, False),
        ({"patient": {"reference": f"{BASE}/Patient/zoe"}}, True),
        ({"patient": {"reference": "https://elsewhere.example/Patient/zoe"}}, False),
        ({"patient": {"reference": "Practitioner/zoe"}}, False),
        ({"patient": {"display": "Zoe"}}, False),
    ],
)
async def test_a_guardian_represents_while_the_link_holds(fields: dict[str, Any], holds: bool) -> None:
    found = await patients(person("RelatedPerson/guardian"), guardian(**fields))
    assert found == (("zoe",) if holds else ())


async def test_an_inactive_person_leads_nowhere() -> None:
    inactive = {
        "resourceType": "Person",
        "id": "gone",
        "active": False,
        "link": [{"target": {"reference": "Patient/zoe"}}],
    }
    assert await patients(person("Person/gone"), inactive) == ()


async def test_a_person_linked_to_patients_of_her_own_has_those_first() -> None:
    nora = {
        "resourceType": "Person",
        "id": "nora",
        "link": [
            {"target": {"reference": "RelatedPerson/jonas-for-mia"}},
            {"target": {"reference": "Patient/zoe"}},
            {"target": {"reference": "Practitioner/lee"}},
        ],
    }
    assert await patients(person("Person/nora"), nora) == ("zoe", "mia")


async def test_what_each_patient_is_to_her_is_said_in_the_same_order() -> None:
    records = FhirRecords(fhir(), empty_storage(), Moment())
    jonas = person("Person/jonas", represents=("zoe", "mia"))
    assert list((await records.relations(jonas)).items()) == [
        ("mia", "child"),
        ("leo", "acting"),
        ("zoe", "acting"),
    ]
    assert await records.relations(person("Patient/amy", represents=("amy",))) == {"amy": "you"}


async def test_what_a_person_may_do_is_her_compartments_and_her_permissions() -> None:
    records = FhirRecords(fhir(), empty_storage(), Moment())
    lee = person("Practitioner/lee", permissions=(Permission("FHIR_ALL_READ"),))
    assert await records.powers(lee) == (Power("read", "*"),)
    assert await records.powers(person("RelatedPerson/jonas-for-mia")) == (
        Power("read", "*", within="Patient/mia"),
        Power("write", "*", within="Patient/mia"),
    )


async def test_links_and_birth_dates_are_asked_for_once_in_ten_seconds() -> None:
    server, moment = fhir(), Moment()
    records = FhirRecords(server, empty_storage(), moment)
    for _ in range(3):
        await records.patients(person("RelatedPerson/jonas-for-mia"))
    assert server.asked == ["RelatedPerson/jonas-for-mia", "Patient/mia"]
    moment.now += 10
    await records.patients(person("RelatedPerson/jonas-for-mia"))
    assert len(server.asked) == 4


async def test_the_links_of_one_are_never_anothers() -> None:
    records = FhirRecords(fhir(), empty_storage(), Moment())
    assert await records.patients(person("RelatedPerson/jonas-for-mia")) == ("mia",)
    assert await records.patients(person("RelatedPerson/jonas-for-leo")) == ("leo",)


# --- the FHIR server cannot say --------------------------------------------------------------------------------------


class Odd(FhirServer):
    """Answers everything alike."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(FhirStore((), base_url=BASE))
        self.answer = UpstreamResponse(status, {}, body)

    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        return self.answer


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b'{"resourceType":"OperationOutcome"}'),
        (401, b'{"resourceType":"OperationOutcome"}'),
        (302, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"resourceType":"Patient"}'),
        (200, b"\xff"),
    ],
)
async def test_an_answer_that_is_none_is_never_taken_for_nobody(status: int, body: bytes) -> None:
    records = FhirRecords(Odd(status, body), empty_storage(), Moment())
    with pytest.raises(RecordSystemDown):
        await records.patients(person("RelatedPerson/jonas-for-mia"))
    with pytest.raises(RecordSystemDown):
        await records.encounters("amy")
    with pytest.raises(RecordSystemDown):
        await records.list_patients(10)


async def test_a_server_that_is_down_is_down() -> None:
    server = fhir()
    server.is_down = True
    with pytest.raises(RecordSystemDown):
        await FhirRecords(server, empty_storage(), Moment()).powers(person("Person/jonas"))


# --- for the picker --------------------------------------------------------------------------------------------------


async def test_encounters_come_latest_first_and_are_the_patients_own() -> None:
    records = FhirRecords(fhir(), empty_storage(), Moment())
    assert await records.encounters("amy") == ("amy-2", "amy-1")
    assert await records.encounters("leo") == ()
    cards = await records.describe_encounters("amy")
    assert [(card.title, card.start) for card in cards] == [
        ("Follow-up", "2024-02-11T14:30:00Z"),
        ("Check-up", "2023-05-02T09:00:00Z"),
    ]


async def test_a_server_that_ignores_the_search_shows_nobody_elses_visits() -> None:
    body = (
        b'{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Encounter","id":"e","subject":'
        b'{"reference":"Patient/zoe"}}},{"resource":{"resourceType":"Encounter","id":"f"}}]}'
    )
    assert await FhirRecords(Odd(200, body), empty_storage(), Moment()).encounters("amy") == ()


async def test_patients_are_described_in_the_order_asked_without_those_that_are_gone() -> None:
    cards = await FhirRecords(fhir(), empty_storage(), Moment()).describe_patients(
        ["zoe", "gone", "amy", "not an id"]
    )
    assert [(card.id, card.name, card.birth_date, card.identifier) for card in cards] == [
        ("zoe", "Zoe Ames", "1990-12-12", "MRN-zoe"),
        ("amy", "Amy Okafor", "1984-03-05", "MRN-amy"),
    ]


@pytest.mark.parametrize("resource_type", sorted(RESOURCE_TYPES))
async def test_only_types_that_apps_of_patients_cannot_write_say_whose_records_one_may_see(resource_type):
    upstream = fhir({"resourceType": resource_type, "id": "x", "link": [], "patient": {}})
    await FhirRecords(upstream, empty_storage(), Moment()).patients(person(f"{resource_type}/x"))
    assert {target.partition("/")[0] for target in upstream.asked} <= REPRESENTING_TYPES
