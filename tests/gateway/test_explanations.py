"""What `assent scope explain` says of a request is what the gateway answers to it, whoever asks."""

from typing import Any

import pytest

from assent.actions.accounts.people import disable_person, get_person
from assent.actions.explanations import Explanation, Question, explain_request
from assent.actions.permissions.roles import add_role
from assent.actions.refusals import Refused
from assent.records.clients import Client
from assent.records.people import Person
from assent.storage.tables import CLIENTS
from gateway.clinic import Clinic, Json
from gateway.conftest import APP

SCOPE = "launch/patient patient/*.cruds user/Observation.rs user/Patient.rs user/Encounter.r?status=finished"


async def explained(clinic: Clinic, **fields: Any) -> Explanation:
    installation = clinic.application.installation
    issuer = installation.server.issuer.id
    return await explain_request(
        installation.servers[issuer],
        installation.records[issuer],
        installation.upstreams[issuer],
        Question(**{"client_id": APP, **fields}),
    )


@pytest.mark.parametrize(
    "request_",
    [
        "GET Observation",
        "GET Observation?category=laboratory",
        "GET Patient/amy/Observation",
        "GET Patient/amy",
        "GET Patient/leo",
        "GET Patient/nobody-at-all",
        "GET Practitioner",
        "GET Encounter",
        "GET Observation/misfiled",
        "GET Observation/_history",
        "GET Patient/amy/_history",
        "GET Patient",
        "GET Patien",
        "GET ",
        "GET metadata",
        "GET Observation?_include=Observation:subject",
        "GET Observation?nonsense=1",
        "GET Patient/amy/$everything",
        "GET $export",
        "POST $expunge",
        "GET DocumentReference/1/$binary-access-read?path=DocumentReference.content",
        "POST ",
        "DELETE Patient/amy",
        "DELETE Patient/amy?_cascade=delete",
        "PUT Patient/amy/_history/1",
        "PATCH Patient/amy",
        "PUT Observation",
    ],
)
@pytest.mark.parametrize(
    ("username", "patient"),
    [
        ("amy", "amy"),
        ("jonas", "leo"),
        ("lee", None),
        ("clerk", None),
        ("blind", None),
        ("nobody", None),
        ("admin", None),
    ],
)
async def test_it_says_what_the_gateway_does(
    clinic: Clinic,
    app: Client,
    people: dict[str, Person],
    request_: str,
    username: str,
    patient: str | None,
) -> None:
    method, _, path = request_.partition(" ")
    asking = await clinic.asking(app, people[username], SCOPE, patient)
    explanation = await explained(
        clinic, username=username, scope=SCOPE, patient=patient, request=f"{method} /{path}"
    )
    answer = await asking.send(method, path)
    assert explanation.status == answer.status_code, explanation
    assert explanation.is_allowed is (answer.status_code < 300)
    if not explanation.is_allowed:
        assert explanation.rule in answer.json()["issue"][0]["diagnostics"]
        assert explanation.detail


async def test_a_search_names_scope_and_record_and_how_it_is_sent_on(
    clinic: Clinic, people: Json, app: Client
) -> None:
    found = await explained(
        clinic, username="jonas", patient="Patient/leo", scope=SCOPE, request="GET /Observation?code=8867-4"
    )
    grounds = [(one.scope, one.held_by, one.patients) for one in found.grounds]
    assert grounds[0] == ("patient/*.cruds", "acts for Patient/leo by the FHIR server", ("Patient/leo",))
    assert ("user/Observation.rs", "acts for Patient/mia by the FHIR server", ("Patient/mia",)) in grounds
    assert found.sent_on is not None
    assert ("code", "8867-4") in found.sent_on


async def test_permissions_are_named_with_the_role_that_gives_them(clinic: Clinic, app: Client) -> None:
    server = clinic.application.server
    permissions = [{"permission": "FHIR_READ_ALL_OF_TYPE", "argument": "Encounter"}]
    await add_role(server, {"name": "reception", "permissions": permissions}, actor=None)
    await clinic.person("rita", roles=("reception",))

    found = await explained(clinic, username="rita", scope="user/*.rs", request="GET /Encounter")

    [ground] = found.grounds
    assert ground.held_by == "role reception, permission FHIR_READ_ALL_OF_TYPE Encounter"
    assert ground.patients == ()
    asking = await clinic.asking(app, await _person(clinic, "rita"), "user/*.rs")
    assert await asking.keys("Encounter?_count=500")


async def test_a_client_on_its_own_is_explained_by_its_permissions(clinic: Clinic) -> None:
    await clinic.client("nightly", ["FHIR_ALL_READ"])
    found = await explained(clinic, client_id="nightly", scope="patient/*.cruds", request="GET /Observation")
    assert [(one.scope, one.held_by) for one in found.grounds] == [
        ("patient/*.cruds", "permission FHIR_ALL_READ")
    ]
    refused = await explained(clinic, client_id="nightly", scope="system/*.rs", request="POST /Observation")
    assert (refused.status, refused.is_allowed) == (403, False)
    assert "no granted scope covers Observation.c" in refused.detail


async def test_an_export_is_told_with_its_types(clinic: Clinic) -> None:
    await clinic.client("warehouse", ["FHIR_ALL_READ", "FHIR_OP_INITIATE_BULK_DATA_EXPORT"])
    scope = "system/Observation.rs system/Patient.rs"
    found = await explained(clinic, client_id="warehouse", scope=scope, request="GET /Patient/$export")
    assert (found.is_allowed, found.sent_on) == (True, (("_type", "Observation,Patient"),))
    assert "these types alone" in found.detail
    refused = await explained(clinic, client_id="warehouse", scope="system/Patient.r", request="GET /$export")
    assert (refused.status, refused.is_allowed) == (403, False)


async def test_the_only_record_is_the_one_in_context(clinic: Clinic, people: Json, app: Client) -> None:
    found = await explained(clinic, username="amy", request="GET /Patient/amy")
    assert (found.patient, found.is_allowed) == ("amy", True)
    assert (await explained(clinic, username="jonas", request="GET /Patient/leo")).patient is None


async def test_the_fhir_base_may_stand_before_the_path(clinic: Clinic, people: Json, app: Client) -> None:
    base = clinic.application.server.issuer.fhir_base
    for path in ("/Patient/amy", "/fhir/Patient/amy", f"{base}/Patient/amy", "Patient/amy"):
        assert (await explained(clinic, username="amy", request=f"GET {path}")).is_allowed


@pytest.mark.parametrize(
    ("fields", "mistake"),
    [
        ({"client_id": "ap"}, "there is no client 'ap'; did you mean app"),
        ({"username": "nobdy"}, "there is no user 'nobdy'; did you mean nobody"),
        ({"username": "amy", "patient": "leo"}, "amy may not open the record of Patient/leo"),
        ({"patient": "leo"}, "a client on its own has no patient in context"),
        ({"username": "amy", "scope": "openid/x"}, "no token would be given: scope asks for nothing"),
        ({"username": "gone"}, "gone is disabled"),
        ({"client_id": "off"}, "off is disabled"),
        ({"client_id": "people-only"}, "may not act on its own"),
        ({"client_id": "alone", "username": "amy"}, "lacks the grant authorization_code"),
    ],
)
async def test_what_could_not_be_asked_at_all_is_told(
    clinic: Clinic, people: Json, app: Client, fields: dict[str, Any], mistake: str
) -> None:
    server = clinic.application.server
    if await server.storage.get(CLIENTS, "off") is None:
        await clinic.client("off", enabled=False)
        await clinic.client("people-only", grant_types=("authorization_code",))
        await clinic.client("alone", grant_types=("client_credentials",))
        await clinic.person("gone")
        await disable_person(server, "gone", actor=None)
    with pytest.raises(Refused, match=mistake):
        await explained(clinic, request="GET /Observation", **fields)


async def _person(clinic: Clinic, username: str) -> Person:
    return await get_person(clinic.application.server, username)
