"""`assent role …`, `assent delegation …`."""

import json

from cli.conftest import Run


def test_a_role_is_added_held_shown_edited_and_removed(installed: Run) -> None:
    nurse = {
        "name": "nurse",
        "title": "Nurse",
        "permissions": [
            {"permission": "FHIR_ALL_READ"},
            {"permission": "FHIR_WRITE_ALL_OF_TYPE", "argument": "Observation"},
        ],
    }
    ran = installed(
        *("role", "add", "nurse", "--title", "Nurse", "--permission", "FHIR_ALL_READ"),
        *("--permission", "FHIR_WRITE_ALL_OF_TYPE=Observation", "--json"),
    )
    assert (ran.status, ran.json) == (0, nurse)
    assert installed("user", "add", "kim", "--role", "nurse", "--no-password").status == 0
    client = {"client_id": "wards", "grant_types": ["client_credentials"], "roles": ["nurse"]}
    assert installed("client", "import", "-", stdin=json.dumps({"clients": [client]})).status == 0

    shown = installed("role", "show", "nurse", "--json").json
    assert shown == {**nurse, "held_by": {"users": ["kim"], "clients": ["wards"]}}
    held = installed("role", "remove", "nurse")
    assert (held.status, held.err) == (
        1,
        "assent: nurse is held by user kim, client wards: take it from them first\n",
    )
    edited = installed("role", "edit", "nurse", "--permission", "FHIR_ALL_READ", "--json")
    assert edited.json["permissions"] == [{"permission": "FHIR_ALL_READ"}]
    assert installed("role", "list", "--json").json == {"roles": [edited.json]}


def test_roles_are_taken_out_and_brought_in_again(installed: Run) -> None:
    installed("role", "add", "nurse", "--permission", "FHIR_ALL_READ")
    exported = installed("role", "export").out
    assert installed("role", "remove", "nurse").out == "nurse is removed\n"

    done = installed("role", "import", "-", "--json", stdin=exported)

    assert done.json == {"added": ["nurse"], "replaced": [], "unchanged": []}
    assert installed("role", "export").out == exported


def test_what_is_wrong_with_a_role_is_told(installed: Run) -> None:
    ran = installed("role", "add", "nurse", "--permission", "FHIR_ALL_REED")
    assert ran.status == 1
    assert "did you mean FHIR_ALL_READ?" in ran.err
    assert installed("role", "add").status == 2
    assert installed("role", "edit", "nurse").status == 2
    ran = installed("user", "add", "kim", "--role", "nurse", "--no-password")
    assert (ran.status, "there is no role 'nurse'" in ran.err) == (1, True)


def test_a_delegation_is_added_listed_and_removed(installed: Run) -> None:
    installed("user", "add", "kim", "--no-password")
    ran = installed(
        *("delegation", "add", "kim", "Patient/1", "--relationship", "carer", "--read-only"),
        *("--starts", "2026-01-31", "--expires", "2120-06-30", "--until-age", "21", "--json"),
    )
    kim = {
        "username": "kim",
        "patient": "Patient/1",
        "relationship": "carer",
        "access": "read",
        "starts_at": 1769817600,
        "expires_at": 4749148800,
        "until_age": 21,
    }
    assert ran.json == kim
    listed = installed("delegation", "list", "--patient", "1", "--json").json
    assert listed == {"delegations": [{**kim, "holds": True}]}
    assert "2120-06-30" in installed("delegation", "list", "--user", "kim").out
    exported = installed("delegation", "export").out

    assert installed("delegation", "remove", "kim", "1").status == 0
    assert installed("delegation", "remove", "kim", "1").status == 1
    assert installed("delegation", "import", "-", "--json", stdin=exported).json["added"] == [
        "kim for Patient/1"
    ]


def test_a_day_that_is_none_is_misused(installed: Run) -> None:
    installed("user", "add", "kim", "--no-password")
    assert installed("delegation", "add", "kim", "1", "--expires", "tomorrow").status == 2
    assert installed("delegation", "add", "kim", "1", "--relationship", "friend").status == 1
