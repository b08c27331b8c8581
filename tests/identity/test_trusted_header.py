"""Signing in by what a proxy says, and by nobody else's word."""

import html
import re

import httpx
import pytest
from starlette.datastructures import Headers

from applications import OpenWith
from assent.app.settings import Settings
from assent.app.sign_in_settings import SignInSettings, TrustedHeaderSettings
from assent.engine.server import AuthorizationServer
from assent.identity import ArrivalRefused
from assent.identity.mapping import read_rules
from assent.identity.trusted_header import HeaderNames, Proxies, TrustedHeader
from assent.spec.permissions import Permission
from assent.storage.tables import PEOPLE, SESSIONS
from assent.testing.application import PUBLIC_URL, Application
from assent.testing.server import a_server
from assent.web.languages import read_messages
from assent.web.peers import NotedPeers

PROXY = "10.0.0.5"
NAMES = HeaderNames("X-Remote-User", "X-Remote-Id", "X-Given", "X-Family", "X-Mail", "X-Fhir", "X-Groups")
MODULE = TrustedHeader(Proxies(["10.0.0.0/24"]), NAMES, read_rules(["staff => FHIR_ALL_READ"]), "proxy")


@pytest.fixture
async def server() -> AuthorizationServer:
    return (await a_server()).server


async def test_what_the_proxy_says_is_taken(server: AuthorizationServer) -> None:
    headers = Headers(
        {
            "X-Remote-User": "lee",
            "X-Remote-Id": "4711",
            "X-Given": "Hannah",
            "X-Family": "Lee",
            "X-Mail": "lee@clinic.example",
            "X-Fhir": "Practitioner/lee",
            "X-Groups": "everyone, Staff",
        }
    )
    arrival = await MODULE.recognise(server, headers, PROXY)
    assert arrival is not None
    assert (arrival.module, arrival.provider, arrival.subject, arrival.username) == (
        "header",
        "proxy",
        "4711",
        "lee",
    )
    assert (arrival.given_name, arrival.fhir_user) == ("Hannah", "Practitioner/lee")
    assert arrival.permissions == (Permission("FHIR_ALL_READ"),)


@pytest.mark.parametrize("address", ["10.0.1.5", "192.0.2.7", "::1", "", None, "not an address"])
async def test_nobody_else_is_believed(server: AuthorizationServer, address: str | None) -> None:
    assert await MODULE.recognise(server, Headers({"X-Remote-User": "lee"}), address) is None


@pytest.mark.parametrize("headers", [{}, {"X-Remote-User": ""}, {"X-Remote-User": "  "}, {"X-Given": "Eve"}])
async def test_a_request_without_the_header_is_nobodys(
    server: AuthorizationServer, headers: dict[str, str]
) -> None:
    assert await MODULE.recognise(server, Headers(headers), PROXY) is None


async def test_a_name_is_taken_as_it_may_be_shown_and_a_malformed_address_left_out(
    server: AuthorizationServer,
) -> None:
    said = [(b"x-remote-user", b"lee"), (b"x-remote-id", b"4711"), (b"x-given", b"Hannah\t  Eva")]
    said.append((b"x-mail", b"lee at clinic"))
    arrival = await MODULE.recognise(server, Headers(raw=said), PROXY)
    assert arrival is not None
    assert (arrival.given_name, arrival.email) == ("Hannah Eva", None)


async def test_a_header_that_is_there_twice_is_refused(server: AuthorizationServer) -> None:
    twice = Headers(raw=[(b"x-remote-user", b"lee"), (b"x-remote-user", b"admin")])
    with pytest.raises(ArrivalRefused, match="2 times"):
        await MODULE.recognise(server, twice, PROXY)


@pytest.mark.parametrize("identifier", [{}, {"X-Remote-Id": ""}, {"X-Remote-Id": "  "}])
async def test_a_user_name_never_stands_in_for_what_identifies(
    server: AuthorizationServer, identifier: dict[str, str]
) -> None:
    """Whose name is the other's identifier would have the other's account."""
    with pytest.raises(ArrivalRefused, match="X-Remote-Id"):
        await MODULE.recognise(server, Headers({"X-Remote-User": "4711", **identifier}), PROXY)


async def test_the_user_name_identifies_where_no_header_does(server: AuthorizationServer) -> None:
    module = TrustedHeader(Proxies([PROXY]), HeaderNames("X-Remote-User"), (), "proxy")
    arrival = await module.recognise(server, Headers({"X-Remote-User": "lee", "X-Remote-Id": "4711"}), PROXY)
    assert arrival is not None
    assert arrival.subject == "lee"


@pytest.mark.parametrize("reference", ["lee", "Observation/1", "Practitioner/", "https://x/Patient/1?a"])
async def test_a_fhir_user_that_is_none_is_refused(server: AuthorizationServer, reference: str) -> None:
    headers = Headers({"X-Remote-User": "lee", "X-Remote-Id": "4711", "X-Fhir": reference})
    with pytest.raises(ArrivalRefused, match="fhir_user"):
        await MODULE.recognise(server, headers, PROXY)


# --- through the whole application -----------------------------------------------------------------------------------


async def behind_a_proxy(open_with: OpenWith, *modules: str) -> Application:
    sign_in = SignInSettings(modules, header=TrustedHeaderSettings((PROXY,)))
    application = await open_with(settings=Settings(sign_in=sign_in))
    await application.add_client(auto_approve_scope=("openid",))
    return application


def browser_at(application: Application, address: str, **headers: str) -> httpx.AsyncClient:
    app = NotedPeers(application.app, (PROXY,))
    transport = httpx.ASGITransport(app, client=(address, 50000))
    return httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=headers, follow_redirects=True)


async def test_the_proxys_person_is_not_asked(open_with: OpenWith) -> None:
    application = await behind_a_proxy(open_with, "header")
    named = {"X-Remote-User": "lee", "X-Forwarded-For": "192.0.2.7"}
    async with browser_at(application, PROXY, **named) as browser:
        page = await browser.get("/oauth/revoke")
    assert page.url.path == "/oauth/revoke"
    assert page.status_code == 200
    [person] = await application.server.storage.find(PEOPLE)
    assert person.username == "lee"
    [session] = await application.server.storage.find(SESSIONS)
    assert (session.module, session.address) == ("header", "192.0.2.7")


async def test_a_forwarded_address_makes_nobody_the_proxy(open_with: OpenWith) -> None:
    application = await behind_a_proxy(open_with, "header", "local")
    forged = {"X-Remote-User": "admin", "X-Forwarded-For": PROXY}
    async with browser_at(application, "192.0.2.66", **forged) as browser:
        page = await browser.get("/login")
    assert page.url.path == "/login"
    assert await application.server.storage.find(SESSIONS) == []


@pytest.mark.parametrize("language", ["en", "es", "fr", "de", "ar"])
async def test_who_did_not_come_through_the_proxy_is_told_what_to_do(
    open_with: OpenWith, language: str
) -> None:
    application = await behind_a_proxy(open_with, "header")
    async with browser_at(application, "192.0.2.66", **{"Accept-Language": language}) as browser:
        page = await browser.get("/login")
    messages = read_messages(language)
    assert "<form" not in page.text.partition("<main")[2].partition("</main>")[0]
    for key in ("login.by_proxy", "login.by_proxy_next"):
        assert html.escape(messages.text(key), quote=False) in page.text


async def test_where_there_is_a_form_nothing_is_said_of_the_proxy(open_with: OpenWith) -> None:
    application = await behind_a_proxy(open_with, "header", "local")
    async with browser_at(application, "192.0.2.66") as browser:
        page = await browser.get("/login")
    assert 'id="by-proxy"' not in page.text
    assert 'name="password"' in page.text


async def test_a_malformed_word_of_the_proxy_lets_nobody_in(open_with: OpenWith) -> None:
    application = await behind_a_proxy(open_with, "header", "local")
    async with browser_at(application, PROXY) as browser:
        page = await browser.get("/login", headers=[("X-Remote-User", "lee"), ("X-Remote-User", "admin")])
    assert page.status_code == 403
    assert await application.server.storage.find(SESSIONS) == []
    assert len(await application.audit("login.refused")) == 1


async def test_who_has_to_prove_it_anew_is_not_waved_through(open_with: OpenWith) -> None:
    application = await behind_a_proxy(open_with, "header", "local")
    app, browser = application.smart_app(), application.browser(PROXY)
    browser._client.headers["X-Remote-User"] = "lee"
    assert (await app.launch(browser, "openid", prompt="login")).path == "/login"
    assert (await app.launch(browser, "openid")).left_to is not None


async def test_whom_the_proxy_names_no_more_is_signed_out(open_with: OpenWith) -> None:
    application = await behind_a_proxy(open_with, "header", "local")
    async with browser_at(application, PROXY) as browser:
        page = await browser.get("/account", headers={"X-Remote-User": "lee"})
        assert page.url.path == "/account"
        assert (await browser.get("/account")).url.path == "/login"
        assert (await browser.get("/account", headers={"X-Remote-User": "lee"})).url.path == "/account"
    sessions = await application.server.storage.find(SESSIONS)
    assert sorted(bool(session.ended_at) for session in sessions) == [False, True]


async def test_the_next_person_at_the_proxy_is_not_the_one_before(open_with: OpenWith) -> None:
    application = await behind_a_proxy(open_with, "header")
    async with browser_at(application, PROXY) as browser:
        await browser.get("/account", headers={"X-Remote-User": "lee"})
        page = await browser.get("/account", headers={"X-Remote-User": "jonas"})
    assert page.url.path == "/account"
    assert "jonas" in page.text
    assert re.search(r"\blee\b", page.text) is None  # as a word: three letters are in many a token


async def test_who_signed_in_by_herself_stays_whatever_the_proxy_says(open_with: OpenWith) -> None:
    application = await behind_a_proxy(open_with, "header", "local")
    await application.add_amy()
    browser = application.browser(PROXY)
    await browser.open("/login")
    await browser.sign_in("amy")
    browser._client.headers["X-Remote-User"] = "lee"
    assert "Amy Okafor" in (await browser.open("/account")).text
