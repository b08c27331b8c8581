"""What the commands of every kind of definition do alike."""

import json

import pytest

from cli.conftest import Run

HEART = {
    "client_id": "heart",
    "token_endpoint_auth_method": "none",
    "redirect_uris": ["https://heart.example/"],
}
CLINIC = {"name": "clinic", "issuer": "https://id.clinic.example", "client_id": "assent"}
KINDS = {
    "client": ("heart", HEART, "--name"),
    "provider": ("clinic", CLINIC, "--title"),
    "role": ("nurse", {"name": "nurse"}, "--title"),
    "user": ("amy", {"username": "amy"}, "--given-name"),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, installed: Run) -> str:
    """A kind of definition, of which there is one."""
    name: str = request.param
    _, document, _ = KINDS[name]
    list_name = f"{name}s"
    assert installed(name, "import", "-", stdin=json.dumps({list_name: [document]})).status == 0
    return name


def test_a_definition_comes_from_a_file_or_from_options(installed: Run, kind: str) -> None:
    name, _, option = KINDS[kind]

    both = installed(kind, "edit", name, option, "Other", "--file", "-", stdin="{}")
    assert both.status == 2
    assert "by --file or by options" in both.err
    assert installed(kind, "add", option, "Other", "--file", "-", stdin="{}").status == 2


def test_an_edit_names_what_to_change(installed: Run, kind: str) -> None:
    name, _, option = KINDS[kind]

    assert installed(kind, "edit", name).status == 2
    assert installed(kind, "edit", name, "--file", "-", stdin="{}").status == 2
    assert installed(kind, "edit", name, option, "Other", "--json").status == 0


def test_a_file_that_holds_no_object_is_refused_by_an_edit(installed: Run, kind: str) -> None:
    name, _, _ = KINDS[kind]

    ran = installed(kind, "edit", name, "--file", "-", stdin="[]")

    assert (ran.status, ran.err) == (1, "assent: the document: must be an object\n")


def test_an_import_says_what_it_did(installed: Run, kind: str) -> None:
    _, document, _ = KINDS[kind]

    again = installed(kind, "import", "-", stdin=json.dumps({f"{kind}s": [document]}))

    assert again.out == "0 added, 0 replaced, 1 unchanged\n"
