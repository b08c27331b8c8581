"""The way to the approval page, and what comes of it."""

from typing import Any

from assent.testing.application import Application
from assent.testing.browser import Browser
from assent.testing.smart_app import SmartApp

SCOPE = "openid fhirUser launch/patient patient/Observation.rs patient/Condition.read offline_access"


async def asked(application: Application, browser: Browser, scope: str = SCOPE, **client: Any) -> SmartApp:
    """The app of a client, whose request shows the approval page to Amy."""
    await application.add_client(**client)
    app = application.smart_app()
    await app.launch(browser, scope)
    page = await browser.sign_in("amy")
    assert page.path == "/approve"
    return app


async def tokens(application: Application, app: SmartApp, browser: Browser) -> dict[str, Any]:
    """The token response for the code that the browser brought back."""
    return dict((await app.redeem(application.http(), browser.here)).json())
