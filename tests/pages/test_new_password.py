"""A password that somebody else knows is good for choosing another one, on every way in, and for nothing else."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from applications import OpenWith
from assent.actions.accounts.passwords import set_password
from assent.actions.accounts.people import edit_person
from assent.app.settings import Settings
from assent.engine.settings import EngineSettings
from assent.storage.tables import GRANTS, PEOPLE, SESSIONS
from assent.testing.application import Application
from assent.testing.browser import Browser
from pages.mail import NEW

SCOPE = "openid launch/patient patient/Observation.rs offline_access"
TEMPORARY = "given by the help desk"


@pytest.fixture
async def application(application: Application) -> Application:
    """An application with an app, and Amy, whose password the help desk knows."""
    await application.add_client()
    await application.add_amy()
    await set_password(application.server, "amy", TEMPORARY, actor="admin", must_change=True)
    return application


async def choose(browser: Browser, current: str = TEMPORARY, new: str = NEW) -> Any:
    return await browser.submit(current=current, password=new, again=new)


async def test_the_way_to_an_app_leads_over_a_password_of_her_own(application: Application) -> None:
    app, browser = application.smart_app(), application.browser()
    await app.launch(browser, SCOPE)
    page = await browser.sign_in("amy", TEMPORARY)
    assert page.path == "/new-password"
    assert "Choose a password of your own" in page.text
    assert (await choose(browser, current="wrong")).path == "/new-password"
    assert (await choose(browser, new="short")).path == "/new-password"
    page = await choose(browser, new=TEMPORARY)
    assert "That is the password that you have now" in page.text
    page = await choose(browser)
    assert page.path == "/approve"
    assert (await browser.approve()).answered["code"]
    [amy] = await application.server.storage.find(PEOPLE)
    assert not amy.must_change_password
    again = application.browser("203.0.113.9")
    await again.open("/login?to=/account")
    assert (await again.sign_in("amy", NEW)).path == "/account"


@pytest.mark.parametrize(
    "path", ["/account", "/oauth/revoke", "/account/consents", "/account/password", "/account/second-factor"]
)
async def test_no_page_of_her_own_is_open_before(application: Application, path: str) -> None:
    browser = application.browser()
    await browser.open(f"/login?to={path}")
    page = await browser.sign_in("amy", TEMPORARY)
    assert (page.path, page.url.partition("?")[2]) == ("/new-password", f"to={path}")
    assert (await browser.open(path)).path == "/new-password"
    assert (await choose(browser)).path == path


@pytest.mark.parametrize("path", ["/approve", "/context", "/terms", "/second-factor", "/login"])
async def test_no_page_of_the_request_is_open_before(application: Application, path: str) -> None:
    app, browser = application.smart_app(), application.browser()
    page = await app.launch(browser, SCOPE)
    flow = parse_qs(urlsplit(page.url).query)["flow"][0]
    await browser.sign_in("amy", TEMPORARY)
    assert (await browser.open(f"{path}?flow={flow}")).path == "/new-password"
    assert await application.server.storage.find(GRANTS) == []


async def test_an_app_that_may_show_no_page_is_told_that_one_is_needed(application: Application) -> None:
    browser = application.browser()
    await browser.open("/login?to=/account")
    await browser.sign_in("amy", TEMPORARY)
    page = await application.smart_app().launch(browser, SCOPE, prompt="none")
    assert page.answered["error"] == "interaction_required"


async def test_it_holds_at_once_for_who_is_signed_in_and_not_for_what_apps_were_granted(
    application: Application,
) -> None:
    app, browser = application.smart_app(), application.browser()
    await app.launch(browser, SCOPE)
    await browser.sign_in("amy", TEMPORARY)
    await choose(browser)
    tokens = (await app.redeem(application.http(), await browser.approve())).json()
    changes = {"must_change_password": True}
    await edit_person(application.server, "amy", changes, actor="admin")
    assert (await browser.open("/account")).path == "/new-password"
    refreshed = await app.ask_token(
        application.http(), {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    )
    assert refreshed.status_code == 200
    assert (await choose(browser, NEW, "eight quiet otters swim")).path == "/account"


async def test_somebody_else_may_sign_in_instead(application: Application) -> None:
    await application.add_jonas()
    app, browser = application.smart_app(), application.browser()
    await app.launch(browser, SCOPE)
    await browser.sign_in("amy", TEMPORARY)
    assert (await browser.submit("leave")).path == "/login"
    assert all(one.ended_at for one in await application.server.storage.find(SESSIONS))
    assert (await browser.sign_in("jonas")).path == "/context"


async def test_the_form_of_another_sign_in_decides_nothing(application: Application) -> None:
    browser = application.browser()
    await browser.open("/login?to=/account")
    page = await browser.sign_in("amy", TEMPORARY)
    form = page.form()
    await browser.open("/login?to=/account")
    await browser.sign_in("amy", TEMPORARY)
    refused = await browser.post(
        form.action, form.filled("submit", current=TEMPORARY, password=NEW, again=NEW)
    )
    assert refused.status == 403
    [amy] = await application.server.storage.find(PEOPLE)
    assert amy.must_change_password


async def test_a_second_factor_comes_first(open_with: OpenWith) -> None:
    application = await open_with(
        settings=replace(Settings(), engine=EngineSettings(second_factor="required"))
    )
    await application.add_amy()
    await set_password(application.server, "amy", TEMPORARY, actor="admin", must_change=True)
    browser = application.browser()
    await browser.open("/login?to=/account")
    assert (await browser.sign_in("amy", TEMPORARY)).path == "/second-factor"
    assert (await browser.open("/new-password?to=/account")).path == "/second-factor"


async def test_who_has_nothing_to_change_is_sent_on(application: Application) -> None:
    browser = application.browser()
    assert (await browser.open("/new-password?to=/account")).path == "/login"
    await application.add_jonas()
    await browser.sign_in("jonas")
    assert (await browser.open("/new-password?to=/account")).path == "/account"
