"""An app's request that is answered at the moment in which the person's session ends."""

from collections.abc import Awaitable, Callable
from typing import Any

from assent.actions.accounts.people import disable_person, enable_person
from assent.storage.interface import Act, Add, Outcomes, Storage
from assent.storage.tables import CODES, GRANTS, PENDING
from assent.testing.application import Application
from assent.testing.browser import Browser

SCOPE = "openid offline_access"


class Meanwhile:
    """A storage that something else reaches once, just before a grant is written."""

    def __init__(self, inner: Storage, deed: Callable[[], Awaitable[None]]) -> None:
        self._inner = inner
        self._deed: Callable[[], Awaitable[None]] | None = deed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def commit(self, act: Act) -> Outcomes:
        deed = self._deed
        if deed is not None and any(isinstance(one, Add) and one.table is GRANTS for one in act.writes):
            self._deed = None
            await deed()
        return await self._inner.commit(act)


async def signed_in(application: Application) -> Browser:
    """Somebody for whom an app asks nothing more, and whose account is off for a moment when it gets its grant."""
    await application.add_amy()
    await application.add_client(auto_approve_scope=tuple(SCOPE.split()))
    browser = application.browser("203.0.113.9")
    await browser.open("/login?to=/account")
    await browser.sign_in("amy")
    server = application.server

    async def off_for_a_moment() -> None:
        await disable_person(server, "amy", actor="admin")
        await enable_person(server, "amy", actor="admin")

    object.__setattr__(server, "storage", Meanwhile(server.storage, off_for_a_moment))
    return browser


async def test_no_grant_outlives_the_account_being_switched_off(application: Application) -> None:
    thief = await signed_in(application)
    page = await application.smart_app().launch(thief, SCOPE, prompt="none")
    assert page.answered["error"] == "login_required"
    assert await application.server.storage.find(GRANTS) == []
    assert await application.server.storage.find(CODES) == []
    assert await application.audit("authorization.granted") == []


async def test_who_is_there_signs_in_again_and_goes_on(application: Application) -> None:
    browser = await signed_in(application)
    page = await application.smart_app().launch(browser, SCOPE)
    assert page.path == "/login"
    assert "code" in (await browser.sign_in("amy")).answered
    [pending] = await application.server.storage.find(PENDING)
    assert pending.closed_at
