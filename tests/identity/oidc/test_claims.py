"""What is made of claims: by the mapping of the definition and nothing beside it."""

from typing import Any

import pytest

from assent.actions.providers.definition import read_provider_definition
from assent.engine.server import AuthorizationServer
from assent.identity import ArrivalRefused
from assent.identity.oidc.claims import arrival_of
from assent.records.identities import Arrival
from assent.records.people import LaunchDefault
from assent.records.providers import Provider
from assent.spec.permissions import Permission
from assent.testing.server import TestServer, a_server

ISS = "https://id.clinic.example"


@pytest.fixture
async def server() -> AuthorizationServer:
    made: TestServer = await a_server()
    return made.server


def provider(**fields: Any) -> Provider:
    read = read_provider_definition({"name": "clinic", "issuer": ISS, "client_id": "us", **fields})
    return Provider(title="Clinic", **read.values)


def arrival(server: AuthorizationServer, definition: dict[str, Any], **claims: Any) -> Arrival:
    said = {"iss": ISS, "sub": "s-1", "preferred_username": "maria", **claims}
    return arrival_of(
        server, provider(**definition), {name: value for name, value in said.items() if value is not None}
    )


async def test_what_gives_rights_is_not_taken_unless_the_definition_says_so(
    server: AuthorizationServer,
) -> None:
    come = arrival(
        server,
        {},
        fhirUser="Practitioner/lee",
        groups=["admins"],
        permissions=["FHIR_ALL_READ"],
        represents=["p1"],
        patient="p1",
    )
    assert come == Arrival("clinic", ISS, "s-1", "maria", ())


async def test_what_is_only_shown_is_taken_and_cleaned(server: AuthorizationServer) -> None:
    come = arrival(
        server,
        {},
        given_name="Maria\u202e",
        family_name="x" * 300,
        email="maria@clinic.example",
        locale="pt-BR",
        amr=["mfa", 7, "a b"],
        acr="urn:high",
        sid="there-1",
        auth_time=12,
    )
    assert come.given_name == "Maria"
    assert len(str(come.family_name)) <= 100
    assert (come.email, come.locale, come.amr) == ("maria@clinic.example", "pt-BR", ("mfa",))
    assert (come.acr, come.provider_session, come.auth_time) == ("urn:high", "there-1", 12)


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "no address"},
        {"email": "maria@clinic.example", "email_verified": False},
        {"email": "maria@clinic.example", "email_verified": "no"},
        {"locale": "<script>"},
        {"given_name": ["Maria"]},
        {"acr": "x" * 300},
        {"sid": 7},
        {"amr": "mfa"},
    ],
)
async def test_what_is_malformed_or_not_verified_is_left_out(
    server: AuthorizationServer, claims: dict[str, Any]
) -> None:
    assert arrival(server, {}, **claims) == Arrival("clinic", ISS, "s-1", "maria", ())


@pytest.mark.parametrize(
    ("definition", "claims", "username"),
    [
        ({}, {}, "maria"),
        ({}, {"preferred_username": None, "email": "m@clinic.example"}, "m@clinic.example"),
        ({}, {"preferred_username": "", "email": None}, "s-1"),
        ({}, {"preferred_username": "Practitioner/lee"}, "s-1"),
        ({"claims": {"username": "sub"}}, {}, "s-1"),
        ({"claims": {"username": ["https://x.example/name", "sub"]}}, {"https://x.example/name": "m"}, "m"),
        ({"claims": {"username": "who.name"}}, {"who": {"name": "deep"}}, "deep"),
        ({"claims": {"username": "sub"}, "username_prefix": "EXT_USER:"}, {}, "EXT_USER:s-1"),
    ],
)
async def test_the_user_name_is_the_first_claim_that_gives_one(
    server: AuthorizationServer, definition: dict[str, Any], claims: dict[str, Any], username: str
) -> None:
    assert arrival(server, definition, **claims).username == username


async def test_without_a_name_nobody_comes_in(server: AuthorizationServer) -> None:
    with pytest.raises(ArrivalRefused, match="no claim gives a user name: upn"):
        arrival(server, {"claims": {"username": "upn"}})


@pytest.mark.parametrize(
    ("definition", "value", "fhir_user"),
    [
        ({}, "Practitioner/lee", "Practitioner/lee"),
        ({}, "https://fhir.example/r4/Patient/p1", "Patient/p1"),
        ({"fhir_base": "https://ehr.example/fhir/"}, "https://ehr.example/fhir/Patient/p1", "Patient/p1"),
        ({"fhir_user_type": "Patient"}, "p1", "Patient/p1"),
        ({"fhir_user_type": "Patient"}, "Practitioner/lee", "Practitioner/lee"),
    ],
)
async def test_fhir_user_is_taken_as_a_reference_of_our_server(
    server: AuthorizationServer, definition: dict[str, Any], value: str, fhir_user: str
) -> None:
    come = arrival(server, {"claims": {"fhir_user": "fhirUser"}, **definition}, fhirUser=value)
    assert (come.fhir_user, come.gone) == (fhir_user, ())


@pytest.mark.parametrize(
    "value", ["https://other.example/Patient/p1", "p1", "Device/d1", "Patient/../x", 7, ["Patient/p1"]]
)
async def test_a_fhir_user_of_another_server_lets_nobody_in(server: AuthorizationServer, value: Any) -> None:
    with pytest.raises(ArrivalRefused, match="the claim for fhir_user"):
        arrival(server, {"claims": {"fhir_user": "fhirUser"}}, fhirUser=value)


async def test_a_fhir_user_that_the_provider_says_no_more_is_gone(server: AuthorizationServer) -> None:
    come = arrival(server, {"claims": {"fhir_user": "fhirUser"}})
    assert (come.fhir_user, come.gone) == (None, ("fhir_user",))


RULES = ["doctors => FHIR_ALL_READ", "* => FHIR_READ_INSTANCE:Organization/1"]
EVERYBODY = Permission("FHIR_READ_INSTANCE", "Organization/1")
READ = Permission("FHIR_ALL_READ")


@pytest.mark.parametrize(
    ("groups", "permissions"),
    [
        (["doctors"], (READ, EVERYBODY)),
        (["Doctors", "porters"], (READ, EVERYBODY)),
        ("doctors", (READ, EVERYBODY)),
        ("porters doctors", (EVERYBODY,)),  # the name of one group, that may be another's
        (["porters doctors"], (EVERYBODY,)),
        (["porters"], (EVERYBODY,)),
        ([], (EVERYBODY,)),
        (None, (EVERYBODY,)),
    ],
)
async def test_groups_give_what_the_rules_say(
    server: AuthorizationServer, groups: Any, permissions: tuple[Permission, ...]
) -> None:
    definition = {"permission_rules": RULES, "claims": {"groups": "realm_access.roles"}}
    assert arrival(server, definition, realm_access={"roles": groups}).permissions == permissions


@pytest.mark.parametrize("groups", [{"doctors": True}, [7], 7, ["g"] * 201])
async def test_groups_that_cannot_be_understood_let_nobody_in(
    server: AuthorizationServer, groups: Any
) -> None:
    with pytest.raises(ArrivalRefused, match="the claim for groups"):
        arrival(server, {"permission_rules": RULES, "claims": {"groups": "groups"}}, groups=groups)


async def test_patients_that_she_acts_for(server: AuthorizationServer) -> None:
    definition = {"claims": {"represents": "children"}}
    come = arrival(server, definition, children=["p1", "Patient/p2", "https://fhir.example/r4/Patient/p1"])
    assert come.represents == ("Patient/p1", "Patient/p2")
    assert arrival(server, definition, children="p1 Patient/p2").represents == ("Patient/p1", "Patient/p2")
    assert arrival(server, definition).represents == ()
    with pytest.raises(ArrivalRefused, match="no patient of our FHIR server"):
        arrival(server, definition, children=["Practitioner/lee"])


async def test_launch_contexts(server: AuthorizationServer) -> None:
    definition = {"claims": {"launch_contexts": {"patient": "patientId", "encounter": ["visit"]}}}
    come = arrival(server, definition, patientId="Patient/p1", visit="e1")
    assert come.default_launch_contexts == (LaunchDefault("patient", "p1"), LaunchDefault("encounter", "e1"))
    assert arrival(server, definition).default_launch_contexts == ()
    with pytest.raises(ArrivalRefused, match="launch context patient"):
        arrival(server, definition, patientId="Practitioner/p1")
