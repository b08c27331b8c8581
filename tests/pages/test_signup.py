"""Making an account for oneself: the same answers for every address, one browser, one code, and on to the app."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from applications import OpenWith
from assent.app.observation import configure_logs
from assent.app.serving.http import build_app
from assent.app.settings import MailSettings, ServerSettings, Settings
from assent.app.sign_in_settings import SignUpSettings
from assent.engine.hooks import Hooks
from assent.records.sign_ups import Newcomer
from assent.spec.errors import AccessDenied
from assent.storage.tables import PEOPLE, SESSIONS, SIGN_UPS
from assent.testing.application import PUBLIC_URL, Application
from assent.testing.browser import Browser, Page
from assent.web.mails import Mail, MailDown

ADDRESS = "maria@mail.example"
PASSWORD = "quite a long sentence, kept to herself"
CLINIC = "https://www.clinic.example"


@dataclass
class Postbox:
    """Takes mail instead of a mail server."""

    mails: list[Mail] = field(default_factory=list)

    def send_later(self, mail: Mail, _given_up: object) -> None:
        self.mails.append(mail)

    async def send(self, mail: Mail) -> None:
        raise MailDown("pages never wait for a mail server")

    def code(self) -> str:
        """The code in the last mail."""
        found = re.search(r"\b\d{8}\b", self.mails[-1].text)
        assert found is not None, self.mails[-1].text
        return found[0]


@dataclass
class Place:
    """An application where people may sign up, and what it mailed."""

    application: Application
    post: Postbox

    async def begin(self, browser: Browser, email: str = ADDRESS, at: str = "/signup") -> Page:
        await browser.open(at)
        return await browser.submit(email=email)

    async def finish(self, browser: Browser, **given: str) -> Page:
        filled: dict[str, Any] = {"code": self.post.code(), "username": "maria", "password": PASSWORD}
        return await browser.submit(**{**filled, **given})


Open = Callable[..., Awaitable[Place]]


@pytest.fixture
def open_place(open_with: OpenWith) -> Open:
    async def open_(hooks: Hooks | None = None, **settings: Any) -> Place:
        chosen = Settings(
            server=ServerSettings(public_url=PUBLIC_URL, log_format="json", organization="St. Elsewhere"),
            mail=MailSettings(host="localhost", security="none", sender="no-reply@clinic.example"),
            sign_up=SignUpSettings(enabled=True, **settings),
        )
        opened, post = await open_with(settings=chosen, hooks=hooks), Postbox()
        installation = replace(opened.installation, post=post)
        log = configure_logs(chosen.server.log_format, chosen.server.log_level)
        app = build_app(installation, log)
        return Place(Application(installation, app, opened.clock, opened.fhir), post)

    return open_


@pytest.fixture
async def place(open_place: Open) -> Place:
    return await open_place()


async def test_it_is_not_offered_unless_it_is_switched_on(application: Application) -> None:
    browser = application.browser()
    assert (await browser.open("/signup")).status == 404
    assert (await browser.open("/signup/finish")).status == 404
    assert "/signup" not in (await browser.open("/login")).text


async def test_from_the_sign_in_page_to_an_account_of_ones_own(place: Place) -> None:
    browser = place.application.browser()
    assert 'href="/signup"' in (await browser.open("/login?to=/account")).text
    page = await place.begin(browser)
    assert (page.status, page.path) == (200, "/signup/finish")
    assert ADDRESS in page.text
    [mail] = place.post.mails
    assert (mail.to, mail.kind, mail.sender_name) == (ADDRESS, "signup", "St. Elsewhere")
    page = await place.finish(browser, given_name="Maria", family_name="Keller")
    assert (page.status, page.path) == (200, "/account")
    assert "Maria Keller" in page.text
    [person] = await place.application.server.storage.find(PEOPLE)
    assert (person.email, person.permissions, person.fhir_user) == (ADDRESS, (), None)
    [session] = await place.application.server.storage.find(SESSIONS)
    assert (session.person_id, session.module, session.amr) == (person.person_id, "local", ("pwd",))
    other = place.application.browser()
    await other.open("/login?to=/account")
    assert (await other.sign_in("maria", PASSWORD)).path == "/account"


async def test_on_the_way_to_an_app_she_goes_on_to_the_app(place: Place) -> None:
    await place.application.add_client()
    app, browser = place.application.smart_app(), place.application.browser()
    page = await app.launch(browser, "openid")
    link = re.search(r'href="(/signup\?flow=[^"]+)"', page.text)
    assert link is not None
    page = await place.begin(browser, at=link[1])
    assert "Chart App" in page.text
    page = await place.finish(browser)
    assert page.path == "/approve"
    page = await browser.approve()
    assert (await app.redeem(place.application.http(), page)).status_code == 200
    [event] = await place.application.audit("user.registered")
    assert event.client_id == "app"


async def test_an_account_is_made_also_when_the_app_did_not_wait(place: Place) -> None:
    await place.application.add_client()
    browser = place.application.browser()
    page = await place.application.smart_app().launch(browser, "openid")
    link = re.search(r'href="(/signup\?flow=[^"]+)"', page.text)
    assert link is not None
    place.application.clock.advance(1700)
    await place.begin(browser, at=link[1])
    place.application.clock.advance(200)
    assert (await place.finish(browser)).path == "/account"


def without_what_differs(page: Page, email: str) -> str:
    text = page.text.replace(email, "ADDRESS")
    return re.sub(r'(value|action|href)="[^"]*(?:id=|csrf|[\w-]{43})[^"]*"', "", text)


async def test_an_address_with_an_account_gets_the_same_pages_and_another_mail(place: Place) -> None:
    await place.application.add_amy()
    known, unknown = place.application.browser(), place.application.browser()
    at_known = await place.begin(known, "Amy@Mail.example")
    at_unknown = await place.begin(unknown, ADDRESS)
    assert [mail.kind for mail in place.post.mails] == ["signup_known", "signup"]
    assert re.search(r"\d{8}", place.post.mails[0].text) is None
    assert f"{PUBLIC_URL}/login" in place.post.mails[0].text
    assert [one.status_code for one in at_known.trail] == [one.status_code for one in at_unknown.trail]
    assert without_what_differs(at_known, "Amy@Mail.example") == without_what_differs(at_unknown, ADDRESS)
    answers = [
        await browser.submit(code="00000000", username=f"someone{number}", password=PASSWORD)
        for number, browser in enumerate((known, unknown))
    ]
    assert [page.status for page in answers] == [200, 200]
    assert all("The code was not right" in page.text for page in answers)
    assert len(await place.application.server.storage.find(PEOPLE)) == 1


async def test_what_is_no_address_is_said_and_nothing_is_mailed(place: Place) -> None:
    page = await place.begin(place.application.browser(), "maria at home")
    assert "not an email address" in page.text
    assert 'value="maria at home"' in page.text
    assert place.post.mails == []


async def test_a_code_in_another_browser_opens_nothing(place: Place) -> None:
    hers, another = place.application.browser(), place.application.browser()
    page = await place.begin(hers)
    await another.open("/signup")
    page = await another.open(page.url)
    assert page.status == 400
    assert "another browser" in page.text
    assert (await place.finish(hers)).path == "/account"


async def test_a_form_without_its_browser_is_refused(place: Place) -> None:
    browser = place.application.browser()
    page = await place.begin(browser)
    filled = page.form().filled("submit", code=place.post.code(), username="maria", password=PASSWORD)
    stranger = place.application.browser()
    assert (await stranger.post(page.url, filled)).status == 403
    assert (await stranger.post("/signup", [("email", ADDRESS)])).status == 403
    assert await place.application.server.storage.find(PEOPLE) == []


async def test_the_same_form_twice_makes_one_account(place: Place) -> None:
    browser = place.application.browser()
    page = await place.begin(browser)
    filled = page.form().filled("submit", code=place.post.code(), username="maria", password=PASSWORD)
    answers = await asyncio.gather(*(browser.post(page.url, filled) for _ in range(3)))
    assert sorted(one.status for one in answers) == [200, 400, 400]
    assert len(await place.application.server.storage.find(PEOPLE)) == 1


async def test_a_code_expires(open_place: Open) -> None:
    place = await open_place(code_seconds=60)
    browser = place.application.browser()
    await place.begin(browser)
    assert "1 minute" in place.post.mails[0].text
    place.application.clock.advance(60)
    page = await place.finish(browser)
    assert page.status == 400
    assert page.form().values("email") == [""]


async def test_what_was_typed_stays_but_for_the_password(place: Place) -> None:
    browser = place.application.browser()
    await place.begin(browser)
    page = await place.finish(browser, password="password12", given_name="Maria")
    form = page.form()
    assert form.values("username") == ["maria"]
    assert form.values("given_name") == ["Maria"]
    assert form.values("password") == [""]
    assert 'href="#password"' in page.text
    assert (await place.finish(browser)).path == "/account"


async def test_a_taken_user_name_is_told_to_whoever_has_the_code(place: Place) -> None:
    await place.application.add_amy()
    browser = place.application.browser()
    await place.begin(browser)
    page = await place.finish(browser, username="AMY")
    assert "Somebody else has this user name" in page.text
    assert (await place.finish(browser)).path == "/account"


async def test_rules_of_the_deployment_give_rights(open_place: Open) -> None:
    place = await open_place(permissions=("* => FHIR_CAPABILITIES",))
    browser = place.application.browser()
    await place.begin(browser)
    await place.finish(browser)
    [person] = await place.application.server.storage.find(PEOPLE)
    assert [one.name for one in person.permissions] == ["FHIR_CAPABILITIES"]


class Members(Hooks):
    """Knows one member."""

    async def on_user_self_registration_request(self, newcomer: Newcomer) -> Newcomer:
        if newcomer.email != ADDRESS:
            raise AccessDenied("not a member")
        return replace(newcomer, fhir_user="Patient/amy")


async def test_the_hook_decides_who_she_is_and_whether_she_may(open_place: Open) -> None:
    place = await open_place(hooks=Members())
    member, stranger = place.application.browser(), place.application.browser()
    await place.begin(stranger, "bob@mail.example")
    page = await place.finish(stranger, username="bob")
    assert "cannot make an account for you" in page.text
    await place.begin(member)
    assert (await place.finish(member)).path == "/account"
    [person] = await place.application.server.storage.find(PEOPLE)
    assert person.fhir_user == "Patient/amy"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"referer": "https://elsewhere.example/"}, 403),
        ({"referer": "https://www.clinic.example.evil.example/"}, 403),
        ({"sec-fetch-site": "same-origin", "referer": f"{PUBLIC_URL}/login"}, 403),
        ({"referer": f"{CLINIC}/new-patients"}, 200),
    ],
)
async def test_a_sign_up_is_begun_from_the_pages_that_are_named(
    open_place: Open, headers: dict[str, str], status: int
) -> None:
    place = await open_place(referrers=(CLINIC,))
    async with place.application.http() as client:
        answer = await client.get("/signup", headers=headers)
    assert answer.status_code == status
    assert "/signup" not in (await place.application.browser().open("/login")).text


async def test_our_own_pages_may_be_named_too(open_place: Open) -> None:
    place = await open_place(referrers=(PUBLIC_URL,))
    assert 'href="/signup"' in (await place.application.browser().open("/login")).text
    async with place.application.http() as client:
        answer = await client.get("/signup", headers={"sec-fetch-site": "same-origin"})
    assert answer.status_code == 200


async def test_too_many_from_one_place_have_to_wait_and_others_do_not(open_place: Open) -> None:
    place = await open_place(from_address_per_hour=2)
    for number in range(2):
        await place.begin(place.application.browser(), f"m{number}@mail.example")
    page = await place.begin(place.application.browser())
    assert page.status == 429
    assert page.answer.headers["retry-after"] == "3600"
    assert (await place.begin(place.application.browser("198.51.100.77"))).status == 200


async def test_an_address_that_was_written_to_often_gets_no_more_and_the_page_is_the_same(
    open_place: Open,
) -> None:
    place = await open_place(to_address_per_hour=1)
    first = await place.begin(place.application.browser())
    second = await place.begin(place.application.browser("198.51.100.77"))
    assert len(place.post.mails) == 1
    assert without_what_differs(first, ADDRESS) == without_what_differs(second, ADDRESS)


async def test_what_is_stored_is_no_code_and_the_log_names_no_address(place: Place) -> None:
    await place.begin(place.application.browser())
    [row] = await place.application.server.storage.find(SIGN_UPS)
    assert place.post.code().encode() not in (row.code_hash or b"")
    assert ADDRESS not in repr(await place.application.audit())


@pytest.mark.parametrize("username", ["victim@mail.example", "Victim@Mail.example", "nobody@"])
async def test_somebody_elses_address_is_no_user_name(place: Place, username: str) -> None:
    await place.application.add_person("victim", email="victim@mail.example")
    browser = place.application.browser()
    await place.begin(browser, "evil@mail.example")
    page = await place.finish(browser, username=username)
    assert "has to be the email address that you proved" in page.text
    assert len(await place.application.server.storage.find(PEOPLE)) == 1


async def test_ones_own_address_is_one_however_it_is_written(place: Place) -> None:
    browser = place.application.browser()
    await place.begin(browser)
    assert (await place.finish(browser, username="Maria@Mail.example")).path == "/account"
