"""What she allowed, to read and to keep: the page, the JSON, the FHIR Bundle; hers alone and never cached."""

import pytest

from assent.testing.application import Application
from assent.testing.browser import Browser

SCOPE = "openid launch/patient patient/Observation.rs patient/Condition.rs offline_access"


@pytest.fixture
async def browser(application: Application) -> Browser:
    """Amy's browser, in which she allowed an app something, refused it something, and took something back."""
    await application.add_client()
    await application.add_amy()
    await application.add_lee()
    app, browser = application.smart_app(), application.browser()
    await app.launch(browser, SCOPE)
    await browser.sign_in("amy")
    await browser.approve()
    application.clock.advance(60)
    await app.launch(browser, "patient/*.rs")
    await browser.deny()
    application.clock.advance(60)
    await browser.open("/account/app?client_id=app")
    await browser.submit(scope=["openid", "patient/Observation.rs", "offline_access"])
    return browser


async def test_the_page_says_what_holds_and_what_was_decided(browser: Browser) -> None:
    page = await browser.open("/account/consents")
    for text in ("What you allowed", "In force", "Your own record", "Results and measurements"):
        assert text in page.text
    history = page.text[page.text.index("What you decided") :]
    assert history.index("You took back from Chart App:") < history.index("You refused Chart App.")
    assert history.index("You refused Chart App.") < history.index("You allowed Chart App:")


async def test_access_that_was_stopped_is_told_as_ended(browser: Browser) -> None:
    await browser.open("/oauth/revoke")
    await browser.submit("revoke")
    page = await browser.open("/account/consents")
    assert "In force" not in page.text
    assert "Ended 15 January 2027" in page.text
    assert "Access of Chart App was stopped." in page.text


async def test_the_json_is_a_file_that_nobody_else_keeps(browser: Browser) -> None:
    answer = await browser.ask("GET", "/account/consents.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == 'attachment; filename="consents.json"'
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert told["issuer"] == "http://localhost:9200"
    assert told["person"] == {"username": "amy", "fhir_user": "Patient/amy"}
    [consent] = told["consents"]
    assert (consent["client_id"], consent["status"], consent["patient"]) == ("app", "active", "amy")
    assert "patient/Condition.rs" not in consent["scope"]
    assert [one["decision"] for one in told["decisions"]] == ["narrowed", "denied", "granted"]
    assert told["decisions"][0]["scope"] == ["patient/Condition.rs"]


async def test_the_fhir_bundle_is_a_file_too(browser: Browser) -> None:
    answer = await browser.ask("GET", "/account/consents.fhir.json")
    assert answer.headers["content-type"] == "application/fhir+json"
    assert answer.headers["content-disposition"] == 'attachment; filename="consents.fhir.json"'
    assert answer.headers["cache-control"] == "no-store"
    bundle = answer.json()
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    [entry] = bundle["entry"]
    assert entry["resource"]["status"] == "active"
    assert entry["resource"]["patient"]["reference"] == "http://localhost:9200/fhir/Patient/amy"
    assert "Okafor" not in answer.text


@pytest.mark.parametrize(
    "path", ["/account/consents", "/account/consents.json", "/account/consents.fhir.json"]
)
async def test_nobody_sees_what_another_allowed(
    application: Application, browser: Browser, path: str
) -> None:
    stranger = application.browser()
    assert (await stranger.open(path)).path == "/login"
    assert (await stranger.sign_in("lee")).path == "/account/consents"
    page = await stranger.open(path)
    assert page.status == 200
    assert "Chart App" not in page.text
    assert "patient/Observation.rs" not in page.text


async def test_a_post_is_no_way_to_ask(browser: Browser) -> None:
    assert (await browser.ask("POST", "/account/consents.json")).status_code == 405
