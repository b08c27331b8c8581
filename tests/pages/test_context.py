"""The context page: whose record, and which visit."""

import pytest

from applications import OpenWith
from assent.demo.store.population.generate import versions
from assent.demo.store.store import FhirStore
from assent.engine.settings import EngineSettings
from assent.records.people import LaunchDefault
from assent.storage.tables import CODES, PENDING
from assent.testing.application import Application
from assent.testing.browser import Browser
from assent.testing.population import ALL_READ
from assent.testing.smart_app import SmartApp

SCOPE = "openid launch/patient patient/*.rs"
WITH_VISIT = "openid launch/patient launch/encounter patient/*.rs"


@pytest.fixture
async def app(application: Application) -> SmartApp:
    await application.add_client()
    await application.add_amy()
    await application.add_jonas()
    await application.add_lee()
    return application.smart_app()


@pytest.fixture
def browser(application: Application) -> Browser:
    return application.browser()


async def context_of(application: Application, app: SmartApp, browser: Browser) -> dict[str, str]:
    """What the app is told after the approval."""
    tokens = (await app.redeem(application.http(), await browser.approve())).json()
    return {name: tokens[name] for name in ("patient", "encounter") if name in tokens}


@pytest.mark.row("L4", "L6", "S12")
async def test_a_patient_is_not_asked_whose_record(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    await app.launch(browser, SCOPE)
    assert (await browser.sign_in("amy")).path == "/approve"
    assert await context_of(application, app, browser) == {"patient": "amy"}


@pytest.mark.row("S12")
async def test_a_patient_scope_puts_a_patient_into_context_though_no_launch_scope_was_asked(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    await app.launch(browser, "patient/Observation.rs")
    await browser.sign_in("jonas")
    await browser.choose("patient", "leo")
    assert await context_of(application, app, browser) == {"patient": "leo"}


@pytest.mark.row("L4")
async def test_a_parent_chooses_among_the_children_he_represents_today(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    await app.launch(browser, SCOPE)
    page = await browser.sign_in("jonas")
    assert page.path == "/context"
    assert page.form().values("patient") == ["mia", "leo"]  # not Ida: that ended
    assert "Mia Weber</bdi> (your daughter)" in page.text
    page = await browser.choose("patient", "mia")
    assert "For: Mia Weber, born 21 July 2016 (your daughter)" in " ".join(page.text.split())
    assert await context_of(application, app, browser) == {"patient": "mia"}


@pytest.mark.row("L4")
@pytest.mark.parametrize(
    "patient", ["zoe", "amy", "ida", "nobody", "Patient/mia", "", "..", "mia,leo", "mia\n"]
)
async def test_a_patient_that_is_posted_is_checked_again(
    application: Application, app: SmartApp, browser: Browser, patient: str
) -> None:
    await app.launch(browser, SCOPE)
    await browser.sign_in("jonas")
    page = await browser.submit(patient=patient)
    assert page.path == "/context"
    assert page.status == 403
    (pending,) = await application.server.storage.find(PENDING)
    assert pending.patient is None
    (refused,) = await application.audit("context.refused")
    assert refused.detail == {"choice": "patient"}


async def test_who_may_open_every_record_may_name_one_without_a_search(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    await app.launch(browser, SCOPE)
    await browser.sign_in("lee")
    await browser.submit("find", patient="zoe", search=None)
    assert await context_of(application, app, browser) == {"patient": "zoe"}


@pytest.mark.parametrize("patient", ["a b", "../Practitioner/lee", "x" * 65, "nobody"])
async def test_somebody_who_may_open_every_record_still_has_to_name_one(
    app: SmartApp, browser: Browser, patient: str
) -> None:
    await app.launch(browser, SCOPE)
    await browser.sign_in("lee")
    assert (await browser.submit("deny", patient=patient, decision="choose")).status == 403


async def test_choosing_nothing_shows_the_page_again(app: SmartApp, browser: Browser) -> None:
    await app.launch(browser, SCOPE)
    await browser.sign_in("jonas")
    page = await browser.submit(patient=None)
    assert (page.status, page.path) == (200, "/context")


async def test_somebody_without_any_record_can_only_say_no(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    await application.add_person("guest")
    await app.launch(browser, SCOPE)
    page = await browser.sign_in("guest")
    assert page.form("deny").values("patient") == []
    page = await browser.deny()
    assert page.answered["error"] == "access_denied"
    assert await application.server.storage.find(CODES) == []


async def test_a_person_may_represent_others_by_definition(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    await application.add_person("nora", fhir_user="Patient/zoe", represents=("mia", "Patient/leo"))
    await app.launch(browser, SCOPE)
    page = await browser.sign_in("nora")
    assert page.form().values("patient") == ["zoe", "mia", "leo"]


async def test_a_default_of_the_person_is_taken_without_a_page(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    defaults = (LaunchDefault("patient", "zoe"),)
    await application.add_person("ben", permissions=ALL_READ, default_launch_contexts=defaults)
    await app.launch(browser, SCOPE)
    assert (await browser.sign_in("ben")).path == "/approve"
    assert await context_of(application, app, browser) == {"patient": "zoe"}


async def test_a_default_that_the_person_may_not_open_counts_for_nothing(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    defaults = (LaunchDefault("patient", "zoe"),)
    await application.add_person("ben", fhir_user="Person/jonas", default_launch_contexts=defaults)
    await app.launch(browser, SCOPE)
    assert (await browser.sign_in("ben")).form().values("patient") == ["mia", "leo"]


# --- visits ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("L4", "L6")
async def test_of_several_visits_one_is_chosen(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    await app.launch(browser, WITH_VISIT)
    page = await browser.sign_in("amy")
    assert page.form().values("encounter") == ["amy-2", "amy-1"]  # the latest first
    await browser.choose("encounter", "amy-1")
    assert await context_of(application, app, browser) == {"patient": "amy", "encounter": "amy-1"}


@pytest.mark.parametrize(
    ("patient", "told"),
    [("mia", {"patient": "mia", "encounter": "mia-1"}), ("leo", {"patient": "leo"})],
)
async def test_one_visit_or_none_is_no_question(
    application: Application, app: SmartApp, browser: Browser, patient: str, told: dict[str, str]
) -> None:
    await app.launch(browser, WITH_VISIT)
    await browser.sign_in("jonas")
    assert (await browser.choose("patient", patient)).path == "/approve"
    assert await context_of(application, app, browser) == told


@pytest.mark.parametrize("encounter", ["mia-1", "nothing", ""])
async def test_a_visit_of_somebody_else_is_refused(
    application: Application, app: SmartApp, browser: Browser, encounter: str
) -> None:
    await app.launch(browser, WITH_VISIT)
    await browser.sign_in("amy")
    page = await browser.submit(encounter=encounter)
    assert (page.status, page.path) == (403, "/context")
    (pending,) = await application.server.storage.find(PENDING)
    assert pending.encounter is None


async def test_another_patient_on_the_page_of_visits_is_a_new_choice_that_is_checked(
    app: SmartApp, browser: Browser
) -> None:
    await app.launch(browser, WITH_VISIT)
    await browser.sign_in("amy")
    assert (await browser.submit(patient="zoe", encounter="amy-1")).status == 403


async def test_a_default_visit_is_taken_when_it_is_the_patients(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    defaults = (LaunchDefault("encounter", "amy-1"),)
    await application.add_person("amy2", fhir_user="Patient/amy", default_launch_contexts=defaults)
    await app.launch(browser, WITH_VISIT)
    await browser.sign_in("amy2")
    assert await context_of(application, app, browser) == {"patient": "amy", "encounter": "amy-1"}


# --- the FHIR server is down -----------------------------------------------------------------------------------------


async def test_without_the_fhir_server_a_page_says_so_and_nothing_is_settled(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    page = await app.launch(browser, SCOPE)
    application.fhir.is_down = True
    refused = await browser.sign_in("jonas")
    if refused.path == "/login":
        refused = await browser.open(page.url.replace("/login", "/context"))
    assert refused.status == 503
    assert "record system" in refused.text
    application.fhir.is_down = False
    assert (await browser.open(page.url.replace("/login", "/context"))).form().values("patient")


async def test_where_no_page_may_be_shown_the_app_is_told(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    await app.launch(browser, SCOPE)
    await browser.sign_in("jonas")
    application.clock.advance(11)
    application.fhir.is_down = True
    page = await app.launch(browser, SCOPE, prompt="none")
    assert page.answered["error"] == "temporarily_unavailable"
    page = await browser.post_from_elsewhere("/oauth/authorize", app.parameters(SCOPE, prompt="none"))
    assert page.answered["error"] == "temporarily_unavailable"


async def test_it_may_fail_between_page_and_choice(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    await app.launch(browser, SCOPE)
    page = await browser.sign_in("jonas")
    application.clock.advance(11)  # links are remembered for ten seconds
    application.fhir.is_down = True
    assert (await browser.submit(patient="mia")).status == 503
    application.fhir.is_down = False
    assert (await browser.submit_on(page, patient="mia")).path == "/approve"


async def test_nothing_is_asked_of_the_fhir_server_where_no_record_is(
    application: Application, app: SmartApp, browser: Browser
) -> None:
    application.fhir.is_down = True
    await app.launch(browser, "openid fhirUser")
    await browser.sign_in("lee")
    assert "code" in (await browser.approve()).answered
    assert application.fhir.asked == []


async def test_the_demos_people_find_the_records_that_are_theirs(open_with: OpenWith) -> None:
    application = await open_with(
        store=FhirStore(versions(), base_url="http://fhir.internal"),
        engine=EngineSettings(picker_lists_up_to=200),
    )
    await application.add_client()
    await application.add_jonas()
    await application.add_lee()
    app = application.smart_app()
    parent, clinician = application.browser(), application.browser()
    await app.launch(parent, SCOPE)
    page = await parent.sign_in("jonas")
    assert sorted(page.form().values("patient")) == ["leo", "mia"]
    await app.launch(clinician, SCOPE)
    page = await clinician.sign_in("lee")
    assert len(page.form().values("patient")) >= 60
    assert page.form("find").values("search") == [""]
