"""How much there is of what an app asks for, on the page: said when it is known in time, and never in the way."""

import asyncio
from dataclasses import replace

import pytest

from assent.app.settings import FhirSettings, ServerSettings, Settings
from assent.fhir.upstream import UpstreamRequest, UpstreamResponse
from assent.testing.application import PUBLIC_URL, Application
from tests.applications import OpenWith
from tests.observations import CATEGORY, store
from tests.pages.approval import asked

LABORATORY = f"patient/Observation.rs?category={CATEGORY}|laboratory"


@pytest.fixture
async def counted(open_with: OpenWith) -> Application:
    """The application before a FHIR server with observations."""
    settings = Settings(
        server=ServerSettings(public_url=PUBLIC_URL, log_format="json"),
        fhir=FhirSettings(count_milliseconds=5000),  # however busy the machine is
    )
    application = await open_with(settings=settings, store=store())
    await application.add_amy()
    await application.add_jonas()
    await application.add_lee()
    return application


async def test_each_scope_says_how_much_there_is_in_its_own_noun(counted: Application) -> None:
    browser = counted.browser()
    scopes = f"patient/Observation.rs {LABORATORY} patient/Encounter.rs patient/Condition.rs"
    await asked(counted, browser, f"openid {scopes}")
    text = browser.here.text
    for words in ("4 results and measurements", "3 lab results", "2 visits", "none recorded"):
        assert words in text
    assert "We could not count" not in text


async def test_a_whole_record_says_of_what_there_is_most(counted: Application) -> None:
    browser = counted.browser()
    await asked(counted, browser, "openid patient/*.rs")
    assert "4 results and measurements, 2 visits and more" in browser.here.text


async def test_a_parent_sees_the_childs_numbers_and_a_clinician_whom_she_may_see(
    counted: Application,
) -> None:
    await counted.add_client()
    app, jonas, lee = counted.smart_app(), counted.browser(), counted.browser()
    await app.launch(jonas, "openid launch/patient patient/Observation.rs user/*.rs")
    await jonas.sign_in("jonas")
    page = await jonas.choose("patient", "mia")
    assert "2 results and measurements" in page.text
    assert "in the records of 2 people" in page.text
    await app.launch(lee, "openid user/*.rs user/Observation.rs")
    page = await lee.sign_in("lee")
    assert "in the records of 5 people" in page.text
    assert "7 results and measurements" in page.text


async def test_a_record_system_that_is_down_costs_the_numbers_alone(counted: Application) -> None:
    browser = counted.browser()
    await counted.add_client()
    app = counted.smart_app()
    await app.launch(browser, "openid patient/Observation.rs")
    counted.fhir.is_down = True
    page = await browser.sign_in("amy")
    assert (page.status, page.path) == (200, "/approve")
    assert "We could not count all entries in time." in page.text
    await browser.approve()
    assert "code" in browser.here.answered


async def test_a_deployment_that_counts_nothing_asks_nothing_and_says_nothing(open_with: OpenWith) -> None:
    settings = Settings(
        server=ServerSettings(public_url=PUBLIC_URL, log_format="json"),
        fhir=FhirSettings(count_milliseconds=0),
    )
    application = await open_with(settings=settings, store=store())
    await application.add_amy()
    browser = application.browser()
    await asked(application, browser, "openid patient/Observation.rs")
    assert [target for target in application.fhir.asked if "_summary=count" in target] == []
    assert "We could not count" not in browser.here.text


async def test_a_slow_record_system_does_not_hold_up_the_page(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    await application.add_amy()
    answer = application.fhir.send

    async def slow(request: UpstreamRequest) -> UpstreamResponse:
        if ("_summary", "count") in request.query:
            await asyncio.sleep(3600)
        return await answer(request)

    monkeypatch.setattr(application.fhir, "send", slow)
    browser = application.browser()
    await asked(application, browser, "openid patient/*.rs patient/Observation.rs")
    assert "We could not count all entries in time." in browser.here.text


async def test_what_is_not_asked_for_is_not_counted(counted: Application) -> None:
    browser = counted.browser()
    counted.fhir.asked.clear()
    await asked(
        counted, browser, "openid patient/Observation.rs", auto_approve_scope=("patient/Observation.rs",)
    )
    assert [target for target in counted.fhir.asked if "_summary=count" in target] == []


async def test_neither_numbers_nor_searches_are_logged(
    counted: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    await asked(counted, counted.browser(), f"openid {LABORATORY}")
    events = [replace(event, event_id="") for event in await counted.audit()]
    written = capsys.readouterr()
    assert "_summary" not in f"{written.out}{written.err}{events}"
    assert "lab results" not in f"{written.out}{written.err}{events}"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es", "3 resultados de laboratorio"),
        ("fr", "3 résultats de laboratoire"),
        ("de", "3 Laborwerte"),
        ("ar", "3 نتائج مختبر"),
    ],
)
async def test_numbers_are_said_in_the_readers_language(
    counted: Application, language: str, words: str
) -> None:
    browser = counted.browser()
    await counted.add_client()
    await counted.smart_app().launch(browser, f"openid {LABORATORY}", ui_locales=language)
    assert words in (await browser.sign_in("amy")).text
