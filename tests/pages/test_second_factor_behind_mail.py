"""What somebody who reads a person's mail, and has no second factor of hers, can try."""

import re

from applications import OpenWith
from assent.actions.accounts.locks import unlock_person
from assent.identity.second_factor.attempts import FREE
from assent.testing.application import Application
from assent.testing.browser import Browser
from pages.factors import with_phone
from pages.mail import CODE, mailed, open_with_mail
from services.smtp_sink import Sink

LINK = re.compile(r"http://\S+/unlock\?link=[\w-]{43}")


async def reset(application: Application, sink: Sink, browser: Browser, new: str) -> bool:
    """Whether a mail with a code came, by which there is a new password now."""
    await browser.open("/forgot-password")
    await browser.submit(username="amy")
    found = [CODE.search(text) for _, _, text in await mailed(application, sink)]
    code = next((one[1] for one in found if one), None)
    if code is None:
        return False
    return (await browser.submit(code=code, password=new, again=new)).path == "/forgot-password/done"


async def guess_codes(browser: Browser, password: str) -> int:
    """How many wrong codes are looked at before there is a wait."""
    await browser.open("/login?to=/account")
    assert (await browser.sign_in("amy", password)).path == "/second-factor"
    for number in range(FREE + 1):
        if (await browser.submit(code=f"00000{number}")).status == 429:
            return number
    return FREE + 1


async def test_a_reset_by_mail_is_worth_one_more_code(open_with: OpenWith, sink: Sink) -> None:
    application = await open_with_mail(open_with, sink)
    await with_phone(application, "amy")
    await mailed(application, sink)
    looked_at = []
    for number in range(4):
        thief, new = application.browser("203.0.113.9"), f"seven quiet otters {number}"
        assert await reset(application, sink, thief, new)
        looked_at.append(await guess_codes(thief, new))
    assert looked_at == [FREE, 1, 1, 1]


async def test_the_link_that_unlocks_is_worth_one_more_code_and_an_administrator_lifts_the_count(
    open_with: OpenWith, sink: Sink
) -> None:
    application = await open_with_mail(open_with, sink)
    await with_phone(application, "amy")
    await mailed(application, sink)
    thief = application.browser("203.0.113.9")
    assert await guess_codes(thief, "demo") == FREE
    for number in range(10):
        stranger = application.browser(f"198.51.100.{number}")
        await stranger.open("/login?to=/account")
        await stranger.sign_in("amy", "wrong")
        application.clock.advance(61)
    assert await guess_codes(thief, "demo") == 1
    [link] = [one[0] for _, _, text in await mailed(application, sink) if (one := LINK.search(text))]
    await thief.open(link)
    assert (await thief.submit()).status == 200
    assert await guess_codes(thief, "demo") == 1
    await unlock_person(application.server, "amy", actor="admin")
    assert await guess_codes(thief, "demo") == FREE


async def test_a_new_sign_in_with_each_code_gets_no_more_mails(open_with: OpenWith, sink: Sink) -> None:
    application = await open_with_mail(open_with, sink)
    thief, mails = application.browser("203.0.113.9"), 0
    for number in range(12):
        new = f"seven quiet otters {number}"
        if await reset(application, sink, thief, new):
            mails += 1
            await thief.open("/login?to=/account")
            assert (await thief.sign_in("amy", new)).path == "/account"
    # what any browser gets, and what those get in which she has signed in
    assert mails == 6
