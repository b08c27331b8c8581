"""Searches of every form: each brings what the FHIR server itself finds, less what the person may not see."""

import pytest

from gateway import oracle
from gateway.clinic import FORM, key_of, keys_of, matches_in, resources_in

CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
LOINC = "http://loinc.org"

EXACT = [
    "Observation?patient=amy",
    "Observation?patient=Patient/amy",
    "Observation?subject=Patient/amy",
    "Observation?subject:Patient=amy",
    "Observation?patient=http://localhost:9200/fhir/Patient/amy",
    "Observation?category=laboratory",
    f"Observation?category={CATEGORY}|vital-signs",
    "Observation?category=laboratory,survey",
    "Observation?category=laboratory&status=final",
    f"Observation?code={LOINC}|8867-4&date=ge2022-01-01&date=lt2025-01-01",
    "Observation?_id=amy-heart-rate-1,chidi-heart-rate-1,misfiled",
    "Observation?performer=Practitioner/doyle",
    "Observation?encounter=Encounter/amy-visit-1",
    "Observation?value-quantity=gt100",
    "Observation?code:text=rate",
    "Observation?status:not=final",
    "Observation?value-quantity:missing=true",
    "Condition?clinical-status=active",
    "Condition?code:text=hypertension",
    "Patient?name=okafor",
    "Patient?family:contains=ka",
    "Patient?gender=female",
    "Patient?birthdate=lt1990-01-01",
    "Patient?general-practitioner=Practitioner/okonkwo",
    "Encounter?date=ge2024",
    "MedicationRequest?status=active,completed",
    "DocumentReference?type=11506-3",
    "Device?patient=amy",
    "Task?patient=amy",
    "Practitioner?name=doyle",
    "Medication",
    "Organization?_count=1",
    "RelatedPerson?patient=amy",
    "Person?link=Patient/amy",
    "Provenance?patient=amy",
    # chains that stay within her record
    "Observation?subject:Patient.name=amy",
    "Observation?patient.gender=female",
    "Observation?encounter.class=AMB",
    "Observation?encounter:Encounter.date=ge2024",
    "Observation?encounter:Encounter.patient.name=amy",
    "Observation?performer:Practitioner.name=doyle",
    "MedicationRequest?encounter.participant:Practitioner.name=doyle",
    "Patient?_has:Observation:patient:code=8867-4",
    "Patient?_has:Encounter:patient:class=AMB",
    "Patient?general-practitioner:Practitioner.name=okonkwo",
]
"""Asked as amy, with her record alone."""


@pytest.mark.row("S1", "S8")
@pytest.mark.parametrize("path", EXACT)
async def test_a_search_brings_what_there_is_less_what_is_not_hers(clinic, ask, path):
    asking = await ask("amy", "patient/*.rs", "amy")
    there = {key_of(resource) for resource in await clinic.stored(path)}
    assert await asking.keys(path) == there & oracle.searched_by("amy")


EMPTY = [
    "Observation?patient=chidi",
    "Observation?subject=Patient/chidi",
    "Observation?subject=Patient/chidi,Patient/leo",
    "Observation?_id=chidi-heart-rate-1",
    "Observation?performer=Patient/nora&_id=mia-temperature-by-nora",
    "Observation?focus=Patient/leo",
    "Observation?subject:Patient.name=chidi",
    "Observation?encounter:Encounter.patient=Patient/chidi",
    "Observation?encounter:Encounter.patient.name=chidi",
    "Observation?encounter=Encounter/chidi-visit-1",
    "Patient?_id=chidi",
    "Patient?name=chidi",
    "Patient?_has:Observation:patient:code=nothing-of-hers",
    "Patient?link=Patient/tomas",
    "Patient?_has:Person:patient:name=jonas",
    "Person?link=Patient/chidi",
    "Person/?name=jonas",
    "RelatedPerson?patient=leo",
    "Group?member=Patient/leo",
    "Patient/chidi/Observation",
    "Patient/chidi/Condition?code=59621000",
]
"""Asked as amy: another's, so that nothing comes, and nothing says whether there is any."""


@pytest.mark.parametrize("path", EMPTY)
async def test_a_search_for_another_patient_finds_nothing_and_says_nothing(ask, path):
    asking = await ask("amy", "patient/*.rs", "amy")
    bundle = await asking.read(path)
    assert resources_in(bundle) == []
    assert bundle.get("total", 0) == 0
    assert "next" not in {link["relation"] for link in bundle.get("link", [])}


PROBES = [
    "Practitioner?_has:Observation:performer:patient=chidi",
    "Practitioner?_has:Observation:performer:code=8867-4",
    "Patient?_has:Group:member:name=asthma",
    "Patient?_has:Observation:patient:_has:Provenance:target:patient=amy",
    "Observation?encounter.patient=Patient/chidi",
    "Observation?performer:Patient.name=nora",
    "Observation?focus:Patient.name=leo",
    "Group?member:Patient.name=leo",
    "Medication?_has:MedicationRequest:medication:patient=chidi",
    "Organization?_has:Patient:organization:name=chidi",
    "Appointment?actor:Patient.name=mia",
    "List?item:Observation.patient=chidi",
    "Provenance?target:Observation.patient=chidi",
    "Observation?encounter.participant:Practitioner.name.x=1",
]
"""Questions about resources that are not in the answer: asked as amy, they could tell of others."""


@pytest.mark.parametrize("path", PROBES)
async def test_a_chain_that_could_ask_about_others_is_refused(ask, path):
    asking = await ask("amy", "patient/*.rs", "amy")
    answer = await asking.get(path)
    assert answer.status_code in (400, 403)
    assert answer.json()["issue"][0]["code"] in ("invalid", "not-supported")


CROSSING = (
    "Observation?_id=amy-heart-rate-1&_revinclude=Provenance:target"
    "&_include:iterate=Provenance:target&_include:iterate=Observation:patient"
)
INCLUDES = [
    ("Observation?_id=amy-heart-rate-1&_include=Observation:patient", {"Patient/amy"}),
    ("Observation?_id=amy-heart-rate-1&_include=Observation:encounter", {"Encounter/amy-visit-1"}),
    ("Observation?_id=amy-heart-rate-1&_include=Observation:performer", {"Practitioner/doyle"}),
    (
        "Observation?_id=amy-heart-rate-1&_include=*",
        {"Patient/amy", "Encounter/amy-visit-1", "Practitioner/doyle"},
    ),
    (
        "Observation?_id=amy-heart-rate-1&_include=Observation:encounter&_include:iterate=Encounter:patient",
        {"Encounter/amy-visit-1", "Patient/amy"},
    ),
    (
        "List?_id=amy-family-results&_include=List:item&_include:iterate=Observation:patient",
        {"Observation/amy-heart-rate-1", "Patient/amy"},
    ),
    ("DocumentReference?_id=amy-diary-by-chidi&_include=DocumentReference:author", set()),
    ("Patient?_id=amy&_revinclude=Person:link", {"Person/amy"}),
    ("Practitioner?_id=doyle&_revinclude=Observation:performer", None),
    ("Organization?_revinclude=Patient:organization", {"Patient/amy"}),
    (CROSSING, None),
]
"""Asked as amy: path, and what may come beside the match; None: whatever of it is hers."""


@pytest.mark.parametrize(("path", "beside"), INCLUDES)
async def test_what_is_included_is_checked_like_what_was_asked_for(clinic, ask, path, beside):
    asking = await ask("amy", "patient/*.rs", "amy")
    bundle = await asking.read(path)
    matches = {key_of(each) for each in matches_in(bundle)}
    there = {key_of(each) for each in await clinic.stored(path)}
    expected = there & oracle.seen_by("amy") if beside is None else matches | beside
    assert keys_of(bundle) == expected
    assert keys_of(bundle) <= oracle.seen_by("amy")


async def test_an_include_that_crosses_compartments_really_crosses_them_in_the_store(clinic):
    there = {key_of(each) for each in await clinic.stored(CROSSING)}
    assert {"Observation/chidi-heart-rate-1", "Patient/chidi"} <= there


@pytest.mark.parametrize("path", [path for path in EXACT if "?" in path])
async def test_a_search_by_post_brings_the_same(ask, path):
    asking = await ask("amy", "patient/*.rs", "amy")
    resource_type, _, query = path.partition("?")
    answer = await asking.send("POST", f"{resource_type}/_search", query.encode(), content_type=FORM)
    assert answer.status_code == 200
    assert resources_in(answer.json()) == resources_in(await asking.read(path))


async def test_a_search_by_post_takes_the_query_and_the_form_together(ask):
    asking = await ask("amy", "patient/*.rs", "amy")
    form = b"code=8867-4"
    answer = await asking.send(
        "POST", "Observation/_search?_count=500&category=laboratory", form, content_type=FORM
    )
    assert resources_in(answer.json()) == []
    answer = await asking.send("POST", "Observation/_search?_count=500", form, content_type=FORM)
    assert keys_of(answer.json()) == await asking.keys("Observation?code=8867-4&_count=500")


async def test_a_search_too_long_for_a_url_is_passed_on_as_a_form(clinic, ask):
    asking = await ask("amy", "patient/*.rs", "amy")
    ids = sorted(
        key.partition("/")[2] for key in oracle.of_types(oracle.sample(oracle.everything()), "Observation")
    )
    wanted = ",".join([*ids, "misfiled", *(f"no-such-observation-{number}" for number in range(200))])
    form = f"_id={wanted}&_count=500".encode()
    answer = await asking.send("POST", "Observation/_search", form, content_type=FORM)
    expected = {f"Observation/{id_}" for id_ in (*ids, "misfiled")} & oracle.searched_by("amy")
    assert keys_of(answer.json()) == expected
    assert clinic.application.fhir.asked[-1] == "Observation/_search"
    assert await asking.keys(f"Observation?_id={wanted}&_count=500") == expected


async def test_a_search_in_her_compartment_is_a_search_of_the_type(ask):
    asking = await ask("amy", "patient/*.rs", "amy")
    path = "Patient/amy/Observation?category=laboratory&_count=500"
    expected = oracle.coded(
        oracle.of_types(oracle.searched_by("amy"), "Observation"), "category", "laboratory"
    )
    assert await asking.keys(path) == expected
    assert (await asking.read(path))["link"][0]["url"] == f"{asking.base}/{path}"


@pytest.mark.parametrize("value", ["true", "text", "data"])
async def test_a_summary_is_of_what_is_hers(ask, value):
    asking = await ask("amy", "patient/*.rs", "amy")
    found = await asking.keys(f"Observation?category=survey&_summary={value}&_count=500")
    assert found == await asking.keys("Observation?category=survey&_count=500")


async def test_elements_that_are_not_asked_for_are_left_out_after_the_check(clinic, ask):
    asking = await ask("amy", "patient/*.rs", "amy")
    found = await asking.found("Observation?_elements=status,value&_count=500")
    assert {key_of(each) for each in found} == oracle.of_types(oracle.searched_by("amy"), "Observation")
    assert all("subject" not in each and each["status"] for each in found)
    assert all({"code": "SUBSETTED"}.items() <= each["meta"]["tag"][-1].items() for each in found)
    assert "_elements" not in "".join(clinic.application.fhir.asked[-2:])


async def test_a_count_counts_what_is_hers(ask):
    asking = await ask("amy", "patient/*.rs", "amy")
    hers = len(oracle.of_types(oracle.searched_by("amy"), "Observation"))
    for query in ("_summary=count", "_count=0"):
        bundle = await asking.read(f"Observation?{query}")
        assert bundle["total"] == hers
        assert "entry" not in bundle
    assert (await asking.read("Observation?_total=accurate&_count=1"))["total"] == hers
    assert "total" not in await asking.read("Observation?_total=none&_count=1")


async def test_what_cannot_be_narrowed_exactly_is_neither_counted_nor_totalled(ask):
    scope = "patient/Observation.rs?category=laboratory patient/Observation.rs?status=preliminary"
    asking = await ask("amy", scope, "amy")
    await asking.refused("GET", "Observation?_summary=count", 403)
    assert "total" not in await asking.read("Observation?_total=accurate")


async def test_the_order_that_is_asked_for_is_kept(ask):
    asking = await ask("amy", "patient/*.rs", "amy")
    found = await asking.found("Observation?code=8867-4&_sort=-date&_count=3")
    dates = [each["effectiveDateTime"] for each in found]
    assert dates == sorted(dates, reverse=True)
    assert len(dates) > 6


@pytest.mark.parametrize("count", [1, 7, 100, 500, 1000])
async def test_a_page_is_as_long_as_was_asked(ask, count):
    asking = await ask("amy", "patient/*.rs", "amy")
    hers = len(oracle.of_types(oracle.searched_by("amy"), "Observation"))
    assert len(resources_in(await asking.read(f"Observation?_count={count}"))) == min(count, hers)


async def test_five_hundred_come_at_once(ask):
    asking = await ask("lee", "user/*.rs")
    assert len(resources_in(await asking.read("Observation?_count=500"))) == 500


async def test_what_is_contained_comes_with_its_container_and_opens_nothing(ask):
    asking = await ask("jonas", "patient/*.rs", "leo")
    (order,) = await asking.found("MedicationRequest?_id=leo-school-inhaler")
    assert order["contained"][0]["id"] == "inhaler"
    await asking.refused("GET", "Medication/inhaler", 404)


@pytest.mark.row("S9")
async def test_linked_records_of_one_person_are_two_records(ask):
    """`Patient.link` gives no access: the other record has to be granted as a record of its own."""
    asking = await ask("tomas", "patient/*.rs user/*.rs", "tomas")
    assert await asking.keys("Patient") == {"Patient/tomas"}
    await asking.refused("GET", "Patient/tomas-duplicate", 404)
    assert await asking.keys("Observation?patient=tomas-duplicate") == set()
    assert await asking.keys("Patient?_id=tomas&_include=Patient:link") == {"Patient/tomas"}
    assert await asking.keys("Patient?_id=tomas&_revinclude=Patient:link") == {"Patient/tomas"}
