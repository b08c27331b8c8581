"""What was begun before an account changed: a code that was mailed, a sign-in that is under way."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from applications import OpenWith
from assent.actions.accounts.passwords import set_password
from assent.actions.accounts.people import disable_person, edit_person, enable_person, import_people
from assent.engine.hooks import Hooks
from assent.records.identities import Arrival
from assent.storage.tables import MAILED_CODES, SESSIONS
from assent.testing.application import Application
from assent.testing.browser import Browser
from pages.mail import NEW, mailed_code, open_with_mail
from services.smtp_sink import Sink

Deed = Callable[[Application], Awaitable[object]]
THEIRS = "a thief chose this one 77"


async def she_changes_her_password(application: Application) -> None:
    hers = application.browser()
    await hers.open("/login?to=/account/password")
    await hers.sign_in("amy")
    assert (await hers.submit(current="demo", password=NEW, again=NEW)).path == "/account"


async def somebody_sets_it(application: Application) -> None:
    await set_password(application.server, "amy", NEW, actor="admin")


async def somebody_imports_it(application: Application) -> None:
    amy = {"username": "amy", "email": "amy@mail.example", "password": NEW}
    await import_people(application.server, {"users": [amy]}, actor="admin")


async def her_address_is_another(application: Application) -> None:
    await edit_person(application.server, "amy", {"email": "new@mail.example"}, actor="admin")


async def she_is_off_for_a_while(application: Application) -> None:
    await disable_person(application.server, "amy", actor="admin")
    await enable_person(application.server, "amy", actor="admin")


@pytest.mark.parametrize(
    "deed",
    [
        she_changes_her_password,
        somebody_sets_it,
        somebody_imports_it,
        her_address_is_another,
        she_is_off_for_a_while,
    ],
)
async def test_a_code_that_was_mailed_before_opens_nothing(
    open_with: OpenWith, sink: Sink, deed: Deed
) -> None:
    application = await open_with_mail(open_with, sink)
    thief = application.browser("203.0.113.66")
    await thief.open("/forgot-password")
    await thief.submit(username="amy")
    code = await mailed_code(application, sink)
    await deed(application)
    assert all(row.used_at for row in await application.server.storage.find(MAILED_CODES))
    page = await thief.submit(code=code, password=THEIRS, again=THEIRS)
    assert page.path != "/forgot-password/done"


async def test_a_code_outlives_what_does_not_concern_it(open_with: OpenWith, sink: Sink) -> None:
    application = await open_with_mail(open_with, sink)
    browser = application.browser()
    await browser.open("/forgot-password")
    await browser.submit(username="amy")
    code = await mailed_code(application, sink)
    await edit_person(application.server, "amy", {"locale": "fr"}, actor="admin")
    page = await browser.submit(code=code, password=NEW, again=NEW)
    assert page.path == "/forgot-password/done"


class Meanwhile(Hooks):
    """Does something in the midst of a sign-in, when the person was read and before her session begins."""

    application: Application
    deed: Deed

    async def on_sign_in(self, arrival: Arrival) -> Arrival:
        await self.deed(self.application)
        return arrival


async def begin(open_with: OpenWith, deed: Deed) -> tuple[Application, Browser]:
    hooks = Meanwhile()
    application = await open_with(hooks=hooks)
    await application.add_amy()
    hooks.application, hooks.deed = application, deed
    browser = application.browser("203.0.113.8")
    await browser.open("/login?to=/account")
    return application, browser


@pytest.mark.parametrize("deed", [somebody_sets_it, somebody_imports_it])
async def test_a_sign_in_under_way_does_not_outlive_another_password(open_with: OpenWith, deed: Deed) -> None:
    application, thief = await begin(open_with, deed)
    page = await thief.sign_in("amy")
    assert page.path == "/login"
    assert "not right" in page.text
    assert (await thief.open("/account")).path == "/login"
    assert await application.server.storage.find(SESSIONS, {"ended_at": 0}) == []
    [event] = await application.audit("login.refused")
    assert event.detail == {"reason": "the password was changed while she signed in", "module": "local"}


async def test_a_sign_in_under_way_does_not_begin_while_the_account_is_off(open_with: OpenWith) -> None:
    async def off(application: Application) -> None:
        await disable_person(application.server, "amy", actor="admin")

    application, browser = await begin(open_with, off)
    assert (await browser.sign_in("amy")).path == "/login"
    await enable_person(application.server, "amy", actor="admin")
    assert (await browser.open("/account")).path == "/login"
    [event] = await application.audit("login.refused")
    assert event.detail is not None
    assert event.detail["reason"] == "disabled"


async def test_what_was_verified_by_the_old_hash_is_not_welcome(application: Application) -> None:
    await application.add_amy()
    passwords = application.server.passwords
    verify, reached, go_on = passwords.verify, asyncio.Event(), asyncio.Event()

    async def slowly(kept: str | None, typed: str) -> bool:
        answer = await verify(kept, typed)
        reached.set()
        await go_on.wait()
        return answer

    thief = application.browser("203.0.113.8")
    await thief.open("/login?to=/account")
    object.__setattr__(passwords, "verify", slowly)
    under_way = asyncio.create_task(thief.sign_in("amy"))
    await reached.wait()
    object.__setattr__(passwords, "verify", verify)
    await set_password(application.server, "amy", NEW, actor="admin")
    go_on.set()
    assert (await under_way).path == "/login"
    assert (await thief.open("/account")).path == "/login"


async def test_each_session_that_a_new_password_ends_is_written_down(application: Application) -> None:
    await application.add_amy()
    other = application.browser("192.0.2.98")
    await other.open("/login?to=/account")
    await other.sign_in("amy")
    [session] = await application.server.storage.find(SESSIONS, {"ended_at": 0})
    await she_changes_her_password(application)
    [event] = await application.audit("session.ended")
    assert event.detail == {"session": session.public_id, "because": "the password was changed"}
    await somebody_sets_it(application)
    assert len(await application.audit("session.ended")) == 2
