"""What people decide, and what becomes of it in the app: less, nothing, no longer, for a child."""

import pytest
from playwright.sync_api import Page, expect

from e2e.deployments import Deployment
from e2e.journey import allow, choose, expect_record, launch, revoke, sign_in
from e2e.watch import Watch

pytestmark = pytest.mark.browser

LABORATORY = "http://terminology.hl7.org/CodeSystem/observation-category|laboratory"


@pytest.fixture
def app(page: Page, demo: Deployment) -> Page:
    """The sample app, launched by amy, who allowed all that it asked."""
    launch(page, demo, "patient", "amy")
    allow(page)
    expect_record(page, "Amy Okafor")
    return page


def test_a_parent_opens_one_childs_record_and_no_other(page: Page, demo: Deployment) -> None:
    launch(page, demo, "parent", "jonas")
    assert page.locator("input[name=patient]").evaluate_all("all => all.map(one => one.value)") == [
        "leo",
        "mia",
    ]
    choose(page, "mia")
    expect(page.locator(".band")).to_contain_text("Mia Weber")
    allow(page)
    expect_record(page, "Mia Weber")


def test_a_scope_of_two_categories_shows_two_categories(page: Page, demo: Deployment) -> None:
    launch(page, demo, "granular", "amy")
    allow(page)
    expect_record(page, "Amy Okafor")
    expect(page.locator("#lab-results tbody tr").first).to_be_visible()
    for section in ("conditions", "medicines", "allergies"):
        expect(page.locator(f"#{section}")).to_contain_text("Not shared")


def test_what_is_unticked_is_not_shared(page: Page, demo: Deployment) -> None:
    launch(page, demo, "patient", "amy")
    page.wait_for_url("**/approve?**")
    page.uncheck("input[name=scope][value='patient/Condition.rs']")
    page.uncheck(f"input[name=scope][value='patient/Observation.rs?category={LABORATORY}']")
    allow(page)
    expect_record(page, "Amy Okafor")
    for section in ("conditions", "lab-results"):
        expect(page.locator(f"#{section}")).to_contain_text("Not shared")
    expect(page.locator("#medicines tbody tr").first).to_be_visible()


def test_a_no_reaches_the_app_as_a_no(page: Page, demo: Deployment) -> None:
    launch(page, demo, "patient", "amy")
    page.wait_for_url("**/approve?**")
    page.click("#deny")
    expect(page.locator("h1")).to_have_text("Nothing was shared")
    expect(page.locator("#content")).to_contain_text("access_denied")


def test_after_the_access_is_taken_back_the_apps_next_read_is_refused(
    app: Page, demo: Deployment, watch: Watch
) -> None:
    watch.expect("status of 401")
    pages = app.context.new_page()
    revoke(pages, demo, "demo-app")
    expect(pages.locator(".done")).to_contain_text("Vital Signs")
    with app.expect_response(f"{demo.fhir_base}/Observation?*") as read:
        app.reload()
    assert read.value.status == 401
    expect(app.locator("h1")).to_have_text("This access has ended")


def test_the_app_renews_its_token(app: Page, demo: Deployment) -> None:
    before = access_token(app)
    app.click("#refresh")
    expect(app.locator("#token-state")).to_contain_text("Refreshed.")
    assert access_token(app) != before
    app.reload()
    expect_record(app, "Amy Okafor")


def test_signing_out_in_the_app_ends_the_session_at_the_server(app: Page, demo: Deployment) -> None:
    app.click("#sign-out")
    app.wait_for_url(f"{demo.app_url}/")
    app.goto(f"{demo.url}/oauth/revoke")
    expect(app.locator("#password")).to_be_visible()


def test_the_start_page_decodes_the_tokens_and_tells_whether_they_live(app: Page, demo: Deployment) -> None:
    app.goto(f"{demo.app_url}/")
    expect(app.locator("#last-launch")).to_contain_text("Patient/amy")
    app.click("#show-tokens")
    expect(app.locator("#tokens-content")).to_contain_text(demo.fhir_base)
    app.click("#check-token")
    expect(app.locator("#token-check")).to_contain_text("200: yes")


def test_the_backend_client_gets_a_token_by_its_key_and_reads(page: Page, demo: Deployment) -> None:
    page.goto(f"{demo.app_url}/")
    page.click("#try-backend")
    page.click("#run-backend")
    expect(page.locator("table.records tbody tr")).to_have_count(10)
    page.select_option("#search", "MedicationRequest?_count=10")
    page.click("#run-backend")
    expect(page.get_by_role("alert")).to_contain_text("A search through the gateway")


def test_the_ehr_shows_the_app_in_a_frame_and_the_sign_in_in_a_window(page: Page, demo: Deployment) -> None:
    page.goto(f"{demo.app_url}/demo/ehr/?patient=amy")
    page.click("#open-frame")
    app = page.frame_locator("#app-frame")
    with page.expect_popup() as opened:
        app.locator("#sign-in").click()
    sign_in(opened.value, "lee")
    allow(opened.value)
    expect(app.locator("#charts figure h3").first).to_have_text("Blood pressure")


def access_token(app: Page) -> str:
    """The token that the app holds."""
    text = (
        "JSON.parse(sessionStorage.getItem(JSON.parse(sessionStorage.SMART_KEY))).tokenResponse.access_token"
    )
    return str(app.evaluate(text))
