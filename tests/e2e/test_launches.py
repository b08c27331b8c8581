"""The sample app, launched in each of the ways, until it has drawn what it read through the gateway."""

import pytest
from playwright.sync_api import Page, expect

from e2e.deployments import Deployment
from e2e.journey import allow, choose, expect_record, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.postgres]


def test_a_patient_launches_the_app_and_sees_her_chart(page: Page, deployment: Deployment) -> None:
    page.goto(f"{deployment.app_url}/")
    page.click("#launch-patient")
    expect(page.locator("#username")).to_have_value("amy")
    sign_in(page, "amy")
    allow(page)
    expect_record(page, "Amy Okafor")


def test_a_clinician_picks_a_patient_and_sees_her_chart(page: Page, deployment: Deployment) -> None:
    page.goto(f"{deployment.app_url}/")
    page.click("#launch-clinician")
    sign_in(page, "lee")
    page.fill("#search", "okafor 1984-03-09")
    page.click("#find")
    choose(page, "amy")
    expect(page.locator(".band")).to_contain_text("Amy Okafor")
    allow(page)
    expect_record(page, "Amy Okafor")


def test_the_ehr_opens_the_app_on_the_patient_and_the_visit(page: Page, deployment: Deployment) -> None:
    page.goto(f"{deployment.app_url}/")
    page.click("#launch-ehr")
    visit = page.input_value("input[name=encounter]:checked")
    assert visit
    with page.expect_popup() as opened:
        page.click("#open-app")
    app = opened.value
    sign_in(app, "lee")
    allow(app)
    expect_record(app, "Amy Okafor")
    expect(app.locator("#person")).to_contain_text(f"visit {visit}")
