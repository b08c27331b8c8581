"""Apps on the pages: their logos, names, links, and where they send people, through the whole application."""

import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from PIL import Image

from assent.app.logos import LogoFetcher
from assent.app.settings import IssuerSettings, ServerSettings, Settings
from assent.storage.interface import Put, act
from assent.storage.tables import CLIENTS
from assent.testing.application import PUBLIC_URL, REDIRECT_URI, Application
from assent.testing.browser import Browser
from assent.testing.smart_app import SmartApp

SCOPE = "openid launch/patient patient/*.rs"


@pytest.fixture
async def logo_host() -> AsyncIterator[tuple[str, list[str]]]:
    """The app's own host, with a logo and a document that is none: its URL, and what it was asked."""
    asked: list[str] = []
    picture = io.BytesIO()
    Image.new("RGB", (400, 300), "navy").save(picture, "JPEG")

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        if request.path == "/logo.jpg":
            return web.Response(body=picture.getvalue(), content_type="image/jpeg")
        return web.Response(text="<svg xmlns='http://www.w3.org/2000/svg'/>", content_type="image/svg+xml")

    app = web.Application()
    app.router.add_get("/{rest:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    await runner.cleanup()


async def at_sign_in(application: Application, **fields: Any) -> Browser:
    await application.add_client(**fields)
    await application.add_amy()
    browser = application.browser()
    await application.smart_app().launch(browser, SCOPE)
    return browser


def picture_of(text: str) -> str | None:
    """The address of the logo on a page."""
    _, found, rest = text.partition('<img class="app-picture" src="')
    return rest.partition('"')[0] if found else None


async def test_a_page_shows_the_logo_from_our_own_host_once_it_is_fetched_and_never_waits_for_it(
    application: Application, logo_host: tuple[str, list[str]]
) -> None:
    url, asked = logo_host
    browser = await at_sign_in(application, logo_uri=f"{url}/logo.jpg")
    assert asked == []
    assert picture_of(browser.here.text) is None
    assert '<span class="app-picture mark" aria-hidden="true">C</span>' in browser.here.text
    await application.installation.logos.fetch_waiting()
    page = await browser.sign_in("amy")
    assert page.path == "/approve"
    source = picture_of(page.text)
    assert source is not None
    assert source.startswith("/logos/")
    assert 'alt="" width="40" height="40"' in page.text
    await browser.approve()
    revoke = await browser.open("/oauth/revoke")
    assert picture_of(revoke.text) == source
    assert asked == ["/logo.jpg"]


async def test_our_picture_is_a_png_that_browsers_keep_and_run_nothing_of(
    application: Application, logo_host: tuple[str, list[str]]
) -> None:
    browser = await at_sign_in(application, logo_uri=f"{logo_host[0]}/logo.jpg")
    await application.installation.logos.fetch_waiting()
    page = await browser.open(browser.here.url)
    answer = await application.http().get(picture_of(page.text) or "")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "set-cookie" not in answer.headers
    assert Image.open(io.BytesIO(answer.content), formats=("PNG",)).size == (128, 96)


@pytest.mark.parametrize(
    "name", ["x.png", f"{'0' * 64}.png", f"{'0' * 64}", "..%2f..%2fassent.db", "A" * 5000]
)
async def test_a_picture_that_is_not_there_is_404(application: Application, name: str) -> None:
    assert (await application.http().get(f"/logos/{name}")).status_code == 404


async def test_a_logo_that_cannot_be_had_leaves_the_letter_and_is_not_asked_for_by_every_page(
    application: Application, logo_host: tuple[str, list[str]]
) -> None:
    url, asked = logo_host
    browser = await at_sign_in(application, logo_uri=f"{url}/logo.svg")
    for _ in range(3):
        await application.installation.logos.fetch_waiting()
        await browser.open(browser.here.url)
        assert picture_of(browser.here.text) is None
        assert browser.here.status == 200
    assert asked == ["/logo.svg"]
    [event] = await application.audit("client.logo_fetched")
    assert event.outcome == "refused"


async def test_a_new_address_shows_no_old_picture(
    application: Application, logo_host: tuple[str, list[str]]
) -> None:
    url, _ = logo_host
    browser = await at_sign_in(application, logo_uri=f"{url}/logo.jpg")
    await application.installation.logos.fetch_waiting()
    client = await application.server.storage.get(CLIENTS, "app")
    assert client is not None
    changed = type(client)(
        **{**{name: getattr(client, name) for name in client.__slots__}, "logo_uri": f"{url}/b"}
    )
    await application.server.storage.commit(act(Put(CLIENTS, changed)))
    page = await browser.open(browser.here.url)
    assert picture_of(page.text) is None


async def test_a_round_finds_the_logos_of_every_issuer(
    open_with: Any, logo_host: tuple[str, list[str]]
) -> None:
    settings = Settings(
        server=ServerSettings(public_url=PUBLIC_URL), issuers={"north": IssuerSettings(f"{PUBLIC_URL}/north")}
    )
    application: Application = await open_with(settings=settings)
    client = await application.add_client(logo_uri=f"{logo_host[0]}/logo.jpg")
    north = application.installation.servers["north"]
    await north.storage.commit(act(Put(CLIENTS, client)))
    logos: LogoFetcher = application.installation.logos
    await logos.look_round()
    await logos.fetch_waiting()
    assert logo_host[1] == ["/logo.jpg", "/logo.jpg"]
    app = SmartApp(application.origin, north.issuer.fhir_base, "app", REDIRECT_URI)
    page = await application.browser().open(app.url("openid").replace("/oauth/", "/north/oauth/", 1))
    source = picture_of(page.text) or ""
    assert source.startswith("/north/logos/")
    assert (await application.http().get(source)).status_code == 200


async def test_every_page_shows_a_hostile_name_as_harmless_text(application: Application) -> None:
    hostile = (
        "\u202e<u>Ass\u200bent</u>\u0007 " + "Z" + "\u0300\u0301\u0302\u0303\u0304\u0305" * 8 + "x" * 150
    )
    browser = await at_sign_in(application, client_name=hostile, publisher="\u2067Clinic\u0001")
    pages = [browser.here.text]
    pages.append((await browser.sign_in("amy")).text)
    await browser.approve()
    pages.append((await browser.open("/oauth/revoke")).text)
    pages.append((await browser.open("/oauth/logout?client_id=app")).text)
    for text in pages:
        assert not set(text) & set("\u202e\u200b\u0007\u2067\u0001")
        assert "<u>" not in text
        assert "x" * 81 not in text
        assert "\u0303" not in text
        assert "&lt;u&gt;Assent" in text


async def test_an_app_without_a_name_that_can_be_shown_is_called_by_its_id(application: Application) -> None:
    browser = await at_sign_in(application, client_name="\u200b\u3164")
    assert "Sign in to use app" in browser.here.text


@pytest.mark.parametrize("reviewed_at", [None, 1_700_000_000])
async def test_the_host_that_one_is_sent_to_is_shown_for_an_app_that_nobody_reviewed(
    application: Application, reviewed_at: int | None
) -> None:
    browser = await at_sign_in(application, reviewed_at=reviewed_at)
    for page in (browser.here, await browser.sign_in("amy")):
        assert ("will send you to app.example" in page.text) is (reviewed_at is None)
        assert ("not reviewed by us" in page.text) is (reviewed_at is None)


async def test_a_host_of_foreign_letters_is_shown_in_ascii(application: Application) -> None:
    uri = "https://xn--pple-43d.example/done"
    await application.add_client(redirect_uris=(uri,))
    browser = application.browser()
    await SmartApp(application.origin, application.server.issuer.fhir_base, "app", uri).launch(browser, SCOPE)
    assert "will send you to xn--pple-43d.example" in browser.here.text


async def test_links_of_an_app_are_https_and_tell_their_host_nothing(application: Application) -> None:
    browser = await at_sign_in(
        application,
        client_uri="https://www.heart.example/",
        policy_uri="https://heart.example/privacy",
        tos_uri="http://heart.example/terms",
    )
    page = await browser.sign_in("amy")
    _, found, link = page.text.partition('href="https://heart.example/privacy"')
    assert found
    assert 'rel="noopener noreferrer"' in link.partition(">")[0]
    assert "(heart.example)" in link.partition("</a>")[0]
    assert "http://heart.example" not in page.text
    assert "(www.heart.example)" in page.text


async def test_reasons_of_an_app_are_cleaned(application: Application) -> None:
    browser = await at_sign_in(
        application,
        required_scope=("patient/*.rs",),
        scope_reasons={"patient/*.rs": "\u202e<i>because</i>\u200b" + " of this" * 40},
    )
    page = await browser.sign_in("amy")
    assert "&lt;i&gt;because&lt;/i&gt; of this" in page.text
    assert "\u202e" not in page.text
    assert page.text.count(" of this") <= 30
