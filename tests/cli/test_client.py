"""`assent client …` and `assent client secret …`."""

import json
from pathlib import Path
from typing import Any

from cli.conftest import Run

OPTIONS = (
    *("--id", "heart", "--name", "Heart Diary", "--redirect-uri", "https://heart.example/"),
    *("--scope", "openid", "--scope", "launch/patient patient/*.rs"),
)


def add(run: Run, *more: str) -> Any:
    """Adds the app by options; gives the JSON that was printed."""
    ran = run("client", "add", *OPTIONS, *more, "--json")
    assert ran.status == 0, ran.err
    return ran.json


def test_an_app_is_added_by_options_and_its_secret_is_printed_once(installed: Run) -> None:
    added = add(installed, "--grant", "authorization_code", "--grant", "refresh_token")

    assert added["scope"] == "openid launch/patient patient/*.rs"
    assert added["grant_types"] == ["authorization_code", "refresh_token"]
    secret = added["client_secret"]
    for later in (("show", "heart"), ("show", "heart", "--json"), ("list", "--json"), ("export",)):
        assert secret not in installed("client", *later).out
    assert secret not in installed("audit", "list", "--json").out


def test_an_app_is_added_by_a_definition(installed: Run) -> None:
    definition = {
        "client_id": "service",
        "grant_types": ["client_credentials"],
        "scope": "system/*.rs",
        "secrets": [{"secret": "chosen"}],
    }

    ran = installed("client", "add", "--file", "-", "--json", stdin=json.dumps(definition))

    assert ran.status == 0
    assert "client_secret" not in ran.json
    shown = installed("client", "show", "service", "--json").json
    (secret,) = shown.pop("secrets")
    assert shown == ran.json
    assert secret["id"]
    assert "secret" not in secret
    assert "secret_hash" not in secret


def test_a_public_app_has_no_secret(installed: Run) -> None:
    assert "client_secret" not in add(installed, "--auth-method", "none")


def test_permissions_and_keys_are_options(installed: Run) -> None:
    Path("jwks.json").write_text('{"keys": []}')

    added = add(
        installed,
        *("--auth-method", "private_key_jwt", "--jwks", "jwks.json"),
        *("--permission", "FHIR_ALL_READ", "--permission", "FHIR_WRITE_ALL_OF_TYPE=Observation"),
    )

    assert added["permissions"] == [
        {"permission": "FHIR_ALL_READ"},
        {"permission": "FHIR_WRITE_ALL_OF_TYPE", "argument": "Observation"},
    ]


def test_a_refused_app_ends_with_1_and_every_mistake(installed: Run) -> None:
    ran = installed("client", "add", "--redirect-uri", "http://x.example/", "--scope", "patient/*.sr")

    assert ran.status == 1
    assert ran.out == ""
    assert [line.split(": ")[1] for line in ran.err.splitlines()] == ["redirect_uris[0]", "scope"]


def test_an_edit_leaves_what_it_does_not_name(installed: Run) -> None:
    before = add(installed)

    by_option = installed("client", "edit", "heart", "--name", "Heart", "--json").json
    by_file = installed(
        "client", "edit", "heart", "--file", "-", "--json", stdin='{"access_token_seconds": 60}'
    ).json

    assert by_option["client_name"] == "Heart"
    assert by_file == {**by_option, "access_token_seconds": 60}
    assert by_option["redirect_uris"] == before["redirect_uris"]


def test_an_app_is_switched_off_and_on_and_deleted(installed: Run) -> None:
    add(installed)

    assert installed("client", "disable", "heart", "--json").json["enabled"] is False
    assert installed("client", "enable", "heart", "--json").json["enabled"] is True
    assert installed("client", "delete", "heart").status == 0
    gone = installed("client", "show", "heart")
    assert gone.status == 1
    assert gone.err == "assent: there is no client 'heart'\n"


def test_what_is_exported_is_imported_again(installed: Run) -> None:
    add(installed)
    exported = installed("client", "export").out

    same = installed("client", "import", "-", "--json", stdin=exported)
    installed("client", "delete", "heart")
    anew = installed("client", "import", "-", stdin=exported)

    assert same.json["unchanged"] == ["heart"]
    assert anew.status == 0
    assert "1 added, 0 replaced, 0 unchanged" in anew.out
    assert "heart has no secret" in anew.err
    assert installed("client", "list", "--json").json == json.loads(exported)


def test_a_mistake_keeps_the_whole_file_out(installed: Run) -> None:
    Path("clients.json").write_text(
        '{"clients": [{"client_id": "a", "token_endpoint_auth_method": "none",'
        ' "redirect_uris": ["https://a.example/"]}, {"client_id": "b", "redirect_uri": "x"}]}'
    )

    ran = installed("client", "import", "clients.json")

    assert ran.status == 1
    assert "clients[1].redirect_uri: unknown field; did you mean redirect_uris?" in ran.err
    assert installed("client", "list", "--json").json == {"clients": []}


def test_a_secret_is_added_listed_and_expired(installed: Run) -> None:
    add(installed)

    made = installed(
        "client", "secret", "add", "heart", "--description", "next", "--expires-at", "365d", "--json"
    ).json
    listed = installed("client", "secret", "list", "heart", "--json")

    assert [secret["description"] for secret in listed.json["secrets"]] == ["made with the client", "next"]
    assert made["client_secret"] not in listed.out
    first = listed.json["secrets"][0]["id"]
    assert installed("client", "secret", "expire", "heart", first).status == 0
    left = installed("client", "secret", "list", "heart", "--json").json["secrets"]
    assert [secret["id"] for secret in left] == [made["id"]]
    assert installed("client", "secret", "expire", "heart", first).status == 1


def test_tables_are_for_people(installed: Run) -> None:
    assert installed("client", "list").out == "no clients\n"
    add(installed)

    table = installed("client", "list").out

    assert table.splitlines()[0].split() == ["client_id", "name", "enabled", "signs", "in", "by", "grants"]
    assert "Heart Diary" in table.splitlines()[1]
