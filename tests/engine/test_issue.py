"""What tokens say."""

import hashlib
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from assent.engine.settings import EngineSettings
from assent.engine.token_endpoint import respond
from assent.records.clients import Client
from assent.spec.jose import read_public_key, read_unverified, verify
from assent.storage.tables import GRANTS, TOKEN_SCOPES
from assent.testing.server import ISSUER, START, VERIFIER, TestServer, a_server

SCOPE = "openid fhirUser launch/patient patient/*.rs"


async def tokens(
    served: TestServer, scope: str = SCOPE, client: Client | None = None, **grant: Any
) -> dict[str, Any]:
    """The response to a person's first authorization."""
    client = client or await served.add_client()
    person = await served.add_person(fhir_user="Practitioner/lee")
    granted = await served.add_grant(client, person, scope, **grant)
    return await served.redeem(client, granted)


def claims_of(token: str) -> dict[str, Any]:
    return read_unverified(token).claims


async def test_an_access_token_is_a_jwt_for_the_fhir_server(served: TestServer) -> None:
    body = await tokens(served)
    read = read_unverified(body["access_token"])
    (grant,) = await served.server.storage.find(GRANTS)
    assert read.header == {"alg": "RS256", "typ": "at+jwt", "kid": "server-RS256"}
    jti = read.claims.pop("jti")
    assert len(jti) == 22
    assert read.claims == {
        "iss": ISSUER.url,
        "sub": grant.person_id,
        "aud": ISSUER.fhir_base,
        "client_id": "app",
        "iat": START,
        "exp": START + 3600,
        "scope": SCOPE,
        "gid": grant.grant_id,
        "auth_time": START,
        "amr": ["pwd"],
        "patient": "p1",
        "fhirUser": "https://fhir.example/r4/Practitioner/lee",
    }


@pytest.mark.row("T7")
async def test_by_default_a_persons_token_lives_an_hour(served: TestServer) -> None:
    assert (await tokens(served))["expires_in"] == 3600


async def test_a_client_may_say_how_long_its_tokens_live(served: TestServer) -> None:
    client = await served.add_client(access_token_seconds=1)
    body = await tokens(served, client=client)
    assert body["expires_in"] == 1
    assert claims_of(body["access_token"])["exp"] == START + 1


@pytest.mark.row("O1", "O3")
async def test_openid_gives_an_id_token_signed_with_rs256(served: TestServer) -> None:
    body = await tokens(served, nonce="n-1", acr="urn:acr:2")
    read = read_unverified(body["id_token"])
    (jwk,) = (await served.server.keys.published())["keys"]
    verify(read, read_public_key(jwk), ("RS256",))
    (grant,) = await served.server.storage.find(GRANTS)
    half = hashlib.sha256(body["access_token"].encode()).digest()[:16]
    assert read.claims == {
        "iss": ISSUER.url,
        "sub": grant.person_id,
        "aud": "app",
        "iat": START,
        "exp": START + 3600,
        "auth_time": START,
        "acr": "urn:acr:2",
        "amr": ["pwd"],
        "nonce": "n-1",
        "fhirUser": "https://fhir.example/r4/Practitioner/lee",
        "at_hash": urlsafe_b64encode(half).rstrip(b"=").decode(),
    }


@pytest.mark.row("O1")
async def test_fhir_user_needs_its_own_scope(served: TestServer) -> None:
    body = await tokens(served, "openid patient/*.rs")
    assert "fhirUser" not in claims_of(body["id_token"])


@pytest.mark.row("O1")
@pytest.mark.parametrize("scope", ["patient/*.rs", "openid patient/*.rs", "fhirUser patient/*.rs"])
async def test_an_app_that_may_not_know_the_person_does_not_find_her_in_its_access_token(
    served: TestServer, scope: str
) -> None:
    assert "fhirUser" not in claims_of((await tokens(served, scope))["access_token"])


async def test_without_openid_there_is_no_id_token(served: TestServer) -> None:
    assert "id_token" not in await tokens(served, "patient/*.rs fhirUser")


@pytest.mark.row("O3")
@pytest.mark.parametrize("alg", ["ES256", "PS256", "ES384", "RS384"])
async def test_access_tokens_are_signed_as_set_and_id_tokens_with_rs256(alg: Any) -> None:
    served = await a_server(EngineSettings(access_token_alg=alg))
    body = await tokens(served)
    assert read_unverified(body["access_token"]).header["alg"] == alg
    assert read_unverified(body["id_token"]).header["alg"] == "RS256"
    await served.close()


@pytest.mark.row("L5", "L6", "L7")
async def test_context_stands_at_the_top_level(served: TestServer) -> None:
    context: dict[str, Any] = {
        "patient": "p1",
        "encounter": "e1",
        "fhirContext": [{"reference": "ImagingStudy/i1"}],
        "need_patient_banner": False,
        "intent": "reconcile",
        "tenant": "t1",
        "smart_style_url": "https://auth.example/style.json",
    }
    body = await tokens(served, context=context)
    assert {name: body[name] for name in context} == context


async def test_context_never_stands_in_for_a_member_of_oauth(served: TestServer) -> None:
    forged = {
        "access_token": "x",
        "scope": "user/*.cruds",
        "expires_in": 9,
        "token_type": "x",
        "id_token": "x",
        "refresh_token": "x",
    }
    body = await tokens(served, context={"patient": "p1", **forged})
    assert all(body.get(name) != value for name, value in forged.items())


@pytest.mark.row("S11")
async def test_an_empty_scope_is_told_as_it_is(served: TestServer) -> None:
    assert (await tokens(served, ""))["scope"] == ""


@pytest.mark.row("A15")
async def test_a_long_scope_is_kept_beside_the_token(served: TestServer) -> None:
    scope = " ".join(f"patient/Observation.rs?code=http://loinc.org|{number}" for number in range(200))
    body = await tokens(served, scope)
    assert body["scope"] == scope
    assert len(body["access_token"]) < 2000
    assert "scope" not in claims_of(body["access_token"])
    (kept,) = await served.server.storage.find(TOKEN_SCOPES)
    assert (kept.scope, kept.expires_at) == (scope, START + 3600)


async def test_a_pairwise_subject_differs_by_sector_and_stays_the_same(served: TestServer) -> None:
    uris = {"a": "https://a.example/done", "b": "https://b.example/done", "a2": "https://a.example/other"}
    person = await served.add_person()
    subjects = {}
    for name, uri in uris.items():
        client = await served.add_client(name, subject_type="pairwise", redirect_uris=(uri,))
        code = await served.add_code(await served.add_grant(client, person, "openid"), redirect_uri=uri)
        body = await respond(
            served.server,
            served.ask(
                client,
                grant_type="authorization_code",
                code=code,
                redirect_uri=uri,
                code_verifier=VERIFIER,
            ),
        )
        subjects[name] = claims_of(body["id_token"])["sub"]
        assert claims_of(body["access_token"])["sub"] == subjects[name]
    assert subjects["a"] == subjects["a2"] != subjects["b"]
    assert person.person_id not in subjects.values()
    assert all(subject.startswith("u-") for subject in subjects.values())


async def test_a_grant_notes_its_last_use_at_most_once_a_minute(served: TestServer) -> None:
    await tokens(served)
    (grant,) = await served.server.storage.find(GRANTS)
    assert grant.last_used_at == START
