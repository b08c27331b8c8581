"""Before a FHIR server that is not ours: what it can do brings what is allowed; what it ignores leaks nothing.

Medplum's router holds a part of the same population. What it does otherwise than one would expect is written down in
`tests/upstream/README.md`: no `metadata`, no chains, no includes, no compartment search, no paging links.
"""

from collections.abc import AsyncIterator

import httpx
import pytest

from assent.demo.store.population.generate import transaction_bundles
from gateway import oracle
from gateway.behind import open_behind
from gateway.clinic import FORM, Asking, Clinic, key_of, keys_of, resources_in

pytestmark = pytest.mark.node

PATIENTS = ("amy", "chidi", "leo", "mia", "nora", "tomas", "tomas-duplicate")
PEOPLE = {
    "amy": ("Patient/amy", ()),
    "jonas": ("Person/jonas", ()),
    "nora": ("Person/nora", ()),
    "lee": ("Practitioner/lee", ("FHIR_ALL_READ",)),
    "lab": (None, ("FHIR_READ_TYPE_IN_COMPARTMENT Observation:Patient/amy",)),
}


def loaded() -> dict[str, dict]:
    """What is loaded, by key: these patients' records and what is nobody's."""
    wanted = oracle.of_patients(*PATIENTS) | oracle.supporting() | {"Person/jonas"}
    return {key: resource for key, resource in oracle.everything().items() if key in wanted}


@pytest.fixture(scope="session")
async def router_clinic(fhir_router, installation_template, tmp_path_factory) -> AsyncIterator[Clinic]:
    """The application before the router."""
    url = fhir_router.new_store()
    async with httpx.AsyncClient(timeout=60) as http:
        for bundle in transaction_bundles(loaded().values()):
            answer = await http.post(url, json=bundle)
            assert answer.status_code == 200
    async with open_behind(installation_template, tmp_path_factory.mktemp("router"), url) as clinic:
        yield clinic


@pytest.fixture(scope="session")
async def ask_router(router_clinic):
    """`await ask_router("amy", scope, patient)`, as `ask`."""
    client = await router_clinic.client("app")
    people = {name: await router_clinic.person(name, *held) for name, held in PEOPLE.items()}

    async def find(username: str, scope: str, patient: str | None = None) -> Asking:
        return await router_clinic.asking(client, people[username], scope, patient)

    return find


WHO = [
    ("amy", "patient/*.rs", "amy", ("amy",)),
    ("jonas", "user/*.rs", None, ("leo", "mia")),
    ("jonas", "patient/*.rs", "leo", ("leo",)),
    ("nora", "user/*.rs", None, ("nora", "leo", "mia")),
    ("lee", "patient/*.rs", "chidi", ("chidi",)),
]


@pytest.mark.parametrize(("username", "scope", "context", "patients"), WHO)
async def test_every_resource_is_read_by_exactly_those_who_may(
    ask_router, username, scope, context, patients
):
    asking = await ask_router(username, scope, context)
    allowed = oracle.seen_by(*patients)
    for key in sorted(oracle.sample(loaded())):
        answer = await asking.get(key)
        if key in allowed:
            assert answer.status_code == 200, key
            assert key_of(answer.json()) == key
        else:
            assert answer.status_code == 404, key


@pytest.mark.parametrize(("username", "scope", "context", "patients"), WHO[:2])
async def test_a_search_of_each_type_brings_exactly_what_may_be_seen(
    ask_router, username, scope, context, patients
):
    asking = await ask_router(username, scope, context)
    for resource_type in sorted({key.partition("/")[0] for key in loaded()}):
        allowed = oracle.of_types(oracle.searched_by(*patients) & loaded().keys(), resource_type)
        bundle = await asking.read(f"{resource_type}?_count=1000")
        assert keys_of(bundle) == allowed, resource_type


EXACT = [
    "Observation?category=laboratory",
    "Observation?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs",
    "Observation?category=laboratory,survey",
    "Observation?code=8867-4",
    "Observation?status=amended",
    "Observation?_id=misfiled",
    "Observation?encounter=Encounter/amy-visit-1",
    "Observation?date=ge2024-01-01",
    "Condition?clinical-status=active",
    "Patient?name=okafor",
    "Patient?family=okafor",
    "Patient?gender=female",
    "Patient?birthdate=lt1990-01-01",
    "Encounter?class=AMB",
    "MedicationRequest?status=active",
    "Practitioner?name=doyle",
]


@pytest.mark.parametrize("path", EXACT)
async def test_a_search_that_this_server_can_do_brings_what_it_finds_less_what_is_not_hers(
    router_clinic, ask_router, path
):
    asking = await ask_router("amy", "patient/*.rs", "amy")
    there = {key_of(each) for each in await router_clinic.stored(path)}
    expected = there & oracle.searched_by("amy")
    assert there
    assert keys_of(await asking.read(f"{path}&_count=1000")) == expected
    resource_type, _, query = path.partition("?")
    form = f"{query}&_count=1000".encode()
    answer = await asking.send("POST", f"{resource_type}/_search", form, content_type=FORM)
    assert keys_of(answer.json()) == expected


async def test_a_search_too_long_for_a_url_comes_through_here_too(ask_router):
    asking = await ask_router("amy", "patient/*.rs", "amy")
    ids = ",".join(["misfiled", *(f"no-such-observation-{number}" for number in range(200))])
    answer = await asking.send("POST", "Observation/_search", f"_id={ids}".encode(), content_type=FORM)
    assert keys_of(answer.json()) == {"Observation/misfiled"}


@pytest.mark.row("S6")
async def test_a_granular_scope_holds_here_too(ask_router):
    hers = oracle.of_types(oracle.searched_by("amy"), "Observation")
    labs = oracle.coded(hers, "category", "laboratory")
    asking = await ask_router("amy", "patient/Observation.rs?category=laboratory", "amy")
    assert keys_of(await asking.read("Observation?_count=1000")) == labs
    either = "patient/Observation.rs?category=laboratory patient/Observation.rs?category=survey"
    asking = await ask_router("amy", either, "amy")
    expected = labs | oracle.coded(hers, "category", "survey")
    assert keys_of(await asking.read("Observation?_count=1000")) == expected
    await asking.refused("GET", "Observation/amy-heart-rate-1", 404)


@pytest.mark.parametrize(
    "path",
    [
        "Observation?_include=Observation:patient&_revinclude=Provenance:target",
        "List?_include=List:item",
        "Practitioner?_revinclude=Observation:performer",
        "Observation?subject:Patient.name=chidi",
        "Observation?encounter:Encounter.class=AMB",
        "Patient?_has:Observation:patient:code=8867-4",
        "Patient/amy/Observation",
        "Patient/chidi/Observation",
        "Observation?patient=chidi",
        "Observation?_id=chidi-heart-rate-1,amy-heart-rate-1",
        "Observation?code:not=8867-4",
        "Observation?_sort=-date&_total=accurate",
        "Observation?_lastUpdated=ge2020-01-01",
        "Observation?value-quantity=gt100",
        "Observation?focus=Patient/leo",
    ],
)
async def test_what_this_server_ignores_leaks_nothing(ask_router, path):
    asking = await ask_router("amy", "patient/*.rs", "amy")
    answer = await asking.get(path)
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert keys_of(answer.json()) <= oracle.seen_by("amy")


async def test_versions_are_checked_one_by_one(router_clinic, ask_router):
    """Here a history turns round at every reading; what it holds is checked all the same."""
    upstream = router_clinic.application.fhir.base
    first = {
        "resourceType": "Observation",
        "id": "moved",
        "status": "final",
        "subject": {"reference": "Patient/chidi"},
    }
    async with httpx.AsyncClient(timeout=60) as http:
        for patient in ("chidi", "amy"):
            subject = {"reference": f"Patient/{patient}"}
            await http.put(f"{upstream}/Observation/moved", json={**first, "subject": subject})
        history = (await http.get(f"{upstream}/Observation/moved/_history")).json()
    versions = {each["subject"]["reference"]: each["meta"]["versionId"] for each in resources_in(history)}
    asking = await ask_router("amy", "patient/*.rs", "amy")
    for _ in range(2):
        shown = resources_in(await asking.read("Observation/moved/_history"))
        assert [each["subject"]["reference"] for each in shown] == ["Patient/amy"]
    await asking.read(f"Observation/moved/_history/{versions['Patient/amy']}")
    await asking.refused("GET", f"Observation/moved/_history/{versions['Patient/chidi']}", 404)
    async with httpx.AsyncClient(timeout=60) as http:
        await http.delete(f"{upstream}/Observation/moved")


async def test_apps_write_within_the_record_and_nowhere_else(router_clinic, ask_router):
    asking = await ask_router("amy", "patient/*.cruds", "amy")
    mood = {"resourceType": "Observation", "status": "final", "subject": {"reference": "Patient/amy"}}
    answer = await asking.send("POST", "Observation", mood)
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["location"].startswith(f"{asking.base}/Observation/{made['id']}")
    changed = await asking.send("PUT", f"Observation/{made['id']}", {**made, "status": "amended"})
    assert changed.status_code == 200
    his = {**mood, "subject": {"reference": "Patient/chidi"}}
    await asking.refused("POST", "Observation", 403, his)
    await asking.refused("PUT", f"Observation/{made['id']}", 403, {**his, "id": made["id"]})
    await asking.refused("PUT", "Observation/chidi-heart-rate-1", 404, {**mood, "id": "chidi-heart-rate-1"})
    async with httpx.AsyncClient(timeout=60) as http:
        await http.delete(f"{router_clinic.application.fhir.base}/Observation/{made['id']}")


async def test_an_update_creates_where_nothing_is_although_this_server_answers_200(router_clinic, ask_router):
    asking = await ask_router("amy", "patient/Observation.u", "amy")
    mood = {"resourceType": "Observation", "id": "chosen", "status": "final"}
    answer = await asking.send("PUT", "Observation/chosen", {**mood, "subject": {"reference": "Patient/amy"}})
    async with httpx.AsyncClient(timeout=60) as http:
        await http.delete(f"{router_clinic.application.fhir.base}/Observation/chosen")
    assert answer.status_code == 200
    assert answer.json()["id"] == "chosen"


async def test_metadata_is_there_although_this_server_has_none(router_clinic):
    statement = (await router_clinic.nobody().get("metadata")).json()
    assert statement["resourceType"] == "CapabilityStatement"
    assert statement["implementation"]["url"] == "http://localhost:9200/fhir"
    assert statement["rest"][0]["security"]["extension"]
    assert (await router_clinic.nobody().get(".well-known/smart-configuration")).status_code == 200


async def test_who_may_read_one_type_in_one_compartment_reads_just_that(ask_router):
    asking = await ask_router("lab", "user/*.rs")
    hers = oracle.of_types(oracle.searched_by("amy"), "Observation")
    assert keys_of(await asking.read("Observation?_count=1000")) == hers
    await asking.refused("GET", "Patient/amy", 403)
