"""The sign-in page: who gets in, what a browser is given, and when somebody has to sign in again."""

from typing import Any

import httpx
import pytest

from assent.app.settings import ServerSettings
from assent.engine.settings import EngineSettings
from assent.storage.interface import Change, act
from assent.storage.tables import CODES, PEOPLE, SESSIONS
from assent.testing.application import Application
from assent.testing.browser import Browser
from assent.testing.smart_app import SmartApp

IDENTITY = "openid fhirUser"


@pytest.fixture
async def app(application: Application) -> SmartApp:
    """An app whose scopes are approved already, and Amy and Lee."""
    await application.add_client(auto_approve_scope=("openid", "fhirUser"))
    await application.add_amy()
    await application.add_lee()
    return application.smart_app()


@pytest.fixture
def browser(application: Application) -> Browser:
    return application.browser()


async def claims_of(application: Application, app: SmartApp, browser: Browser) -> dict[str, Any]:
    tokens = (await app.redeem(application.http(), browser.here)).json()
    return await application.server.keys.verify(tokens["id_token"], "JWT")


async def test_a_right_password_signs_in(application: Application, app: SmartApp, browser: Browser) -> None:
    await app.launch(browser, IDENTITY, nonce="n-1")
    page = await browser.sign_in("amy")
    assert page.trail[0].status_code == 303
    claims = await claims_of(application, app, browser)
    assert claims["nonce"] == "n-1"
    assert claims["auth_time"] == application.server.now()


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("amy", "wrong"),
        ("amy", ""),
        ("nobody", "demo"),
        ("", "demo"),
        ("amy", "demo" * 300),
        ("x" * 5000, "demo"),
    ],
)
async def test_whatever_is_wrong_the_answer_is_the_same(
    app: SmartApp, browser: Browser, username: str, password: str
) -> None:
    await app.launch(browser, IDENTITY)
    page = await browser.sign_in(username, password)
    assert (page.status, page.path) == (200, "/login")
    assert "That did not work" in page.text or "problem" in page.text
    assert "assent-session" not in browser.cookies


async def test_a_disabled_account_is_answered_like_a_wrong_password(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    (amy,) = [one for one in await application.server.storage.find(PEOPLE) if one.username == "amy"]
    await application.server.storage.commit(act(Change(PEOPLE, (amy.person_id,), {"enabled": False})))
    await app.launch(browser, IDENTITY)
    assert (await browser.sign_in("amy")).path == "/login"
    (refused,) = await application.audit("login.refused")
    assert refused.detail == {"reason": "disabled", "module": "local"}


async def test_user_names_are_compared_without_case_unless_the_setting_says_otherwise(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    await app.launch(browser, IDENTITY)
    assert "code" in (await browser.sign_in(" AMY ")).answered


async def test_login_hint_fills_in_the_name(app: SmartApp, browser: Browser) -> None:
    page = await app.launch(browser, IDENTITY, login_hint='amy"><script>')
    assert page.form().values("username") == ['amy"><script>']
    assert "<script>" not in page.text


# --- the cookies -----------------------------------------------------------------------------------------------------


def cookies_of(answers: tuple[httpx.Response, ...]) -> dict[str, str]:
    """Each Set-Cookie header by the cookie's name."""
    lines = [line for answer in answers for line in answer.headers.get_list("set-cookie")]
    return {line.partition("=")[0]: line.partition(";")[2] for line in lines}


async def test_the_cookies_are_closed_to_scripts_and_other_sites(app: SmartApp, browser: Browser) -> None:
    first = await app.launch(browser, IDENTITY)
    second = await browser.sign_in("amy")
    assert cookies_of(first.trail) == {"assent-browser": " Path=/; HttpOnly; SameSite=Lax"}
    assert cookies_of(second.trail) == {
        "assent-session": " Path=/; HttpOnly; SameSite=Lax",
        "assent-device": " Max-Age=15552000; Path=/; HttpOnly; SameSite=Lax",
    }


async def test_on_https_they_are_bound_to_the_host_and_to_https(open_with: Any) -> None:
    application: Application = await open_with(server=ServerSettings(public_url="https://auth.example"))
    await application.add_client()
    await application.add_amy()
    app, browser = application.smart_app(), application.browser()
    first = await app.launch(browser, IDENTITY)
    second = await browser.sign_in("amy")
    assert cookies_of(first.trail) == {"__Host-assent-browser": " Path=/; HttpOnly; SameSite=Lax; Secure"}
    assert cookies_of(second.trail) == {
        "__Host-assent-session": " Path=/; HttpOnly; SameSite=Lax; Secure",
        "__Host-assent-device": " Max-Age=15552000; Path=/; HttpOnly; SameSite=Lax; Secure",
    }
    assert second.answer.headers["strict-transport-security"].startswith("max-age=")


async def test_each_sign_in_brings_a_new_session_and_ends_the_one_before(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    await app.launch(browser, IDENTITY)
    await browser.sign_in("amy")
    before = browser.cookies["assent-session"]
    await app.launch(browser, IDENTITY, prompt="login")
    await browser.sign_in("amy")
    assert browser.cookies["assent-session"] != before
    sessions = await application.server.storage.find(SESSIONS)
    assert sorted(bool(session.ended_at) for session in sessions) == [False, True]


async def test_a_session_id_that_somebody_planted_is_never_taken_up(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    planted = "p" * 43
    browser._client.cookies.set("assent-session", planted, domain="localhost.local")
    await app.launch(browser, IDENTITY)
    await browser.sign_in("amy")
    fresh = application.browser()
    fresh._client.cookies.set("assent-session", planted, domain="localhost.local")
    assert (await app.launch(fresh, IDENTITY)).path == "/login"


async def test_she_is_signed_in_also_when_the_next_page_cannot_be_shown(
    application: Application, browser: Browser
) -> None:
    await application.add_client()
    await application.add_amy()
    app = application.smart_app()
    await app.launch(browser, "openid launch/patient launch/encounter patient/*.rs")
    application.fhir.is_down = True
    page = await browser.sign_in("amy")
    assert page.status == 503
    application.fhir.is_down = False
    assert (await browser.open(page.url.replace("/login", "/context"))).path == "/context"


# --- when to sign in again -------------------------------------------------------------------------------------------


async def test_a_live_session_needs_no_password(app: SmartApp, browser: Browser) -> None:
    await app.launch(browser, IDENTITY)
    await browser.sign_in("amy")
    assert "code" in (await app.launch(browser, IDENTITY)).answered
    assert "code" in (await app.launch(browser, IDENTITY, prompt="none")).answered


@pytest.mark.parametrize("prompt", ["login", "select_account"])
async def test_prompt_login_asks_although_there_is_a_session(
    application: Application, app: SmartApp, browser: Browser, prompt: str
) -> None:
    await app.launch(browser, IDENTITY)
    await browser.sign_in("amy")
    application.clock.advance(100)
    page = await app.launch(browser, IDENTITY, prompt=prompt)
    assert page.path == "/login"
    await browser.sign_in("amy")
    assert (await claims_of(application, app, browser))["auth_time"] == application.server.now()


async def test_prompt_login_is_not_satisfied_by_a_sign_in_for_something_else(
    app: SmartApp, browser: Browser
) -> None:
    asked = await app.launch(browser, IDENTITY, prompt="login")
    await app.launch(browser, IDENTITY)
    await browser.sign_in("amy")
    assert (await browser.open(asked.url)).path == "/login"


@pytest.mark.row("O5")
@pytest.mark.parametrize(("max_age", "path"), [("100", "/login"), ("101", None), ("0", "/login")])
async def test_max_age_asks_when_the_sign_in_is_older(
    application: Application, app: SmartApp, browser: Browser, max_age: str, path: str | None
) -> None:
    await app.launch(browser, IDENTITY)
    await browser.sign_in("amy")
    signed_in_at = application.server.now()
    application.clock.advance(101)
    page = await app.launch(browser, IDENTITY, max_age=max_age)
    if path:
        assert page.path == path
        await browser.sign_in("amy")
        signed_in_at = application.server.now()
    assert (await claims_of(application, app, browser))["auth_time"] == signed_in_at


@pytest.mark.parametrize(
    ("changes", "error"),
    [({}, "login_required"), ({"max_age": "0"}, "login_required")],
)
async def test_prompt_none_never_shows_a_page(
    app: SmartApp, browser: Browser, changes: dict[str, str], error: str
) -> None:
    if changes:
        await app.launch(browser, IDENTITY)
        await browser.sign_in("amy")
    page = await app.launch(browser, IDENTITY, prompt="none", **changes)
    assert page.answered["error"] == error
    assert page.answered["state"]
    assert page.answered["iss"]


async def test_prompt_none_by_post_works_with_the_session_that_the_redirect_brings(
    app: SmartApp, browser: Browser
) -> None:
    await app.launch(browser, IDENTITY)
    await browser.sign_in("amy")
    page = await browser.post_from_elsewhere("/oauth/authorize", app.parameters(IDENTITY, prompt="none"))
    assert "code" in page.answered


async def test_prompt_none_tells_what_would_have_been_asked(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    await application.add_client("asking")
    asking = application.smart_app("asking")
    await app.launch(browser, IDENTITY)
    await browser.sign_in("lee")
    page = await asking.launch(browser, IDENTITY, prompt="none")
    assert page.answered["error"] == "consent_required"
    page = await asking.launch(browser, "openid patient/*.rs", prompt="none")
    assert page.answered["error"] == "interaction_required"


# --- id_token_hint ---------------------------------------------------------------------------------------------------


async def hint_of(application: Application, app: SmartApp, username: str) -> str:
    """An ID token that the app got when this person signed in."""
    browser = application.browser()
    await app.launch(browser, IDENTITY)
    page = await browser.sign_in(username)
    return str((await app.redeem(application.http(), page)).json()["id_token"])


async def test_a_hint_at_who_is_signed_in_changes_nothing(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    hint = await hint_of(application, app, "amy")
    await app.launch(browser, IDENTITY)
    await browser.sign_in("amy")
    page = await app.launch(browser, IDENTITY, id_token_hint=hint, prompt="none")
    assert "code" in page.answered


async def test_a_hint_at_somebody_else_asks_her_to_sign_in(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    hint = await hint_of(application, app, "lee")
    await app.launch(browser, IDENTITY)
    await browser.sign_in("amy")
    page = await app.launch(browser, IDENTITY, id_token_hint=hint, prompt="none")
    assert page.answered["error"] == "login_required"
    assert (await app.launch(browser, IDENTITY, id_token_hint=hint)).path == "/login"
    assert "code" in (await browser.sign_in("lee")).answered


async def test_anybody_else_than_the_hinted_person_gets_no_code(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    hint = await hint_of(application, app, "lee")
    codes = len(await application.server.storage.find(CODES))
    await app.launch(browser, IDENTITY, id_token_hint=hint)
    assert (await browser.sign_in("amy")).answered["error"] == "login_required"
    assert len(await application.server.storage.find(CODES)) == codes


# --- guessing --------------------------------------------------------------------------------------------------------


async def test_a_locked_account_answers_429_also_to_the_right_password(open_with: Any) -> None:
    application: Application = await open_with(engine=EngineSettings(login_delay_seconds=0))
    await application.add_client(auto_approve_scope=("openid",))
    await application.add_amy()
    app, browser = application.smart_app(), application.browser()
    await app.launch(browser, "openid")
    for _ in range(10):
        assert (await browser.sign_in("amy", "wrong")).status == 200
    page = await browser.sign_in("amy")
    assert (page.status, page.path) == (429, "/login")
    assert page.answer.headers["retry-after"] == "900"
    application.clock.advance(900)
    assert "code" in (await browser.sign_in("amy")).answered


# --- without an app --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "path"),
    [
        ("/oauth/revoke", "/oauth/revoke"),
        ("https://evil.example/", "/oauth/revoke"),
        ("//evil.example/", "/oauth/revoke"),
        ("/oauth/authorize", "/oauth/revoke"),
    ],
)
async def test_a_sign_in_of_ones_own_ends_on_a_page_of_ours(
    app: SmartApp, browser: Browser, to: str, path: str
) -> None:
    await browser.open(f"/login?to={to}")
    page = await browser.sign_in("amy")
    assert (page.left_to, page.path) == (None, path)
