"""What `list`, `show` and `export` print as JSON can be imported again, and then changes nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Run

CLIENTS: list[dict[str, Any]] = [
    {
        "client_id": "heart",
        "redirect_uris": ["https://heart.example/done"],
        "scope": "openid patient/*.rs",
        "logo_uri": "https://heart.example/logo.png",
        "secrets": [{"description": "first", "secret": "chosen-by-somebody"}],
    },
    {"client_id": "diary", "token_endpoint_auth_method": "none", "redirect_uris": ["https://diary.example/"]},
]
PROVIDERS = [
    {"name": "clinic", "issuer": "https://id.clinic.example", "client_id": "us", "client_secret": "s"},
    {"name": "open", "issuer": "https://id.open.example", "client_id": "us"},
]
ROLES = [{"name": "nurse", "permissions": [{"permission": "FHIR_ALL_READ"}]}]
USERS = [
    {"username": "amy", "password": "a secret", "fhir_user": "Patient/1", "must_change_password": True},
    {"username": "kim", "roles": ["nurse"], "represents": ["Patient/7"], "enabled": False},
]
DELEGATIONS = [
    {"username": "kim", "patient": "Patient/8", "relationship": "guardian", "expires_at": 4102444800}
]
KINDS = {"role": ROLES, "client": CLIENTS, "provider": PROVIDERS, "user": USERS, "delegation": DELEGATIONS}
"""Roles come before their holders, and people before what they are told of."""

SHOWN = {"client": "heart", "provider": "clinic", "role": "nurse", "user": "amy"}
REMOVED = {
    "client": [("delete", "heart"), ("delete", "diary")],
    "provider": [("remove", "open")],
    "delegation": [("remove", "kim", "Patient/8")],
}


@pytest.fixture
def filled(installed: Run) -> Run:
    """An installation that has some of each kind, and a provider in its configuration."""
    with Path("assent.toml").open("a") as file:
        file.write('\n[providers.state]\nissuer = "https://id.state.example"\nclient_id = "us"\n')
    for kind, documents in KINDS.items():
        assert bring(installed, kind, documents)["added"]
    return installed


def bring(run: Run, kind: str, documents: list[Any]) -> dict[str, list[str]]:
    """What an import of these says that it did."""
    ran = run(kind, "import", "-", "--json", stdin=json.dumps({f"{kind}s": documents}))
    assert ran.status == 0, ran.err
    done: dict[str, list[str]] = ran.json
    return done


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_can_be_imported_again(filled: Run, kind: str) -> None:
    listed = filled(kind, "list", "--json").json[f"{kind}s"]
    done = bring(filled, kind, listed)
    assert (len(done["unchanged"]), done["added"], done["replaced"]) == (len(listed), [], [])
    assert filled(kind, "list", "--json").json[f"{kind}s"] == listed


@pytest.mark.parametrize("kind", SHOWN)
def test_what_is_shown_can_be_imported_again(filled: Run, kind: str) -> None:
    shown = filled(kind, "show", SHOWN[kind], "--json").json
    done = bring(filled, kind, [shown])
    assert (done["unchanged"], done["replaced"]) == ([SHOWN[kind]], [])
    assert filled(kind, "show", SHOWN[kind], "--json").json == shown


@pytest.mark.parametrize("kind", REMOVED)
def test_an_export_brings_back_what_was_removed_and_needed_no_secret(filled: Run, kind: str) -> None:
    exported = filled(kind, "export").json
    listed = filled(kind, "list", "--json").json
    for arguments in REMOVED[kind]:
        assert filled(kind, *arguments).status == 0
    assert len(bring(filled, kind, exported[f"{kind}s"])["added"]) == len(REMOVED[kind])
    assert filled(kind, "list", "--json").json == listed


def test_a_secret_that_is_named_by_its_id_is_kept_beside_a_new_one(filled: Run) -> None:
    shown = filled("client", "show", "heart", "--json").json
    new = {"description": "second", "secret": "chosen-by-somebody-else"}
    bring(filled, "client", [{**shown, "secrets": [*shown["secrets"], new]}])
    first, second = filled("client", "show", "heart", "--json").json["secrets"]
    assert first == shown["secrets"][0]
    assert second["description"] == "second"
    bring(filled, "client", [{**shown, "secrets": [second]}])
    assert filled("client", "show", "heart", "--json").json["secrets"] == [second]


def test_a_provider_of_the_configuration_is_imported_as_it_is_or_not_at_all(filled: Run) -> None:
    [state] = [
        one for one in filled("provider", "list", "--json").json["providers"] if one["name"] == "state"
    ]
    other = json.dumps({"providers": [{**state, "client_id": "them"}]})
    refused = filled("provider", "import", "-", stdin=other)
    assert refused.status == 1
    assert "state is in the configuration: change it there" in refused.err
