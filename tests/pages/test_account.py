"""The account page: who she is, where she is signed in, and signing out there; nobody's session but her own."""

import pytest

from assent.actions.accounts.sessions import list_sessions
from assent.records.terms import Agreement
from assent.storage.interface import Add, Change, act
from assent.storage.tables import AGREEMENTS, PEOPLE, SESSIONS
from assent.testing.application import START, Application
from assent.testing.browser import ELSEWHERE, Browser

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1"


async def signed_in(application: Application, username: str, address: str = "192.0.2.7") -> Browser:
    browser = application.browser(address)
    await browser.open("/login?to=/account")
    page = await browser.sign_in(username)
    assert page.path == "/account"
    return browser


@pytest.fixture
async def browser(application: Application) -> Browser:
    await application.add_amy()
    await application.add_lee()
    return await signed_in(application, "amy")


async def sessions_of(application: Application, username: str) -> list[str]:
    """The public ids of the sessions that have not ended."""
    found = await application.server.storage.find(SESSIONS, {"ended_at": 0})
    people = {one.username: one.person_id for one in await application.server.storage.find(PEOPLE)}
    return [one.public_id for one in found if one.person_id == people[username]]


async def test_she_sees_who_she_is(browser: Browser) -> None:
    page = await browser.open("/account")
    for text in ("Amy Okafor", "amy@mail.example", ">amy<", "not recorded", "this device", "192.0.2.7"):
        assert text in page.text
    assert page.answer.headers["cache-control"] == "no-store"


async def test_who_is_not_signed_in_signs_in_and_comes_back(
    application: Application, browser: Browser
) -> None:
    stranger = application.browser()
    assert (await stranger.open("/account")).path == "/login"
    assert (await stranger.sign_in("amy")).path == "/account"


async def test_another_place_is_signed_out_and_this_one_stays(
    application: Application, browser: Browser
) -> None:
    other = await signed_in(application, "amy", "203.0.113.9")
    page = await browser.open("/account")
    assert len([form for form in page.forms if "end" in form.buttons]) == 2
    [gone] = set(await sessions_of(application, "amy")) - {await own_id(application, browser)}

    page = await browser.submit("end", session=gone)

    assert (page.path, page.trail[0].status_code) == ("/account", 303)
    assert "That device is signed out." in page.text
    assert (await other.open("/account")).path == "/login"
    (event,) = await application.audit("session.ended")
    assert event.detail == {"session": gone, "because": "the person ended it"}


async def own_id(application: Application, browser: Browser) -> str:
    """The session of a browser, as lists call it."""
    page = await browser.open("/account")
    ids = [form.values("session")[0] for form in page.forms if form.values("session")]
    marked = page.text.index("this device")
    return max((one for one in ids if page.text.index(one) > marked), key=lambda one: -page.text.index(one))


async def test_signing_out_here_ends_this_session(application: Application, browser: Browser) -> None:
    mine = await own_id(application, browser)
    page = await browser.submit("end", session=mine)
    assert "You are signed out" in page.text
    assert (await browser.open("/account")).path == "/login"
    assert await sessions_of(application, "amy") == []


async def test_somebody_elses_session_is_refused_and_goes_on(
    application: Application, browser: Browser
) -> None:
    lee = await signed_in(application, "lee")
    [theirs] = await sessions_of(application, "lee")
    await browser.open("/account")
    for guess in (theirs, "s-nobody", ""):
        assert (await browser.submit("end", session=guess)).status == 400
        await browser.open("/account")
    assert (await lee.open("/account")).path == "/account"
    assert await application.audit("session.ended") == []


async def test_the_same_form_twice_does_no_harm(application: Application, browser: Browser) -> None:
    await signed_in(application, "amy")
    page = await browser.open("/account")
    [gone] = set(await sessions_of(application, "amy")) - {await own_id(application, browser)}
    page = await browser.open("/account")
    for _ in range(2):
        assert (await browser.submit_on(page, "end", session=gone)).path == "/account"
    assert len(await application.audit("session.ended")) == 1


async def test_signing_out_everywhere_ends_all_of_hers_and_what_hangs_on_them(
    application: Application,
) -> None:
    await application.add_client()
    await application.add_amy()
    await application.add_lee()
    app, browser = application.smart_app(), application.browser()
    await app.launch(browser, "openid patient/*.rs online_access")
    await browser.sign_in("amy")
    online = (await app.redeem(application.http(), await browser.approve())).json()
    await app.launch(browser, "openid patient/*.rs offline_access")
    offline = (await app.redeem(application.http(), await browser.approve())).json()
    other, lee = await signed_in(application, "amy"), await signed_in(application, "lee")
    await browser.open("/account")

    page = await browser.submit("everywhere")

    assert "You are signed out everywhere" in page.text
    assert "while you are away keep their access" in page.text
    assert (await browser.open("/account")).path == "/login"
    assert (await other.open("/account")).path == "/login"
    assert (await lee.open("/account")).path == "/account"
    refreshed = [
        await app.ask_token(
            application.http(), {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        )
        for tokens in (online, offline)
    ]
    assert [answer.status_code for answer in refreshed] == [400, 200]


@pytest.mark.parametrize("button", ["end", "everywhere"])
async def test_a_form_that_is_not_of_this_page_and_sign_in_is_refused(
    application: Application, browser: Browser, button: str
) -> None:
    page = await browser.open("/account")
    fields = page.form(button).filled(button)
    bare = [(name, value) for name, value in fields if name != "csrf"]
    assert (await browser.post("/account", bare)).status == 403
    assert (await browser.post("/account", fields, {"Origin": ELSEWHERE})).status == 403
    assert (await browser.post_from_elsewhere("/account", fields)).status == 403
    await browser.open("/login")
    await browser.sign_in("lee")
    assert (await browser.submit_on(page, button)).status == 403
    assert len(await sessions_of(application, "lee")) == 1


async def test_a_form_that_decides_nothing_is_refused(application: Application, browser: Browser) -> None:
    await browser.open("/account")
    assert (await browser.submit("everywhere", decision="x")).status == 400
    assert len(await sessions_of(application, "amy")) == 1


async def test_a_browser_is_told_in_words_of_ours_alone(application: Application, browser: Browser) -> None:
    hostile = '<script>alert("x")</script>" onmouseover=x \u202e Firefox/1'
    (session,) = await application.server.storage.find(SESSIONS, {"ended_at": 0})
    for agent, shown in (
        (hostile, "Firefox"),
        (PHONE, "Safari on iPhone"),
        ("curl", "browser that we do not know"),
    ):
        change = Change(SESSIONS, (session.session_hash,), {"user_agent": agent})
        await application.server.storage.commit(act(change))
        page = await browser.open("/account")
        assert shown in page.text
        assert "<script" not in page.text
        assert "onmouseover" not in page.text
        assert "\u202e" not in page.text


async def test_terms_that_she_accepted_are_listed(application: Application, browser: Browser) -> None:
    page = await browser.open("/account")
    assert "You have accepted no terms." in page.text
    (session,) = await application.server.storage.find(SESSIONS, {"ended_at": 0})
    await application.add_client()
    agreement = Agreement(session.person_id, "app", "2027-1", START, "en", b"\x01" * 32)
    await application.server.storage.commit(act(Add(AGREEMENTS, agreement)))
    page = await browser.open("/account")
    assert "Chart App: version 2027-1, accepted 15 January 2027" in page.text


async def test_every_link_on_the_page_leads_somewhere(browser: Browser) -> None:
    page = await browser.open("/account")
    links = {part.partition('"')[0] for part in page.text.split('href="/')[1:]}
    assert {"oauth/revoke", "account/consents", "account/consents.json"} <= links
    for link in links:
        assert (await browser.open(f"/{link.replace('&amp;', '&')}")).status == 200, link


async def test_a_sign_in_here_is_seen_by_administrators_as_well(
    application: Application, browser: Browser
) -> None:
    listed = await list_sessions(application.server)
    assert [one.session.public_id for one in listed] == await sessions_of(application, "amy")
