"""`assent user delete|export`, and that `user add` asks for no password in vain."""

import json
from pathlib import Path

import pytest
import typer

from cli.conftest import Run


def test_a_person_is_deleted_when_it_is_meant(installed: Run) -> None:
    installed("user", "add", "amy", "--no-password")
    unasked = installed("user", "delete", "amy")
    assert (unasked.status, "--yes" in unasked.err) == (2, True)
    assert installed("user", "show", "amy").status == 0

    done = installed("user", "delete", "amy", "--yes")

    assert done.out == "amy is deleted: sessions and grants have ended, the audit log is kept\n"
    assert installed("user", "show", "amy").status == 1
    events = installed("audit", "list", "--json").json["events"]
    assert events[0]["type"] == "user.deleted"
    assert events[0]["person_id"]


@pytest.mark.parametrize(("answer", "is_there"), [(True, False), (False, True)])
def test_who_deletes_at_a_terminal_is_asked(
    installed: Run, monkeypatch: pytest.MonkeyPatch, answer: bool, is_there: bool
) -> None:
    installed("user", "add", "amy", "--no-password")
    monkeypatch.setattr("assent.cli.input._is_terminal", lambda: True)
    monkeypatch.setattr(typer, "confirm", lambda _question: answer)

    installed("user", "delete", "AMY")

    assert (installed("user", "show", "amy").status == 0) is is_there


def test_nobody_of_that_name_is_told_before_anything_is_asked(
    installed: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assent.cli.input._is_terminal", lambda: True)
    ran = installed("user", "delete", "amy")
    assert (ran.status, ran.err) == (1, "assent: there is no user 'amy'\n")


def test_what_is_exported_is_imported_again(installed: Run) -> None:
    installed("user", "add", "amy", "--given-name", "Amy", "--password-stdin", stdin="a secret\n")
    bare = installed("user", "export")
    assert "password" not in bare.out
    whole = installed("user", "export", "--password-hashes")
    assert whole.json["users"][0]["password_hash"].startswith("$argon2id$")
    [row] = installed("audit", "list", "--type", "password.hashes_exported", "--json").json["events"]
    assert (row["actor"].split(":")[0], row["detail"]) == ("command", {"users": 1})
    installed("user", "delete", "amy", "--yes")
    Path("users.json").write_text(whole.out)

    assert installed("user", "import", "users.json", "--json").json["added"] == ["amy"]
    assert json.loads(installed("user", "export", "--password-hashes").out) == whole.json


def test_no_password_is_asked_for_where_the_rest_is_refused(
    installed: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed("user", "add", "maria", "--no-password")
    monkeypatch.setattr("assent.cli.input._is_terminal", lambda: True)
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: pytest.fail("asked for a password"))

    ran = installed("user", "add", "maria", "--permission", "FHIR_ALL_RED", "--role", "nurse")

    assert ran.status == 1
    assert ran.err.splitlines() == [
        "assent: permissions[0].permission: unknown permission; did you mean FHIR_ALL_READ?",
        "assent: username: there is a user maria already",
        "assent: roles[0]: there is no role 'nurse'",
    ]
