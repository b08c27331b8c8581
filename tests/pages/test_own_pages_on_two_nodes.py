"""What a person takes back on one node holds on the other at the next request."""

from collections.abc import Awaitable, Callable

import pytest

from assent.testing.application import Application
from assent.testing.browser import Browser
from assent.testing.smart_app import SmartApp

SCOPE = "openid launch/patient patient/Observation.rs patient/Condition.rs offline_access"
OpenBeside = Callable[[Application], Awaitable[Application]]


@pytest.fixture
async def other(application: Application, open_beside: OpenBeside) -> Application:
    """A second node on the same database."""
    return await open_beside(application)


@pytest.fixture
def app(application: Application) -> SmartApp:
    return application.smart_app()


@pytest.fixture
async def browser(application: Application, app: SmartApp) -> Browser:
    """Amy's browser, in which she gave the app access."""
    await application.add_client()
    await application.add_amy()
    browser = application.browser()
    await app.launch(browser, SCOPE)
    await browser.sign_in("amy")
    await browser.approve()
    return browser


async def asks(node: Application, token: str, path: str) -> int:
    """What a node answers to this token."""
    async with node.http() as http:
        return (await http.get(path, headers={"Authorization": f"Bearer {token}"})).status_code


async def test_an_app_that_is_stopped_is_stopped_on_both(
    application: Application, other: Application, app: SmartApp, browser: Browser
) -> None:
    tokens = (await app.redeem(other.http(), browser.here)).json()
    assert await asks(other, tokens["access_token"], "/fhir/Condition") == 200

    await browser.open("/oauth/revoke")
    await browser.submit("revoke")

    assert await asks(other, tokens["access_token"], "/fhir/Condition") == 401
    assert await asks(other, tokens["access_token"], "/oauth/userinfo") == 401
    refused = await app.ask_token(
        other.http(), {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    )
    assert refused.json()["error"] == "invalid_grant"


async def test_an_app_that_is_narrowed_is_narrowed_on_both(
    application: Application, other: Application, app: SmartApp, browser: Browser
) -> None:
    tokens = (await app.redeem(application.http(), browser.here)).json()
    assert await asks(other, tokens["access_token"], "/oauth/userinfo") == 200

    await browser.open("/account/app?client_id=app")
    await browser.submit(scope=["patient/Observation.rs", "offline_access"])

    assert await asks(other, tokens["access_token"], "/fhir/Observation") == 200
    assert await asks(other, tokens["access_token"], "/fhir/Condition") == 403
    assert await asks(other, tokens["access_token"], "/oauth/userinfo") == 403
    refreshed = await app.ask_token(
        other.http(), {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    )
    assert refreshed.json()["scope"] == "launch/patient patient/Observation.rs offline_access"


async def test_a_sign_in_that_is_ended_is_ended_on_both(
    application: Application, other: Application, browser: Browser
) -> None:
    elsewhere = other.browser()
    await elsewhere.open("/login?to=/account")
    assert (await elsewhere.sign_in("amy")).path == "/account"
    await browser.open("/account")

    await browser.submit("everywhere")

    assert (await elsewhere.open("/account")).path == "/login"
