"""`cdr_all_user_authorities`, whole: nothing unless a setting says so; then said aloud, with the person's consent."""

from typing import Any

import pytest

from assent.engine.settings import EngineSettings
from assent.testing.application import Application
from gateway.clinic import Asking

SCOPE = "openid user/Patient.r cdr_all_user_authorities"


async def launch(application: Application, untick: tuple[str, ...] = ()) -> dict[str, Any]:
    """The token response of an app that Lee, who may read everything, launched with SCOPE."""
    await application.add_client(scope=tuple(SCOPE.split()))
    await application.add_lee()
    app, browser = application.smart_app(), application.browser()
    await app.launch(browser, SCOPE)
    await browser.sign_in("lee")
    page = await browser.approve(untick=untick)
    async with application.http() as http:
        answer = await app.redeem(http, page)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_without_the_setting_the_scope_opens_nothing(application: Application) -> None:
    tokens = await launch(application)
    asking = Asking(application, tokens["access_token"])
    assert "user/*.cruds" not in tokens["scope"].split()
    await asking.read("Patient/amy")
    await asking.refused("GET", "Encounter/amy-1", 403)


@pytest.fixture
async def bringing(open_with: Any) -> Application:
    """The application with the setting switched on."""
    return await open_with(engine=EngineSettings(cdr_all_user_authorities=True))


async def test_with_the_setting_the_app_may_what_the_person_may_and_the_scope_says_so(
    bringing: Application,
) -> None:
    tokens = await launch(bringing)
    asking = Asking(bringing, tokens["access_token"])
    assert "user/*.cruds" in tokens["scope"].split()
    await asking.read("Encounter/amy-1")
    await asking.refused("DELETE", "Encounter/amy-1", 403)  # the person may not: nothing is added to that


async def test_the_person_may_say_no_to_it(bringing: Application) -> None:
    tokens = await launch(bringing, untick=("user/*.cruds",))
    asking = Asking(bringing, tokens["access_token"])
    assert "user/*.cruds" not in tokens["scope"].split()
    await asking.refused("GET", "Encounter/amy-1", 403)
