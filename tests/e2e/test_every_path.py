"""Every path through the pages in every way of going it: at a desk, on a phone, without script, by keyboard alone.

The app's end of a path is the address at which the answer arrives; what the sample app makes of an answer is tested in
`test_launches` and `test_choices`.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from e2e.authorization import VERIFIER, answer_in, authorize_url
from e2e.conftest import OpenContext
from e2e.deployments import Deployment
from e2e.hands import Finger, Hands, Keys, Mouse
from e2e.watch import Watch

pytestmark = pytest.mark.browser

DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
WAYS: dict[str, tuple[Callable[[Page], Hands], dict[str, Any]]] = {
    "desktop": (Mouse, DESKTOP),
    "phone": (Finger, PHONE),
    "without-script": (Finger, {**PHONE, "java_script_enabled": False}),
    "keyboard": (Keys, DESKTOP),
}
IDENTITY = "openid fhirUser"


@pytest.fixture(params=WAYS)
def hands(request: pytest.FixtureRequest, open_context: OpenContext) -> Hands:
    """A person with a fresh browser, in each of the ways."""
    make, options = WAYS[request.param]
    return make(open_context(**options).new_page())


@pytest.fixture
def circle(demo: Deployment, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A client with terms of its own, which offers times; new to everybody. Its id."""
    client_id = "circle-" + "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    definition = {
        "client_id": client_id,
        "client_name": "Care Circle",
        "token_endpoint_auth_method": "none",
        "redirect_uris": [f"{demo.app_url}/demo/app/"],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": ["openid", "fhirUser", "offline_access", "launch/patient", "patient/*.rs"],
        "offline_choices": [3_600, 31_536_000],
        "terms_version": "2026-1",
    }
    file = tmp_path / "client.json"
    file.write_text(json.dumps({"clients": [definition]}))
    demo.assent("client", "import", str(file))
    return client_id


def sign_in(hands: Hands, username: str, password: str = "demo") -> None:
    """Fills in the sign-in page and sends it."""
    hands.write("#username", username)
    hands.write("#password", password)
    hands.press("#submit")


def answer_of(hands: Hands, button: str) -> dict[str, str]:
    """Presses the button that ends the journey; what the app is told."""
    with hands.page.expect_request("**/demo/app/?*") as sent:
        hands.press(button)
    hands.page.wait_for_url("**/demo/app/**")
    return answer_in(sent.value.url)


def allow(hands: Hands) -> dict[str, str]:
    """Says yes to what is ticked; the app has a code."""
    hands.page.wait_for_url("**/approve?**")
    answer = answer_of(hands, "#submit")
    assert answer["code"]
    return answer


def tokens_of(demo: Deployment, answer: dict[str, str], client_id: str = "demo-app") -> dict[str, Any]:
    """What the app gets for its code."""
    form = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": f"{demo.app_url}/demo/app/",
        "client_id": client_id,
        "code_verifier": VERIFIER,
    }
    response = httpx.post(f"{demo.url}/oauth/token", data=form, timeout=60)
    assert response.status_code == 200, response.text
    tokens: dict[str, Any] = response.json()
    return tokens


def test_a_patient_allows_an_app(hands: Hands, demo: Deployment) -> None:
    hands.page.goto(authorize_url(demo))
    sign_in(hands, "amy")
    assert tokens_of(demo, allow(hands))["patient"] == "amy"


def test_a_parent_acts_for_a_child(hands: Hands, demo: Deployment) -> None:
    hands.page.goto(authorize_url(demo))
    sign_in(hands, "jonas")
    hands.page.wait_for_url("**/context?**")
    hands.pick("input[name=patient][value=mia]")
    hands.press("#submit")
    expect(hands.page.locator(".band")).to_contain_text("Mia Weber")
    assert tokens_of(demo, allow(hands))["patient"] == "mia"


def test_a_clinician_searches(hands: Hands, demo: Deployment) -> None:
    hands.page.goto(authorize_url(demo))
    sign_in(hands, "lee")
    hands.page.wait_for_url("**/context?**")
    hands.write("#search", "weber")
    hands.press("#find")
    hands.page.locator("input[name=patient][value=leo]").wait_for()
    hands.pick("input[name=patient][value=leo]")
    hands.press("button#submit")
    expect(hands.page.locator(".band")).to_contain_text("Leo Weber")
    assert tokens_of(demo, allow(hands))["patient"] == "leo"


def test_a_visit_is_chosen(hands: Hands, demo: Deployment) -> None:
    hands.page.goto(authorize_url(demo, scope="launch/encounter patient/Observation.rs"))
    sign_in(hands, "amy")
    hands.page.wait_for_url("**/context?**")
    visits = hands.page.locator("input[name=encounter]")
    visit = visits.last.get_attribute("value")
    hands.pick(f"input[name=encounter][value='{visit}']")
    hands.press("button#submit")
    assert tokens_of(demo, allow(hands))["encounter"] == visit


def test_an_ehr_opens_an_app(hands: Hands, demo: Deployment) -> None:
    token = httpx.post(
        f"{demo.url}/oauth/token",
        data={"grant_type": "client_credentials", "scope": "launch:create"},
        auth=("demo-ehr", "demo-secret"),
        timeout=60,
    ).json()["access_token"]
    launch = httpx.post(
        f"{demo.url}/oauth/launch",
        json={"client_id": "demo-app", "user": "lee", "patient": "leo"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    ).json()["launch"]
    hands.page.goto(authorize_url(demo, scope="launch openid patient/Observation.rs", launch=launch))
    sign_in(hands, "lee")
    assert tokens_of(demo, allow(hands))["patient"] == "leo"


def test_a_no_is_a_no(hands: Hands, demo: Deployment) -> None:
    hands.page.goto(authorize_url(demo))
    sign_in(hands, "amy")
    hands.page.wait_for_url("**/approve?**")
    assert answer_of(hands, "#deny")["error"] == "access_denied"


def test_a_part_is_left_out(hands: Hands, demo: Deployment) -> None:
    hands.page.goto(
        authorize_url(demo, scope=f"{IDENTITY} launch/patient patient/Condition.rs patient/Goal.rs")
    )
    sign_in(hands, "amy")
    hands.page.wait_for_url("**/approve?**")
    hands.toggle("input[name=scope][value='patient/Condition.rs']")
    given = tokens_of(demo, allow(hands))["scope"].split()
    assert "patient/Goal.rs" in given
    assert "patient/Condition.rs" not in given


def test_a_wrong_password_is_corrected(hands: Hands, demo: Deployment) -> None:
    hands.page.goto(authorize_url(demo))
    sign_in(hands, "amy", "not her password")
    expect(hands.page.get_by_role("alert")).to_be_focused()
    expect(hands.page.locator("#username")).to_have_value("amy")
    sign_in(hands, "amy")
    allow(hands)


def test_a_request_that_cannot_be_answered_is_explained(hands: Hands, demo: Deployment, watch: Watch) -> None:
    watch.expect("status of 400")
    hands.page.goto(authorize_url(demo, client_id="nobody"))
    expect(hands.page.locator("h1")).to_be_visible()
    expect(hands.page.locator(".reference")).to_be_visible()


def test_an_apps_access_is_taken_back(hands: Hands, demo: Deployment, circle: str) -> None:
    to_the_terms(hands, demo, circle, "amy")
    hands.press("#submit")
    refresh_token = tokens_of(demo, allow(hands), circle)["refresh_token"]
    hands.page.goto(f"{demo.url}/oauth/revoke")
    hands.press(f"form:has(input[name=client_id][value={circle}]) button[value=revoke]")
    expect(hands.page.locator(".done")).to_contain_text("Care Circle")
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": circle}
    assert httpx.post(f"{demo.url}/oauth/token", data=form, timeout=60).json()["error"] == "invalid_grant"


def test_an_apps_access_is_made_less(hands: Hands, demo: Deployment, circle: str) -> None:
    to_the_terms(hands, demo, circle, "amy")
    hands.press("#submit")
    refresh_token = tokens_of(demo, allow(hands), circle)["refresh_token"]
    hands.page.goto(f"{demo.url}/account/app?client_id={circle}")
    hands.toggle("input[name=scope][value='patient/Observation.rs']")
    hands.press("#submit")
    expect(hands.page.locator(".done")).to_contain_text("Care Circle")
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": circle}
    given = httpx.post(f"{demo.url}/oauth/token", data=form, timeout=60).json()["scope"].split()
    assert "patient/Patient.r" in given
    assert "patient/Observation.rs" not in given


def test_a_person_signs_out(hands: Hands, demo: Deployment) -> None:
    hands.page.goto(f"{demo.url}/oauth/revoke")
    sign_in(hands, "amy")
    hands.page.wait_for_url(f"{demo.url}/oauth/revoke")
    hands.page.goto(f"{demo.url}/oauth/logout")
    hands.press("#submit")
    expect(hands.page.locator("h1")).to_have_text("You are signed out")
    hands.page.goto(f"{demo.url}/oauth/revoke")
    expect(hands.page.locator("#password")).to_be_visible()


def test_the_language_is_switched_and_stays(hands: Hands, demo: Deployment) -> None:
    hands.page.goto(authorize_url(demo))
    hands.press(".languages summary")
    hands.press(".languages a[lang=ar]")
    expect(hands.page.locator("html")).to_have_attribute("dir", "rtl")
    sign_in(hands, "amy")
    hands.page.wait_for_url("**/approve?**")
    expect(hands.page.locator("html")).to_have_attribute("lang", "ar")
    allow(hands)


def test_terms_are_accepted_once(hands: Hands, demo: Deployment, circle: str) -> None:
    to_the_terms(hands, demo, circle, "amy")
    hands.press("#submit")
    allow(hands)
    hands.page.goto(authorize_url(demo, client_id=circle))
    hands.page.wait_for_url("**/approve?**")


def test_terms_are_declined(hands: Hands, demo: Deployment, circle: str) -> None:
    to_the_terms(hands, demo, circle, "amy")
    assert answer_of(hands, "#deny")["error"] == "access_denied"


def test_a_time_is_chosen(hands: Hands, demo: Deployment, circle: str) -> None:
    to_the_terms(hands, demo, circle, "amy")
    hands.press("#submit")
    hands.page.wait_for_url("**/approve?**")
    hands.select("select[name=keep_for]", "3600")
    assert tokens_of(demo, allow(hands), circle)["refresh_token"]
    hands.page.goto(f"{demo.url}/oauth/revoke")
    access = hands.page.locator(f".access:has(input[name=client_id][value={circle}])")
    expect(access).to_contain_text("Ends ")


def to_the_terms(hands: Hands, demo: Deployment, client_id: str, username: str) -> None:
    """As far as the terms of an app that wants to work while the person is away."""
    scope = f"{IDENTITY} offline_access launch/patient patient/Patient.r patient/Observation.rs"
    hands.page.goto(authorize_url(demo, client_id=client_id, scope=scope))
    sign_in(hands, username)
    hands.page.wait_for_url("**/terms?**")
