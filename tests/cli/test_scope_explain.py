"""`assent scope explain` of a FHIR request."""

import json

import pytest

from cli.conftest import Run

USERS = {
    "users": [
        {"username": "amy", "fhir_user": "Patient/1"},
        {"username": "lee", "permissions": [{"permission": "FHIR_ALL_READ"}]},
    ]
}
CLIENTS = {
    "clients": [
        {
            "client_id": "heart",
            "token_endpoint_auth_method": "none",
            "redirect_uris": ["https://heart.example/"],
            "scope": "openid launch/patient patient/Observation.rs user/Encounter.rs",
        },
        {
            "client_id": "nightly",
            "grant_types": ["client_credentials"],
            "scope": "system/*.rs",
            "permissions": [{"permission": "FHIR_READ_ALL_OF_TYPE", "argument": "Observation"}],
        },
    ]
}


@pytest.fixture
def clinic(installed: Run) -> Run:
    assert installed("user", "import", "-", stdin=json.dumps(USERS)).status == 0
    assert installed("client", "import", "-", stdin=json.dumps(CLIENTS)).status == 0
    return installed


def test_an_allowed_request_names_scope_and_record(clinic: Run) -> None:
    ran = clinic("scope", "explain", "--user", "amy", "--client", "heart", "GET /Observation?code=8867-4")

    assert ran.status == 0
    assert "allowed" in ran.out
    assert "patient/Observation.rs with own record Patient/1" in ran.out
    assert "sent on  ?" in ran.out


def test_a_refused_request_names_the_rule_and_ends_with_1(clinic: Run) -> None:
    ran = clinic("scope", "explain", "--user", "lee", "--client", "heart", "--json", "GET /Observation")

    assert ran.status == 1
    assert (ran.json["allowed"], ran.json["status"], ran.json["patient"]) == (False, 403, None)
    assert "needs a patient in context" in ran.json["detail"]
    assert (
        "refused with 403"
        in clinic("scope", "explain", "--user", "lee", "--client", "heart", "GET /Observation").out
    )


def test_a_request_may_be_typed_as_it_comes(clinic: Run) -> None:
    def explained(*request: str) -> tuple[int, str]:
        ran = clinic("scope", "explain", "--user", "amy", "--client", "heart", *request)
        return ran.status, ran.out.partition("\n")[2]

    as_documented = explained("GET /Observation")

    assert as_documented[0] == 0
    assert explained("GET", "/Observation") == as_documented
    assert explained("get /Observation") == as_documented
    assert explained("GET  Observation") == as_documented


def test_who_could_open_several_records_is_told_how_to_say_which(clinic: Run) -> None:
    ask = ("scope", "explain", "--user", "lee", "--client", "heart", "GET /Observation")

    assert "--patient says whose record" in clinic(*ask).out
    assert "--patient says whose record" not in clinic(*ask[:2], "--patient", "1", *ask[2:]).out


def test_a_rule_without_more_to_say_is_said_once(clinic: Run) -> None:
    ran = clinic("scope", "explain", "--user", "amy", "--client", "heart", "GET /Observaton")

    assert ran.status == 1
    assert ran.out.count("There is no such resource type") == 1


def test_without_a_user_the_client_asks_on_its_own(clinic: Run) -> None:
    ran = clinic("scope", "explain", "--client", "nightly", "--json", "GET /Observation")
    assert (ran.status, ran.json["username"]) == (0, None)
    assert ran.json["grounds"][0]["held_by"] == "permission FHIR_READ_ALL_OF_TYPE Observation"
    assert clinic("scope", "explain", "--client", "nightly", "GET /Patient").status == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("GET /Observation",),
        ("--client", "heart", "--listed", "openid", "GET /Observation"),
        ("--user", "amy", "--client", "heart", "openid"),
        ("--scope", "openid", "openid"),
        ("--user", "amy", "--client", "heart", "/Observation"),
        ("--user", "amy", "--client", "heart", "GET"),
    ],
)
def test_what_does_not_go_together_is_misused(clinic: Run, arguments: tuple[str, ...]) -> None:
    assert clinic("scope", "explain", *arguments).status == 2


def test_a_fhir_server_that_does_not_answer_is_told_without_a_traceback(clinic: Run) -> None:
    clinic("user", "import", "-", stdin='{"users": [{"username": "jo", "fhir_user": "Person/1"}]}')
    ran = clinic("scope", "explain", "--user", "jo", "--client", "heart", "GET /Observation")
    assert ran.status == 1
    assert ran.err.startswith("assent: ")


def test_a_malformed_scope_that_is_asked_for_is_told_as_one(clinic: Run) -> None:
    for who in (("--user", "amy", "--client", "heart"), ("--client", "nightly")):
        ran = clinic("scope", "explain", *who, "--scope", "patient/Observation.rx", "GET /Observation")
        assert ran.status == 1
        assert "assent: --scope: patient/Observation.rx is malformed: " in ran.err


def test_a_client_alone_is_told_of_system_scopes_only(clinic: Run) -> None:
    asked = ("--client", "nightly", "--scope", "system/Observation.rs")
    ran = clinic("scope", "explain", *asked, "--json", "GET /Patient")
    assert ran.json["detail"] == "no granted scope covers Patient.s; system/Patient.s would"


def test_a_type_in_lower_case_is_recognised(clinic: Run) -> None:
    ran = clinic("scope", "explain", "--client", "nightly", "--json", "GET /observation")
    assert ran.json["rule"] == "There is no such resource type in FHIR R4; did you mean Observation?"


def test_a_batch_is_refused_in_whole_sentences(clinic: Run) -> None:
    ran = clinic("scope", "explain", "--client", "nightly", "--json", "POST /")
    assert ran.json["rule"] == "A batch is not within this access"
    assert ran.json["detail"] == "FHIR_BATCH would allow it"


def test_what_a_batch_and_an_operation_need_is_told(clinic: Run) -> None:
    ran = clinic("scope", "explain", "--client", "nightly", "GET /Patient/1/$everything")
    assert ran.status == 1
    assert "does not include the operation $everything" in ran.out
    assert "FHIR_OP_PATIENT_EVERYTHING or FHIR_EXTENDED_OPERATION_ON_ANY_INSTANCE" in ran.out
    assert clinic("client", "edit", "nightly", "--permission", "FHIR_BATCH").status == 0
    ran = clinic("scope", "explain", "--client", "nightly", "POST /")
    assert ran.status == 0
    assert "  allowed\n" in ran.out
    assert "each entry of a batch is decided by itself" in ran.out
