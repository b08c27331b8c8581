"""Signing out at a SAML provider that is not ours, in both directions and by both bindings: pysaml2 with xmlsec1."""

import pytest

from applications import OpenWith
from assent.storage.tables import SESSIONS
from assent.testing.browser import Browser, Page
from identity.saml.test_real_idp import Home, a_home, opened
from services.saml_idp import StartIdp

__all__ = ["opened"]

EXITS = pytest.mark.parametrize("options", [{}, {"exit": "post"}], ids=["by address", "by form"])


async def arrived(
    open_with: OpenWith, start: StartIdp, opened: list[Browser], options: dict[str, str]
) -> Home:
    """Somebody who signed in there, and is here."""
    home = await a_home(open_with, start, opened, options)
    assert "code" in (await home.arrive()).answered
    assert await live_sessions(home) == 1
    return home


async def live_sessions(home: Home) -> int:
    return sum(not one.ended_at for one in await home.application.server.storage.find(SESSIONS))


async def carried(page: Page, browser: Browser) -> Page:
    """The other browser, to where this page leads: by an address, or by its form."""
    if page.left_to is not None:
        return await browser.open(page.left_to)
    [form] = [one for one in page.forms if one.values("SAMLRequest") + one.values("SAMLResponse")]
    return await browser.post_from_elsewhere(form.action, [(one.name, one.value) for one in form.fields])


async def is_asked_there(home: Home) -> bool:
    """Whether the provider asks who she is, when somebody comes to sign in."""
    page = await home.application.smart_app().launch(home.application.browser(), "openid")
    return "SAMLResponse" not in (await home.there.open(str(page.left_to))).text


@EXITS
async def test_who_signs_out_here_is_signed_out_there(
    open_with: OpenWith, start_saml_idp: StartIdp, opened: list[Browser], options: dict[str, str]
) -> None:
    home = await arrived(open_with, start_saml_idp, opened, options)
    assert not await is_asked_there(home)
    await home.browser.open("/oauth/logout")
    page = await home.browser.submit()
    assert await live_sessions(home) == 0
    page = await carried(await carried(page, home.there), home.browser)
    assert (page.status, page.path) == (200, "/login/clinic/logout")
    assert "You are signed out<" in page.text
    assert await is_asked_there(home)


@EXITS
async def test_who_signs_out_there_is_signed_out_here(
    open_with: OpenWith, start_saml_idp: StartIdp, opened: list[Browser], options: dict[str, str]
) -> None:
    home = await arrived(open_with, start_saml_idp, opened, options)
    page = await carried(await home.there.open("/end?username=maria"), home.browser)
    assert await live_sessions(home) == 0
    page = await carried(page, home.there)
    assert "Signed out: Success." in page.text
    assert (await home.browser.open("/account")).path != "/account"
