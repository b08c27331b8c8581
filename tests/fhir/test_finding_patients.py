"""Patients asked of a FHIR server: what it answers is checked, and waited for only so long."""

import asyncio
import json
from typing import Any

import pytest

from assent.engine.server import RecordSystemDown
from assent.fhir.patient_query import read_patient_query
from assent.fhir.people import MAX_ENCOUNTERS, FhirRecords
from assent.fhir.upstream import UpstreamRequest, UpstreamResponse
from assent.records.people import Person
from assent.testing.server import empty_storage

BASE = "http://fhir.internal"


class Server:
    """Answers every search with these entries, every read with the Patient of that id."""

    base = BASE

    def __init__(self, *entries: Any, **bundle: Any) -> None:
        self.bundle = {"resourceType": "Bundle", "entry": list(entries), **bundle}
        self.asked: list[str] = []

    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        self.asked.append(request.target)
        resource_type, _, id_ = request.path.partition("/")
        answer = {"resourceType": resource_type, "id": id_} if id_ else self.bundle
        return UpstreamResponse(200, {}, json.dumps(answer).encode())


class Silent(Server):
    """Never answers."""

    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        await asyncio.Event().wait()
        raise AssertionError


def entry(id_: Any = "anna", family: str = "Weber", **fields: Any) -> dict[str, Any]:
    resource = {"resourceType": "Patient", "id": id_, "name": [{"family": family}], **fields}
    return {"resource": resource, "search": {"mode": "match"}}


async def found(server: Server, text: str = "weber", most: int = 10) -> tuple[list[str], bool]:
    answer = await FhirRecords(server, empty_storage()).find_patients(read_patient_query(text), most)
    return [card.id for card in answer.cards], answer.has_more


async def test_names_are_asked_for_all_of_them_and_one_more_than_is_shown() -> None:
    server = Server(entry())
    assert await found(server, "anna weber 1958-04", most=7) == ([], False)
    assert server.asked == [
        "Patient?name=anna&name=weber&birthdate=1958-04&_count=8",
        "Patient?identifier=anna+weber&birthdate=1958-04&_count=8",
    ]


async def test_the_number_is_asked_for_only_where_no_name_is_found() -> None:
    server = Server(entry())
    assert await found(server) == (["anna"], False)
    assert server.asked == ["Patient?name=weber&_count=11"]


@pytest.mark.parametrize(
    "odd",
    [
        {"resource": {"resourceType": "Practitioner", "id": "anna", "name": [{"family": "Weber"}]}},
        {"resource": {"resourceType": "OperationOutcome"}, "search": {"mode": "outcome"}},
        {**entry("included"), "search": {"mode": "include"}},
        entry("../Practitioner/x"),
        entry(".."),
        entry(None),
        entry(17),
        entry("other", family="Okafor"),  # it ignored what was asked
        {"resource": None},
        {"resource": "Patient/anna"},
        {},
        None,
        "anna",
    ],
)
async def test_of_an_answer_only_patients_who_fit_are_taken(odd: Any) -> None:
    assert await found(Server(odd, entry("anna"), entry("anna"))) == (["anna"], False)


@pytest.mark.parametrize("entries", [None, "none", {}])
async def test_an_answer_without_entries_is_nobody(entries: Any) -> None:
    assert await found(Server(entry=entries)) == ([], False)


async def test_a_server_that_sends_everybody_gives_nobody() -> None:
    everybody = (entry(f"p{number}", family="Okafor", birthDate="1958-04-23") for number in range(50))
    assert await found(Server(*everybody), "we 1958-04-23") == ([], False)


async def test_there_are_more_when_the_server_says_so_or_sends_more() -> None:
    many = [entry(f"p{number}") for number in range(6)]
    assert await found(Server(*many), most=5) == (["p0", "p1", "p2", "p3", "p4"], True)
    assert await found(Server(*many), most=6) == ([f"p{number}" for number in range(6)], False)
    linked = Server(*many, link=[{"relation": "next", "url": f"{BASE}?page=2"}])
    assert (await found(linked, most=6))[1]


async def test_who_takes_too_long_is_down() -> None:
    records = FhirRecords(Silent(), empty_storage(), patience_seconds=0.001)
    for question in (
        records.find_patients(read_patient_query("weber"), 5),
        records.list_patients(5),
        records.describe_patients(["a", "b"]),
        records.describe_encounters("a"),
        records.patients(Person("u-1", "jonas", "jonas", fhir_user="Person/jonas")),
    ):
        with pytest.raises(RecordSystemDown):
            await question


async def test_many_patients_are_read_in_the_order_asked() -> None:
    ids = [f"p{number}" for number in range(20)]
    assert [card.id for card in await FhirRecords(Server(), empty_storage()).describe_patients(ids)] == ids


async def test_visits_under_way_come_first_and_a_server_that_sends_more_is_cut() -> None:
    subject = {"reference": "Patient/anna"}
    visits = [
        {
            "resource": {
                "resourceType": "Encounter",
                "id": f"v{number}",
                "subject": subject,
                "status": "finished",
            }
        }
        for number in range(60)
    ]
    visits[55]["resource"]["status"] = "in-progress"
    cards = await FhirRecords(Server(*visits), empty_storage()).describe_encounters("anna")
    assert len(cards) == MAX_ENCOUNTERS
    assert (cards[0].id, cards[0].is_under_way, cards[0].title) == ("v55", True, "")
    assert cards[1].id == "v0"
