"""Which authorization requests are valid, and where a refusal is told: on a page, or to the app."""

from typing import Any

import pytest

from assent.engine.authorize.request import (
    MAX_STATE,
    AuthorizeRequest,
    PageError,
    RedirectError,
    read_authorize_request,
)
from assent.engine.handles import hash_handle
from assent.engine.issue import ID_TOKEN_ALG, ID_TOKEN_TYPE
from assent.engine.settings import EngineSettings
from assent.spec.pkce import challenge_of
from assent.testing.server import ISSUER, REDIRECT_URI, VERIFIER, TestServer, a_server

SCOPE = "openid fhirUser launch/patient patient/*.rs"
USUAL = {
    "response_type": "code",
    "client_id": "app",
    "redirect_uri": REDIRECT_URI,
    "scope": SCOPE,
    "state": "s",
    "aud": ISSUER.fhir_base,
    "code_challenge": challenge_of(VERIFIER),
    "code_challenge_method": "S256",
}


async def read(served: TestServer, *more: tuple[str, str], **changes: str | None) -> AuthorizeRequest:
    pairs = [(name, value) for name, value in {**USUAL, **changes}.items() if value is not None]
    request, _ = await read_authorize_request(served.server, [*pairs, *more])
    return request


async def told_the_app(served: TestServer, *more: tuple[str, str], **changes: str | None) -> RedirectError:
    with pytest.raises(RedirectError) as caught:
        await read(served, *more, **changes)
    return caught.value


async def told_on_a_page(served: TestServer, *more: tuple[str, str], **changes: str | None) -> PageError:
    with pytest.raises(PageError) as caught:
        await read(served, *more, **changes)
    return caught.value


@pytest.fixture
async def with_app(served: TestServer) -> TestServer:
    """The server with the client `app`."""
    await served.add_client("app")
    return served


@pytest.mark.row("A5")
async def test_a_request_with_all_its_parameters_is_taken(with_app: TestServer) -> None:
    request = await read(with_app, nonce="n", login_hint="amy", max_age="60", prompt="login consent")
    assert request == AuthorizeRequest(
        client_id="app",
        redirect_uri=REDIRECT_URI,
        state="s",
        scope=SCOPE,
        asked_scope=SCOPE,
        aud=ISSUER.fhir_base,
        launch_hash=None,
        code_challenge=USUAL["code_challenge"],
        nonce="n",
        prompt=("consent", "login"),
        max_age=60,
        login_hint="amy",
        hinted_subject=None,
        ui_locales=None,
    )
    assert AuthorizeRequest.from_json(request.to_json()) == request


# --- phase A: nobody is sent anywhere --------------------------------------------------------------------------------


@pytest.mark.row("A11")
@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"client_id": None}, "client_id is required"),
        ({"client_id": ""}, "client_id is required"),
        ({"client_id": "nobody"}, "client_id is unknown here"),
        ({"redirect_uri": None}, "redirect_uri is required"),
        ({"redirect_uri": "https://evil.example/done"}, "redirect_uri is not registered for this client"),
    ],
)
async def test_without_a_known_client_and_its_redirect_uri_nobody_is_redirected(
    with_app: TestServer, changes: dict[str, str | None], rule: str
) -> None:
    assert (await told_on_a_page(with_app, **changes)).error.description == rule


@pytest.mark.row("A11")
@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
async def test_a_repeated_client_id_or_redirect_uri_is_refused_on_a_page(
    with_app: TestServer, name: str
) -> None:
    refused = await told_on_a_page(with_app, (name, USUAL[name]))
    assert refused.error.description == f"{name} is repeated"


@pytest.mark.row("A6")
@pytest.mark.parametrize(
    "uri",
    [
        f"{REDIRECT_URI}/",
        f"{REDIRECT_URI}?x=1",
        f"{REDIRECT_URI}#x",
        REDIRECT_URI.upper(),
        REDIRECT_URI.replace("https", "http"),
        REDIRECT_URI.replace("app.example", "app.example:443"),
        REDIRECT_URI.replace("app.example", "app.example@evil.example"),
        REDIRECT_URI.replace("app.example", "app.example.evil.example"),
        f"{REDIRECT_URI}/../other",
        f" {REDIRECT_URI}",
    ],
)
async def test_a_redirect_uri_that_differs_by_a_character_is_another(with_app: TestServer, uri: str) -> None:
    await told_on_a_page(with_app, redirect_uri=uri)


@pytest.mark.row("A6")
async def test_the_port_is_free_on_the_loopback_addresses_alone(served: TestServer) -> None:
    await served.add_client("app", redirect_uris=("http://127.0.0.1/done", "http://localhost:8000/done"))
    assert (await read(served, redirect_uri="http://127.0.0.1:51004/done")).redirect_uri.endswith(
        ":51004/done"
    )
    await told_on_a_page(served, redirect_uri="http://localhost:8001/done")
    await told_on_a_page(served, redirect_uri="http://127.0.0.1:51004/else")


async def test_a_client_that_is_switched_off_is_refused_on_a_page(served: TestServer) -> None:
    await served.add_client("app", enabled=False)
    assert (await told_on_a_page(served)).error.code == "unauthorized_client"


# --- phase B: the app is told ----------------------------------------------------------------------------------------


@pytest.mark.row("A5")
@pytest.mark.parametrize(
    "name", ["response_type", "scope", "state", "aud", "code_challenge", "code_challenge_method"]
)
async def test_each_required_parameter_is_required(with_app: TestServer, name: str) -> None:
    for missing in (None, ""):
        refused = await told_the_app(with_app, **{name: missing})
        assert refused.error.code == "invalid_request"
        assert name in refused.error.description
        assert refused.redirect_uri == REDIRECT_URI


@pytest.mark.row("A5")
@pytest.mark.parametrize("name", ["response_type", "scope", "aud", "code_challenge", "nonce", "launch"])
async def test_a_repeated_parameter_is_refused(with_app: TestServer, name: str) -> None:
    refused = await told_the_app(with_app, (name, "x"), (name, "x"))
    assert refused.error.code == "invalid_request"
    assert refused.state == "s"


async def test_of_two_states_none_is_sent_back(with_app: TestServer) -> None:
    refused = await told_the_app(with_app, ("state", "another"))
    assert refused.error.code == "invalid_request"
    assert refused.state is None


@pytest.mark.row("A14")
async def test_a_state_of_thousands_of_characters_is_taken_and_a_longer_one_refused(
    with_app: TestServer,
) -> None:
    assert (await read(with_app, state="é" * MAX_STATE)).state == "é" * MAX_STATE
    assert (await told_the_app(with_app, state="x" * (MAX_STATE + 1))).error.code == "invalid_request"


@pytest.mark.parametrize("response_type", ["token", "id_token", "code id_token", "none", "CODE"])
async def test_another_response_type_is_refused(with_app: TestServer, response_type: str) -> None:
    refused = await told_the_app(with_app, response_type=response_type)
    assert refused.error.code == "unsupported_response_type"


@pytest.mark.parametrize(
    "fields", [{"grant_types": ("client_credentials",)}, {"response_types": ()}], ids=["grant", "response"]
)
async def test_a_client_without_the_code_flow_is_refused(served: TestServer, fields: dict[str, Any]) -> None:
    await served.add_client("app", **fields)
    assert (await told_the_app(served)).error.code == "unauthorized_client"


async def test_a_client_that_has_to_push_its_requests_is_refused(served: TestServer) -> None:
    await served.add_client("app", require_pushed_authorization_requests=True)
    assert (await told_the_app(served)).error.code == "invalid_request"


@pytest.mark.parametrize(
    ("name", "code"),
    [("request", "request_not_supported"), ("request_uri", "request_uri_not_supported")],
)
async def test_request_objects_are_refused(with_app: TestServer, name: str, code: str) -> None:
    assert (await told_the_app(with_app, **{name: "x"})).error.code == code


@pytest.mark.parametrize("mode", ["fragment", "form_post", "jwt"])
async def test_a_response_mode_other_than_query_is_refused(with_app: TestServer, mode: str) -> None:
    assert (await told_the_app(with_app, response_mode=mode)).error.code == "invalid_request"
    assert await read(with_app, response_mode="query")


@pytest.mark.row("A10")
@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"code_challenge_method": "s256"},
        {"code_challenge": None},
        {"code_challenge": "short"},
        {"code_challenge": "x" * 129},
        {"code_challenge": "=" * 43},
    ],
)
async def test_pkce_is_s256_or_nothing_goes_on(with_app: TestServer, changes: dict[str, str | None]) -> None:
    assert (await told_the_app(with_app, **changes)).error.code == "invalid_request"


async def test_pkce_may_be_left_out_only_by_a_confidential_client_that_may_and_sends_a_nonce(
    served: TestServer,
) -> None:
    await served.add_client("oidc", pkce="optional")
    await served.add_client("public", pkce="optional", token_endpoint_auth_method="none")
    none = {"code_challenge": None, "code_challenge_method": None}
    assert (await read(served, client_id="oidc", nonce="n", **none)).code_challenge is None
    await told_the_app(served, client_id="oidc", **none)
    await told_the_app(served, client_id="public", nonce="n", **none)
    await told_the_app(served, client_id="oidc", nonce="n", code_challenge_method="plain")


@pytest.mark.row("A7")
@pytest.mark.parametrize(
    "aud",
    [
        "https://counterfeit.example/r4",
        ISSUER.fhir_base + "//",
        ISSUER.fhir_base + "/Patient",
        ISSUER.fhir_base.upper(),
        ISSUER.fhir_base + "?x",
    ],
)
async def test_aud_is_a_fhir_server_of_ours(with_app: TestServer, aud: str) -> None:
    assert (await told_the_app(with_app, aud=aud)).error.code == "invalid_request"


@pytest.mark.row("A7")
async def test_one_slash_at_the_end_of_aud_is_tolerated_unless_the_setting_says_otherwise(
    with_app: TestServer,
) -> None:
    slashed = ISSUER.fhir_base + "/"
    assert (await read(with_app, aud=slashed)).aud == ISSUER.fhir_base
    strict = await a_server(EngineSettings(audience_slash=False))
    await strict.add_client("app")
    await told_the_app(strict, aud=slashed)
    await strict.close()


@pytest.mark.row("A8")
async def test_resource_is_a_synonym_of_aud(with_app: TestServer) -> None:
    assert (await read(with_app, aud=None, resource=ISSUER.fhir_base)).aud == ISSUER.fhir_base
    for wrong in ("https://counterfeit.example/r4", "x"):
        refused = await told_the_app(with_app, ("resource", wrong), resource=ISSUER.fhir_base)
        assert refused.error.code == "invalid_target"


async def test_aud_may_be_left_out_where_no_fhir_scope_is_asked(with_app: TestServer) -> None:
    assert (await read(with_app, scope="openid fhirUser", aud=None)).aud is None


async def test_a_launch_handle_is_kept_as_its_hash(served: TestServer) -> None:
    await served.add_client("app", scope=("launch", "patient/*.rs"))
    request = await read(served, scope="launch patient/*.rs", launch="a-handle")
    assert request.launch_hash == hash_handle("a-handle").hex()
    assert "a-handle" not in str(request.to_json())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("prompt", "none login"),
        ("prompt", "create"),
        ("max_age", "-1"),
        ("max_age", "soon"),
        ("nonce", "x" * 1025),
        ("login_hint", "x" * 201),
        ("ui_locales", "x" * 201),
    ],
)
async def test_a_malformed_optional_parameter_is_refused_by_name(
    with_app: TestServer, name: str, value: str
) -> None:
    refused = await told_the_app(with_app, **{name: value})
    assert refused.error.code == "invalid_request"
    assert name in refused.error.description


@pytest.mark.row("O5")
async def test_an_unknown_parameter_is_ignored(with_app: TestServer) -> None:
    assert await read(with_app, acr_values="x", display="page", claims="{}", whatever="x")


# --- id_token_hint ---------------------------------------------------------------------------------------------------


async def id_token(served: TestServer, typ: str = ID_TOKEN_TYPE, **claims: Any) -> str:
    says = {"iss": ISSUER.url, "sub": "u-amy", "aud": "app", "exp": 1, **claims}
    return await served.server.keys.sign(ID_TOKEN_ALG, typ, says)


async def test_an_id_token_of_ours_says_whom_the_app_means_however_old_it_is(with_app: TestServer) -> None:
    assert (await read(with_app, id_token_hint=await id_token(with_app))).hinted_subject == "u-amy"


@pytest.mark.parametrize(
    "claims", [{"iss": "https://else.example"}, {"aud": "other"}, {"aud": ["app"]}, {"sub": 1}]
)
async def test_an_id_token_of_another_issuer_or_for_another_client_is_no_hint(
    with_app: TestServer, claims: dict[str, Any]
) -> None:
    refused = await told_the_app(with_app, id_token_hint=await id_token(with_app, **claims))
    assert refused.error.code == "invalid_request"


async def test_an_access_token_or_a_forged_token_is_no_hint(with_app: TestServer) -> None:
    token = await id_token(with_app)
    forged = token[:-8] + ("AAAAAAAA" if not token.endswith("AAAAAAAA") else "BBBBBBBB")
    for wrong in (await id_token(with_app, typ="at+jwt"), forged, "x", "a.b.c"):
        assert (await told_the_app(with_app, id_token_hint=wrong)).error.code == "invalid_request"
