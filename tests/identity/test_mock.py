"""The module for development: it lets anybody in, and says so wherever it can be seen."""

import pytest

from applications import OpenWith
from assent.app.configuration import ConfigurationError, read_settings_text
from assent.app.settings import Settings
from assent.app.sign_in_settings import MockSettings, SignInSettings
from assent.storage.tables import PEOPLE

LETS_ANYBODY_IN = SignInSettings(("mock",), mock=MockSettings("Patient", ("* => FHIR_ALL_READ",)))


async def test_anybody_gets_in_and_the_page_says_so(open_with: OpenWith) -> None:
    application = await open_with(settings=Settings(sign_in=LETS_ANYBODY_IN))
    browser = application.browser()
    page = await browser.open("/login")
    assert "no password is checked" in page.text
    page = await browser.sign_in("amy", "")
    assert page.path == "/oauth/revoke"
    [person] = await application.server.storage.find(PEOPLE)
    assert (person.fhir_user, person.permissions[0].name) == ("Patient/amy", "FHIR_ALL_READ")


async def test_a_local_account_is_not_let_in_so(open_with: OpenWith) -> None:
    application = await open_with(settings=Settings(sign_in=LETS_ANYBODY_IN))
    await application.add_lee()
    browser = application.browser()
    await browser.open("/login")
    assert (await browser.sign_in("lee", "demo")).path == "/login"


def test_it_is_refused_where_others_can_reach_it() -> None:
    text = '[server]\npublic_url = "https://auth.clinic.example"\n[sign_in]\nmodules = ["mock"]\n'
    with pytest.raises(ConfigurationError, match="loopback only"):
        read_settings_text(text, {})
    read_settings_text('[sign_in]\nmodules = ["local", "mock"]\n', {})


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("modules = []", "must name at least one"),
        ('modules = ["locale"]', "local"),
        ('modules = ["local", "local"]', "named twice"),
        ('modules = ["header"]', "sign_in.header: is needed"),
        ('modules = ["certificate"]', "sign_in.certificate: is needed"),
        ("[sign_in.header]\nproxies = []", "must name the proxy"),
        ('[sign_in.header]\nproxies = ["proxy"]', "no address or network"),
        ('[sign_in.header]\nproxies = ["10.0.0.5"]\nusername = "two words"', "name of a header"),
        ('[sign_in.header]\nproxies = ["10.0.0.5"]\npermissions = ["x"]', "not written group"),
        ('[sign_in.mock]\npermissions = ["* => FHIR_ALL"]', "unknown permission"),
    ],
)
def test_a_mistake_in_the_settings_is_named(text: str, mistake: str) -> None:
    text = text if text.startswith("[") else f"[sign_in]\n{text}"
    with pytest.raises(ConfigurationError, match=mistake):
        read_settings_text(text, {})
