"""No form counts but one that was filled in on our own page, in this very browser, by whoever is signed in now."""

import asyncio
from typing import Any

import pytest

from applications import OpenWith
from assent.app.settings import ServerSettings
from assent.engine.authorize.answers import AGAIN_SECONDS
from assent.engine.settings import EngineSettings
from assent.storage.tables import CODES, GRANTS, SESSIONS
from assent.testing.application import Application
from assent.testing.browser import ELSEWHERE, Browser, Page
from assent.testing.smart_app import SmartApp

SCOPE = "openid launch/patient patient/*.rs"


@pytest.fixture
async def application(open_with: OpenWith) -> Application:
    """A small practice: a clinician chooses from the list of its patients."""
    return await open_with(engine=EngineSettings(picker_lists_up_to=10))


@pytest.fixture
async def app(application: Application) -> SmartApp:
    await application.add_client()
    await application.add_amy()
    await application.add_lee()
    await application.add_jonas()
    return application.smart_app()


@pytest.fixture
def browser(application: Application) -> Browser:
    return application.browser()


async def at(app: SmartApp, browser: Browser, path: str) -> Page:
    """The browser on this page."""
    page = await app.launch(browser, SCOPE)
    if path != "/login":
        page = await browser.sign_in("lee")
    if path == "/approve":
        page = await browser.choose("patient", "amy")
    if path == "/oauth/revoke":
        page = await browser.open("/oauth/revoke")
    if path == "/oauth/logout":
        page = await browser.open("/oauth/logout")
    assert page.path == path
    return page


PAGES = ["/login", "/context", "/approve", "/oauth/logout"]


def good_fields(page: Page) -> list[tuple[str, str]]:
    given = {"/login": {"username": "amy", "password": "demo"}, "/context": {"patient": "amy"}}
    return page.form().filled("submit", **given.get(page.path, {}))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("token", [None, "", "x" * 43])
async def test_a_form_without_its_token_is_refused(
    app: SmartApp, browser: Browser, path: str, token: str | None
) -> None:
    page = await at(app, browser, path)
    fields = [(name, value) for name, value in good_fields(page) if name != "csrf"]
    if token is not None:
        fields.append(("csrf", token))
    refused = await browser.post(page.form().action, fields)
    assert refused.status == 403


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": ELSEWHERE},
        {"Origin": "null"},
        {"Origin": "http://localhost:9201"},
    ],
)
async def test_a_form_from_another_origin_is_refused_even_with_its_token(
    app: SmartApp, browser: Browser, path: str, headers: dict[str, str]
) -> None:
    page = await at(app, browser, path)
    refused = await browser.post(page.form().action, good_fields(page), headers)
    assert refused.status == 403


@pytest.mark.parametrize("path", PAGES)
async def test_a_form_that_comes_without_the_browsers_cookie_is_refused(
    app: SmartApp, browser: Browser, path: str
) -> None:
    page = await at(app, browser, path)
    refused = await browser.post_from_elsewhere(page.form().action, good_fields(page))
    assert refused.status == 403


@pytest.mark.parametrize("path", PAGES)
async def test_a_form_in_another_browser_is_refused(
    application: Application, app: SmartApp, browser: Browser, path: str
) -> None:
    page = await at(app, browser, path)
    other = application.browser()
    await at(app, other, path)
    refused = await other.post(page.form().action, good_fields(page))
    assert refused.status in (400, 403)


async def test_the_token_of_one_form_opens_no_other(app: SmartApp, browser: Browser) -> None:
    login = await at(app, browser, "/login")
    token = login.form().values("csrf")[0]
    page = await browser.sign_in("lee")
    refused = await browser.submit(patient="amy", csrf=token)
    assert (page.path, refused.status) == ("/context", 403)


async def test_a_refused_login_form_begins_no_session(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    page = await at(app, browser, "/login")
    await browser.post(page.form().action, good_fields(page), {"Origin": ELSEWHERE})
    assert await application.server.storage.find(SESSIONS) == []


async def test_another_browser_cannot_go_on_with_a_request(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    page = await at(app, browser, "/approve")
    other = application.browser()
    await app.launch(other, SCOPE)
    await other.sign_in("lee")
    assert (await other.open(page.url)).status == 400


async def test_a_request_that_came_by_post_belongs_to_the_first_browser_that_goes_on(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    page = await browser.post_from_elsewhere("/oauth/authorize", app.parameters(SCOPE))
    assert page.path == "/login"
    goes_on = str(page.trail[0].headers["location"])
    assert (await application.browser().open(goes_on)).status == 400


# --- somebody else in another tab ------------------------------------------------------------------------------------


async def test_what_one_person_settled_is_forgotten_when_another_signs_in(
    app: SmartApp, browser: Browser
) -> None:
    approve = await at(app, browser, "/approve")
    await browser.open("/login")
    await browser.sign_in("jonas")
    page = await browser.open(approve.url)
    assert page.path == "/context"
    assert sorted(page.form().values("patient")) == ["leo", "mia"]


async def test_a_page_that_stood_open_answers_nothing_in_the_name_of_who_signed_in_since(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    approve = await at(app, browser, "/approve")
    await browser.open("/login")
    await browser.sign_in("jonas")
    await browser.open(approve.url)
    await browser.choose("patient", "mia")
    refused = await browser.submit_on(approve)
    assert refused.status == 403
    assert await application.server.storage.find(CODES) == []


async def test_nothing_of_anothers_choice_is_left_when_the_next_person_settles_only_a_part(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    scope = "openid launch/patient launch/encounter patient/*.rs"
    page = await app.launch(browser, scope)
    await browser.sign_in("lee")
    visits = await browser.choose("patient", "zoe")
    assert visits.path == "/approve"  # Zoe has no visit
    await browser.open("/login")
    await browser.sign_in("amy")
    page = await browser.open(visits.url)
    assert page.path == "/context"
    await browser.choose("encounter", "amy-1")
    answer = await app.redeem(application.http(), await browser.approve())
    assert answer.json()["patient"] == "amy"
    assert answer.json()["encounter"] == "amy-1"


async def test_a_sign_in_for_the_request_counts_for_that_session_alone(
    app: SmartApp, browser: Browser
) -> None:
    """Lee signed in as `prompt=login` wants; Amy, who signed in elsewhere since, did not."""
    await app.launch(browser, "openid launch/patient patient/*.rs", prompt="login")
    context = await browser.sign_in("lee")
    await browser.open("/login")
    await browser.sign_in("amy")
    page = await browser.open(context.url)
    assert page.path == "/login"


# --- once ------------------------------------------------------------------------------------------------------------


async def test_the_approval_posted_again_gives_no_second_code(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    approve = await at(app, browser, "/approve")
    first = await browser.submit_on(approve)
    assert "code" in first.answered
    assert (await browser.submit_on(approve)).left_to == first.left_to
    application.clock.advance(AGAIN_SECONDS)
    again = await browser.submit_on(approve)
    assert again.status == 400
    assert "already done" in again.text
    assert len(await application.server.storage.find(CODES)) == 1


async def test_of_fifty_approvals_at_once_one_gives_a_code(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    approve = await at(app, browser, "/approve")
    pages = await asyncio.gather(*(browser.submit_on(approve) for _ in range(50)))
    assert len({page.answered["code"] for page in pages}) == 1
    assert len(await application.server.storage.find(CODES)) == 1
    assert len(await application.server.storage.find(GRANTS)) == 1


async def test_a_yes_and_a_no_at_once_give_one_answer(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    approve = await at(app, browser, "/approve")
    pages = await asyncio.gather(
        *(browser.submit_on(approve, button) for button in ("submit", "deny", "submit", "deny"))
    )
    answers = {page.answered.get("code", page.answered.get("error")) for page in pages if page.left_to}
    assert len(answers) == 1
    assert len(await application.server.storage.find(CODES)) == (answers != {"access_denied"})


async def test_after_a_no_there_is_no_yes(application: Application, app: SmartApp, browser: Browser) -> None:
    approve = await at(app, browser, "/approve")
    assert (await browser.submit_on(approve, "deny")).answered["error"] == "access_denied"
    late = await browser.submit_on(approve)
    assert (late.status, late.left_to) == (400, None)
    assert await application.server.storage.find(CODES) == []


@pytest.mark.parametrize("path", ["/login", "/context", "/approve"])
async def test_going_back_after_the_answer_shows_that_it_is_done(
    app: SmartApp, browser: Browser, path: str
) -> None:
    approve = await at(app, browser, "/approve")
    await browser.submit_on(approve)
    assert (await browser.open(approve.url.replace("/approve", path))).status == 400


async def test_going_back_before_the_answer_leads_on_to_the_page_that_is_due(
    app: SmartApp, browser: Browser
) -> None:
    approve = await at(app, browser, "/approve")
    for path in ("/login", "/context"):
        assert (await browser.open(approve.url.replace("/approve", path))).path == "/approve"


@pytest.mark.parametrize("path", ["/context", "/approve"])
async def test_no_page_can_be_skipped(app: SmartApp, browser: Browser, path: str) -> None:
    login = await at(app, browser, "/login")
    assert (await browser.open(login.url.replace("/login", path))).path == "/login"
    await browser.sign_in("lee")
    assert (await browser.open(login.url.replace("/login", "/approve"))).path == "/context"


async def test_a_request_that_waited_too_long_is_over(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    page = await at(app, browser, "/login")
    application.clock.advance(application.server.settings.pending_seconds)
    assert (await browser.open(page.url)).status == 400
    assert (await browser.submit_on(page, username="lee", password="demo")).status == 400


async def test_a_form_of_a_session_that_ended_meanwhile_answers_nothing(
    app: SmartApp, browser: Browser
) -> None:
    approve = await at(app, browser, "/approve")
    await browser.open("/oauth/logout")
    await browser.submit()
    assert (await browser.submit_on(approve)).status == 403
    assert (await browser.open(approve.url)).path == "/login"


async def test_a_session_that_ran_out_meanwhile_has_to_be_begun_again(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    approve = await at(app, browser, "/approve")
    for _ in range(2):
        application.clock.advance(application.server.settings.session_idle_seconds - 60)
    page = await browser.submit_on(approve)
    assert page.path == "/login" or page.status == 400


@pytest.mark.parametrize("path", PAGES)
async def test_whatever_is_posted_is_answered_with_303(app: SmartApp, browser: Browser, path: str) -> None:
    page = await at(app, browser, path)
    answered = await browser.post(page.form().action, good_fields(page))
    first = answered.trail[0]
    assert first.status_code == (303 if path != "/oauth/logout" else 200)
    if first.status_code == 303:
        assert first.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/login", "/context", "/approve"])
async def test_a_page_allows_its_form_to_end_at_the_app_and_nothing_else(
    app: SmartApp, browser: Browser, path: str
) -> None:
    page = await at(app, browser, path)
    policy = dict(
        part.strip().partition(" ")[::2] for part in page.answer.headers["content-security-policy"].split(";")
    )
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self'",
        "form-action": "'self' https://app.example",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    assert page.answer.headers["x-frame-options"] == "DENY"
    assert page.answer.headers["cache-control"] == "no-store"
    assert "<script" not in page.text
    assert "style=" not in page.text


async def test_only_the_ehrs_of_the_settings_may_frame_a_page(open_with: Any) -> None:
    application: Application = await open_with(
        server=ServerSettings(frame_ancestors=("https://ehr.example",))
    )
    page = await application.browser().open("/login")
    assert "frame-ancestors https://ehr.example;" in page.answer.headers["content-security-policy"]
    assert "x-frame-options" not in page.answer.headers
