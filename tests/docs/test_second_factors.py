"""docs/how-to/second-factors.md: its settings and commands, and what tokens say of each way of signing in."""

import re

import pytest

from applications import OpenWith
from assent.app.configuration import read_settings_text
from assent.engine.second_factors import MFA_ACR
from assent.engine.settings import EngineSettings
from assent.storage.tables import PEOPLE
from assent.testing.application import Application
from assent.testing.browser import Browser, Page
from assent.testing.smart_app import SmartApp
from cli.conftest import Run, installed, run
from docs.pages import HowTo, is_written
from identity.second_factor.authenticator import Authenticator
from pages.factors import APP, OWN, Phone, recovery_codes
from pages.test_passkeys import options_of

__all__ = ["installed", "run"]

PAGE = HowTo("second-factors.md")
AMR = {row[0]: row[1:] for row in PAGE.rows("she showed")}


def test_its_settings_are_good_ones_and_the_defaults_are_so() -> None:
    shown = "\n".join(block.removeprefix("[engine]\n") for block in PAGE.blocks("toml"))
    engine = read_settings_text(f"[engine]\n{shown}", {}).engine
    assert engine.second_factor == "required"
    assert engine.second_factor_trusts == ("clinic-entra",)
    defaults = EngineSettings()
    assert (defaults.second_factor, defaults.passkeys) == ("offered", "second_factor")
    assert (defaults.second_factor_remember_days, defaults.passkeys_stand_for_modules) == (0, False)
    assert f"`{MFA_ACR}`" in PAGE.text


class Ways:
    """Amy with an app and a passkey, and every way in which the page's table has her sign in."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._passkey = Authenticator(origin="http://localhost:9200", rp_id="localhost")

    async def set_up(self) -> None:
        """She sets both up on her account page."""
        await self._application.add_amy()
        await self._application.add_client(auto_approve_scope=("openid", "fhirUser"))
        browser = self._application.browser()
        await browser.open(f"/login?to={OWN}")
        await browser.sign_in("amy")
        self._phone = Phone.scanning(self._application, await browser.open(APP))
        self._codes = recovery_codes(await browser.submit(code=self._phone.code()))
        page = await browser.open(OWN)
        await browser.submit("add-passkey", passkey=self._passkey.create(options_of(page)), name="Key")
        [person] = await self._application.server.storage.find(PEOPLE)
        self._person_id = person.person_id

    async def type_password(self, browser: Browser) -> Page:
        return await browser.sign_in("amy")

    async def type_code(self, browser: Browser, **more: str) -> Page:
        await self.type_password(browser)
        return await browser.submit(code=self._phone.next_code(), **more)

    async def type_recovery_code(self, browser: Browser) -> Page:
        await self.type_password(browser)
        return await browser.submit(recovery_code=self._codes.pop())

    async def show_passkey(self, browser: Browser) -> Page:
        page = await self.type_password(browser)
        return await browser.submit("use-passkey", passkey=self._passkey.get(options_of(page)))

    async def show_passkey_alone(self, browser: Browser) -> Page:
        answer = self._passkey.get(options_of(browser.here), user=self._person_id)
        return await browser.submit("use-passkey", passkey=answer)

    async def come_back(self, browser: Browser) -> Page:
        """In a browser that is remembered."""
        back = browser.here.url
        await browser.open("/login?to=/account")
        await self.type_code(browser, remember="yes")
        await browser.open("/account")
        await browser.submit("everywhere")
        await browser.open(back)
        return await self.type_password(browser)


def is_said(claims: dict[str, object], amr: str, acr: str) -> bool:
    """Whether the claims are those of a row."""
    names = [re.findall(r"`([^`]+)`", one) for one in amr.split(",")]
    given = claims.get("amr")
    assert isinstance(given, list)
    fits = len(given) == len(names) and all(one in may for one, may in zip(given, names, strict=True))
    return fits and claims.get("acr") == (None if acr == "none" else acr.strip("`"))


async def said(application: Application, app: SmartApp, page: Page) -> dict[str, object]:
    tokens = (await app.redeem(application.http(), page)).json()
    return dict(await application.server.keys.verify(tokens["id_token"], "JWT"))


@pytest.mark.parametrize(
    ("row", "way"),
    [
        ("a password, and a code or a recovery code", "type_code"),
        ("a password, and a code or a recovery code", "type_recovery_code"),
        ("a password, and a passkey", "show_passkey"),
        ("a passkey alone, which recognised her", "show_passkey_alone"),
        ("a password, in a browser that is remembered", "come_back"),
    ],
)
async def test_tokens_say_what_the_table_says(open_with: OpenWith, row: str, way: str) -> None:
    engine = EngineSettings(passkeys="sign_in", second_factor_remember_days=30)
    application = await open_with(engine=engine)
    ways = Ways(application)
    await ways.set_up()
    app, browser = application.smart_app(), application.browser()
    await app.launch(browser, "openid fhirUser")
    claims = await said(application, app, await getattr(ways, way)(browser))
    assert is_said(claims, *AMR[row]), claims


async def test_a_password_alone_is_said_so(application: Application) -> None:
    await application.add_amy()
    await application.add_client(auto_approve_scope=("openid", "fhirUser"))
    app, browser = application.smart_app(), application.browser()
    await app.launch(browser, "openid fhirUser")
    claims = await said(application, app, await browser.sign_in("amy"))
    assert is_said(claims, *AMR["a password"]), claims


def test_its_commands_are_there(installed: Run) -> None:
    installed("user", "add", "amy", "--no-password")
    show, reset = PAGE.commands()
    assert installed(*show).status == 0
    ran = installed(*reset)
    assert (ran.status, "has no second factor" in ran.err) == (1, True)


def test_every_audit_row_that_it_names_is_written() -> None:
    kept = PAGE.text.partition("## What is kept")[2]
    named = re.findall(r"`([a-z_.]+)`", kept)
    family = "second_factor"
    events = []
    for name in named:
        family = name.partition(".")[0] if "." in name else family
        events.append(name if "." in name else f"{family}.{name}")
    assert len(events) > 6
    assert [event for event in events if not is_written(event)] == []
