"""Somebody who forgot her password: asking for a code, and whether she can sign in with another password."""

from assent.testing.application import Application
from assent.testing.browser import Browser, Page


async def ask(browser: Browser, username: str, query: str = "") -> Page:
    """Asks for a code in the name of somebody; `query` is that of the page's address."""
    await browser.open(f"/forgot-password{query}")
    return await browser.submit(username=username)


async def can_sign_in(application: Application, password: str, username: str = "amy") -> bool:
    """Whether somebody can, from elsewhere."""
    browser = application.browser("203.0.113.77")
    await browser.open("/login?to=/account")
    return (await browser.sign_in(username, password)).path == "/account"
