"""To a provider and back: what is bound to the browser, what is shown when it goes wrong."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from applications import OpenWith
from assent.engine.server import AuthorizationServer, Caller
from assent.identity import ArrivalRefused, Inbound, ModuleDown, PasswordModule, Refused, Sending, Trip
from assent.identity.guarded import GuardedModule
from assent.identity.local.module import LocalModule
from assent.records.identities import Arrival
from assent.storage.interface import Change, act
from assent.storage.tables import PEOPLE, SESSIONS
from assent.testing.application import Application
from assent.testing.browser import Browser
from assent.testing.smart_app import SmartApp

SCOPE = "openid fhirUser"


class Elsewhere:
    """A provider that says whatever `answers` hold for a code."""

    def __init__(self, name: str = "clinic", title: str = "State eID") -> None:
        self.name = name
        self.title = title
        self.is_down = False
        self.trips: list[Trip] = []
        self.answers: dict[str, Arrival] = {}

    async def begin(self, server: AuthorizationServer, trip: Trip) -> Sending:
        if self.is_down:
            raise ModuleDown("connection refused")
        self.trips.append(trip)
        return Sending(f"https://id.clinic.example/?state={trip.state}", {"nonce": "n-1"})

    async def finish(
        self, server: AuthorizationServer, answer: Mapping[str, str], kept: Mapping[str, Any], return_url: str
    ) -> Arrival:
        assert kept == {"nonce": "n-1"}
        assert return_url == f"{server.issuer.url}/login/{self.name}/callback"
        if self.is_down:
            raise ModuleDown("no answer within 5 s")
        if answer.get("code") not in self.answers:
            raise ArrivalRefused("the code is not good")
        return self.answers[answer["code"]]

    def knows(self, code: str, username: str = "maria", **more: Any) -> None:
        self.answers[code] = Arrival(
            self.name, "https://id.clinic.example", username, username, ("mfa",), **more
        )


class Directory:
    """Takes one password for everybody."""

    name = "staff"
    title = "Staff account"
    is_down = False

    async def sign_in(
        self, server: AuthorizationServer, username: str, password: str, caller: Caller
    ) -> Arrival | Refused:
        if self.is_down:
            raise ModuleDown("no LDAP server answers")
        if password != "staff password":
            return Refused()
        return Arrival(self.name, "ldap.clinic.example", username, username, ("pwd",))


@pytest.fixture
def elsewhere() -> Elsewhere:
    return Elsewhere()


def inbound(*redirects: Elsewhere, passwords: tuple[PasswordModule, ...] = ()) -> Inbound:
    async def all_of_them(_server: AuthorizationServer) -> tuple[Elsewhere, ...]:
        return redirects

    return Inbound(tuple(GuardedModule(module) for module in passwords), all_of_them)


async def launched(open_with: OpenWith, modules: Inbound) -> tuple[Application, SmartApp, Browser]:
    application = await open_with(inbound=modules)
    await application.add_client(auto_approve_scope=("openid", "fhirUser"))
    return application, application.smart_app(), application.browser()


def state_of(left_to: str | None) -> str:
    assert left_to is not None
    assert left_to.startswith("https://id.clinic.example/")
    return parse_qs(urlsplit(left_to).query)["state"][0]


async def test_the_only_provider_is_gone_to_at_once_and_leads_back_into_the_app(
    open_with: OpenWith, elsewhere: Elsewhere
) -> None:
    elsewhere.knows("good", given_name="Maria", fhir_user="Patient/amy")
    application, app, browser = await launched(open_with, inbound(elsewhere))
    page = await app.launch(browser, SCOPE)
    state = state_of(page.left_to)
    page = await browser.open(f"/login/clinic/callback?state={state}&code=good")
    tokens = (await app.redeem(application.http(), page)).json()
    claims = await application.server.keys.verify(tokens["id_token"], "JWT")
    assert claims["fhirUser"].endswith("/Patient/amy")
    assert "amr" not in claims  # its word for two factors is not taken unless it is trusted
    [session] = await application.server.storage.find(SESSIONS)
    assert session.module == "clinic"


async def test_what_the_app_asks_of_the_sign_in_is_passed_on(
    open_with: OpenWith, elsewhere: Elsewhere
) -> None:
    _, app, browser = await launched(open_with, inbound(elsewhere))
    await app.launch(
        browser, SCOPE, prompt="login", max_age="60", login_hint="maria", ui_locales="fr de", nonce="n"
    )
    [trip] = elsewhere.trips
    assert (trip.must_ask, trip.max_age, trip.login_hint, trip.languages) == (
        True,
        60,
        "maria",
        ("fr", "de"),
    )


async def test_several_ways_are_offered_and_a_password_still_works(
    open_with: OpenWith, elsewhere: Elsewhere
) -> None:
    other = Elsewhere("bank", "Bank ID")
    application, app, browser = await launched(
        open_with, inbound(elsewhere, other, passwords=(LocalModule(),))
    )
    await application.add_amy()
    page = await app.launch(browser, SCOPE)
    assert page.path == "/login"
    assert "Sign in with State eID" in page.text
    assert "Sign in with Bank ID" in page.text
    assert "module" not in {field.name for form in page.forms for field in form.fields}
    assert (await browser.sign_in("amy")).left_to is not None


async def test_of_two_places_that_take_passwords_the_chosen_one_is_asked(open_with: OpenWith) -> None:
    application, app, browser = await launched(open_with, inbound(passwords=(LocalModule(), Directory())))
    await application.add_amy()
    await app.launch(browser, SCOPE)
    page = await browser.submit("submit", username="doctor", password="staff password")
    assert page.path == "/login"  # the first, where none is named
    page = await browser.submit("submit", username="doctor", password="staff password", module="staff")
    assert page.left_to is not None
    [session] = await application.server.storage.find(SESSIONS)
    assert session.module == "staff"


async def test_a_module_that_is_not_on_takes_no_password(open_with: OpenWith) -> None:
    application, app, browser = await launched(open_with, inbound(passwords=(LocalModule(),)))
    await application.add_amy()
    await app.launch(browser, SCOPE)
    page = await browser.submit("submit", username="amy", password="demo", module="staff")
    assert (page.path, page.left_to) == ("/login", None)


async def test_guesses_at_every_module_are_throttled_each_by_itself(open_with: OpenWith) -> None:
    application, app, browser = await launched(open_with, inbound(passwords=(LocalModule(), Directory())))
    await application.add_amy()
    await app.launch(browser, SCOPE)
    for _ in range(4):
        page = await browser.submit("submit", username="amy", password="wrong", module="staff")
    assert (await browser.submit("submit", username="amy", password="wrong", module="staff")).status == 429
    page = await browser.submit("submit", username="amy", password="demo", module="local")
    assert page.left_to is not None


async def test_an_answer_is_good_once(open_with: OpenWith, elsewhere: Elsewhere) -> None:
    elsewhere.knows("good")
    _, app, browser = await launched(open_with, inbound(elsewhere))
    state = state_of((await app.launch(browser, SCOPE)).left_to)
    url = f"/login/clinic/callback?state={state}&code=good"
    assert (await browser.open(url)).left_to is not None
    again = await browser.open(url)
    assert (again.status, again.left_to) == (400, None)
    assert "This sign-in is over" in again.text


async def test_an_answer_to_another_browser_signs_nobody_in(
    open_with: OpenWith, elsewhere: Elsewhere
) -> None:
    """Login CSRF: somebody's own answer, brought to a victim's browser (RFC 9700 4.7)."""
    elsewhere.knows("good")
    application, app, attacker = await launched(open_with, inbound(elsewhere))
    state = state_of((await app.launch(attacker, SCOPE)).left_to)
    victim = application.browser()
    await app.launch(victim, SCOPE)
    page = await victim.open(f"/login/clinic/callback?state={state}&code=good")
    assert page.status == 400
    assert await application.server.storage.find(SESSIONS) == []


@pytest.mark.parametrize("query", ["", "state=", "state=unknown&code=good", "code=good"])
async def test_an_answer_without_a_departure_is_refused(
    open_with: OpenWith, elsewhere: Elsewhere, query: str
) -> None:
    elsewhere.knows("good")
    _, app, browser = await launched(open_with, inbound(elsewhere))
    await app.launch(browser, SCOPE)
    assert (await browser.open(f"/login/clinic/callback?{query}")).status == 400


async def test_an_answer_that_comes_too_late_is_refused(open_with: OpenWith, elsewhere: Elsewhere) -> None:
    elsewhere.knows("good")
    application, app, browser = await launched(open_with, inbound(elsewhere))
    state = state_of((await app.launch(browser, SCOPE)).left_to)
    application.clock.advance(application.server.settings.pending_seconds)
    assert (await browser.open(f"/login/clinic/callback?state={state}&code=good")).status == 400


async def test_an_answer_for_one_provider_does_not_do_for_another(
    open_with: OpenWith, elsewhere: Elsewhere
) -> None:
    """Mix-up (RFC 9207): each provider has a callback of its own, and a state is one provider's."""
    other = Elsewhere("bank", "Bank ID")
    elsewhere.knows("good")
    other.knows("good", "somebody-else")
    _, app, browser = await launched(open_with, inbound(elsewhere, other))
    page = await app.launch(browser, SCOPE)
    flow = urlsplit(page.url).query
    state = state_of((await browser.open(f"/login/clinic?{flow}")).left_to)
    assert (await browser.open(f"/login/bank/callback?state={state}&code=good")).status == 400


async def test_what_proves_nobody_is_told_without_a_detail_and_may_be_tried_again(
    open_with: OpenWith, elsewhere: Elsewhere
) -> None:
    application, app, browser = await launched(open_with, inbound(elsewhere))
    state = state_of((await app.launch(browser, SCOPE)).left_to)
    page = await browser.open(f"/login/clinic/callback?state={state}&code=bad")
    assert page.status == 403
    assert "could not make sure who you are" in page.text
    assert "the code is not good" not in page.text
    assert "Sign in with State eID" in page.text
    [refused] = await application.audit("login.refused")
    assert refused.detail == {"reason": "the code is not good", "module": "clinic"}
    assert str(refused.reference) in page.text


async def test_a_provider_that_is_down_is_told_and_the_others_are_offered(
    open_with: OpenWith, elsewhere: Elsewhere
) -> None:
    elsewhere.is_down = True
    application, app, browser = await launched(
        open_with, inbound(elsewhere, passwords=(LocalModule(), Directory()))
    )
    await application.add_amy()
    page = await app.launch(browser, SCOPE)
    page = await browser.open(f"/login/clinic?{urlsplit(page.url).query}")
    assert page.status == 503
    assert "does not answer" in page.text
    assert "connection refused" not in page.text
    assert len(await application.audit("login.unavailable")) == 1
    assert (await browser.sign_in("amy")).left_to is not None


async def test_a_provider_that_is_down_fills_no_audit_log(open_with: OpenWith, elsewhere: Elsewhere) -> None:
    elsewhere.is_down = True
    application, app, browser = await launched(open_with, inbound(elsewhere, passwords=(Directory(),)))
    flow = urlsplit((await app.launch(browser, SCOPE)).url).query
    for _ in range(3):
        page = await browser.open(f"/login/clinic?{flow}")
        assert page.status == 503
        assert "(Reference " in page.text
    assert len(await application.audit("login.unavailable")) == 1
    application.clock.advance(60)
    await browser.open(f"/login/clinic?{flow}")
    assert len(await application.audit("login.unavailable")) == 2


async def test_the_only_provider_being_down_is_no_loop(open_with: OpenWith, elsewhere: Elsewhere) -> None:
    elsewhere.is_down = True
    _, app, browser = await launched(open_with, inbound(elsewhere))
    page = await app.launch(browser, SCOPE)
    assert page.status == 503
    elsewhere.is_down = False
    assert "Sign in with State eID" in page.text


async def test_who_has_the_name_of_somebody_else_is_told_so(
    open_with: OpenWith, elsewhere: Elsewhere
) -> None:
    elsewhere.knows("good", "amy")
    application, app, browser = await launched(open_with, inbound(elsewhere))
    await application.add_amy()
    state = state_of((await app.launch(browser, SCOPE)).left_to)
    page = await browser.open(f"/login/clinic/callback?state={state}&code=good")
    assert page.status == 403
    assert "belongs to somebody else here" in page.text
    assert await application.server.storage.find(SESSIONS) == []


async def test_who_is_switched_off_here_is_told_so(open_with: OpenWith, elsewhere: Elsewhere) -> None:
    elsewhere.knows("good")
    application, app, browser = await launched(open_with, inbound(elsewhere))
    state = state_of((await app.launch(browser, SCOPE)).left_to)
    await browser.open(f"/login/clinic/callback?state={state}&code=good")
    [person] = await application.server.storage.find(PEOPLE)
    await application.server.storage.commit(act(Change(PEOPLE, (person.person_id,), {"enabled": False})))
    state = state_of((await app.launch(browser, SCOPE)).left_to)
    page = await browser.open(f"/login/clinic/callback?state={state}&code=good")
    assert page.status == 403
    assert "switched off" in page.text


async def test_an_answer_posted_from_elsewhere_waits_until_the_browser_comes_for_it(
    open_with: OpenWith, elsewhere: Elsewhere
) -> None:
    """A cross-site POST brings no cookies of ours (SameSite=Lax): SAML's HTTP-POST binding."""
    elsewhere.knows("good")
    application, app, browser = await launched(open_with, inbound(elsewhere))
    state = state_of((await app.launch(browser, SCOPE)).left_to)
    http = application.http()
    posted = await http.post("/login/clinic/callback", data={"RelayState": state, "code": "good"})
    assert posted.status_code == 303
    assert posted.headers["location"] == f"/login/clinic/callback?state={state}"
    stranger = await http.get(posted.headers["location"])
    assert stranger.status_code == 400
    assert (await browser.open(posted.headers["location"])).left_to is not None


async def test_an_answer_is_posted_once(open_with: OpenWith, elsewhere: Elsewhere) -> None:
    elsewhere.knows("good")
    elsewhere.knows("other", "mallory")
    application, app, browser = await launched(open_with, inbound(elsewhere))
    state = state_of((await app.launch(browser, SCOPE)).left_to)
    http = application.http()
    await http.post("/login/clinic/callback", data={"RelayState": state, "code": "good"})
    again = await http.post("/login/clinic/callback", data={"RelayState": state, "code": "other"})
    assert again.status_code == 400
    await browser.open(f"/login/clinic/callback?state={state}")
    assert [person.username for person in await application.server.storage.find(PEOPLE)] == ["maria"]


async def test_a_sign_in_for_a_page_of_ours_ends_there(open_with: OpenWith, elsewhere: Elsewhere) -> None:
    elsewhere.knows("good")
    _, _, browser = await launched(open_with, inbound(elsewhere))
    page = await browser.open("/oauth/revoke")
    page = await browser.open(f"/login/clinic/callback?state={state_of(page.left_to)}&code=good")
    assert (page.status, page.path) == (200, "/oauth/revoke")


async def test_a_provider_that_does_not_exist_is_not_found(open_with: OpenWith, elsewhere: Elsewhere) -> None:
    _, _, browser = await launched(open_with, inbound(elsewhere))
    for path in ("/login/nobody", "/login/nobody/callback?state=x"):
        assert (await browser.open(path)).status == 404
