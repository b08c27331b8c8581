"""The page on which a person leaves an app less: what it offers, and that what she unticks is gone at once."""

import pytest

from assent.storage.tables import GRANTS
from assent.testing.application import REDIRECT_URI, Application
from assent.testing.browser import Browser
from assent.testing.smart_app import SmartApp

SCOPE = "openid launch/patient patient/Observation.rs patient/Condition.rs offline_access"
PAGE = "/account/app?client_id=app"


@pytest.fixture
def app(application: Application) -> SmartApp:
    return application.smart_app()


@pytest.fixture
async def browser(application: Application, app: SmartApp) -> Browser:
    """Amy's browser, in which she gave the app access."""
    await application.add_client(remember_approved_scopes=True)
    await application.add_amy()
    browser = application.browser()
    await app.launch(browser, SCOPE)
    await browser.sign_in("amy")
    await browser.approve()
    return browser


async def scope_of(application: Application) -> set[str]:
    (grant,) = await application.server.storage.find(GRANTS, {"revoked_at": 0})
    return set(grant.scope.split())


async def test_there_is_a_box_for_each_scope_that_gives_something(browser: Browser) -> None:
    page = await browser.open(PAGE)
    assert set(page.form().values("scope")) == set(SCOPE.split()) - {"launch/patient"}
    assert all(box.is_checked for box in page.form().fields if box.name == "scope")
    assert "Results and measurements" in page.text


async def test_what_is_unticked_is_out_of_reach_of_a_token_of_before(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    tokens = (await app.redeem(application.http(), browser.here)).json()
    async with application.http() as http:
        as_app = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert (await http.get("/fhir/Condition", headers=as_app)).status_code == 200

        await browser.open(PAGE)
        page = await browser.submit(scope=["openid", "patient/Observation.rs", "offline_access"])

        assert page.path == "/oauth/revoke"
        assert "Chart App now has only what you left it." in page.text
        assert (await http.get("/fhir/Condition", headers=as_app)).status_code == 403
        assert (await http.get("/fhir/Observation", headers=as_app)).status_code == 200
    answer = await app.ask_token(
        application.http(), {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    )
    assert "patient/Condition.rs" not in answer.json()["scope"].split()
    (event,) = await application.audit("access.narrowed")
    assert event.detail is not None
    assert event.detail["taken"] == "patient/Condition.rs"


async def test_what_was_taken_away_is_asked_again(app: SmartApp, browser: Browser) -> None:
    await browser.open(PAGE)
    await browser.submit(scope=["openid", "patient/Observation.rs", "offline_access"])
    page = await app.launch(browser, SCOPE)
    assert page.path == "/approve"
    assert page.form().values("scope") == ["patient/Condition.rs"]


async def test_unticking_everything_takes_the_app_back(application: Application, browser: Browser) -> None:
    await browser.open(PAGE)
    page = await browser.submit(scope=[])
    assert "Chart App has no access any more." in page.text
    (grant,) = await application.server.storage.find(GRANTS)
    assert grant.revoked_because == "the person took it back"


async def test_the_wider_scope_has_to_go_too_and_the_page_says_so(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    await app.launch(browser, "patient/*.rs")
    await browser.approve()
    before = {grant.scope for grant in await application.server.storage.find(GRANTS)}
    await browser.open(PAGE)

    page = await browser.submit(scope=["openid", "patient/*.rs", "patient/Condition.rs", "offline_access"])

    assert (page.status, page.path) == (200, "/account/app")
    assert "Nothing was changed" in page.text
    unticked = [box.value for box in page.form().fields if box.name == "scope" and not box.is_checked]
    assert unticked == ["patient/Observation.rs"]
    assert {grant.scope for grant in await application.server.storage.find(GRANTS)} == before


async def test_nothing_is_given_here(application: Application, browser: Browser) -> None:
    await browser.open(PAGE)
    await browser.submit(scope=["openid", "patient/*.cruds", "user/*.rs"])
    assert await scope_of(application) == {"openid", "launch/patient"}


@pytest.mark.parametrize("fields", [{"decision": "x"}, {"client_id": ""}, {"client_id": None}])
async def test_a_form_that_names_nothing_changes_nothing(
    application: Application, browser: Browser, fields: dict[str, str | None]
) -> None:
    await browser.open(PAGE)
    assert (await browser.submit(**fields)).status == 400
    assert await scope_of(application) == set(SCOPE.split())


async def test_the_form_of_another_browser_is_refused(application: Application, browser: Browser) -> None:
    await browser.open(PAGE)
    fields = browser.here.form().filled("submit", scope=["openid"])
    await application.add_lee()
    other = application.browser()
    await other.open("/login")
    await other.sign_in("lee")
    assert (await other.post("/account/app", fields)).status == 403
    assert (await browser.post("/account/app", [one for one in fields if one[0] != "csrf"])).status == 403
    assert await scope_of(application) == set(SCOPE.split())


@pytest.mark.parametrize(
    "address", ["/account/app", "/account/app?client_id=nobody", "/account/app?client_id="]
)
async def test_an_app_without_access_has_no_page(browser: Browser, address: str) -> None:
    assert (await browser.open(address)).path == "/oauth/revoke"


async def test_what_the_app_needs_and_what_it_gets_anyway_is_said(application: Application) -> None:
    await application.add_client(
        "app",
        redirect_uris=(REDIRECT_URI,),
        required_scope=("openid", "patient/Observation.rs"),
        scope_reasons={"patient/Observation.rs": "to draw <b>charts</b>"},
        auto_approve_scope=("offline_access",),
    )
    await application.add_amy()
    browser = application.browser()
    await application.smart_app().launch(browser, SCOPE)
    await browser.sign_in("amy")
    await browser.approve()

    page = await browser.open(PAGE)

    assert "to draw &lt;b&gt;charts&lt;/b&gt;" in page.text
    assert page.text.count("says that it cannot work without this") == 1
    assert page.text.count("gets this again, without asking") == 1


async def test_who_is_not_signed_in_signs_in_first(application: Application, browser: Browser) -> None:
    assert (await application.browser().open(PAGE)).path == "/login"
