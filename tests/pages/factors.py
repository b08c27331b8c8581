"""A person with an authenticator app: setting it up on her account page, and the codes that it shows."""

import re
from dataclasses import dataclass
from html import unescape

import pyotp

from assent.testing.application import Application
from assent.testing.browser import Browser, Page

OWN = "/account/second-factor"
APP = "/account/second-factor/app"


@dataclass(frozen=True)
class Phone:
    """Her authenticator app. Its clock is the application's."""

    application: Application
    key: str

    @classmethod
    def scanning(cls, application: Application, page: Page) -> "Phone":
        """The app that was given the key of a set-up page."""
        found = re.search(r'class="key"[^>]*>([A-Z2-7 ]+)<', page.text)
        assert found is not None, page.text
        return cls(application, found[1].replace(" ", ""))

    @classmethod
    def opening(cls, application: Application, page: Page) -> "Phone":
        """The app that was opened by the link of a set-up page, on the device that shows it."""
        found = re.search(r'<a id="open-app" href="(otpauth://totp/[^"]+)"', page.text)
        assert found is not None, page.text
        app = pyotp.parse_uri(unescape(found[1]))
        assert isinstance(app, pyotp.TOTP)
        assert (app.digits, app.interval, app.digest().name) == (6, 30, "sha1")
        return cls(application, app.secret)

    def code(self, steps: int = 0) -> str:
        """The code of now, or of so many time steps later."""
        return pyotp.TOTP(self.key).generate_otp(int(self.application.clock.moment) // 30 + steps)

    def next_code(self) -> str:
        """The next code, once its time has come."""
        self.application.clock.advance(30)
        return self.code()


def recovery_codes(page: Page) -> list[str]:
    """The recovery codes on a page."""
    return re.findall(r">([a-z2-7]{4}(?:-[a-z2-7]{4}){3})<", page.text)


async def with_phone(application: Application, username: str) -> tuple[Phone, list[str], Browser]:
    """Somebody sets up an authenticator app: it, her recovery codes, and her signed-in browser."""
    browser = application.browser()
    await browser.open(f"/login?to={OWN}")
    page = await browser.sign_in(username)
    assert page.path == OWN, page.text
    phone = Phone.scanning(application, await browser.open(APP))
    page = await browser.submit(code=phone.code())
    codes = recovery_codes(page)
    assert len(codes) == 10, page.text
    return phone, codes, browser


async def amy_with_phone(application: Application) -> tuple[Application, Phone, list[str]]:
    """An application where Amy has set one up and the app is approved by itself: it, hers, and her recovery codes."""
    await application.add_amy()
    await application.add_client(auto_approve_scope=("openid", "fhirUser"))
    phone, codes, _ = await with_phone(application, "amy")
    return application, phone, codes


async def claims_of(application: Application, page: Page) -> dict[str, object]:
    """What the ID token says that the app gets for the code on this page."""
    answer = await application.smart_app().redeem(application.http(), page)
    return await application.server.keys.verify(answer.json()["id_token"], "JWT")


async def half_signed_in(application: Application, username: str, to: str = "/account") -> Browser:
    """Somebody has typed her password, and nothing more."""
    browser = application.browser("203.0.113.50")
    await browser.open(f"/login?to={to}")
    page = await browser.sign_in(username)
    assert page.path == "/second-factor", page.text
    return browser
