"""The pages in the language of their reader, through a whole authorization request."""

import re
from pathlib import Path

import pytest

from assent.app.settings import ServerSettings
from assent.testing.application import PUBLIC_URL, Application, open_application
from assent.testing.browser import Browser, Page
from assent.web.languages import BUILT_IN

SCOPE = "openid launch/patient patient/Observation.read"


def language_of(page: Page) -> str:
    found = re.search(r'<html lang="([^"]*)" dir="([^"]*)">', page.text)
    assert found is not None
    assert found[2] == ("rtl" if found[1].startswith("ar") else "ltr")
    return found[1]


async def switch(browser: Browser, language: str) -> Page:
    """Follows the link of the page's switch."""
    found = re.search(rf'href="(\?[^"]*language={language})"', browser.here.text)
    assert found is not None
    address = browser.here.url.partition("?")[0] + found[1].replace("&amp;", "&")
    return await browser.open(address)


async def launched(application: Application, **changes: str) -> Browser:
    """A browser on the sign-in page of an app's request."""
    await application.add_amy()
    await application.add_client()
    browser = application.browser()
    await application.smart_app().launch(browser, SCOPE, **changes)
    assert browser.here.path == "/login"
    return browser


async def test_the_app_says_the_language_and_the_person_another_that_stays(application: Application) -> None:
    browser = await launched(application, ui_locales="xx fr-CA de")
    assert language_of(browser.here) == "fr-CA"
    page = await switch(browser, "ar")
    assert language_of(page) == "ar"
    page = await browser.sign_in("amy")
    assert (page.path, language_of(page)) == ("/approve", "ar")
    assert "النتائج والقياسات" in page.text
    page = await browser.approve()
    assert page.answered["code"]


async def test_a_wrong_password_is_told_in_the_language_of_the_request(application: Application) -> None:
    browser = await launched(application, ui_locales="de")
    page = await browser.sign_in("amy", "wrong")
    assert language_of(page) == "de"
    assert "Passwort war nicht richtig" in page.text
    assert language_of(await switch(browser, "es")) == "es"


async def test_the_choice_is_kept_for_the_next_request_unless_its_app_says_otherwise(
    application: Application,
) -> None:
    browser = await launched(application)
    assert language_of(browser.here) == "en"
    await switch(browser, "es")
    [cookie] = browser.here.answer.headers.get_list("set-cookie")
    assert re.fullmatch(
        r"assent-language=es\.[0-9a-f]{16}; Max-Age=31536000; Path=/; HttpOnly; SameSite=Lax", cookie
    )
    app = application.smart_app()
    assert language_of(await app.launch(browser, SCOPE)) == "es"
    assert language_of(await app.launch(browser, SCOPE, ui_locales="de")) == "de"
    assert language_of(await app.launch(browser, SCOPE, ui_locales="pt")) == "es"


async def test_the_browser_says_the_language_of_pages_and_refusals(application: Application) -> None:
    async with application.http() as client:
        for path in ("/login", "/no/such/page", "/oauth/authorize?client_id=nobody"):
            answer = await client.get(path, headers={"Accept-Language": "pt, de-AT;q=0.8, en;q=0.1"})
            assert '<html lang="de-AT" dir="ltr">' in answer.text, path
            assert "?language=ar" in answer.text or "&amp;language=ar" in answer.text, path


async def test_a_language_from_outside_leads_nowhere(application: Application) -> None:
    async with application.http() as client:
        answer = await client.get("/login", params={"language": '"><script>', "to": "https://evil.example"})
        assert "<script" not in answer.text
        assert "evil.example" not in answer.text.replace("https%3A%2F%2Fevil.example", "")
        assert not [one for one in answer.headers.get_list("set-cookie") if "language" in one]


async def test_discovery_names_the_languages_that_there_are(application: Application) -> None:
    async with application.http() as client:
        document = (await client.get("/.well-known/openid-configuration")).json()
        assert document["ui_locales_supported"] == list(BUILT_IN)


async def test_a_deployments_folder_is_read_at_start(installation_template: Path, tmp_path: Path) -> None:
    messages = tmp_path / "messages"
    messages.mkdir()
    (messages / "en.properties").write_text("scope.acme\\:coach.name=Talk to the coach\nlogin.submit=Enter")
    (messages / "pt.properties").write_text("login.submit=Entrar")
    server = ServerSettings(public_url=PUBLIC_URL, log_format="json", messages=str(messages))
    async with open_application(installation_template, tmp_path / "opened", server=server) as application:
        await application.add_amy()
        await application.add_client(scope=("openid", "acme:coach", "acme:other"))
        browser = application.browser()
        page = await application.smart_app().launch(browser, "openid acme:coach acme:other")
        assert ">Enter</button>" in page.text
        page = await browser.sign_in("amy")
        assert "<strong>Talk to the coach</strong>" in page.text
        assert "<strong>acme:other</strong>" in page.text
        assert "We do not know what it means" in page.text
        page = await switch(browser, "de")
        assert "<strong>acme:coach</strong>" in page.text
        async with application.http() as client:
            document = (await client.get("/.well-known/openid-configuration")).json()
            assert document["ui_locales_supported"] == [*BUILT_IN, "pt"]
            answer = await client.get("/login", headers={"Accept-Language": "pt-BR"})
            assert ">Entrar</button>" in answer.text


@pytest.mark.parametrize("language", BUILT_IN)
async def test_every_page_of_a_request_keeps_its_language(application: Application, language: str) -> None:
    browser = await launched(application, ui_locales=language)
    assert language_of(browser.here) == language
    page = await browser.sign_in("amy")
    assert (page.path, language_of(page)) == ("/approve", language)
    assert page.answer.headers["cache-control"] == "no-store"
