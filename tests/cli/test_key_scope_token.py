"""`assent key …`, `scope explain`, `token inspect`."""

import asyncio
import json
from pathlib import Path

from assent.app.configuration import quiet, read_settings
from assent.app.installation import open_installation
from assent.engine.client_auth import Presented
from assent.engine.server import Caller
from assent.engine.token_endpoint import respond
from assent.testing.server import basic, form, private_jwk, signed
from cli.conftest import Run


def test_keys_are_listed_rotated_and_imported(installed: Run) -> None:
    [first] = installed("key", "list", "--json").json["keys"]
    [second] = installed("key", "rotate", "--json").json["keys"]
    imported = installed(
        "key", "import", "-", "--json", stdin=json.dumps({"keys": [private_jwk("ES256", "mine")]})
    )

    states = {key["kid"]: key["state"] for key in installed("key", "list", "--json").json["keys"]}
    assert states == {first["kid"]: "retired", second["kid"]: "signing", "mine": "signing"}
    assert imported.json["keys"][0]["alg"] == "ES256"
    for ran in (imported, installed("key", "list", "--json")):
        assert '"d"' not in ran.out


def test_a_key_set_that_cannot_be_used_is_refused(installed: Run) -> None:
    Path("jwks.json").write_text('{"keys": [{"kty": "RSA", "kid": "x", "alg": "RS256"}, 1]}')

    ran = installed("key", "import", "jwks.json")

    assert ran.status == 1
    assert [line.split(": ")[1] for line in ran.err.splitlines()] == ["keys[0]", "keys[1]"]


def test_a_scope_is_explained_without_an_installation(run: Run) -> None:
    ran = run("scope", "explain", "patient/*.read launch/patient", "--listed", "patient/Patient.rs", "--json")

    assert ran.status == 0
    wide, launch = ran.json["scopes"]
    assert wide["granted"] == ["patient/Patient.read"]
    assert wide["title"]
    assert launch["granted"] == []


def test_a_malformed_scope_is_explained_by_its_rule(run: Run) -> None:
    ran = run("scope", "explain", "patient/Observation.sr")

    assert ran.status == 1
    assert "did you mean 'patient/Observation.rs'?" in ran.out


def test_a_scope_is_met_with_a_client_s_list(installed: Run) -> None:
    installed("client", "add", "--id", "a", "--redirect-uri", "https://a.example/", "--scope", "patient/*.r")

    ran = installed("scope", "explain", "patient/Condition.rs", "--client", "a", "--json")

    assert ran.json["scopes"][0]["granted"] == ["patient/Condition.r"]


def test_a_token_is_decoded_without_an_installation(run: Run) -> None:
    token = signed(private_jwk("ES256", "k"), {"alg": "ES256", "kid": "k"}, {"sub": "amy", "exp": 1})

    ran = run("token", "inspect", "--json", stdin=token)

    assert ran.json["claims"] == {"sub": "amy", "exp": 1}
    assert ran.json["worth"].startswith("not verified")


def test_our_own_token_is_good_until_its_client_is_switched_off(installed: Run) -> None:
    secret = installed(
        *("client", "add", "--id", "service", "--grant", "client_credentials", "--scope", "system/*.rs"),
        "--json",
    ).json["client_secret"]
    token = asyncio.run(a_token("service", secret))

    good = installed("token", "inspect", "--json", stdin=token).json
    installed("client", "disable", "service")
    off = installed("token", "inspect", stdin=token)

    assert good["worth"] == "a good access token of this issuer"
    assert good["claims"]["client_id"] == "service"
    assert "worth: not good here: the client is switched off" in off.out


async def a_token(client_id: str, secret: str) -> str:
    """An access token that the installation in the working folder gives a client."""
    async with open_installation(quiet(read_settings(Path("assent.toml"))), Path()) as installation:
        asked = Presented(
            form(grant_type="client_credentials"), basic(client_id, secret), Caller("192.0.2.7", "tests")
        )
        return str((await respond(installation.server, asked))["access_token"])


def test_a_token_of_another_issuer_is_not_good_here(installed: Run) -> None:
    key = private_jwk("ES256", "k")
    for typ in ("at+jwt", "JWT"):
        token = signed(key, {"alg": "ES256", "kid": "k", "typ": typ}, {"sub": "amy"})
        worth = installed("token", "inspect", "-", "--json", stdin=token).json["worth"]
        assert worth.startswith("not ")
        assert "no key of ours" in worth


def test_what_is_no_token_is_refused_and_an_argument_is_warned_of(run: Run) -> None:
    ran = run("token", "inspect", "x.y.z")

    assert ran.status == 1
    assert "A token is a secret" in ran.err
    assert "this is no JWT" in ran.err


def test_a_mistyped_algorithm_is_told_with_the_nearest_one(installed: Run) -> None:
    assert "did you mean RS256?" in installed("key", "rotate", "--alg", "RS25").err
