"""Passwords that are made up or given, and have to be changed: `user add`, `edit`, `reset-password` and `import`."""

import json

import pytest

from cli.conftest import Run


def must_change(run: Run, username: str = "amy") -> bool:
    return bool(run("user", "show", username, "--json").json.get("must_change_password", False))


def test_a_password_is_made_up_and_printed_once(installed: Run) -> None:
    ran = installed("user", "add", "amy", "--generate-password", "--must-change-password", "--json")
    assert len(ran.json["password"]) == 24
    assert ran.json["must_change_password"] is True
    assert "cannot be shown again" in ran.err
    assert ran.json["password"] not in installed("user", "show", "amy", "--json").out
    assert must_change(installed)


def test_it_is_demanded_and_taken_back_by_an_edit(installed: Run) -> None:
    installed("user", "add", "amy", "--password-stdin", stdin="a secret\n")
    assert not must_change(installed)
    installed("user", "edit", "amy", "--must-change-password")
    assert must_change(installed)
    installed("user", "edit", "amy", "--given-name", "Amy")
    assert must_change(installed)
    installed("user", "edit", "amy", "--keep-password")
    assert not must_change(installed)
    installed("user", "edit", "amy", "--must-change-password")
    installed("user", "edit", "amy", "--clear", "must_change_password")
    assert not must_change(installed)


def test_a_reset_says_whether_it_has_to_be_changed(installed: Run) -> None:
    installed("user", "add", "amy", "--password-stdin", stdin="a secret\n")
    installed("user", "reset-password", "amy", "--must-change-password")
    assert must_change(installed)
    installed("user", "reset-password", "amy", "--password-stdin", stdin="another secret\n")
    assert not must_change(installed)


def test_an_import_without_a_password_keeps_what_is_demanded(installed: Run) -> None:
    installed("user", "add", "amy", "--password-stdin", "--must-change-password", stdin="a secret\n")

    def bring(**fields: object) -> None:
        users = {"users": [{"username": "amy", **fields}]}
        assert installed("user", "import", "-", stdin=json.dumps(users)).status == 0

    bring(given_name="Amy")
    assert must_change(installed)
    bring(password="another secret")
    assert not must_change(installed)
    bring(password="a third secret", must_change_password=True)
    assert must_change(installed)


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "amy", "--generate-password", "--no-password"),
        ("add", "amy", "--generate-password", "--password-stdin"),
        ("add", "--file", "-", "--generate-password"),
        ("reset-password", "amy", "--mail", "--must-change-password"),
    ],
)
def test_options_that_contradict_each_other_are_misuse(installed: Run, arguments: tuple[str, ...]) -> None:
    assert installed("user", *arguments, stdin="{}").status == 2


def test_who_has_no_password_here_has_none_to_change(installed: Run) -> None:
    installed("user", "add", "amy", "--no-password")
    ran = installed("user", "edit", "amy", "--must-change-password")
    assert (ran.status, ran.err) == (1, "assent: must_change_password: amy has no password here\n")
