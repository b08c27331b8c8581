"""What people do anyway: press twice, go back, come late, clear their cookies, open a second tab."""

import asyncio
from typing import Any

import pytest

from assent.engine.authorize.answers import AGAIN_SECONDS
from assent.engine.settings import EngineSettings
from assent.storage.tables import AUDIT, CODES, GRANTS, SESSIONS
from assent.testing.application import Application
from assent.testing.browser import Browser, Page
from assent.testing.smart_app import SmartApp

SCOPE = "openid launch/patient patient/*.rs offline_access"
OWN_PAGES = ["/oauth/revoke", "/account"]


async def prepared(application: Application, **client: Any) -> tuple[SmartApp, Browser]:
    await application.add_client(**client)
    await application.add_jonas()
    await application.add_lee()
    return application.smart_app(), application.browser()


async def at(app: SmartApp, browser: Browser, path: str) -> Page:
    """The browser on this step of a request of its own."""
    page = await app.launch(browser, SCOPE)
    if path != "/login":
        page = await browser.sign_in("jonas")
    if path == "/approve":
        page = await browser.choose("patient", "mia")
    assert page.path == path
    return page


GIVEN = {"/login": {"username": "jonas", "password": "demo"}, "/context": {"patient": "mia"}}
NEXT = {"/login": "/context", "/context": "/approve"}


# --- double clicks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/login", "/context"])
async def test_a_step_that_is_pressed_twice_goes_on_to_the_next(application: Application, path: str) -> None:
    app, browser = await prepared(application)
    page = await at(app, browser, path)
    both = await asyncio.gather(*(browser.submit_on(page, **GIVEN[path]) for _ in range(2)))
    assert {one.status for one in both} <= {200, 400, 403}
    assert NEXT[path] in {one.path for one in both}
    # whichever answer the browser showed last: the page that is due is there
    again = await browser.open(page.url)
    assert again.path in {NEXT[path], "/login"}
    if again.path == "/login":
        again = await browser.sign_in("jonas")
    assert again.path == "/context" or path == "/context"


async def test_a_yes_that_is_pressed_twice_leads_to_the_app_with_one_code(application: Application) -> None:
    """The browser keeps the second answer only: it is the same as the first."""
    app, browser = await prepared(application)
    page = await at(app, browser, "/approve")
    both = [
        *await asyncio.gather(*(browser.submit_on(page) for _ in range(2))),
        await browser.submit_on(page),
    ]
    assert len({one.left_to for one in both}) == 1
    assert "code=" in str(both[0].left_to)
    assert len(await application.server.storage.find(CODES)) == 1
    async with application.http() as http:
        assert (await app.redeem(http, both[1])).status_code == 200
    assert (await browser.submit_on(page)).status == 400


async def test_a_no_that_is_pressed_twice_goes_back_to_the_app_with_a_no(application: Application) -> None:
    """The browser keeps the second answer only: it says what the first said."""
    app, browser = await prepared(application)
    page = await at(app, browser, "/approve")
    both = [
        *await asyncio.gather(*(browser.submit_on(page, "deny") for _ in range(2))),
        await browser.submit_on(page, "deny"),
    ]
    assert len({one.left_to for one in both}) == 1
    assert both[0].answered["error"] == "access_denied"
    denied = await application.server.storage.find(AUDIT, {"type": "authorization.denied"})
    assert len(denied) == 1
    assert await application.server.storage.find(CODES) == []


async def test_a_no_of_who_was_signed_in_before_is_told_again(application: Application) -> None:
    """Nothing was settled by this session on this request but the no."""
    app, browser = await prepared(application)
    await application.add_amy()
    await browser.open("/login")
    await browser.sign_in("amy")
    page = await app.launch(browser, "openid patient/Patient.rs launch/patient")
    assert page.path == "/approve"
    both = [await browser.submit_on(page, "deny") for _ in range(2)]
    assert [one.answered["error"] for one in both] == ["access_denied", "access_denied"]


async def test_a_no_that_is_sent_again_later_is_done_already(application: Application) -> None:
    app, browser = await prepared(application)
    page = await at(app, browser, "/approve")
    await browser.submit_on(page, "deny")
    application.clock.advance(AGAIN_SECONDS)
    other = await browser.submit_on(page, "deny")
    assert (other.status, other.left_to) == (400, None)
    assert "This step is already done" in other.text


async def test_a_no_after_a_yes_to_nothing_is_no_answer_again(application: Application) -> None:
    """The app was told that nothing was allowed: nobody had said no."""
    app, browser = await prepared(application)
    page = await at(app, browser, "/approve")
    assert (await browser.approve(untick=page.form().values("scope"))).answered["error"] == "access_denied"
    assert (await browser.submit_on(page, "deny")).status == 400


async def test_a_no_after_the_yes_does_not_go_on_to_the_app(application: Application) -> None:
    app, browser = await prepared(application)
    page = await at(app, browser, "/approve")
    assert (await browser.submit_on(page)).left_to is not None
    assert (await browser.submit_on(page, "deny")).status == 400


async def test_a_yes_that_is_sent_again_later_is_done_already(application: Application) -> None:
    app, browser = await prepared(application)
    page = await at(app, browser, "/approve")
    await browser.submit_on(page)
    application.clock.advance(AGAIN_SECONDS)
    assert (await browser.submit_on(page)).status == 400


async def test_access_that_is_stopped_twice_is_stopped(application: Application) -> None:
    app, browser = await prepared(application)
    await at(app, browser, "/approve")
    await browser.approve()
    page = await browser.open("/oauth/revoke")
    both = await asyncio.gather(*(browser.submit_on(page, "revoke") for _ in range(2)))
    assert {(one.path, one.status) for one in both} == {("/oauth/revoke", 200)}
    [grant] = await application.server.storage.find(GRANTS)
    assert grant.revoked_at


async def test_a_sign_out_that_is_pressed_twice_signs_out(application: Application) -> None:
    app, browser = await prepared(application)
    await at(app, browser, "/context")
    page = await browser.open("/oauth/logout")
    both = await asyncio.gather(*(browser.submit_on(page) for _ in range(2)))
    assert {one.status for one in both} <= {200, 403}
    assert all(session.ended_at for session in await application.server.storage.find(SESSIONS))


# --- reloading -------------------------------------------------------------------------------------------------------


async def test_the_answer_to_a_wrong_password_can_be_reloaded_and_then_corrected(
    application: Application,
) -> None:
    app, browser = await prepared(application)
    page = await at(app, browser, "/login")
    for _ in range(2):
        wrong = await browser.submit_on(page, username="jonas", password="wrong")
        assert (wrong.path, wrong.status) == ("/login", 200)
    assert (await browser.sign_in("jonas")).path == "/context"


async def test_a_search_can_be_reloaded(application: Application) -> None:
    app, browser = await prepared(application)
    await app.launch(browser, SCOPE)
    page = await browser.sign_in("lee")
    search = next(form for form in page.forms if "find" in form.buttons)
    for _ in range(2):
        found = await browser.post(search.action, search.filled("find", search="Weber"))
        assert (found.path, found.status) == ("/context", 200)


# --- coming late -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/context", "/approve"])
async def test_a_session_that_ran_out_on_the_way_is_begun_again_and_the_way_goes_on(
    open_with: Any, path: str, method: str
) -> None:
    application: Application = await open_with(
        engine=EngineSettings(session_idle_seconds=300, session_absolute_seconds=300)
    )
    app, browser = await prepared(application)
    page = await at(app, browser, path)
    application.clock.advance(600)
    late = await (
        browser.open(page.url) if method == "GET" else browser.submit_on(page, **GIVEN.get(path, {}))
    )
    assert (late.path, late.status) == ("/login", 200)
    assert (await browser.sign_in("jonas")).path == "/context"
    assert (await browser.choose("patient", "mia")).path == "/approve"
    assert "code" in (await browser.approve()).answered


@pytest.mark.parametrize("path", OWN_PAGES)
async def test_an_own_page_leads_to_the_sign_in_and_back_to_itself(
    application: Application, path: str
) -> None:
    _, browser = await prepared(application)
    assert (await browser.open(path)).path == "/login"
    assert (await browser.sign_in("jonas")).path == path
    application.clock.advance(application.server.settings.session_absolute_seconds)
    assert (await browser.open(path)).path == "/login"
    assert (await browser.sign_in("jonas")).path == path


async def test_an_access_that_is_stopped_too_late_is_there_to_be_stopped_after_the_sign_in(
    application: Application,
) -> None:
    app, browser = await prepared(application)
    await at(app, browser, "/approve")
    await browser.approve()
    page = await browser.open("/oauth/revoke")
    application.clock.advance(application.server.settings.session_absolute_seconds)
    late = await browser.submit_on(page, "revoke")
    assert late.path == "/login" or late.status == 403
    await browser.open("/oauth/revoke")
    again = await browser.sign_in("jonas")
    assert again.path == "/oauth/revoke"
    [grant] = await application.server.storage.find(GRANTS)
    assert not grant.revoked_at
    assert (await browser.submit("revoke")).status == 200
    [grant] = await application.server.storage.find(GRANTS)
    assert grant.revoked_at


# --- cookies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/login", "/context", "/approve"])
async def test_a_browser_that_lost_its_cookies_is_told_so_and_led_round_in_no_circle(
    application: Application, path: str
) -> None:
    app, browser = await prepared(application)
    page = await at(app, browser, path)
    forgetful = application.browser()
    refused = await forgetful.submit_on(page, **GIVEN.get(path, {}))
    assert refused.status == 403
    assert "cookies are off" in refused.text
    shown = await forgetful.open(page.url)
    assert shown.status == 400
    assert "This browser did not start here" in shown.text
    assert "Allow cookies" in shown.text
    assert len(shown.trail) == 1
    assert await application.server.storage.find(CODES) == []


async def test_a_browser_without_cookies_never_gets_past_the_sign_in_and_never_turns_round(
    application: Application,
) -> None:
    app, browser = await prepared(application)
    login = await at(app, browser, "/login")
    cookieless = application.browser()
    for _ in range(3):
        page = await cookieless.submit_on(login, username="jonas", password="demo")
        assert page.status == 403
    assert await application.server.storage.find(SESSIONS) == []


# --- two tabs --------------------------------------------------------------------------------------------------------


async def test_two_requests_in_two_tabs_are_answered_each_for_itself(application: Application) -> None:
    app, browser = await prepared(application)
    await app.launch(browser, SCOPE, state="first")
    await browser.sign_in("jonas")
    first = await browser.choose("patient", "mia")
    await app.launch(browser, SCOPE, state="second")
    second = await browser.choose("patient", "leo")
    assert "Mia" in first.text
    assert "Leo" in second.text
    for page, state in ((second, "second"), (first, "first")):
        answered = (await browser.submit_on(page)).answered
        assert answered["state"] == state
    grants = await application.server.storage.find(GRANTS)
    assert {grant.context["patient"] for grant in grants} == {"mia", "leo"}


async def test_one_request_in_two_tabs_is_for_the_record_that_its_page_names(
    application: Application,
) -> None:
    app, browser = await prepared(application)
    choice = await at(app, browser, "/context")
    approve = await browser.submit_on(choice, patient="leo")
    late = await browser.submit_on(choice, patient="mia")
    assert late.path == "/approve"
    assert "Leo Weber" in late.text
    assert "Mia Weber" not in late.text
    await browser.submit_on(approve)
    [grant] = await application.server.storage.find(GRANTS)
    assert grant.context["patient"] == "leo"


async def test_a_sign_in_in_another_tab_serves_this_one_too(application: Application) -> None:
    app, browser = await prepared(application)
    first = await app.launch(browser, SCOPE, state="first")
    await app.launch(browser, SCOPE, state="second")
    await browser.sign_in("jonas")
    assert (await browser.open(first.url)).path == "/context"
