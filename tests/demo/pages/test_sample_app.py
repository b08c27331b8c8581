"""The sample app in a real browser, against a server that answers by the book."""

from itertools import pairwise
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect
from running_site import Running
from starlette.responses import JSONResponse

pytestmark = pytest.mark.browser

CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


def launch(page: Page, running: Running, query: str = "preset=patient") -> None:
    page.goto(f"{running.url}/demo/app/launch.html?{query}")
    page.wait_for_selector("html[data-ready]")


def test_a_standalone_launch_ends_with_the_patients_charts(page: Page, running: Running) -> None:
    launch(page, running)
    expect(page.locator("#patient-name")).to_have_text("Amy Okafor")
    expect(page.locator("#person")).to_contain_text("born 9 Mar 1984")
    expect(page.locator("#charts figure h3")).to_have_text(["Blood pressure", "Heart rate", "Body weight"])
    assert page.locator("#charts polyline").count() == 4
    assert page.url == f"{running.url}/demo/app/"
    for row in ("Haemoglobin A1c", "Essential hypertension", "Lisinopril 10 mg tablet"):
        expect(page.get_by_text(row)).to_be_visible()
    expect(page.locator("#allergies")).to_contain_text("None recorded.")


def test_the_request_is_by_the_book(page: Page, running: Running) -> None:
    launch(page, running, "preset=patient&login_hint=amy&prompt=login")
    [asked] = running.stub.sent_to("/oauth/authorize")
    assert asked["response_type"] == "code"
    assert asked["client_id"] == "demo-app"
    assert asked["redirect_uri"] == running.site.app_url
    assert asked["aud"] == running.site.fhir_base
    assert asked["scope"] == "launch/patient openid fhirUser offline_access patient/*.rs"
    assert asked["code_challenge_method"] == "S256"
    assert asked["login_hint"] == "amy"
    assert asked["prompt"] == "login"
    assert "launch" not in asked
    [sent] = running.stub.sent_to("/oauth/token")
    assert sent["client_id"] == "demo-app"
    assert sent["authorization"] == ""


@pytest.mark.parametrize(
    ("query", "scopes"),
    [
        ("preset=kinds", {"patient/Patient.r", "patient/Condition.rs", "offline_access"}),
        ("preset=clinician", {"launch/patient", "patient/*.rs", "user/Practitioner.rs", "online_access"}),
        ("preset=user", {"launch/patient", "user/*.rs"}),
        ("preset=granular", {f"patient/Observation.rs?category={CATEGORY}|vital-signs", "patient/Patient.r"}),
        ("scope=patient/Patient.r%20launch/patient", {"patient/Patient.r", "launch/patient"}),
    ],
)
def test_each_preset_asks_for_its_scopes(page: Page, running: Running, query: str, scopes: set[str]) -> None:
    launch(page, running, query)
    [asked] = running.stub.sent_to("/oauth/authorize")
    assert scopes <= set(asked["scope"].split())


def test_every_chart_has_axes_a_summary_and_its_numbers_as_a_table(page: Page, running: Running) -> None:
    launch(page, running)
    pressure = page.locator('figure[data-code="85354-9"]')
    drawing = pressure.get_by_role("img")
    assert "21 measurements from 14 Feb 2019 to 14 Oct 2025" in str(drawing.get_attribute("aria-label"))
    expect(drawing).to_contain_text("mmHg")
    expect(drawing).to_contain_text("date of measurement")
    expect(pressure.locator(".legend li")).to_have_text(["Systolic", "Diastolic"])
    pressure.locator("summary").click()
    expect(pressure.locator("tbody tr")).to_have_count(21)
    expect(pressure.locator("thead th")).to_have_text(["Date", "Systolic", "Diastolic"])


def test_what_was_not_granted_is_said_and_not_asked_for(page: Page, running: Running) -> None:
    running.stub.scope = (
        f"launch/patient patient/Patient.r patient/Observation.rs?category={CATEGORY}|vital-signs"
    )
    launch(page, running)
    expect(page.locator("#charts figure")).to_have_count(3)
    for section in ("lab-results", "conditions", "medicines", "allergies"):
        expect(page.locator(f"#{section}")).to_contain_text("Not shared")
    assert running.stub.sent_to("/fhir/Condition") == []
    expect(page.locator("#refresh")).to_be_disabled()


def test_a_refusal_of_the_fhir_server_reads_as_not_shared_and_an_outage_does_not(
    page: Page, running: Running
) -> None:
    running.stub.answers["/fhir/Condition"] = JSONResponse({"resourceType": "OperationOutcome"}, 403)
    running.stub.answers["/fhir/MedicationRequest"] = JSONResponse({"resourceType": "OperationOutcome"}, 503)
    launch(page, running)
    expect(page.locator("#conditions")).to_contain_text("Not shared")
    expect(page.locator("#medicines")).to_contain_text("could not be read (503)")
    expect(page.locator("#charts figure")).to_have_count(3)


def test_access_that_was_taken_back_is_said_in_words(page: Page, running: Running) -> None:
    launch(page, running)
    running.stub.revoked = True
    page.reload()
    expect(page.locator("h1")).to_have_text("This access has ended")


def test_without_a_patient_in_context_the_page_says_so(page: Page, running: Running) -> None:
    running.stub.scope = "openid fhirUser"
    running.stub.answers["/oauth/token"] = JSONResponse(
        {"access_token": "opaque", "token_type": "Bearer", "expires_in": 60, "scope": "openid fhirUser"}
    )
    launch(page, running)
    expect(page.locator("#content")).to_contain_text("No patient is in context")


def test_the_tokens_are_shown_decoded(page: Page, running: Running) -> None:
    launch(page, running)
    page.click("#tokens-panel summary")
    panel = page.locator("#tokens")
    expect(panel.locator("h3")).to_have_text(["Token response", "Access token", "ID token"])
    expect(panel).to_contain_text(running.site.fhir_base)
    expect(panel.locator(".scope-list code").last).to_have_text("patient/*.rs")


def test_refreshing_names_the_public_client_and_shows_the_new_token(page: Page, running: Running) -> None:
    launch(page, running)
    page.click("#refresh")
    expect(page.locator("#token-state")).to_contain_text("Refreshed.")
    refreshed = running.stub.sent_to("/oauth/token")[-1]
    assert refreshed["grant_type"] == "refresh_token"
    assert refreshed["client_id"] == "demo-app"


def test_a_refused_refresh_is_told(page: Page, running: Running) -> None:
    launch(page, running)
    running.stub.answers["/oauth/token"] = JSONResponse(
        {"error": "invalid_grant", "error_description": "revoked"}, 400
    )
    page.click("#refresh")
    expect(page.locator("#token-state")).to_contain_text("refused to refresh")


def test_signing_out_gives_the_refresh_token_back_and_ends_the_session(page: Page, running: Running) -> None:
    launch(page, running)
    page.click("#sign-out")
    page.wait_for_url(f"{running.url}/")
    [revoked] = running.stub.sent_to("/oauth/token/revoke")
    assert revoked["client_id"] == "demo-app"
    [logout] = running.stub.sent_to("/oauth/logout")
    assert logout["post_logout_redirect_uri"] == f"{running.url}/"
    assert page.evaluate("sessionStorage.length") == 0


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("error=access_denied", "Nothing was shared"),
        ("error=server_error&error_description=reference%207F3K", "reference 7F3K"),
        ("error=unheard_of", "The launch did not succeed"),
        ("", "No record is open"),
        ("code=stale&state=unknown", "could not be opened"),
        ("code=x&state=y&iss=https://evil.example", "This answer comes from https://evil.example"),
        ("error=toString", "The launch did not succeed"),
    ],
)
def test_a_launch_that_failed_is_explained(page: Page, running: Running, query: str, words: str) -> None:
    page.goto(f"{running.url}/demo/app/?{query}")
    expect(page.locator("#content")).to_contain_text(words)
    expect(page.locator("#content a").last).to_have_text("Back to the start page")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (
            f"iss={quote('https://evil.example/fhir')}&launch=x",
            "does not open records of https://evil.example/fhir",
        ),
        ("preset=all", "There is no preset"),
        ("preset=toString", "There is no preset"),
    ],
)
def test_a_launch_that_the_app_does_not_know_goes_nowhere(
    page: Page, running: Running, query: str, words: str
) -> None:
    page.goto(f"{running.url}/demo/app/launch.html?{query}")
    expect(page.locator("#content")).to_contain_text(words)
    assert running.stub.sent_to("/oauth/authorize") == []


def test_words_of_the_record_are_never_markup(page: Page, running: Running) -> None:
    nasty = "<img src=x onerror=document.title='taken'>"
    condition = {"resourceType": "Condition", "id": "c", "code": {"text": nasty}}
    bundle = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": condition}]}
    running.stub.answers["/fhir/Condition"] = JSONResponse(bundle)
    launch(page, running)
    expect(page.get_by_text(nasty)).to_be_visible()
    assert page.title() == "Vital Signs"


@pytest.mark.parametrize(
    ("scope", "resource", "category", "shared"),
    [
        ("patient/*.rs", "Condition", None, True),
        ("patient/*.r", "Condition", None, False),
        ("patient/Condition.s", "Condition", None, True),
        ("patient/Condition.read", "Condition", None, True),
        ("user/Condition.*", "Condition", None, True),
        ("patient/Condition.write", "Condition", None, False),
        ("patient/Condition.sr", "Condition", None, False),
        ("patient/Observation.rs", "Condition", None, False),
        (f"patient/Observation.rs?category={CATEGORY}|laboratory", "Observation", "laboratory", True),
        (f"patient/Observation.rs?category={CATEGORY}|laboratory", "Observation", "vital-signs", False),
        ("patient/Observation.rs?category=laboratory,vital-signs", "Observation", "vital-signs", True),
        ("patient/Observation.rs?code=85354-9", "Observation", "vital-signs", True),
        ("openid fhirUser", "Observation", "vital-signs", False),
        ("", "Observation", "vital-signs", False),
    ],
)
def test_the_app_predicts_what_a_scope_shares(
    page: Page, running: Running, scope: str, resource: str, category: str | None, shared: bool
) -> None:
    page.goto(f"{running.url}/demo/backend")
    ask = """async ([scope, type, category]) =>
        (await import("/demo/static/app/scopes.js")).isShared(scope, type, category)"""
    assert page.evaluate(ask, [scope, resource, category]) is shared


@pytest.mark.parametrize(
    ("low", "high"), [(60, 140), (61.7, 67.9), (5.6, 5.6), (0, 0), (-3, 4), (0.001, 0.004), (1e6, 3e6)]
)
def test_the_marks_of_an_axis_enclose_the_values_at_even_steps(
    page: Page, running: Running, low: float, high: float
) -> None:
    page.goto(f"{running.url}/demo/backend")
    ask = """async ([low, high]) => (await import("/demo/static/app/chart.js")).ticks(low, high)"""
    marks = page.evaluate(ask, [low, high])
    steps = {round(b - a, 6) for a, b in pairwise(marks)}
    assert marks[0] <= low
    assert marks[-1] >= high
    assert 2 <= len(marks) <= 8
    assert len(steps) == 1
