"""The person's page of apps: what it lists, and that taking back works at once."""

import pytest

from assent.storage.tables import GRANTS
from assent.testing.application import Application
from assent.testing.browser import Browser
from assent.testing.smart_app import SmartApp


@pytest.fixture
async def browser(application: Application) -> Browser:
    """Amy's browser, in which she gave the app access."""
    await application.add_client()
    await application.add_amy()
    browser = application.browser()
    await application.smart_app().launch(browser, "openid patient/*.rs offline_access")
    await browser.sign_in("amy")
    await browser.approve()
    return browser


@pytest.fixture
def app(application: Application) -> SmartApp:
    return application.smart_app()


@pytest.mark.row("D12")
async def test_apps_with_access_are_listed_with_a_button_each(browser: Browser) -> None:
    page = await browser.open("/oauth/revoke")
    assert "Chart App" in page.text
    assert page.form("revoke").values("client_id") == ["app"]


async def test_what_is_taken_back_ends_at_once(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    tokens = (await app.redeem(application.http(), browser.here)).json()
    await browser.open("/oauth/revoke")
    page = await browser.submit("revoke")
    assert page.trail[0].status_code == 303
    assert "Chart App" in page.text
    assert not page.forms
    (grant,) = await application.server.storage.find(GRANTS)
    assert grant.revoked_because == "the person took it back"
    refused = await app.ask_token(
        application.http(), {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    )
    assert refused.json()["error"] == "invalid_grant"
    (event,) = await application.audit("access.revoked")
    assert (event.client_id, event.actor) == ("app", grant.person_id)


async def test_nobody_takes_back_what_another_gave(application: Application, browser: Browser) -> None:
    await application.add_lee()
    other = application.browser()
    await other.open("/login")
    page = await other.sign_in("lee")
    assert "Chart App" not in page.text
    await browser.open("/oauth/revoke")
    form = browser.here.form("revoke")
    fields = [(name, value) for name, value in form.filled("revoke") if name != "csrf"]
    assert (await other.post("/oauth/revoke", fields)).status == 403
    (grant,) = await application.server.storage.find(GRANTS)
    assert grant.revoked_at == 0


async def test_who_is_not_signed_in_signs_in_first(application: Application, browser: Browser) -> None:
    stranger = application.browser()
    page = await stranger.open("/oauth/revoke")
    assert page.path == "/login"
    page = await stranger.sign_in("amy")
    assert page.path == "/oauth/revoke"
    assert "Chart App" in page.text


async def test_access_that_ran_out_is_not_listed(application: Application, browser: Browser) -> None:
    settings = application.server.settings
    application.clock.advance(settings.refresh_absolute_seconds + settings.access_token_seconds)
    await browser.open("/login")
    page = await browser.sign_in("amy")
    assert "Chart App" not in page.text


@pytest.mark.parametrize("fields", [{"decision": "x"}, {"client_id": ""}, {"client_id": "nobody"}])
async def test_a_form_that_names_nothing_takes_nothing_back(
    application: Application, browser: Browser, fields: dict[str, str]
) -> None:
    await browser.open("/oauth/revoke")
    page = await browser.submit("revoke", **fields)
    assert page.status in (200, 400)
    (grant,) = await application.server.storage.find(GRANTS)
    assert grant.revoked_at == 0


async def test_several_records_of_one_app_are_told_apart(application: Application) -> None:
    await application.add_client()
    await application.add_jonas()
    browser, app = application.browser(), application.smart_app()
    await app.launch(browser, "launch/patient patient/Observation.rs offline_access")
    await browser.sign_in("jonas")
    await browser.choose("patient", "leo")
    await browser.approve()
    await app.launch(browser, "launch/patient patient/Condition.rs")
    await browser.choose("patient", "mia")
    await browser.approve()

    page = await browser.open("/oauth/revoke")

    assert len(page.forms) == 1
    assert page.text.count("Record of Leo Weber") == 1
    assert page.text.count("Record of Mia Weber") == 1
    shown = {part[:3]: part for part in page.text.split("Record of ")[1:]}
    assert "Results and measurements" in shown["Leo"]
    assert "Results and measurements" not in shown["Mia"]
    assert "Health problems" in shown["Mia"]


async def test_taking_back_works_while_the_record_system_is_down(application: Application) -> None:
    await application.add_client()
    await application.add_jonas()
    browser = application.browser()
    await application.smart_app().launch(browser, "launch/patient patient/Observation.rs offline_access")
    await browser.sign_in("jonas")
    await browser.choose("patient", "leo")
    await browser.approve()
    application.fhir.is_down = True

    page = await browser.open("/oauth/revoke")
    assert (page.status, "Record of leo" in page.text) == (200, True)
    page = await browser.submit("revoke")

    assert page.status == 200
    assert not page.forms


async def test_what_the_app_may_get_again_without_asking_is_not_said_to_end(application: Application) -> None:
    await application.add_client(remember_approved_scopes=True)
    await application.add_amy()
    browser = application.browser()
    await application.smart_app().launch(browser, "openid patient/*.rs")
    await browser.sign_in("amy")
    await browser.approve()
    page = await browser.open("/oauth/revoke")
    assert "Until you stop it" in page.text
    assert "Ends when you sign out" not in page.text


async def test_a_page_of_before_another_person_signed_in_takes_nothing_back(
    application: Application, browser: Browser
) -> None:
    mine = await browser.open("/oauth/revoke")
    await application.add_lee()
    await browser.open("/login")
    await browser.sign_in("lee")
    assert (await browser.submit_on(mine, "revoke")).status == 403
    (grant,) = await application.server.storage.find(GRANTS)
    assert grant.revoked_at == 0


async def test_the_page_leads_to_the_account_and_out(application: Application, browser: Browser) -> None:
    page = await browser.open("/oauth/revoke")
    for link in ("/account", "/oauth/logout", "/account/app?client_id=app"):
        assert f'href="{link}"' in page.text
        assert (await browser.open(link)).status == 200


async def test_the_address_alone_does_not_say_that_something_was_done(browser: Browser) -> None:
    for query in ("done=app", "narrowed=nobody", "done=nobody"):
        page = await browser.open(f"/oauth/revoke?{query}")
        assert 'role="status"' not in page.text
