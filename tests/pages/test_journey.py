"""The way through the pages, as a person and her browser go it."""

from assent.testing.application import Application


async def test_a_patient_signs_in_approves_and_the_app_gets_its_tokens(application: Application) -> None:
    await application.add_client()
    await application.add_amy()
    app, browser = application.smart_app(), application.browser()
    page = await app.launch(browser, "openid fhirUser launch/patient patient/*.rs offline_access")
    assert page.path == "/login"
    page = await browser.sign_in("amy")
    assert page.path == "/approve"
    page = await browser.approve()
    assert page.answered["iss"] == application.origin
    tokens = (await app.redeem(application.http(), page)).json()
    assert tokens["patient"] == "amy"
