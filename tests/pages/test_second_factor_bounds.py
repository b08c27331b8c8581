"""What a second factor, a passkey and a remembered browser are not good for."""

import pytest

from applications import OpenWith
from assent.engine.settings import EngineSettings
from assent.storage.tables import PASSKEYS, PEOPLE, REMEMBERED_BROWSERS
from assent.testing.application import Application
from assent.testing.browser import Browser, Page
from identity.second_factor.authenticator import Authenticator
from pages.factors import OWN, half_signed_in, with_phone
from pages.test_passkeys import options_of
from pages.test_providers import SCOPE, Directory, Elsewhere, inbound


async def add_passkey(browser: Browser, page: Page, name: str) -> Authenticator:
    mine = Authenticator(origin="http://localhost:9200", rp_id="localhost")
    assert page.path == OWN
    await browser.submit("add-passkey", passkey=mine.create(options_of(page)), name=name)
    return mine


async def sign_in_by(application: Application, passkey: Authenticator) -> tuple[Browser, Page]:
    [person] = await application.server.storage.find(PEOPLE)
    browser = application.browser("203.0.113.1")
    page = await browser.open("/login?to=/account")
    answer = passkey.get(options_of(page), user=person.person_id)
    return browser, await browser.submit("use-passkey", passkey=answer)


@pytest.mark.parametrize(("stands", "path"), [(False, "/login"), (True, "/account")])
async def test_a_passkey_alone_stands_for_a_directory_only_where_that_is_set(
    open_with: OpenWith, stands: bool, path: str
) -> None:
    directory = Directory()
    settings = EngineSettings(passkeys="sign_in", passkeys_stand_for_modules=stands)
    application = await open_with(engine=settings, inbound=inbound(passwords=(directory,)))
    browser = application.browser()
    await browser.open(f"/login?to={OWN}")
    passkey = await add_passkey(browser, await browser.sign_in("maria", "staff password"), "Phone")
    _, page = await sign_in_by(application, passkey)
    assert page.path == path
    if not stands:
        [event] = await application.audit("login.refused")
        assert "second factor only" in str(event.detail)


async def test_it_is_still_the_second_factor_of_somebody_from_a_directory(open_with: OpenWith) -> None:
    application = await open_with(
        engine=EngineSettings(passkeys="sign_in"), inbound=inbound(passwords=(Directory(),))
    )
    browser = application.browser()
    await browser.open(f"/login?to={OWN}")
    passkey = await add_passkey(browser, await browser.sign_in("maria", "staff password"), "Phone")
    again = application.browser()
    await again.open("/login?to=/account")
    page = await again.sign_in("maria", "staff password")
    assert page.path == "/second-factor"
    assert (await again.submit("use-passkey", passkey=passkey.get(options_of(page)))).path == "/account"


async def test_removing_a_passkey_ends_what_it_opened_and_nothing_else(open_with: OpenWith) -> None:
    settings = EngineSettings(passkeys="sign_in", second_factor_remember_days=30)
    application = await open_with(engine=settings)
    await application.add_amy()
    by_password = application.browser()
    await by_password.open("/login?to=/account")
    await by_password.sign_in("amy")
    hers = application.browser()
    await hers.open(f"/login?to={OWN}")
    stolen = await add_passkey(hers, await hers.sign_in("amy"), "Phone")
    thief, page = await sign_in_by(application, stolen)
    assert page.path == "/account"
    beside = await half_signed_in(application, "amy")
    answer = stolen.get(options_of(await beside.open("/second-factor?to=/account")))
    assert (await beside.submit("use-passkey", passkey=answer, remember="yes")).path == "/account"
    await hers.open(OWN)
    await hers.submit("remove-passkey")
    assert await application.server.storage.find(PASSKEYS) == []
    for browser in (thief, beside):
        assert (await browser.open("/account")).path == "/login"
    for browser in (hers, by_password):
        assert (await browser.open("/account")).path == "/account"
    now = application.server.now()
    remembered = await application.server.storage.find(REMEMBERED_BROWSERS)
    assert [row for row in remembered if row.expires_at > now] == []
    ended = await application.audit("session.ended")
    assert [event.detail["because"] for event in ended if event.detail] == ["a passkey was removed"] * 2


async def test_a_cookie_that_was_there_before_remembers_nobody_elsewhere(open_with: OpenWith) -> None:
    application = await open_with(engine=EngineSettings(second_factor_remember_days=30))
    await application.add_amy()
    await application.add_jonas()
    jonas, _, _ = await with_phone(application, "jonas")
    amy, _, _ = await with_phone(application, "amy")
    kiosk = application.browser()
    for name, phone in (("jonas", jonas), ("amy", amy)):
        await kiosk.open("/login?to=/account")
        await kiosk.sign_in(name)
        await kiosk.submit(code=phone.next_code(), remember="yes")
        if name == "jonas":
            planted = kiosk.cookies["assent-remembered"]
    assert kiosk.cookies["assent-remembered"] != planted
    for name in ("amy", "jonas"):
        at_home = application.browser("203.0.113.99")
        await at_home.open("/login?to=/account")
        at_home._client.cookies.set("assent-remembered", planted, domain="localhost.local")
        assert (await at_home.sign_in(name)).path == "/second-factor"
        await kiosk.open("/login?to=/account")
        assert (await kiosk.sign_in(name)).path == "/account"


@pytest.mark.parametrize(("trusts", "says"), [((), None), (("clinic",), ["mfa"])])
async def test_a_token_says_of_two_factors_what_a_trusted_provider_says(
    open_with: OpenWith, trusts: tuple[str, ...], says: list[str] | None
) -> None:
    elsewhere = Elsewhere()
    engine = EngineSettings(second_factor_trusts=trusts)
    application = await open_with(engine=engine, inbound=inbound(elsewhere))
    await application.add_client(auto_approve_scope=("openid", "fhirUser"))
    app, browser = application.smart_app(), application.browser()
    await app.launch(browser, SCOPE)
    elsewhere.knows("ok", fhir_user="Patient/amy")
    page = await browser.open(f"/login/clinic/callback?state={elsewhere.trips[-1].state}&code=ok")
    tokens = (await app.redeem(application.http(), page)).json()
    claims = await application.server.keys.verify(tokens["id_token"], "JWT")
    assert claims.get("amr") == says
