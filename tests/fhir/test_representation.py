"""Whom people may act for, and until when: links of the FHIR server with age, delegations with their ends."""

from typing import Any

import pytest

from assent.demo.store.store import FhirStore
from assent.fhir.people import FhirRecords
from assent.fhir.representation import Representation, RepresentationSettings
from assent.records.delegations import Delegation
from assent.records.people import Person
from assent.spec.permissions import Power
from assent.storage.interface import Add, act
from assent.storage.tables import DELEGATIONS
from assent.testing.application import START, FhirServer
from assent.testing.server import empty_storage

BASE = "http://fhir.internal"
DAY = 86400
TODAY = "2027-01-15"  # START
ROLE_CODES = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
KIM = Person("u-kim", "kim", "kim", fhir_user="RelatedPerson/kim")
DELEGATE = Person("u-pat", "pat", "pat", has_delegations=True)


class Moment:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.now = float(START)

    def __call__(self) -> float:
        return self.now


def kim(*codes: str, **fields: Any) -> dict[str, Any]:
    coding = [{"system": ROLE_CODES, "code": code} for code in codes]
    return {
        "resourceType": "RelatedPerson",
        "id": "kim",
        "patient": {"reference": "Patient/sam"},
        "relationship": [{"coding": coding}],
        **fields,
    }


def sam(born: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": "sam", **({} if born is None else {"birthDate": born})}


def server(*resources: dict[str, Any]) -> FhirServer:
    return FhirServer(FhirStore(resources, base_url=BASE))


async def represented(
    *resources: dict[str, Any], settings: RepresentationSettings | None = None
) -> tuple[Representation, ...]:
    records = FhirRecords(server(*resources), empty_storage(), Moment(), settings or RepresentationSettings())
    return await records.represented(KIM)


@pytest.mark.parametrize(
    ("born", "holds"),
    [
        ("2009-01-16", True),  # 18 tomorrow
        ("2009-01-15", False),  # 18 today
        ("2008-12-31", False),
        ("2009", False),  # may be 18 already
        (None, False),
        ("soon", False),
        (7, False),
    ],
)
@pytest.mark.parametrize("code", ["FTH", "MTH", "PRNFOST", "GRMTH", "GUARD", "GUADLTM"])
async def test_parents_and_guardians_act_until_the_birthday(code: str, born: Any, holds: bool) -> None:
    assert bool(await represented(kim(code), sam(born))) is holds


@pytest.mark.parametrize("codes", [["HPOWATT"], ["MTH", "DPOWATT"], ["SPS"], ["CHILD"]])
async def test_who_acts_for_an_adult_is_not_ended_by_age(codes: list[str]) -> None:
    [one] = await represented(kim(*codes), sam("1950-01-01"))
    assert (one.patient, one.types, one.may_write) == ("sam", None, True)


@pytest.mark.parametrize(
    ("born", "types"),
    [
        ("2014-01-16", None),  # 13 tomorrow
        ("2014-01-15", ("Patient", "Immunization", "AllergyIntolerance")),
        ("2009-01-16", ("Patient", "Immunization", "AllergyIntolerance")),
    ],
)
async def test_parents_of_an_adolescent_see_a_part_and_change_nothing(
    born: str, types: tuple[str, ...] | None
) -> None:
    [one] = await represented(kim("MTH"), sam(born))
    assert one.types == types
    if types is not None:
        assert one.powers == tuple(Power("read", name, within="Patient/sam") for name in types)


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        (RepresentationSettings(minor_until=16), 0),
        (RepresentationSettings(minor_until=17), 1),
        (RepresentationSettings(minor_until=0), 1),
        (RepresentationSettings(adolescent_types=()), 0),
        (RepresentationSettings(adolescent_from=0, adolescent_types=()), 1),
    ],
)
async def test_the_ages_are_settings(settings: RepresentationSettings, count: int) -> None:
    assert len(await represented(kim("MTH"), sam("2010-06-01"), settings=settings)) == count


@pytest.mark.parametrize(
    ("period", "holds"),
    [
        ({"start": TODAY}, True),
        ({"start": "2027-01-16"}, False),
        ({"start": "2027-01"}, True),
        ({"start": "2028"}, False),
        ({"start": TODAY, "end": TODAY}, True),
        ({"start": 7}, False),
        ({"start": "today"}, False),
        ({"end": "never"}, False),
    ],
)
async def test_a_link_holds_within_its_period(period: dict[str, Any], holds: bool) -> None:
    assert bool(await represented(kim("SPS", period=period), sam("1990-01-01"))) is holds


@pytest.mark.parametrize(
    ("until", "holds"), [("08:00:00Z", True), ("07:59:59Z", False), ("16:59:59+09:00", False)]
)
async def test_a_period_with_a_time_ends_then(until: str, holds: bool) -> None:
    found = await represented(kim("SPS", period={"end": f"{TODAY}T{until}"}), sam("1990-01-01"))
    assert bool(found) is holds


@pytest.mark.parametrize(
    "fields",
    [
        {"patient": "Patient/sam"},
        {"patient": ["Patient/sam"]},
        {"patient": {"reference": {"reference": "Patient/sam"}}},
        {"period": "2027"},
        {"period": ["2027"]},
        {"period": False},
        {"active": "false"},
        {"active": 0},
    ],
)
async def test_a_malformed_link_gives_nothing(fields: dict[str, Any]) -> None:
    assert await represented(kim("SPS", **fields), sam("1990-01-01")) == ()


async def test_a_birthday_counts_at_once_though_the_answer_is_remembered() -> None:
    upstream, moment = server(kim("MTH"), sam("2009-01-16")), Moment()
    records = FhirRecords(upstream, empty_storage(), moment)
    midnight = START - START % DAY + DAY - 14 * 3600  # where days begin first: in doubt he is older
    moment.now = midnight - 1
    assert len(await records.represented(KIM)) == 1
    asked = len(upstream.asked)
    moment.now = midnight
    assert await records.represented(KIM) == ()
    assert len(upstream.asked) == asked


# --- delegations -----------------------------------------------------------------------------------------------------


async def delegated(upstream: FhirServer, moment: Moment, **fields: Any) -> FhirRecords:
    storage = empty_storage()
    given = {"relationship": "guardian", **fields}
    await storage.commit(act(Add(DELEGATIONS, Delegation("u-pat", "sam", **given))))
    return FhirRecords(upstream, storage, moment)


@pytest.mark.parametrize(
    ("fields", "holds"),
    [
        ({}, True),
        ({"starts_at": START}, True),
        ({"starts_at": START + 1}, False),
        ({"expires_at": START + 1}, True),
        ({"expires_at": START}, False),
        ({"until_age": 21}, True),
        ({"until_age": 17}, False),  # Sam is 17
    ],
)
async def test_a_delegation_holds_from_its_start_to_its_end_and_to_an_age(
    fields: dict[str, Any], holds: bool
) -> None:
    records = await delegated(server(sam("2009-06-01")), Moment(), **fields)
    assert await records.patients(DELEGATE) == (("sam",) if holds else ())


async def test_a_delegation_to_an_age_gives_nothing_while_the_age_is_not_known() -> None:
    assert await (await delegated(server(sam(None)), Moment(), until_age=18)).patients(DELEGATE) == ()
    assert await (await delegated(server(), Moment(), until_age=18)).patients(DELEGATE) == ()


async def test_a_delegation_to_read_gives_no_power_to_write() -> None:
    records = await delegated(server(), Moment(), access="read")
    assert await records.powers(DELEGATE) == (Power("read", "*", within="Patient/sam"),)
    records = await delegated(server(), Moment(), access="full")
    assert {power.verb for power in await records.powers(DELEGATE)} == {"read", "write"}


async def test_a_delegation_says_otherwise_than_age() -> None:
    storage = empty_storage()
    mother = Person("u-kim", "kim", "kim", fhir_user="RelatedPerson/kim", has_delegations=True)
    await storage.commit(act(Add(DELEGATIONS, Delegation("u-kim", "sam", "guardian"))))
    records = FhirRecords(server(kim("MTH"), sam("2001-01-01")), storage, Moment())
    assert await records.relations(mother) == {"sam": "ward"}


@pytest.mark.parametrize(
    ("relationship", "relation"),
    [("parent", "child"), ("guardian", "ward"), ("power_of_attorney", "ward"), ("carer", "acting")],
)
async def test_a_delegate_is_told_what_the_patient_is_to_her(relationship: str, relation: str) -> None:
    records = await delegated(server(), Moment(), relationship=relationship)
    assert await records.relations(DELEGATE) == {"sam": relation}
    assert await records.acts_for(DELEGATE) == {"sam"}


async def test_the_delegations_of_one_are_never_anothers() -> None:
    records = await delegated(server(), Moment())
    assert await records.patients(Person("u-other", "o", "o", has_delegations=True)) == ()
