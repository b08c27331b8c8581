"""Signing out on the account page goes on to the provider where the person signed in, as the sign-out page does."""

import pytest

from applications import OpenWith
from assent.engine.server import AuthorizationServer
from assent.identity import Sending
from assent.storage.tables import SESSIONS
from assent.testing.application import Application
from assent.testing.browser import Browser
from pages.test_providers import Elsewhere, inbound


class ElsewhereWithSessions(Elsewhere):
    """A provider that keeps people signed in."""

    async def sign_out(
        self, server: AuthorizationServer, state: str, return_url: str, hint: str | None
    ) -> Sending | None:
        return Sending(f"https://id.clinic.example/end?back={return_url}&state={state}")


async def signed_in(application: Application, module: Elsewhere) -> Browser:
    """A browser on the account page, in which somebody came from the provider."""
    browser = application.browser()
    await browser.open("/login?to=/account")
    module.knows("c-1")
    page = await browser.open(f"/login/clinic/callback?state={module.trips[-1].state}&code=c-1")
    assert page.path == "/account"
    return browser


@pytest.mark.parametrize("button", ["end", "everywhere"])
async def test_the_browser_signs_out_of_the_provider_too(open_with: OpenWith, button: str) -> None:
    module = ElsewhereWithSessions()
    application = await open_with(inbound=inbound(module))
    browser = await signed_in(application, module)
    policy = browser.here.answer.headers["content-security-policy"]
    assert "form-action 'self' https://id.clinic.example" in policy

    page = await browser.submit(button)

    assert (page.left_to or "").startswith("https://id.clinic.example/end?")
    assert await application.server.storage.find(SESSIONS, {"ended_at": 0}) == []


async def test_another_place_is_signed_out_without_leaving(open_with: OpenWith) -> None:
    module = ElsewhereWithSessions()
    application = await open_with(inbound=inbound(module))
    await signed_in(application, module)
    (gone,) = await application.server.storage.find(SESSIONS, {"ended_at": 0})
    browser = await signed_in(application, module)

    page = await browser.submit("end", session=gone.public_id)

    assert (page.left_to, page.path) == (None, "/account")
    (left,) = await application.server.storage.find(SESSIONS, {"ended_at": 0})
    assert left.public_id != gone.public_id
