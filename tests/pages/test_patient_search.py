"""The search for patients on the context page: no directory, and nothing of it left behind."""

from typing import Any

import pytest

from applications import OpenWith
from assent.demo.store.store import FhirStore
from assent.engine.settings import EngineSettings
from assent.storage.tables import AUDIT, PENDING, THROTTLES
from assent.testing.application import Application
from assent.testing.browser import Browser, Page
from assent.testing.population import resources
from assent.testing.smart_app import SmartApp

SCOPE = "openid launch/patient patient/*.rs"
BASE = "http://fhir.internal"


def smiths(count: int) -> list[dict[str, Any]]:
    return [
        {
            "resourceType": "Patient",
            "id": f"smith-{number:03}",
            "name": [{"family": "Smith", "given": [f"Given{number:03}"]}],
            "birthDate": "1970-01-01",
        }
        for number in range(count)
    ]


class Clinic:
    """Lee before the page, in a clinic with these settings and so many Smiths."""

    def __init__(self, open_with: OpenWith) -> None:
        self._open_with = open_with

    async def open(self, smith_count: int = 0, **settings: Any) -> "Clinic":
        store = FhirStore([*resources(), *smiths(smith_count)], base_url=BASE)
        self.application: Application = await self._open_with(store=store, engine=EngineSettings(**settings))
        await self.application.add_client()
        await self.application.add_lee()
        self.app: SmartApp = self.application.smart_app()
        self.browser: Browser = self.application.browser()
        await self.app.launch(self.browser, SCOPE)
        self.first: Page = await self.browser.sign_in("lee")
        assert self.first.path == "/context"
        return self

    async def find(self, search: str) -> Page:
        return await self.browser.submit("find", search=search)


@pytest.fixture
def clinic(open_with: OpenWith) -> Clinic:
    return Clinic(open_with)


def patients(page: Page) -> list[str]:
    return page.form("deny").values("patient")


# --- before a search -------------------------------------------------------------------------------------------------


async def test_nobody_is_listed_before_a_search_however_few_there_are(clinic: Clinic) -> None:
    await clinic.open()
    assert patients(clinic.first) == []
    assert "submit" not in clinic.first.form("deny").buttons
    assert not any("Patient?" in target for target in clinic.application.fhir.asked)


async def test_a_setting_lists_a_small_practice_at_once_by_name(clinic: Clinic) -> None:
    await clinic.open(picker_lists_up_to=5)
    assert patients(clinic.first) == ["amy", "ida", "leo", "mia", "zoe"]


async def test_one_patient_more_than_the_setting_says_and_there_is_no_list(clinic: Clinic) -> None:
    await clinic.open(picker_lists_up_to=4)
    assert patients(clinic.first) == []


# --- what may be searched for ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("Web", ["ida", "leo", "mia"]),
        ("we", ["ida", "leo", "mia"]),
        ("mia weber 2016-07-21", ["mia"]),
        ("weber 21.7.2016", ["mia"]),
        ("MRN-zoe", ["zoe"]),
        ("MRN-zoe 1990-12-12", ["zoe"]),
        ("MRN-zoe 1990-12-13", []),
        ("nobody", []),
        # what would mean something to a FHIR server means nothing here
        ("amy,zoe", []),
        ("https://hospital.example/mrn|MRN-zoe", []),
        ("|MRN-zoe", []),
        ("MRN-zoe,MRN-amy", []),
        ("MRN-zoe&_count=500", []),
        ("MRN-zoe\\", []),
        ("$MRN-zoe", []),
        ("weber&birthdate=2016-07-21", []),
        ("name:contains=e", []),
        ("../Practitioner", []),
        ("<script>", []),
    ],
)
async def test_a_search_finds_by_name_number_and_birth_date(
    clinic: Clinic, search: str, found: list[str]
) -> None:
    await clinic.open()
    page = await clinic.find(search)
    assert (page.path, page.status) == ("/context", 200)
    assert patients(page) == found
    assert page.form("find").values("search") == [search]
    assert "<script>" not in page.text
    searched = [target for target in clinic.application.fhir.asked if target.startswith("Patient?")]
    allowed = {"name", "identifier", "birthdate", "_count"}
    assert {part.partition("=")[0] for target in searched for part in target[8:].split("&")} <= allowed


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ("w", "at least 2 letters"),
        ("12", "3 characters of a record number"),
        ("%%%", "at least 2 letters"),
        ("2016-07-21", "A date of birth alone"),
        ("é" * 200, "too long"),
    ],
)
async def test_too_little_is_no_search_and_the_page_says_what_is_enough(
    clinic: Clinic, search: str, said: str
) -> None:
    await clinic.open()
    page = await clinic.find(search)
    assert said in page.text
    assert patients(page) == []
    assert page.form("find").values("search") == [search]
    assert not any("Patient?" in target for target in clinic.application.fhir.asked)
    assert await clinic.application.audit("context.searched") == []


async def test_an_empty_search_shows_the_page_as_it_was(clinic: Clinic) -> None:
    await clinic.open()
    page = await clinic.find("  ")
    assert (page.status, "problem" in page.text) == (200, False)


async def test_whoever_has_a_list_of_her_own_cannot_search(clinic: Clinic) -> None:
    await clinic.open()
    await clinic.application.add_jonas()
    browser = clinic.application.browser()
    await clinic.app.launch(browser, SCOPE)
    await browser.sign_in("jonas")
    page = await browser.submit(search="Okafor", patient=None, decision=None)
    assert patients(page) == ["mia", "leo"]
    assert not any("name=" in target for target in clinic.application.fhir.asked)


# --- pages, and the most that is ever shown --------------------------------------------------------------------------


async def test_an_answer_comes_in_pages_that_are_asked_for_by_form(clinic: Clinic) -> None:
    await clinic.open(45)
    page = await clinic.find("smith")
    assert patients(page) == [f"smith-{number:03}" for number in range(20)]
    assert "Patients 1 to 20 of 45" in page.text
    assert "previous-page" not in page.form().buttons
    page = await clinic.browser.submit("next-page")
    assert patients(page) == [f"smith-{number:03}" for number in range(20, 40)]
    page = await clinic.browser.submit("next-page")
    assert patients(page) == [f"smith-{number:03}" for number in range(40, 45)]
    assert "next-page" not in page.form().buttons
    assert "smith" not in page.url
    page = await clinic.browser.submit("previous-page")
    page = await clinic.browser.choose("patient", "smith-027")
    assert page.path == "/approve"


@pytest.mark.parametrize("number", ["0", "-1", "99999", "4", "x", "", "１"])
async def test_a_page_that_is_none_is_one_that_is(clinic: Clinic, number: str) -> None:
    await clinic.open(45)
    await clinic.find("smith")
    form = clinic.browser.here.form()
    fields = [
        *((name, value) for name, value in form.filled("next-page") if name != "page"),
        ("page", number),
    ]
    page = await clinic.browser.post(clinic.first.url, fields)
    assert page.status == 200
    assert len(patients(page)) in (20, 5)


async def test_no_search_shows_more_than_the_cap_and_it_says_that_there_are_more(clinic: Clinic) -> None:
    await clinic.open(45, picker_results=10)
    page = await clinic.find("smith")
    assert len(patients(page)) == 10
    assert "There are more than these" in page.text
    assert "next-page" not in page.form().buttons


# --- how often -------------------------------------------------------------------------------------------------------


async def test_who_searches_too_often_has_to_wait_and_can_still_choose(clinic: Clinic) -> None:
    await clinic.open(45, picker_searches=2, picker_search_seconds=600)
    await clinic.find("smith")
    await clinic.browser.submit("next-page")  # a page is a search of its own
    page = await clinic.find("weber")
    assert (page.status, page.answer.headers["retry-after"]) == (429, "600")
    assert "in 10 minutes" in page.text
    assert patients(page) == []
    fresh = await clinic.browser.open(page.url)
    assert fresh.status == 200
    page = await clinic.browser.submit("find", patient="mia", search=None)
    assert page.path == "/approve"


async def test_after_the_wait_she_may_search_again(clinic: Clinic) -> None:
    await clinic.open(picker_searches=1, picker_search_seconds=60)
    await clinic.find("weber")
    assert (await clinic.find("weber")).status == 429
    clinic.application.clock.advance(60)
    assert patients(await clinic.find("weber")) == ["ida", "leo", "mia"]


# --- what is left behind ---------------------------------------------------------------------------------------------


async def test_each_search_is_in_the_audit_log_and_its_words_are_nowhere(
    clinic: Clinic, capfd: pytest.CaptureFixture[str]
) -> None:
    await clinic.open(45)
    await clinic.find("Okafor 1984-03-05")
    await clinic.find("Given007")
    await clinic.find("smith")
    await clinic.browser.submit("next-page")
    rows = await clinic.application.audit("context.searched")
    details = sorted((row.detail["found"], row.detail["page"]) for row in rows if row.detail)
    assert details == [(1, 1), (1, 1), (45, 1), (45, 2)]
    assert {row.outcome for row in rows} == {"ok"}
    assert all(row.person_id and row.client_id == "app" and row.reference for row in rows)
    everything = [
        await clinic.application.server.storage.find(table) for table in (AUDIT, PENDING, THROTTLES)
    ]
    written = repr(everything) + "".join(capfd.readouterr())
    for word in ("Okafor", "Given007", "smith", "1984-03-05"):
        assert word not in written


# --- the FHIR server -------------------------------------------------------------------------------------------------


async def test_a_search_that_gets_no_answer_says_so_and_keeps_what_was_typed(clinic: Clinic) -> None:
    await clinic.open()
    clinic.application.fhir.is_down = True
    page = await clinic.find("weber 2016-07-21")
    assert page.status == 503
    assert "try the same search again" in page.text
    assert page.form("find").values("search") == ["weber 2016-07-21"]
    (row,) = await clinic.application.audit("context.searched")
    assert (row.outcome, row.detail) == ("failed", {"found": None, "page": 1})
    clinic.application.fhir.is_down = False
    assert patients(await clinic.browser.submit("find")) == ["mia"]


async def test_the_page_that_says_that_the_record_system_is_down_leads_back(clinic: Clinic) -> None:
    await clinic.open(picker_lists_up_to=5)
    clinic.application.fhir.is_down = True
    page = await clinic.browser.open(clinic.first.url)
    assert page.status == 503
    assert f'href="{clinic.first.url.removeprefix(clinic.application.origin)}"' in page.text
