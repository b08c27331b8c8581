"""The mock EHR: what it offers, and what it sends for an EHR launch."""

import base64
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect
from running_site import Running
from starlette.responses import JSONResponse

LAUNCH = {"patient": "amy", "encounter": "amy-e2", "intent": "vital-signs", "open": "tab"}


def post(running: Running, form: dict[str, Any], **headers: str) -> httpx.Response:
    return httpx.post(f"{running.url}/demo/ehr/launch", data=form, headers=headers, timeout=60)


def test_the_list_has_every_patient_and_can_be_searched(running: Running) -> None:
    assert httpx.get(f"{running.url}/demo/ehr/", timeout=60).text.count('<li><a href="/demo/ehr/?') == 23
    found = httpx.get(f"{running.url}/demo/ehr/", params={"name": "weber"}, timeout=60).text
    assert "Leo Weber" in found
    assert "Amy Okafor" not in found


def test_a_search_without_result_says_so_and_shows_what_was_typed_as_text(running: Running) -> None:
    page = httpx.get(f"{running.url}/demo/ehr/", params={"name": "<b>x"}, timeout=60).text
    assert "contains “&lt;b&gt;x”" in page


def test_an_open_record_offers_its_visits_and_none(running: Running) -> None:
    page = httpx.get(f"{running.url}/demo/ehr/", params={"patient": "amy"}, timeout=60).text
    assert page.count('name="encounter"') == 3
    assert 'value="amy-e2" checked' in page


def test_opening_the_app_registers_the_launch_and_leads_to_its_launch_url(running: Running) -> None:
    answer = post(running, LAUNCH)
    assert answer.status_code == 303
    target = urlsplit(answer.headers["location"])
    assert f"{target.scheme}://{target.netloc}{target.path}" == running.site.app_launch_url
    assert parse_qs(target.query).keys() == {"iss", "launch"}
    [token] = running.stub.sent_to("/oauth/token")
    assert token["grant_type"] == "client_credentials"
    assert token["scope"] == "launch:create"
    assert base64.b64decode(token["authorization"].removeprefix("Basic ")) == b"demo-ehr:demo-secret"
    [launch] = running.stub.sent_to("/oauth/launch")
    assert launch.pop("authorization").startswith("Bearer ")
    assert launch.pop("smart_style_url").startswith(f"{running.url}/smart-style.json?v=")
    assert launch == {
        "client_id": "demo-app",
        "user": "lee",
        "patient": "amy",
        "encounter": "amy-e2",
        "intent": "vital-signs",
        "need_patient_banner": True,
        "launch_uri": running.site.app_launch_url,
    }


def test_without_a_visit_or_intent_the_launch_has_no_such_members(running: Running) -> None:
    post(running, LAUNCH | {"encounter": "", "intent": ""})
    [launch] = running.stub.sent_to("/oauth/launch")
    assert not {"encounter", "intent"} & launch.keys()


def test_in_a_frame_the_ehrs_own_banner_stays_so_the_app_needs_none(running: Running) -> None:
    page = post(running, LAUNCH | {"open": "frame"})
    [launch] = running.stub.sent_to("/oauth/launch")
    assert launch["need_patient_banner"] is False
    assert "<iframe" in page.text
    assert "Amy Okafor" in page.text


def test_the_exchange_is_shown_without_the_whole_token(running: Running) -> None:
    page = post(running, LAUNCH | {"open": "show"}).text
    [launch] = running.stub.sent_to("/oauth/launch")
    assert "/oauth/launch" in page
    assert "launch_url" in page
    assert launch["authorization"].removeprefix("Bearer ") not in page


@pytest.mark.parametrize(
    "change",
    [
        {"patient": "nobody"},
        {"patient": "leo", "encounter": "amy-e2"},
        {"intent": "other"},
        {"open": "elsewhere"},
        {"patient": ["amy", "leo"]},
    ],
)
def test_what_the_ehr_does_not_offer_is_refused_and_nothing_is_sent(
    running: Running, change: dict[str, Any]
) -> None:
    assert post(running, LAUNCH | change).status_code == 400
    assert running.stub.calls == []


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_a_form_of_another_site_is_refused(running: Running, headers: dict[str, str]) -> None:
    assert post(running, LAUNCH, **headers).status_code == 403
    assert running.stub.calls == []


def test_a_body_that_is_no_form_is_refused(running: Running) -> None:
    assert httpx.post(f"{running.url}/demo/ehr/launch", json=LAUNCH, timeout=60).status_code == 400


@pytest.mark.parametrize(("path", "sent"), [("/oauth/token", 1), ("/oauth/launch", 2)])
def test_a_refusal_is_shown_with_what_to_do(running: Running, path: str, sent: int) -> None:
    error = {"error": "invalid_client", "error_description": "unknown client, reference 7F3K-22"}
    running.stub.answers[path] = JSONResponse(error, 401)
    page = post(running, LAUNCH)
    assert page.status_code == 502
    assert "reference 7F3K-22" in page.text
    assert "What to do:" in page.text
    assert len(running.stub.calls) == sent


@pytest.mark.browser
def test_the_ehr_opens_the_app_in_a_new_tab_and_stays(page: Page, running: Running) -> None:
    page.goto(f"{running.url}/demo/ehr/?patient=amy")
    with page.expect_popup() as opened:
        page.click("#open-app")
    app = opened.value
    app.wait_for_selector("html[data-ready]")
    expect(app.locator("#patient-name")).to_have_text("Amy Okafor")
    expect(app.locator("#person")).to_contain_text("visit amy-e2")
    assert page.url == f"{running.url}/demo/ehr/?patient=amy"
    [asked] = running.stub.sent_to("/oauth/authorize")
    assert asked["launch"] in running.stub.launches


@pytest.mark.browser
def test_in_a_frame_people_sign_in_in_a_window_and_the_app_stays_in_the_frame(
    page: Page, running: Running
) -> None:
    page.goto(f"{running.url}/demo/ehr/?patient=amy")
    page.click("#open-frame")
    frame = page.frame_locator("#app-frame")
    frame.locator("#sign-in").click()
    expect(frame.locator("#charts figure")).to_have_count(3)
    expect(frame.locator("#patient-name")).to_have_count(0)
    assert frame.locator("html").evaluate("e => e.style.getPropertyValue('--color-accent')") == "#0b5a4d"


@pytest.mark.browser
def test_the_ehr_works_without_script(browser: Any, running: Running) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{running.url}/demo/ehr/")
    page.click("text=Amy Okafor")
    page.click("#open-show")
    expect(page.locator("#open-launch-url")).to_be_visible()
    context.close()
