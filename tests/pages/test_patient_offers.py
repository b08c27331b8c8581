"""What is offered without a search: recent patients, records that permissions name, what a hook leaves, visits."""

from dataclasses import dataclass
from typing import Any

import pytest

from applications import OpenWith
from assent.demo.store.store import FhirStore
from assent.engine.hooks import ContextOffer, Hooks
from assent.records.people import LaunchDefault
from assent.spec.permissions import Permission
from assent.storage.tables import PENDING
from assent.testing.application import Application
from assent.testing.browser import Browser, Page
from assent.testing.population import ALL_READ, resources
from assent.testing.smart_app import SmartApp

SCOPE = "openid launch/patient patient/*.rs"
WITH_VISIT = "openid launch/patient launch/encounter patient/*.rs"


@pytest.fixture
async def app(application: Application) -> SmartApp:
    await application.add_client()
    await application.add_lee()
    return application.smart_app()


def patients(page: Page) -> list[str]:
    return page.form("deny").values("patient")


async def open_record(app: SmartApp, browser: Browser, patient: str) -> None:
    """Goes the whole way with this patient."""
    page = await app.launch(browser, SCOPE)
    if page.path == "/login":
        await browser.sign_in("lee")
    await browser.submit("find", patient=patient, search=None)
    assert "code" in (await browser.approve()).answered


# --- recent patients -------------------------------------------------------------------------------------------------


async def test_the_patients_that_she_opened_last_are_offered_the_latest_first(
    application: Application, app: SmartApp
) -> None:
    browser = application.browser()
    for patient in ("zoe", "mia", "amy", "zoe"):
        await open_record(app, browser, patient)
    page = await app.launch(browser, SCOPE)
    assert patients(page) == ["zoe", "amy", "mia"]
    assert "Opened by you recently" in page.text
    assert (await browser.choose("patient", "mia")).path == "/approve"


async def test_what_another_opened_is_not_offered(application: Application, app: SmartApp) -> None:
    await open_record(app, application.browser(), "zoe")
    await application.add_person("ann", permissions=ALL_READ)
    browser = application.browser()
    await app.launch(browser, SCOPE)
    assert patients(await browser.sign_in("ann")) == []


async def test_a_recent_patient_who_is_gone_is_left_out(application: Application, app: SmartApp) -> None:
    browser = application.browser()
    await open_record(app, browser, "zoe")
    await open_record(app, browser, "mia")
    application.fhir._store.handle("DELETE", "Patient/zoe", "", {}, b"")
    assert patients(await app.launch(browser, SCOPE)) == ["mia"]


async def test_a_choice_that_was_not_carried_out_is_not_remembered(
    application: Application, app: SmartApp
) -> None:
    browser = application.browser()
    await app.launch(browser, SCOPE)
    await browser.sign_in("lee")
    await browser.submit("find", patient="zoe", search=None)
    await browser.deny()
    assert patients(await app.launch(browser, SCOPE)) == []


# --- records that permissions name -----------------------------------------------------------------------------------


async def test_permissions_for_several_records_make_a_list(application: Application, app: SmartApp) -> None:
    held = tuple(Permission("FHIR_READ_ALL_IN_COMPARTMENT", f"Patient/{id_}") for id_ in ("zoe", "amy"))
    await application.add_person("carer", fhir_user="Practitioner/lee", permissions=held)
    browser = application.browser()
    await app.launch(browser, SCOPE)
    page = await browser.sign_in("carer")
    assert patients(page) == ["zoe", "amy"]
    assert all("find" not in form.buttons for form in page.forms)
    assert (await browser.submit(patient="mia")).status == 403


async def test_a_permission_for_one_record_asks_nothing(application: Application, app: SmartApp) -> None:
    held = (Permission("FHIR_READ_ALL_IN_COMPARTMENT", "Patient/zoe"),)
    await application.add_person("carer", permissions=held)
    browser = application.browser()
    await app.launch(browser, SCOPE)
    assert (await browser.sign_in("carer")).path == "/approve"


async def test_a_carer_of_many_turns_pages(open_with: OpenWith) -> None:
    wards = [f"ward-{number:02}" for number in range(25)]
    people = [{"resourceType": "Patient", "id": id_, "name": [{"family": id_}]} for id_ in wards]
    application = await open_with(store=FhirStore(people, base_url="http://fhir.internal"))
    await application.add_client()
    await application.add_person("carer", represents=tuple(wards))
    app, browser = application.smart_app(), application.browser()
    await app.launch(browser, SCOPE)
    page = await browser.sign_in("carer")
    assert patients(page) == wards[:20]
    assert "you act for this person" in page.text
    assert patients(await browser.submit("next-page")) == wards[20:]
    assert (await browser.choose("patient", "ward-23")).path == "/approve"


# --- a hook ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Only(Hooks):
    """Leaves these, and says that they are offered whatever was."""

    ids: tuple[str, ...]

    async def on_context_choices(self, offer: ContextOffer) -> tuple[str, ...]:
        return self.ids


async def with_hook(open_with: OpenWith, *ids: str) -> tuple[Application, SmartApp, Browser]:
    application = await open_with(hooks=Only(ids))
    await application.add_client()
    await application.add_lee()
    await application.add_jonas()
    await application.add_amy()
    return application, application.smart_app(), application.browser()


async def test_a_hook_that_leaves_one_record_leaves_no_question(open_with: OpenWith) -> None:
    _, app, browser = await with_hook(open_with, "leo")
    await app.launch(browser, SCOPE)
    assert (await browser.sign_in("jonas")).path == "/approve"


async def test_a_hook_opens_nothing_that_is_not_hers(open_with: OpenWith) -> None:
    application, app, browser = await with_hook(open_with, "mia", "leo", "zoe")
    await app.launch(browser, SCOPE)
    page = await browser.sign_in("jonas")
    assert patients(page) == ["mia", "leo"]
    assert (await browser.submit(patient="zoe")).status == 403
    (pending,) = await application.server.storage.find(PENDING)
    assert pending.patient is None


async def test_a_hook_suggests_to_a_clinician_and_holds_for_searches_and_choices(open_with: OpenWith) -> None:
    _, app, browser = await with_hook(open_with, "zoe", "mia")
    await app.launch(browser, SCOPE)
    page = await browser.sign_in("lee")
    assert "Suggested" in page.text
    assert patients(page) == ["zoe", "mia"]
    assert patients(await browser.submit("find", search="weber")) == ["mia"]
    assert (await browser.submit(patient="amy")).status == 403
    assert (await browser.submit(patient="zoe")).path == "/approve"


async def test_a_default_that_the_hook_leaves_out_is_not_taken(open_with: OpenWith) -> None:
    application, app, browser = await with_hook(open_with, "mia", "leo")
    defaults = (LaunchDefault("patient", "zoe"),)
    await application.add_person("ben", permissions=ALL_READ, default_launch_contexts=defaults)
    await app.launch(browser, SCOPE)
    assert (await browser.sign_in("ben")).path == "/context"


# --- visits ----------------------------------------------------------------------------------------------------------


def visit(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "id": f"visit-{number:02}",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": "Patient/zoe"},
        "period": {"start": f"2020-01-01T{number // 60:02}:{number % 60:02}:00Z"},
        **fields,
    }


async def visits_page(open_with: OpenWith, *visits: dict[str, Any]) -> Page:
    application = await open_with(store=FhirStore([*resources(), *visits], base_url="http://fhir.internal"))
    await application.add_client()
    await application.add_person("zoe", fhir_user="Patient/zoe")
    browser = application.browser()
    await application.smart_app().launch(browser, WITH_VISIT)
    return await browser.sign_in("zoe")


async def test_the_visit_under_way_comes_first_and_is_said(open_with: OpenWith) -> None:
    page = await visits_page(open_with, visit(1, status="in-progress"), visit(2), visit(3))
    assert page.form().values("encounter") == ["visit-01", "visit-03", "visit-02"]
    assert page.text.count(">Now<") == 1
    assert "Only the latest" not in page.text


async def test_of_very_many_visits_the_latest_are_shown_and_the_page_says_so(open_with: OpenWith) -> None:
    page = await visits_page(open_with, *(visit(number) for number in range(60)))
    assert page.form().values("encounter") == [f"visit-{number:02}" for number in range(59, 9, -1)]
    assert "Only the latest 50 visits are shown." in page.text
