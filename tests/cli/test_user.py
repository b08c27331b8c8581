"""`assent user …`, `session …`, `audit …`."""

import json
from pathlib import Path

import pytest

from cli.conftest import Run


def test_a_person_is_added_with_a_password_from_standard_input(installed: Run) -> None:
    ran = installed(
        *("user", "add", "amy", "--given-name", "Amy", "--fhir-user", "Patient/1"),
        *("--permission", "FHIR_READ_INSTANCE=Group/1", "--represents", "Patient/2"),
        *("--password-stdin", "--json"),
        stdin="a secret\n",
    )

    assert ran.json == {
        "username": "amy",
        "enabled": True,
        "given_name": "Amy",
        "fhir_user": "Patient/1",
        "permissions": [{"permission": "FHIR_READ_INSTANCE", "argument": "Group/1"}],
        "represents": ["Patient/2"],
    }
    assert installed("user", "show", "AMY", "--json").json == {
        **ran.json,
        "signs_in_by": [{"module": "local"}],
    }


@pytest.mark.parametrize("arguments", [(), ("--password-stdin",)])
def test_without_a_password_or_a_terminal_nobody_is_added(installed: Run, arguments: tuple[str, ...]) -> None:
    ran = installed("user", "add", "amy", *arguments)

    assert ran.status == 2
    assert installed("user", "list", "--json").json == {"users": []}


def test_what_no_database_could_keep_is_refused_without_a_traceback(installed: Run) -> None:
    users = '{"users": [{"username": "amy", "password": "\\ud800"}]}'
    key = '{"kty": "EC", "kid": "k", "crv": "P-256", "x": "x", "y": "y", "note": "\\ud800"}'
    client = f'{{"clients": [{{"client_id": "a", "jwks": {{"keys": [{key}]}}}}]}}'

    for ran in (
        installed("user", "import", "-", stdin=users),
        installed("client", "import", "-", stdin=client),
    ):
        assert ran.status == 1
        assert ran.err.startswith("assent: ")


def test_no_option_takes_a_password_itself(installed: Run) -> None:
    assert installed("user", "add", "amy", "--password", "a secret").status == 2


def test_people_are_imported_switched_off_and_on(installed: Run) -> None:
    users = {"users": [{"username": "amy", "password": "demo"}, {"username": "lee"}]}
    Path("users.json").write_text(json.dumps(users))

    done = installed("user", "import", "users.json", "--json").json

    assert done["added"] == ["amy", "lee"]
    assert done["without_password"] == ["lee"]
    assert installed("user", "disable", "amy", "--json").json["enabled"] is False
    assert installed("user", "enable", "amy", "--json").json["enabled"] is True
    assert [one["username"] for one in installed("user", "list", "--json").json["users"]] == ["amy", "lee"]


def test_a_mistake_keeps_everybody_out(installed: Run) -> None:
    ran = installed("user", "import", "-", stdin='{"users": [{"username": "amy", "fhirUser": "Patient/1"}]}')

    assert ran.status == 1
    assert ran.err == "assent: users[0].fhirUser: unknown field; did you mean fhir_user?\n"


def test_the_audit_log_tells_who_did_what(installed: Run) -> None:
    installed("user", "add", "amy", "--no-password")
    installed("user", "disable", "amy")

    page = installed("audit", "list", "--user", "amy", "--since", "1h", "--json").json

    assert [row["type"] for row in page["events"]] == ["user.disabled", "user.added"]
    assert {row["username"] for row in page["events"]} == {"amy"}
    assert all(row["actor"].startswith("command") for row in page["events"])
    assert installed("audit", "list", "--type", "user.added", "--json").json["events"] == page["events"][1:]
    assert installed("audit", "list", "--since", "2100-01-01", "--json").json["events"] == []
    assert "user.disabled" in installed("audit", "list").out


def test_the_table_of_the_audit_log_has_the_reference_that_people_were_told(installed: Run) -> None:
    installed("user", "add", "amy", "--no-password")
    assert "reference" in installed("audit", "list").out
    assert installed("audit", "list", "--reference", "7F3K-22").out == "no events\n"


def test_a_long_log_goes_on_page_by_page(installed: Run) -> None:
    for name in ("a", "b", "c"):
        installed("user", "add", name, "--no-password")

    first = installed("audit", "list", "--type", "user.added", "--limit", "2", "--json").json
    second = installed(
        "audit", "list", "--type", "user.added", "--limit", "2", "--after", first["next"], "--json"
    ).json

    assert [row["username"] for row in (*first["events"], *second["events"])] == ["c", "b", "a"]
    assert second["next"] is None


def test_sessions_are_listed_and_cannot_be_ended_twice(installed: Run) -> None:
    assert installed("session", "list", "--json").json == {"sessions": []}
    ran = installed("session", "end", "s-none")
    assert ran.status == 1
    assert ran.err == "assent: there is no live session 's-none'\n"
    assert installed("session", "list", "--user", "nobody").status == 1
