"""Whole ways: people sign in, choose, approve in part; what their apps then read is what was said yes to."""

import pytest

from assent.demo.store.population.generate import versions
from assent.demo.store.store import FhirStore
from assent.testing.application import PUBLIC_URL, SECRET, Application
from assent.testing.ehr import Ehr
from gateway import oracle
from gateway.clinic import Asking

SCOPE = "openid fhirUser launch/patient patient/Patient.rs patient/Observation.rs patient/Condition.rs offline_access"
LIST = ("openid", "fhirUser", "launch", "launch/patient", "offline_access", "patient/*.cruds", "user/*.rs")


@pytest.fixture
async def clinic_with_everybody(open_with) -> Application:
    """The application before the demo's store, with its people."""
    store = FhirStore(versions(), base_url=f"{PUBLIC_URL}/fhir")
    application: Application = await open_with(store=store)
    await application.add_client(scope=LIST)
    await application.add_amy()
    await application.add_jonas()
    await application.add_lee()
    return application


async def launch(
    application: Application, username: str, scope: str, *, patient="", untick=(), **changes: str
) -> dict:
    """The token response of an app that the person launched and said yes to."""
    app, browser = application.smart_app(), application.browser()
    await app.launch(browser, scope, **changes)
    page = await browser.sign_in(username)
    if page.path == "/context":
        if any("find" in form.buttons for form in page.forms):
            await browser.submit("find", search=patient)
        page = await browser.choose("patient", patient)
    page = await browser.approve(untick=untick)
    async with application.http() as http:
        answer = await app.redeem(http, page)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.row("S8", "S11", "S12")
async def test_three_people_launch_the_same_app_and_each_sees_her_own(clinic_with_everybody):
    application = clinic_with_everybody
    for username, patient in (("amy", "amy"), ("jonas", "mia"), ("lee", "chidi")):
        tokens = await launch(application, username, SCOPE, patient=patient)
        assert tokens["patient"] == patient
        asking = Asking(application, tokens["access_token"])
        assert await asking.keys("Patient") == {f"Patient/{patient}"}
        expected = oracle.of_types(oracle.searched_by(patient), "Observation")
        assert await asking.keys("Observation?_count=500") == expected
        await asking.refused("GET", "Encounter", 403)


@pytest.mark.row("S11")
async def test_what_was_unticked_is_refused_and_the_scope_says_so(clinic_with_everybody):
    tokens = await launch(clinic_with_everybody, "amy", SCOPE, untick=["patient/Condition.rs"])
    assert "patient/Condition.rs" not in tokens["scope"].split()
    asking = Asking(clinic_with_everybody, tokens["access_token"])
    assert await asking.keys("Patient") == {"Patient/amy"}
    await asking.refused("GET", "Condition", 403)


@pytest.mark.row("T12")
async def test_a_token_that_was_refreshed_to_less_reads_less(clinic_with_everybody):
    application = clinic_with_everybody
    tokens = await launch(application, "amy", SCOPE)
    async with application.http() as http:
        answer = await application.smart_app().ask_token(
            http,
            {
                "grant_type": "refresh_token",
                "refresh_token": tokens["refresh_token"],
                "scope": "patient/Patient.rs",
            },
        )
    narrower = Asking(application, answer.json()["access_token"])
    assert await narrower.keys("Patient") == {"Patient/amy"}
    await narrower.refused("GET", "Observation", 403)


async def test_revoking_the_refresh_token_ends_the_access_token_at_the_gateway(clinic_with_everybody):
    application = clinic_with_everybody
    tokens = await launch(application, "amy", SCOPE)
    asking = Asking(application, tokens["access_token"])
    assert (await asking.get("Patient/amy")).status_code == 200
    async with application.http() as http:
        form = {"token": tokens["refresh_token"], "client_id": "app"}
        assert (await http.post("/oauth/token/revoke", data=form)).status_code == 200
    assert (await asking.get("Patient/amy")).status_code == 401


async def test_taking_back_on_the_persons_page_ends_the_app_at_the_gateway(clinic_with_everybody):
    application = clinic_with_everybody
    tokens = await launch(application, "amy", SCOPE)
    asking = Asking(application, tokens["access_token"])
    assert (await asking.get("Patient/amy")).status_code == 200
    browser = application.browser()
    await browser.open("/oauth/revoke")
    await browser.sign_in("amy")
    await browser.submit("revoke")
    assert (await asking.get("Patient/amy")).status_code == 401


async def test_a_backend_client_reads_by_its_own_permissions(clinic_with_everybody):
    application = clinic_with_everybody
    await application.add_ehr("report", scope=("system/*.rs",))
    async with application.http() as http:
        answer = await http.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=("report", SECRET)
        )
    asking = Asking(application, answer.json()["access_token"])
    await asking.refused("GET", "Patient", 403)


@pytest.mark.row("L13")
async def test_what_an_ehr_puts_into_fhir_context_opens_nothing(clinic_with_everybody):
    application = clinic_with_everybody
    await application.add_ehr()
    theirs = sorted(oracle.of_types(oracle.searched_by("chidi"), "Observation"))[0]
    context = [
        {"reference": theirs},
        {"reference": "Patient/chidi", "role": "https://ehr.example/role/other"},
        {"canonical": f"{PUBLIC_URL}/fhir/{theirs}", "type": "Observation"},
        {"identifier": {"system": "https://ehr.example/mrn", "value": "chidi"}, "type": "Observation"},
    ]
    handle = await Ehr(application).handle(user="amy", patient="amy", fhirContext=context)
    tokens = await launch(application, "amy", "launch patient/*.rs", launch=handle)
    assert tokens["fhirContext"] == context
    asking = Asking(application, tokens["access_token"])
    await asking.refused("GET", theirs, 404)
    await asking.refused("GET", "Patient/chidi", 404)
    assert await asking.keys("Patient") == {"Patient/amy"}
