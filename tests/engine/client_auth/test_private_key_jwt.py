"""Client assertions, rule by rule: SMART App Launch 2.2, client-confidential-asymmetric (rows K1 to K14, but K9)."""

from base64 import urlsafe_b64encode
from typing import Any

import msgspec
import pytest

from assent.engine.server import Fetched
from assent.engine.settings import EngineSettings
from assent.testing.server import START, TestServer, a_server, private_jwk, public_jwks, signed
from engine.client_auth.backend import ES, RS, add_backend, ask, refusal_of

OTHER = private_jwk("ES384", "other")
JWKS_URI = "https://backend.example/jwks.json"


@pytest.mark.row("K1", "K3", "K5", "K7", "K8")
@pytest.mark.parametrize("jwk", [ES, RS], ids=["ES384", "RS384"])
async def test_a_signed_assertion_authenticates(served: TestServer, jwk: dict[str, Any]) -> None:
    client = await add_backend(served)
    body = await ask(served, client, **served.assertion("backend", jwk))
    assert body["scope"] == "system/Patient.rs"


@pytest.mark.row("K3")
@pytest.mark.parametrize("alg", ["RS256", "RS512", "ES256", "ES512"])
async def test_more_algorithms_are_taken(served: TestServer, alg: str) -> None:
    jwk = private_jwk(alg, "more")
    client = await add_backend(served, jwks=public_jwks(jwk))
    assert await ask(served, client, **served.assertion("backend", jwk))


@pytest.mark.row("K1", "K12")
async def test_keys_are_fetched_from_the_registered_url(served: TestServer) -> None:
    client = await add_backend(served, jwks=None, jwks_uri=JWKS_URI)
    served.web.documents[JWKS_URI] = Fetched(msgspec.json.encode(public_jwks(ES)), 60)
    assert await ask(served, client, **served.assertion("backend", ES))
    assert served.web.asked == [(JWKS_URI, "application/json")]


@pytest.mark.row("K14")
async def test_a_key_set_that_cannot_be_had_is_told_to_the_developer_alone(served: TestServer) -> None:
    client = await add_backend(served, jwks=None, jwks_uri=JWKS_URI)
    detail = await refusal_of(served, client, served.assertion("backend", ES))
    assert detail == "the JWKS could not be fetched: answered 404"


HEADERS = [
    pytest.param({"typ": None}, "header typ must be JWT", id="no-typ"),
    pytest.param({"typ": "at+jwt"}, "header typ must be JWT", id="other-typ"),
    pytest.param({"kid": None}, "header kid is required", id="no-kid"),
    pytest.param(
        {"kid": "unknown"},
        "no key in the client's JWKS has kty EC and the kid of the header",
        id="unknown-kid",
    ),
    pytest.param(
        {"kid": "rs"},
        "no key in the client's JWKS has kty EC and the kid of the header",
        id="kid-of-another-kty",
    ),
    pytest.param(
        {"jku": "https://evil.example/jwks.json"},
        "header jku must be the registered jwks_uri",
        id="other-jku",
    ),
    pytest.param(
        {"jku": JWKS_URI}, "header jku must be the registered jwks_uri", id="jku-but-none-registered",
    ),
]  # fmt: skip


@pytest.mark.row("K6", "K11", "K14")
@pytest.mark.parametrize(("header", "rule"), HEADERS)
async def test_a_header_that_breaks_a_rule_is_refused(
    served: TestServer, header: dict[str, Any], rule: str
) -> None:
    client = await add_backend(served)
    detail = await refusal_of(served, client, served.assertion("backend", ES, header=header))
    assert detail == rule


CLAIMS = [
    pytest.param({"iss": "other"}, "iss must be the client_id", id="iss"),
    pytest.param({"iss": None}, "iss must be the client_id", id="no-iss"),
    pytest.param(
        {"aud": "https://auth.example"},
        "aud must be https://auth.example/oauth/token",
        id="aud-is-the-issuer",
    ),
    pytest.param(
        {"aud": "https://auth.example/oauth/token/"},
        "aud must be https://auth.example/oauth/token",
        id="aud-with-slash",
    ),
    pytest.param(
        {"aud": ["https://auth.example/oauth/token"]},
        "aud must be one string",
        id="aud-array",
    ),
    pytest.param({"aud": None}, "aud must be one string", id="no-aud"),
    pytest.param({"exp": None}, "exp is required", id="no-exp"),
    pytest.param({"exp": "soon"}, "exp must be a number of seconds", id="exp-text"),
    pytest.param({"exp": True}, "exp must be a number of seconds", id="exp-bool"),
    pytest.param(
        {"exp": START - 60}, "the assertion is past its exp", id="expired"
    ),
    pytest.param(
        {"exp": START + 361}, "exp is more than 5 minutes ahead", id="too-long"
    ),
    pytest.param({"nbf": START + 61}, "nbf is in the future", id="nbf"),
    pytest.param({"iat": START + 61}, "iat is in the future", id="iat"),
    pytest.param(
        {"jti": None}, "jti must be a string of 1 to 256 characters", id="no-jti"
    ),
    pytest.param(
        {"jti": ""}, "jti must be a string of 1 to 256 characters", id="empty-jti"
    ),
    pytest.param(
        {"jti": "x" * 257}, "jti must be a string of 1 to 256 characters", id="long-jti",
    ),
    pytest.param({"jti": 7}, "jti must be a string of 1 to 256 characters", id="jti-number"),
]  # fmt: skip


@pytest.mark.row("K7", "K8", "K10", "K14")
@pytest.mark.parametrize(("claims", "rule"), CLAIMS)
async def test_a_claim_that_breaks_a_rule_is_refused(
    served: TestServer, claims: dict[str, Any], rule: str
) -> None:
    client = await add_backend(served)
    assert await refusal_of(served, client, served.assertion("backend", ES, **claims)) == rule


@pytest.mark.parametrize(
    "claims", [{"exp": START - 59}, {"exp": START + 360}, {"nbf": START + 60}, {"iat": None}]
)
async def test_a_clock_may_be_off_by_a_minute(served: TestServer, claims: dict[str, Any]) -> None:
    client = await add_backend(served)
    assert await ask(served, client, **served.assertion("backend", ES, **claims))


async def test_more_leeway_than_a_minute_is_never_given() -> None:
    served = await a_server(EngineSettings(assertion_leeway_seconds=3600))
    client = await add_backend(served)
    detail = await refusal_of(served, client, served.assertion("backend", ES, exp=START - 60))
    assert detail == "the assertion is past its exp"
    await served.close()


@pytest.mark.row("K8", "K14")
async def test_a_wrong_signature_is_refused(served: TestServer) -> None:
    client = await add_backend(served)
    forged = served.assertion("backend", OTHER, header={"kid": "es"})
    assert await refusal_of(served, client, forged) == "the signature is wrong"


@pytest.mark.row("K3", "K14")
@pytest.mark.parametrize(
    ("header", "rule"),
    [
        ({"alg": "none"}, "header alg must be one of"),
        ({"alg": "HS256"}, "header alg must be one of"),
        ({"alg": ["ES384"]}, "header alg must be one of"),
        ({"alg": "ES384", "crit": ["exp"], "exp": 1}, "header crit is not supported"),
        ({"alg": "ES384", "kid": ["es"]}, "header kid is required"),
    ],
    ids=["none", "symmetric", "list", "crit", "kid-list"],
)
async def test_a_header_that_no_library_would_write_is_refused(
    served: TestServer, header: dict[str, Any], rule: str
) -> None:
    client = await add_backend(served)
    fields = served.assertion("backend", ES)
    _, claims, signature = fields["client_assertion"].split(".")
    head = urlsafe_b64encode(msgspec.json.encode({"typ": "JWT", "kid": "es", **header})).rstrip(b"=").decode()
    forged = fields | {"client_assertion": f"{head}.{claims}.{signature}"}
    assert (await refusal_of(served, client, forged)).startswith(rule)


@pytest.mark.row("K4", "K14")
async def test_a_private_or_weak_key_in_the_set_is_refused(served: TestServer) -> None:
    client = await add_backend(served, jwks={"keys": [ES]})
    assert (await refusal_of(served, client, served.assertion("backend", ES))).startswith(
        "member d is private"
    )


@pytest.mark.row("K2", "K14")
@pytest.mark.parametrize(
    "jwks",
    [
        None,
        {},
        {"keys": "x"},
        {"keys": ["x", None]},
        {"keys": [{**public_jwks(ES)["keys"][0], "x": "AAAA"}]},
        {"keys": [{**public_jwks(ES)["keys"][0], "y": 7}]},
        {"keys": [{"kty": "EC", "crv": "P-384", "kid": "es"}]},
    ],
)
async def test_a_registered_set_that_was_corrupted_authenticates_nobody(
    served: TestServer, jwks: dict[str, Any] | None
) -> None:
    client = await add_backend(served, jwks=jwks)
    await refusal_of(served, client, served.assertion("backend", ES))


@pytest.mark.row("K11")
async def test_two_keys_with_one_kid_are_refused(served: TestServer) -> None:
    twin = {**OTHER, "kid": "es"}
    client = await add_backend(served, jwks=public_jwks(ES, twin))
    detail = await refusal_of(served, client, served.assertion("backend", ES))
    assert detail.startswith("more than one key")


@pytest.mark.row("K11")
async def test_one_kid_on_two_kinds_of_key_is_told_apart_by_the_algorithm(served: TestServer) -> None:
    twin = {**RS, "kid": "es"}
    client = await add_backend(served, jwks=public_jwks(ES, twin))
    assert await ask(served, client, **served.assertion("backend", ES))


@pytest.mark.row("K6", "K11")
async def test_jku_may_be_the_registered_url(served: TestServer) -> None:
    client = await add_backend(served, jwks=None, jwks_uri=JWKS_URI)
    served.web.documents[JWKS_URI] = Fetched(msgspec.json.encode(public_jwks(ES)), 60)
    assert await ask(served, client, **served.assertion("backend", ES, header={"jku": JWKS_URI}))


@pytest.mark.row("K10")
async def test_client_id_must_be_the_issuer_of_the_assertion(served: TestServer) -> None:
    client = await add_backend(served)
    await served.add_client("other")
    detail = await refusal_of(served, client, {"client_id": "other", **served.assertion("backend", ES)})
    assert detail == "client_id differs from the client of the credentials"
    assert await ask(served, client, client_id="backend", **served.assertion("backend", ES))


@pytest.mark.row("K10", "K14")
async def test_an_unknown_client_is_refused(served: TestServer) -> None:
    client = await add_backend(served)
    assert await refusal_of(served, client, served.assertion("nobody", ES)) == "client_id is unknown"


@pytest.mark.row("K5", "K14")
@pytest.mark.parametrize("type_", ["urn:ietf:params:oauth:client-assertion-type:saml2-bearer", None])
async def test_the_type_of_the_assertion_is_required(served: TestServer, type_: str | None) -> None:
    client = await add_backend(served)
    fields: dict[str, Any] = served.assertion("backend", ES) | {"client_assertion_type": type_}
    assert (await refusal_of(served, client, fields)).startswith("client_assertion needs")


@pytest.mark.row("K14")
@pytest.mark.parametrize("text", ["abc", "a.b.c", "....", "é.é.é", "x" * 17_000])
async def test_what_is_no_jwt_is_refused(served: TestServer, text: str) -> None:
    client = await add_backend(served)
    await refusal_of(served, client, served.assertion("backend", ES) | {"client_assertion": text})


async def test_claims_that_are_no_object_are_refused(served: TestServer) -> None:
    client = await add_backend(served)
    text = signed(ES, {"alg": "ES384", "typ": "JWT", "kid": "es"}, {"sub": None})
    await refusal_of(served, client, served.assertion("backend", ES) | {"client_assertion": text})


@pytest.mark.parametrize("alg", ["PS256", "ES256"])
async def test_a_fapi_client_names_the_issuer_as_audience(served: TestServer, alg: str) -> None:
    jwk = private_jwk(alg, "fapi")
    client = await add_backend(served, jwks=public_jwks(jwk), assertion_profile="fapi2")
    assert await ask(served, client, **served.assertion("backend", jwk, aud="https://auth.example"))
    detail = await refusal_of(served, client, served.assertion("backend", jwk))
    assert detail == "aud must be https://auth.example"


async def test_profiles_do_not_share_their_algorithms(served: TestServer) -> None:
    ps = private_jwk("PS256", "ps")
    smart = await add_backend(served, jwks=public_jwks(ps))
    assert (await refusal_of(served, smart, served.assertion("backend", ps))).startswith("header alg must be")


async def test_a_profile_that_is_not_on_is_refused(served: TestServer) -> None:
    client = await add_backend(served, assertion_profile="udap")
    detail = await refusal_of(served, client, served.assertion("backend", ES))
    assert detail == "the assertion profile udap is not on here"
