"""The application as it is routed: CORS, methods, unknown paths, operations, several issuers."""

from typing import Any

import httpx
import pytest

from assent.app.settings import IssuerSettings, ServerSettings, Settings
from assent.testing.application import PUBLIC_URL, REDIRECT_URI, Application

APP_ORIGIN = "https://app.example"
DOCUMENTS = [
    "/.well-known/smart-configuration",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/.well-known/jwks.json",
    "/jwk",
]
ENDPOINTS = ["/oauth/token", "/oauth/userinfo", "/oauth/token/revoke", "/session/token/revoke"]
PAGES = ["/login", "/context", "/approve", "/oauth/authorize", "/oauth/revoke", "/oauth/logout"]
TOKEN = {"grant_type": "authorization_code", "client_id": "app", "code": "x", "redirect_uri": REDIRECT_URI}


@pytest.fixture
async def http(application: Application) -> httpx.AsyncClient:
    await application.add_client()
    return application.http()


# --- CORS ------------------------------------------------------------------------------------------------------------


@pytest.mark.row("X1", "X3")
@pytest.mark.parametrize("path", DOCUMENTS)
async def test_any_web_page_may_read_the_documents(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path, headers={"Origin": "https://anybody.example"})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


def preflight(method: str, origin: str = APP_ORIGIN) -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type",
    }


@pytest.mark.row("X1", "X2")
@pytest.mark.parametrize("path", [*DOCUMENTS, *ENDPOINTS])
async def test_a_preflight_is_answered_for_any_origin(http: httpx.AsyncClient, path: str) -> None:
    method = "POST" if path in ENDPOINTS else "GET"
    answer = await http.options(path, headers=preflight(method, "https://anybody.example"))
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert method in answer.headers["access-control-allow-methods"]
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()


@pytest.mark.row("X2")
async def test_the_clients_own_pages_read_what_the_token_endpoint_answers_and_no_others(
    http: httpx.AsyncClient,
) -> None:
    own = await http.post("/oauth/token", data=TOKEN, headers={"Origin": APP_ORIGIN})
    assert own.status_code == 400
    assert own.headers["access-control-allow-origin"] == APP_ORIGIN
    assert "origin" in own.headers["vary"].lower()
    for other in (
        "https://anybody.example",
        "null",
        "https://app.example.evil.example",
        "http://app.example",
    ):
        answer = await http.post("/oauth/token", data=TOKEN, headers={"Origin": other})
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", PAGES)
async def test_no_other_site_reads_a_page(http: httpx.AsyncClient, path: str) -> None:
    for method in ("GET", "OPTIONS"):
        answer = await http.request(method, path, headers=preflight("GET"))
        assert "access-control-allow-origin" not in answer.headers


# --- methods and paths -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*DOCUMENTS, "/health/live", "/static/assent.css"])
async def test_head_of_a_document_is_answered_as_get_is(http: httpx.AsyncClient, path: str) -> None:
    head, get = await http.head(path), await http.get(path)
    assert head.status_code == get.status_code == 200
    assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/oauth/token", "POST"),
        ("PUT", "/oauth/introspect", "POST"),
        ("DELETE", "/oauth/launch", "POST"),
        ("POST", "/.well-known/smart-configuration", "GET"),
        ("POST", "/jwk", "GET"),
        ("DELETE", "/login", "POST"),
        ("PUT", "/approve", "POST"),
        ("POST", "/health/live", "GET"),
    ],
)
async def test_a_wrong_method_is_405_and_says_which_are_right(
    http: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    answer = await http.request(method, path)
    assert answer.status_code == 405
    assert allowed in answer.headers["allow"]


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/nothing", "text/html"),
        ("/login/", "text/html"),
        ("/oauth/nothing", "text/html"),
        ("/static/../assent.toml", "text/html"),
        ("/static/nothing.css", "text/html"),
        ("/oauth/token/nothing", "application/json"),
        ("/.well-known/nothing", "application/json"),
        ("/health/nothing", "application/json"),
    ],
)
async def test_an_unknown_path_is_404_as_a_page_for_people_and_json_for_programs(
    http: httpx.AsyncClient, path: str, content_type: str
) -> None:
    answer = await http.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith(content_type)
    assert "nothing" not in answer.text


@pytest.mark.parametrize(
    "path", ["/login", "/oauth/token", "/nothing", "/.well-known/jwks.json", "/oauth/authorize"]
)
async def test_every_answer_carries_the_headers_that_keep_a_browser_honest(
    http: httpx.AsyncClient, path: str
) -> None:
    answer = await http.get(path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert len(answer.headers["x-request-id"]) == 16
    assert "server" not in answer.headers


async def test_a_fault_of_ours_tells_a_reference_and_nothing_else(
    application: Application, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_given: Any) -> Any:
        raise RuntimeError("the inside of it")

    monkeypatch.setattr("assent.endpoints.authorize.read_authorize_request", broken)
    answer = await http.get("/oauth/authorize?client_id=app")
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith("text/html")
    assert "inside" not in answer.text


@pytest.mark.row("A2")
async def test_what_is_not_offered_is_neither_published_nor_routed(http: httpx.AsyncClient) -> None:
    found = (await http.get("/.well-known/smart-configuration")).json()
    assert "registration_endpoint" not in found
    assert "pushed_authorization_request_endpoint" not in found
    for path in ("/oauth/register", "/oauth/par", "/oauth/device_authorization"):
        assert (await http.post(path, json={})).status_code == 404


# --- operations ------------------------------------------------------------------------------------------------------


async def test_live_and_ready_say_so(http: httpx.AsyncClient) -> None:
    assert (await http.get("/health/live")).json() == {"status": "ok"}
    assert (await http.get("/health/ready")).json() == {"status": "ok"}


async def test_a_server_without_its_database_is_live_but_not_ready(application: Application) -> None:
    http = application.http()
    await application.installation.backend.close()
    assert (await http.get("/health/live")).status_code == 200
    assert (await http.get("/health/ready")).status_code == 503


async def test_metrics_count_events_for_loopback_only(
    application: Application, http: httpx.AsyncClient
) -> None:
    await http.get("/oauth/authorize?client_id=ghost")
    inside = application.http("127.0.0.1")
    text = (await inside.get("/metrics")).text
    assert 'assent_events_total{outcome="refused",type="authorization.refused"} 1.0' in text
    assert (await http.get("/metrics")).status_code == 403
    assert (await application.http("no address").get("/metrics")).status_code == 403


async def test_metrics_tell_whether_the_node_is_ready(application: Application) -> None:
    inside = application.http("127.0.0.1")
    assert "assent_ready 1.0" in (await inside.get("/metrics")).text
    await application.installation.backend.close()
    assert "assent_ready 0.0" in (await inside.get("/metrics")).text


# --- several issuers -------------------------------------------------------------------------------------------------


async def test_two_issuers_in_one_process_know_nothing_of_each_other(open_with: Any) -> None:
    settings = Settings(
        server=ServerSettings(public_url=PUBLIC_URL),
        issuers={"north": IssuerSettings(f"{PUBLIC_URL}/north")},
    )
    application: Application = await open_with(settings=settings)
    await application.add_client(auto_approve_scope=("openid",))
    await application.add_amy()
    http, browser = application.http(), application.browser()
    app = application.smart_app()
    found = (await http.get("/north/.well-known/openid-configuration")).json()
    assert found["issuer"] == f"{PUBLIC_URL}/north"
    assert found["authorization_endpoint"] == f"{PUBLIC_URL}/north/oauth/authorize"
    inserted = await http.get("/.well-known/oauth-authorization-server/north")
    assert inserted.json() == found
    # the client, the person and the session are the other issuer's
    await app.launch(browser, "openid")
    assert "code" in (await browser.sign_in("amy")).answered
    elsewhere = await browser.open(app.url("openid").replace("/oauth/", "/north/oauth/"))
    assert elsewhere.status == 400
    assert (await browser.open("/north/oauth/revoke")).path == "/north/login"
    page = await browser.sign_in("amy")
    assert page.path == "/north/login"  # no such person there
    assert set(browser.cookies) == {
        "assent-browser",
        "assent-session",
        "assent-device",
        "assent-browser-north",
    }
    keys = [(await http.get(path)).json()["keys"] for path in ("/jwk", "/north/jwk")]
    assert {key["n"] for key in keys[0]}.isdisjoint(key["n"] for key in keys[1])
    assert (await http.get("/north/login/")).status_code == 404


# --- credentials -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/oauth/token"),
        ("POST", "/oauth/introspect"),
        ("POST", "/oauth/token/revoke"),
        ("POST", "/oauth/launch"),
        ("GET", "/oauth/userinfo"),
        ("POST", "/oauth/userinfo"),
        ("GET", "/fhir/Patient"),
        ("POST", "/fhir/Patient/_search"),
    ],
)
@pytest.mark.parametrize("second", ["Bearer x", "Bearer y", "Basic YTpi", ""])
async def test_a_repeated_authorization_header_is_refused(
    http: httpx.AsyncClient, method: str, path: str, second: str
) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    headers = [("authorization", "Bearer x"), ("authorization", second), *form.items()]
    answer = await http.request(method, path, headers=headers)
    assert answer.status_code == 400
    if path.startswith("/fhir/"):
        (issue,) = answer.json()["issue"]
        assert issue["diagnostics"].startswith("the Authorization header is repeated")
    else:
        assert answer.json()["error"] == "invalid_request"
