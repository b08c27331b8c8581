"""HEAD is safe: it acts on nothing (RFC 9110 9.2.1)."""

import pytest

from assent.storage.tables import CODES
from assent.testing.application import Application


@pytest.mark.parametrize(
    "path",
    ["/oauth/authorize", "/oauth/authorize/continue", "/oauth/logout", "/logout", "/login", "/approve"],
)
async def test_pages_that_act_refuse_head(application: Application, path: str) -> None:
    async with application.http() as client:
        assert (await client.head(path)).status_code == 405


async def test_head_issues_no_code_to_a_browser_that_is_signed_in(application: Application) -> None:
    await application.add_client(scope=("openid",), auto_approve_scope=("openid",))
    await application.add_amy()
    app, browser = application.smart_app(), application.browser()
    page = await app.launch(browser, "openid")
    await browser.sign_in("amy")
    issued = len(await application.server.storage.find(CODES))
    answer = await browser.ask("HEAD", app.url("openid"))
    assert answer.status_code == 405
    assert len(await application.server.storage.find(CODES)) == issued
    assert page.path == "/login"


async def test_discovery_and_keys_answer_head(application: Application) -> None:
    async with application.http() as client:
        for path in ("/.well-known/smart-configuration", "/.well-known/jwks.json", "/health/live"):
            assert (await client.head(path)).status_code == 200
