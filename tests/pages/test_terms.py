"""The page of the terms of service: what is accepted is what was shown, once for a version."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import pytest

from applications import OpenWith
from assent.app.settings import ServerSettings
from assent.engine.settings import EngineSettings
from assent.records.terms import Agreement
from assent.storage.interface import Change, act
from assent.storage.tables import AGREEMENTS, CLIENTS, GRANTS
from assent.testing.application import PUBLIC_URL, Application
from assent.testing.browser import Browser, Page
from assent.testing.smart_app import SmartApp

SCOPE = "openid fhirUser patient/Observation.rs"
ENGLISH = "# Our terms\n\nBe *kind*. <script>alert(1)</script>\n"
SPANISH = "# Nuestras condiciones\n\nSea amable.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the texts of two versions."""
    folder = tmp_path / "terms"
    write(folder, "2026-05/en.md", ENGLISH)
    write(folder, "2026-05/es.md", SPANISH)
    write(folder, "diary-2/en.md", "Terms of the diary alone.")
    return folder


def write(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


@pytest.fixture
async def with_terms(open_with: OpenWith, folder: Path) -> Application:
    """An application whose terms everybody has to accept."""
    server = ServerSettings(public_url=PUBLIC_URL, log_format="json", terms=str(folder))
    application = await open_with(server=server, engine=EngineSettings(terms_version="2026-05"))
    await application.add_amy()
    return application


def sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


async def asked(application: Application, browser: Browser, **client: Any) -> SmartApp:
    """The app of a client, whose request stands at the terms."""
    await application.add_client(**client)
    app = application.smart_app()
    await app.launch(browser, SCOPE)
    assert (await browser.sign_in("amy")).path == "/terms"
    return app


async def agreements(application: Application) -> list[Agreement]:
    return await application.server.storage.find(AGREEMENTS)


async def again(application: Application, browser: Browser, **changes: str) -> Page:
    return await application.smart_app().launch(browser, SCOPE, **changes)


async def test_the_terms_come_after_the_sign_in_and_before_all_else(with_terms: Application) -> None:
    browser = with_terms.browser()
    app = await asked(with_terms, browser)
    assert "<h2>Our terms</h2>" in browser.here.text
    assert (await browser.submit()).path == "/approve"
    await browser.approve()
    assert "access_token" in (await app.redeem(with_terms.http(), browser.here)).json()


async def test_what_was_shown_is_kept_and_written_down(with_terms: Application) -> None:
    browser = with_terms.browser()
    await asked(with_terms, browser)
    await browser.submit()
    (agreement,) = await agreements(with_terms)
    assert (agreement.client_id, agreement.version, agreement.language) == ("app", "2026-05", "en")
    assert agreement.text_hash == sha256(ENGLISH)
    assert (agreement.agreed_at, agreement.revoked_at) == (with_terms.server.now(), 0)
    (event,) = await with_terms.audit("terms.accepted")
    assert (event.client_id, event.person_id) == ("app", agreement.person_id)
    assert event.address == "192.0.2.7"
    assert event.detail == {
        "version": "2026-05",
        "language": "en",
        "text_hash": sha256(ENGLISH).hex(),
    }


async def test_a_text_cannot_bring_markup(with_terms: Application) -> None:
    browser = with_terms.browser()
    await asked(with_terms, browser)
    assert "<em>kind</em>. &lt;script&gt;alert(1)&lt;/script&gt;" in browser.here.text
    assert "<script" not in browser.here.text


async def test_a_no_is_told_to_the_app_and_keeps_nothing(with_terms: Application) -> None:
    browser = with_terms.browser()
    await asked(with_terms, browser)
    page = await browser.deny()
    assert page.answered["error"] == "access_denied"
    assert page.answered["state"] == "a-state-that-nobody-guesses"
    assert page.answered["iss"] == with_terms.origin
    assert page.answered["error_description"].startswith("the terms of service were not accepted")
    assert await agreements(with_terms) == []
    assert await with_terms.server.storage.find(GRANTS) == []
    (event,) = await with_terms.audit("terms.declined")
    assert (event.outcome, event.detail) == ("refused", {"version": "2026-05"})
    assert (await again(with_terms, browser)).path == "/terms"


async def test_a_no_that_is_pressed_twice_tells_the_app_the_same_twice(with_terms: Application) -> None:
    browser = with_terms.browser()
    await asked(with_terms, browser)
    page = browser.here
    first, second = [await browser.submit_on(page, "deny") for _ in range(2)]
    assert first.answered["error"] == "access_denied"
    assert second.left_to == first.left_to
    assert len(await with_terms.audit("terms.declined")) == 1


async def test_an_app_that_needs_no_approval_waits_for_the_terms_too(with_terms: Application) -> None:
    browser = with_terms.browser()
    await asked(with_terms, browser, auto_approve_scope=tuple(SCOPE.split()))
    assert "code" in (await browser.submit()).answered
    assert "code" in (await again(with_terms, browser)).answered


async def test_nobody_is_asked_twice_for_a_version_but_for_the_next(with_terms: Application) -> None:
    browser = with_terms.browser()
    await asked(with_terms, browser)
    await browser.submit()
    assert (await again(with_terms, browser)).path == "/approve"
    await set_version(with_terms, "diary-2")
    page = await again(with_terms, browser)
    assert page.path == "/terms"
    assert "You accepted an earlier version on 15 January 2027" in page.text
    await browser.submit()
    assert {one.version for one in await agreements(with_terms)} == {"2026-05", "diary-2"}
    assert (await again(with_terms, browser)).path == "/approve"


async def set_version(application: Application, version: str) -> None:
    change = Change(CLIENTS, ("app",), {"terms_version": version})
    assert (await application.server.storage.commit(act(change))).all


async def test_another_person_and_another_app_are_asked_for_themselves(with_terms: Application) -> None:
    browser = with_terms.browser()
    await asked(with_terms, browser)
    await browser.submit()
    await with_terms.add_client("other")
    assert (await with_terms.smart_app("other").launch(browser, SCOPE)).path == "/terms"
    await with_terms.add_lee()
    lee = with_terms.browser()
    await again(with_terms, lee)
    assert (await lee.sign_in("lee")).path == "/terms"


async def test_a_client_has_terms_of_its_own(with_terms: Application) -> None:
    browser = with_terms.browser()
    await asked(with_terms, browser, terms_version="diary-2")
    assert "Terms of the diary alone." in browser.here.text
    assert "They are for this app only." in browser.here.text
    assert "Our terms" not in browser.here.text
    await browser.submit()
    (agreement,) = await agreements(with_terms)
    assert (agreement.version, agreement.text_hash) == ("diary-2", sha256("Terms of the diary alone."))


async def test_a_version_without_a_text_shows_the_sample_and_says_so(application: Application) -> None:
    await application.add_amy()
    browser = application.browser()
    await asked(application, browser, terms_version="1")
    assert "These terms are only a sample." in browser.here.text
    assert (await browser.submit()).path == "/approve"


async def test_without_a_version_there_is_no_page(application: Application) -> None:
    await application.add_amy()
    await application.add_client()
    browser = application.browser()
    await again(application, browser)
    assert (await browser.sign_in("amy")).path == "/approve"
    assert (await browser.open(browser.here.url.replace("/approve", "/terms"))).path == "/approve"


async def test_prompt_none_is_told_that_a_page_is_needed(with_terms: Application) -> None:
    browser = with_terms.browser()
    await asked(with_terms, browser, auto_approve_scope=tuple(SCOPE.split()))
    page = await again(with_terms, browser, prompt="none")
    assert page.answered["error"] == "interaction_required"
    await again(with_terms, browser)
    await browser.submit()
    assert "code" in (await again(with_terms, browser, prompt="none")).answered


async def test_a_form_that_is_posted_twice_is_kept_once(with_terms: Application) -> None:
    browser = with_terms.browser()
    await asked(with_terms, browser)
    tab = browser.here
    pages = await asyncio.gather(*(browser.submit_on(tab) for _ in range(5)))
    assert {page.path for page in pages} == {"/approve"}
    assert len(await agreements(with_terms)) == 1
    assert len(await with_terms.audit("terms.accepted")) == 1


async def test_the_language_that_was_read_is_the_one_that_is_kept(with_terms: Application) -> None:
    browser = with_terms.browser()
    await asked(with_terms, browser)
    english = browser.here
    page = await browser.open(f"{browser.here.url}&language=es")
    assert "Nuestras condiciones" in page.text
    assert "¿Acepta las condiciones de" in page.text
    await browser.submit_on(english)  # the switch was used in another tab
    (agreement,) = await agreements(with_terms)
    assert (agreement.language, agreement.text_hash) == ("en", sha256(ENGLISH))


async def test_a_text_in_another_language_says_that_it_is_one(with_terms: Application) -> None:
    browser = with_terms.browser()
    await asked(with_terms, browser)
    page = await browser.open(f"{browser.here.url}&language=ar")
    assert 'lang="en" dir="ltr"' in page.text
    assert "الإنجليزية" in page.text
    await browser.submit()
    (agreement,) = await agreements(with_terms)
    assert agreement.language == "en"


@pytest.mark.parametrize(
    "forged",
    [
        {"version": "diary-2", "text": sha256("Terms of the diary alone.").hex()},
        {"version": "2026-05", "text": sha256("The text of yesterday").hex()},
        {"version": "never-there"},
        {"version": None, "text": None},
    ],
    ids=["another version", "another text", "no version", "nothing"],
)
async def test_only_what_is_shown_here_can_be_accepted(
    with_terms: Application, forged: dict[str, Any]
) -> None:
    browser = with_terms.browser()
    await asked(with_terms, browser)
    page = await browser.submit(**forged)
    assert (page.status, page.path) == (200, "/terms")
    assert "The terms have changed in the meantime." in page.text
    assert await agreements(with_terms) == []
    assert (await browser.submit()).path == "/approve"


@pytest.mark.parametrize("decision", ["", "yes", "approve"])
async def test_an_answer_that_is_none_is_refused(with_terms: Application, decision: str) -> None:
    browser = with_terms.browser()
    await asked(with_terms, browser)
    assert (await browser.submit(decision=decision)).status == 400
    assert await agreements(with_terms) == []


async def test_a_page_left_open_answers_nothing_for_who_signs_in_after(with_terms: Application) -> None:
    browser = with_terms.browser()
    await asked(with_terms, browser)
    amys = browser.here
    await with_terms.add_lee()
    await browser.open("/login")
    await browser.sign_in("lee")
    assert (await browser.submit_on(amys)).status == 403
    assert await agreements(with_terms) == []


async def test_who_takes_back_an_app_is_asked_for_the_terms_again(with_terms: Application) -> None:
    browser = with_terms.browser()
    await asked(with_terms, browser)
    await browser.submit()
    await browser.approve()
    await browser.open("/oauth/revoke")
    await browser.submit("revoke")
    (agreement,) = await agreements(with_terms)
    assert agreement.revoked_at == with_terms.server.now()
    with_terms.clock.advance(60)
    page = await again(with_terms, browser)
    assert page.path == "/terms"
    assert "You accepted an earlier version" not in page.text
    await browser.submit()
    (agreement,) = await agreements(with_terms)
    assert (agreement.agreed_at, agreement.revoked_at) == (with_terms.server.now(), 0)
    assert len(await with_terms.audit("terms.accepted")) == 2


async def test_refreshing_asks_for_nothing(with_terms: Application) -> None:
    browser = with_terms.browser()
    await with_terms.add_client()
    app = with_terms.smart_app()
    await app.launch(browser, f"{SCOPE} offline_access")
    await browser.sign_in("amy")
    await browser.submit()
    await browser.approve()
    tokens = (await app.redeem(with_terms.http(), browser.here)).json()
    await set_version(with_terms, "diary-2")
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert (await app.ask_token(with_terms.http(), refresh)).status_code == 200
