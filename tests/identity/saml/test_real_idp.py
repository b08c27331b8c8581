"""Signing in at a SAML provider that is not ours: pysaml2 with xmlsec1, by its own pages, with real time."""

from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from applications import OpenWith
from assent.actions.keys import rotate_keys
from assent.app.outbound import fetch
from assent.storage.tables import IDENTITIES, PEOPLE, SESSIONS
from assent.testing.application import Application
from assent.testing.browser import Browser, Page
from identity.saml.clinic import SCOPE, saml_settings
from services.key_pairs import a_pair
from services.saml_idp import SamlIdp, StartIdp

PEOPLE_THERE = {
    "maria": {
        "uid": ["maria"],
        "givenName": ["Maria"],
        "sn": ["Silva"],
        "mail": ["maria@clinic.example"],
        "eduPersonEntitlement": ["doctors"],
    }
}
ENTITLEMENT = "urn:oid:1.3.6.1.4.1.5923.1.1.1.7"


@dataclass
class Home:
    """Home, the provider, and one person's browser at each."""

    application: Application
    idp: SamlIdp
    browser: Browser
    there: Browser
    answers: list[bytes] = field(default_factory=list)

    async def arrive(self, **asked: str) -> Page:
        """From the app to the provider and back, signing in there if it asks."""
        app = self.application.smart_app()
        page = await app.launch(self.browser, SCOPE, **asked)
        assert page.left_to is not None, page.text
        return await self.come_back(await self.there.open(page.left_to))

    async def come_back(self, page: Page) -> Page:
        """Signs in there, if it is asked for, and posts the answer home."""
        assert page.status == 200, page.text
        if any(one.name == "username" for one in page.forms[0].fields):
            page = await self.there.submit("submit", username="maria", password="demo")
        [form] = page.forms
        fields = [(one.name, one.value) for one in form.fields]
        self.answers.append(b64decode(form.values("SAMLResponse")[0]))
        return await self.browser.post_from_elsewhere(form.action, fields)


@pytest.fixture(autouse=True)
def has_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a real provider may need longer than anybody is waited for by default."""
    monkeypatch.setattr(fetch, "TIMEOUT_SECONDS", 60.0)


@pytest.fixture
async def opened() -> AsyncIterator[list[Browser]]:
    """Browsers to be closed."""
    browsers: list[Browser] = []
    yield browsers
    for browser in browsers:
        await browser.close()


async def a_home(
    open_with: OpenWith,
    start: StartIdp,
    opened: list[Browser],
    options: dict[str, Any] | None = None,
    **fields: Any,
) -> Home:
    """Home and a provider that know each other by their metadata."""
    idp = start(a_pair("real idp"), PEOPLE_THERE, **(options or {}))
    home = await open_with(settings=saml_settings(metadata_url=idp.metadata_url, **fields))
    home.clock.run()
    await rotate_keys(home.server, home.installation.sealer, actor=None)  # the template's are of another time
    await home.add_client(auto_approve_scope=("openid", "fhirUser"))
    async with home.http() as http:
        answer = await http.get("/login/clinic/metadata")
    assert answer.headers["content-type"] == "application/samlmetadata+xml"
    await idp.take_partner(answer.content)
    there = Browser(None, idp.url)
    opened.append(there)
    return Home(home, idp, home.browser(), there)


@pytest.mark.parametrize(
    "options",
    [{}, {"sign_response": True}, {"encrypt": True}, {"encrypt": True, "sign_response": True}],
    ids=["signed", "response signed too", "encrypted", "encrypted and response signed"],
)
async def test_a_person_signs_in_there_and_is_back_in_the_app(
    open_with: OpenWith, start_saml_idp: StartIdp, opened: list[Browser], options: dict[str, Any]
) -> None:
    rules = {"groups": (ENTITLEMENT,), "permissions": ("doctors => FHIR_ALL_READ",)}
    home = await a_home(open_with, start_saml_idp, opened, options, **rules)
    page = await home.arrive()
    assert "code" in page.answered, page.text
    assert (b"EncryptedAssertion" in home.answers[0]) == ("encrypt" in options)
    assert (b"maria" in home.answers[0]) == ("encrypt" not in options)
    assert home.answers[0].count(b"SignatureValue>") == 2 * (
        ("encrypt" not in options) + ("sign_response" in options)
    )
    storage = home.application.server.storage
    [person] = await storage.find(PEOPLE)
    assert (person.username, person.given_name, person.family_name) == ("maria", "Maria", "Silva")
    assert person.email == "maria@clinic.example"
    assert [one.name for one in person.permissions] == ["FHIR_ALL_READ"]
    [identity] = await storage.find(IDENTITIES)
    assert identity.provider == home.idp.metadata_url
    [session] = await storage.find(SESSIONS)
    assert session.provider_session


async def test_who_is_signed_in_there_comes_back_at_once_unless_she_must_be_asked(
    open_with: OpenWith, start_saml_idp: StartIdp, opened: list[Browser]
) -> None:
    home = await a_home(open_with, start_saml_idp, opened)
    await home.arrive()
    home.browser = home.application.browser()
    app = home.application.smart_app()
    page = await home.there.open(str((await app.launch(home.browser, SCOPE)).left_to))
    assert "SAMLResponse" in page.text
    home.browser = home.application.browser()
    page = await home.there.open(str((await app.launch(home.browser, SCOPE, prompt="login")).left_to))
    assert "SAMLResponse" not in page.text
    assert "code" in (await home.come_back(page)).answered
    assert len(await home.application.server.storage.find(PEOPLE)) == 1


async def test_a_sign_in_that_begins_there_is_refused(
    open_with: OpenWith, start_saml_idp: StartIdp, opened: list[Browser]
) -> None:
    home = await a_home(open_with, start_saml_idp, opened)
    page = await home.come_back(await home.there.open("/begin?username=maria"))
    assert page.status == 400
    assert await home.application.server.storage.find(PEOPLE) == []


async def test_where_it_may_begin_there_the_provider_is_asked_by_us(
    open_with: OpenWith, start_saml_idp: StartIdp, opened: list[Browser]
) -> None:
    home = await a_home(open_with, start_saml_idp, opened, allow_unsolicited=True)
    page = await home.come_back(await home.there.open("/begin?username=maria"))
    assert page.left_to is not None
    assert page.left_to.startswith(f"{home.idp.url}/sso?SAMLRequest=")
    assert await home.application.server.storage.find(PEOPLE) == []
    page = await home.come_back(await home.there.open(page.left_to))
    assert page.path == "/oauth/revoke"
    assert len(await home.application.server.storage.find(PEOPLE)) == 1


async def test_metadata_that_is_signed_is_taken_there(
    open_with: OpenWith, start_saml_idp: StartIdp, opened: list[Browser]
) -> None:
    home = await a_home(open_with, start_saml_idp, opened, sign_metadata=True)
    assert "code" in (await home.arrive()).answered
