"""`assent provider …`: what it says, what it never says, and how it ends."""

import json
from pathlib import Path

from cli.conftest import Run

SECRET = "a-secret-that-they-gave-us"


def add(run: Run) -> None:
    options = ("--title", "Clinic account", "--issuer", "https://id.clinic.example", "--client-id", "us")
    added = run("provider", "add", "clinic", *options, "--secret-stdin", stdin=SECRET + "\n")
    assert added.status == 0, added.err
    assert SECRET not in added.out + added.err
    assert "http://localhost:9200/login/clinic/callback there as the redirect URI" in added.err
    assert "sign_in.modules of the configuration lacks oidc" in added.err


def test_a_provider_is_added_shown_edited_and_removed(installed: Run) -> None:
    add(installed)
    [listed] = installed("provider", "list", "--json").json["providers"]
    assert (listed["name"], listed["enabled"], listed["defined_in"]) == ("clinic", True, "the database")
    shown = installed("provider", "show", "clinic", "--json").json
    assert shown["token_endpoint_auth_method"] == "client_secret_basic"
    assert shown["our_redirect_uri"] == "http://localhost:9200/login/clinic/callback"
    assert "client_secret" not in shown
    rule = "doctors => FHIR_ALL_READ"
    edited = installed("provider", "edit", "clinic", "--title", "Clinic", "--permission-rule", rule, "--json")
    assert (edited.json["title"], edited.json["permission_rules"]) == ("Clinic", [rule])
    assert "any more" in installed("provider", "disable", "clinic").out
    assert installed("provider", "enable", "clinic", "--json").json["enabled"] is True
    assert installed("provider", "remove", "clinic").status == 0
    assert installed("provider", "list").out == "no providers\n"


def test_nothing_secret_is_kept_in_clear(installed: Run) -> None:
    add(installed)
    for file in Path().iterdir():
        assert SECRET.encode() not in file.read_bytes(), file


def test_what_is_exported_can_be_imported(installed: Run) -> None:
    add(installed)
    exported = installed("provider", "export")
    assert SECRET not in exported.out
    again = installed("provider", "import", "-", "--json", stdin=exported.out)
    assert again.json == {"added": [], "replaced": [], "unchanged": ["clinic"]}


def test_mistakes_are_refused_with_status_1_and_misuse_with_2(installed: Run) -> None:
    refused = installed("provider", "add", "clinic", "--issuer", "http://id.example")
    assert refused.status == 1
    assert "issuer: http is allowed for localhost" in refused.err
    assert installed("provider", "show", "nobody").status == 1
    assert installed("provider", "edit", "nobody").status == 2
    assert installed("provider", "add", "x", "--file", "-", stdin="{}").status == 2
    assert installed("provider", "add", "x", "--secret-stdin").status == 2


def test_a_provider_that_does_not_answer_fails_the_test(installed: Run) -> None:
    document = {"name": "gone", "issuer": "http://localhost:9", "client_id": "us"}
    assert installed("provider", "add", "--file", "-", stdin=json.dumps(document)).status == 0
    tried = installed("provider", "test", "gone", "--json")
    assert tried.status == 1
    [step] = tried.json["steps"]
    assert (step["status"], step["step"]) == ("fail", "the provider")


def test_a_saml_provider_is_tried_out_by_the_same_command(installed: Run) -> None:
    with Path("assent.toml").open("a") as file:
        file.write('\n[sign_in]\nmodules = ["local", "saml"]\n')
        file.write('\n[sign_in.saml.hospital]\nmetadata_url = "http://localhost:9/metadata"\n')
    tried = installed("provider", "test", "hospital", "--json")
    assert tried.status == 1
    [step] = tried.json["steps"]
    assert (step["status"], step["step"]) == ("fail", "metadata")
    listed = installed("provider", "list")
    assert (listed.out, listed.err) == ("no providers\n", "By SAML, in the configuration alone: hospital\n")


def test_a_provider_of_the_configuration(installed: Run) -> None:
    with Path("assent.toml").open("a") as file:
        file.write('\n[providers.state]\nissuer = "https://id.state.example"\nclient_id = "us"\n')
    [listed] = installed("provider", "list", "--json").json["providers"]
    assert (listed["name"], listed["defined_in"]) == ("state", "the configuration")
    assert installed("provider", "remove", "state").status == 1
