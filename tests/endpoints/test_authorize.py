"""`/oauth/authorize` from outside: what comes back, where refusals are told, and that nothing breaks it."""

from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications import Driven
from assent.spec.resource_types import RESOURCE_TYPES
from assent.storage.interface import Change, act
from assent.storage.tables import CLIENTS, CODES, PENDING
from assent.testing.application import REDIRECT_URI, Application
from assent.testing.browser import Browser
from assent.testing.smart_app import SmartApp

SCOPE = "openid fhirUser launch/patient patient/*.rs"


@pytest.fixture
async def app(application: Application) -> SmartApp:
    await application.add_client()
    await application.add_amy()
    return application.smart_app()


@pytest.fixture
def browser(application: Application) -> Browser:
    return application.browser()


async def code_page(app: SmartApp, browser: Browser, **changes: str | None) -> str:
    """The URL of the app that the browser ends at, all being approved."""
    await app.launch(browser, SCOPE, **changes)
    await browser.sign_in("amy")
    page = await browser.approve()
    assert page.left_to is not None
    return page.left_to


@pytest.mark.row("A4", "A11", "O6")
async def test_the_app_gets_code_state_and_iss_and_nothing_else(app: SmartApp, browser: Browser) -> None:
    landed = await code_page(app, browser)
    assert landed.startswith(REDIRECT_URI + "?")
    assert [name for name, _ in parse_qsl(urlsplit(landed).query)] == ["code", "state", "iss"]
    assert browser.here.answered["iss"] == app.origin


@pytest.mark.row("A4")
async def test_a_request_by_post_goes_the_same_way(app: SmartApp, browser: Browser) -> None:
    page = await browser.post_from_elsewhere("/oauth/authorize", app.parameters(SCOPE))
    assert [answer.status_code for answer in page.trail] == [303, 303, 200]
    await browser.sign_in("amy")
    assert "code" in (await browser.approve()).answered


@pytest.mark.row("A15")
async def test_a_very_long_scope_comes_by_post(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    scopes = [f"patient/{type_}.rs" for type_ in sorted(RESOURCE_TYPES)]
    scopes += [f"patient/Observation.rs?code=http://loinc.org|{number:05}" for number in range(50)]
    await browser.post_from_elsewhere("/oauth/authorize", app.parameters(" ".join(scopes)))
    await browser.sign_in("amy")
    tokens = (await app.redeem(application.http(), await browser.approve())).json()
    assert tokens["scope"].split() == scopes
    assert len(tokens["access_token"]) < 8000


@pytest.mark.row("S14")
@pytest.mark.parametrize("scope", ["https://example.org/scopes/schedule", "__schedule", "schedule:read"])
async def test_a_scope_of_an_installations_own_is_asked_and_granted_like_any_other(
    application: Application, browser: Browser, scope: str
) -> None:
    await application.add_client(scope=("openid", scope))
    await application.add_amy()
    app = application.smart_app()
    await app.launch(browser, f"openid {scope} {scope}x")
    page = await browser.sign_in("amy")
    assert page.form().values("scope") == ["openid", scope]
    tokens = (await app.redeem(application.http(), await browser.approve())).json()
    assert tokens["scope"] == f"openid {scope}"


STATES = [
    "x" * 2000,
    "é" * 2500,
    "🜁" * 2000,
    "a b+c%20d&e=f#g?h/i\\j\"k'l<m>;n",
    "\u202e\u200b\ufeff",
    "line\r\nbreak: header",
    "%",
    "%zz",
    "+",
    " ",
    "\x7f\x01",
]


@pytest.mark.row("A11", "A14")
@pytest.mark.parametrize("state", STATES)
async def test_state_comes_back_exactly(app: SmartApp, browser: Browser, state: str) -> None:
    landed = await code_page(app, browser, state=state)
    assert parse_qs(urlsplit(landed).query, strict_parsing=True)["state"] == [state]


@pytest.mark.row("A11", "A14")
@pytest.mark.parametrize("state", STATES)
async def test_state_comes_back_exactly_with_a_refusal(app: SmartApp, browser: Browser, state: str) -> None:
    page = await app.launch(browser, SCOPE, state=state, prompt="none")
    assert page.answered["state"] == state
    assert page.answered["error"] == "login_required"


async def test_the_query_of_a_redirect_uri_is_kept(application: Application, browser: Browser) -> None:
    uri = "https://app.example/done?tenant=7&x=%20y"
    await application.add_client(redirect_uris=(uri,), auto_approve_scope=("openid",))
    await application.add_amy()
    await application.smart_app(redirect_uri=uri).launch(browser, "openid")
    page = await browser.sign_in("amy")
    assert page.left_to is not None
    assert page.left_to.startswith(uri + "&code=")


async def test_a_private_scheme_gets_its_code(application: Application, browser: Browser) -> None:
    uri = "com.example.app:/done"
    await application.add_client(redirect_uris=(uri,))
    await application.add_amy()
    await application.smart_app(redirect_uri=uri).launch(browser, "openid")
    await browser.sign_in("amy")
    page = await browser.approve()
    assert page.left_to is not None
    assert page.left_to.startswith(uri + "?code=")


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.row("A11")
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_untrusted_redirect_uri_gets_a_page_and_no_redirect(
    application: Application, app: SmartApp, method: str
) -> None:
    parameters = app.parameters(SCOPE, redirect_uri="https://evil.example/done")
    http = application.http()
    answer = (
        await http.get("/oauth/authorize", params=parameters)
        if method == "GET"
        else await http.post("/oauth/authorize", data=dict(parameters))
    )
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "//evil.example" not in answer.text  # nothing on it leads there
    (refused,) = await application.audit("authorization.refused")
    assert refused.reference is not None
    assert refused.reference in answer.text
    assert (refused.client_id, refused.outcome) == ("app", "refused")


async def test_an_unknown_client_leaves_a_row_by_which_its_developer_is_helped(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    page = await app.launch(browser, SCOPE, client_id="ghost")
    assert page.status == 400
    (refused,) = await application.audit("authorization.refused")
    assert refused.detail is not None
    assert refused.detail["description"] == "client_id is unknown here"


@pytest.mark.row("A11")
async def test_a_refusal_that_the_app_is_told_of_names_the_rule_and_a_reference(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    page = await app.launch(browser, SCOPE, aud="https://counterfeit.example/fhir")
    assert page.answered["error"] == "invalid_request"
    (refused,) = await application.audit("authorization.refused")
    assert page.answered["error_description"] == (
        f"aud is not a FHIR server of this issuer (reference {refused.reference})"
    )
    assert refused.detail is not None
    assert refused.detail["detail"] == f"expected {app.fhir_base}"
    assert await application.server.storage.find(PENDING) == []


async def test_a_client_that_is_switched_off_on_the_way_gets_nothing(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    await app.launch(browser, SCOPE)
    await browser.sign_in("amy")
    await application.server.storage.commit(act(Change(CLIENTS, ("app",), {"enabled": False})))
    assert (await browser.approve()).status == 400
    assert await application.server.storage.find(CODES) == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("text/plain", b"client_id=app"),
        ("", b"client_id=app"),
        ("application/x-www-form-urlencoded; charset=iso-8859-1", b"client_id=app"),
        ("application/x-www-form-urlencoded", b"client_id=%ff%fe"),
        ("application/x-www-form-urlencoded", b"client_id=\xff"),
        ("application/x-www-form-urlencoded", b"client_id=app%00"),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(600))),
        ("application/x-www-form-urlencoded", b""),
    ],
)
async def test_a_malformed_body_is_refused(
    application: Application, app: SmartApp, content_type: str, body: bytes
) -> None:
    answer = await application.http().post(
        "/oauth/authorize", content=body, headers={"Content-Type": content_type}
    )
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("query", [b"client_id=%ff", b"client_id=%00", b"state=%ed%a0%80", b"a=1&" * 501])
async def test_a_malformed_query_is_refused(application: Application, app: SmartApp, query: bytes) -> None:
    answer = await application.http().get(f"/oauth/authorize?{query.decode()}")
    assert answer.status_code == 400


async def test_an_oversized_request_is_refused(application: Application, app: SmartApp) -> None:
    http = application.http()
    body = b"state=" + b"x" * 70_000
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await http.post("/oauth/authorize", content=body, headers=form)).status_code == 413


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
async def test_another_method_is_answered_with_405(application: Application, method: str) -> None:
    answer = await application.http().request(method, "/oauth/authorize")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].replace(" ", "").split(",")) == {"GET", "POST"}


async def test_a_path_with_a_slash_at_its_end_is_another_and_makes_no_url_of_the_host(
    application: Application, app: SmartApp
) -> None:
    answer = await application.http().get("/oauth/authorize/", headers={"Host": "evil.example"})
    assert answer.status_code == 404
    assert "evil.example" not in str(answer.headers)


@pytest.mark.parametrize("flow", ["", "x", "x" * 43, "%ff", "%00", "é"])
@pytest.mark.parametrize("path", ["/login", "/context", "/approve", "/oauth/authorize/continue"])
async def test_a_request_that_nobody_began_cannot_be_gone_on_with(
    application: Application, app: SmartApp, path: str, flow: str
) -> None:
    answer = await application.http().get(f"{path}?flow={flow}")
    assert answer.status_code == 400


# --- whatever comes --------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(
    [
        "response_type", "client_id", "redirect_uri", "scope", "state", "aud", "resource", "launch", "prompt",
        "code_challenge", "code_challenge_method", "nonce", "max_age", "login_hint", "id_token_hint", "request",
        "request_uri", "response_mode", "ui_locales", "claims", "x",
    ]
)  # fmt: skip
VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "app", "code", "S256", "none", "login", REDIRECT_URI, "http://localhost:9200/fhir", "0", "-1", "9" * 40,
            "openid patient/*.rs", "patient/*.rs?x=%ff", "launch launch/patient", "a.b.c", "e30.e30.e30",
        ]
    ),
)  # fmt: skip


@given(
    changes=st.lists(st.tuples(NAMES, VALUES), max_size=6),
    drop=st.sets(NAMES, max_size=3),
    post=st.booleans(),
)
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_request_is_answered_with_a_page_or_a_redirect_never_with_a_fault(
    driven: Driven, changes: list[tuple[str, str]], drop: set[str], post: bool
) -> None:
    application = driven.application
    if driven.run(application.server.storage.get(CLIENTS, "app")) is None:
        driven.run(application.add_client())
    usual = [pair for pair in application.smart_app().parameters(SCOPE) if pair[0] not in drop]
    text = urlencode([*usual, *changes], quote_via=quote, errors="surrogatepass")
    http = application.http()
    if post:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = driven.run(http.post("/oauth/authorize", content=text.encode(), headers=form))
    else:
        answer = driven.run(http.get(f"/oauth/authorize?{text}"))
    assert answer.status_code == 303 or 400 <= answer.status_code < 500
