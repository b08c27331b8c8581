"""The way to each page that `scripts.screenshots` draws, by the page's name."""

from collections.abc import Callable
from urllib.parse import urlencode

from playwright.sync_api import Page

Journey = Callable[[Page, str], Page]
"""Takes a fresh page and the demo's URL; gives the page that stands where the picture is taken."""

CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
IDENTITY = "openid fhirUser"
RECORD = "patient/Patient.r patient/Observation.rs patient/Condition.rs patient/MedicationRequest.rs"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

EXTRA_CLIENT = """{"clients": [{
  "client_id": "heart-diary", "client_name": "Heart Diary", "publisher": "Cordia Ltd",
  "token_endpoint_auth_method": "none", "redirect_uris": ["{url}/demo/app/"],
  "grant_types": ["authorization_code", "refresh_token"],
  "scope": ["openid", "fhirUser", "offline_access", "launch/patient", "launch/encounter", "patient/*.cruds"],
  "required_scope": ["patient/Patient.r", "openid"],
  "auto_approve_scope": ["fhirUser"],
  "scope_reasons": {"patient/Patient.r": "to greet you by your name"},
  "policy_uri": "https://heart.example/privacy", "tos_uri": "https://heart.example/terms",
  "reviewed_at": 1778600000
}, {
  "client_id": "care-circle", "client_name": "Care Circle", "publisher": "Cordia Ltd",
  "token_endpoint_auth_method": "none", "redirect_uris": ["{url}/demo/app/"],
  "grant_types": ["authorization_code", "refresh_token"],
  "scope": ["openid", "fhirUser", "offline_access", "launch/patient", "patient/*.rs"],
  "offline_choices": [3600, 2592000, 31536000],
  "terms_version": "2026-1", "managed_by_portal": true, "attestation_accepted": true
}, {
  "client_id": "care-journal", "client_name": "Care Journal", "publisher": "Cordia Ltd",
  "token_endpoint_auth_method": "none", "redirect_uris": ["{url}/demo/app/"],
  "scope": ["openid", "fhirUser", "launch/patient", "patient/*.rs"], "remember_approved_scopes": true
}]}"""


def ask(page: Page, url: str, scope: str, username: str, client_id: str = "demo-app", **more: str) -> Page:
    """An app's request, and the sign-in that it leads to."""
    request = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": f"{url}/demo/app/",
        "scope": scope,
        "state": "a-state",
        "aud": f"{url}/fhir",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **more,
    }
    page.goto(f"{url}/oauth/authorize?{urlencode(request)}")
    if username:
        sign_in(page, username)
    return page


def sign_in(page: Page, username: str, password: str = "demo") -> None:
    """Fills in the sign-in page."""
    page.fill("#username", username)
    page.fill("#password", password)
    page.click("#submit")


def choose(page: Page, patient: str) -> Page:
    """Picks a record."""
    page.check(f"input[name=patient][value={patient}]")
    page.click("#submit")
    return page


def launch(page: Page, url: str, link: str, username: str) -> Page:
    """A launch of the start page, up to the pages that follow the sign-in."""
    page.goto(url)
    page.click(f"#launch-{link}")
    sign_in(page, username)
    return page


def opened(page: Page, url: str) -> Page:
    """The sample app with amy's record."""
    launch(page, url, "patient", "amy")
    page.wait_for_url("**/approve?**")
    page.click("#submit")
    page.wait_for_selector("html[data-ready]")
    return page


def granted(page: Page, url: str) -> Page:
    """The same without the app itself, whose own page takes longer than all others."""
    page.route(f"{url}/demo/app/**", lambda route: route.fulfill(body="", content_type="text/html"))
    ask(page, url, f"{IDENTITY} launch/patient offline_access {RECORD}", "amy")
    page.wait_for_url("**/approve?**")
    page.click("#submit")
    page.wait_for_url("**/demo/app/**")
    return page


def then(page: Page, *steps: str) -> Page:
    """Clicks one thing after the other."""
    for selector in steps:
        page.click(selector)
    return page


def at(page: Page, address: str) -> Page:
    """Goes to an address."""
    page.goto(address)
    return page


def _search(page: Page, url: str, words: str) -> Page:
    ask(page, url, f"{IDENTITY} launch/patient {RECORD}", "lee")
    page.fill("#search", words)
    return then(page, "#find")


def _decoded(page: Page, url: str) -> Page:
    opened(page, url)
    return then(at(page, url), "#show-tokens")


def _details(page: Page, url: str) -> Page:
    launch(page, url, "patient", "amy")
    page.wait_for_url("**/approve?**")
    for summary in page.locator("details summary").all():
        summary.click()
    return page


def _wrong(page: Page, url: str) -> Page:
    ask(page, url, IDENTITY, "")
    sign_in(page, "amy", "not her password")
    return page


def _other_browser(page: Page, url: str) -> Page:
    ask(page, url, IDENTITY, "")
    page.context.clear_cookies()
    page.reload()
    return page


def _used(page: Page, url: str) -> Page:
    ask(page, url, IDENTITY, "amy")
    address = page.url
    then(page, "#submit")
    return at(page, address)


def _refused_form(page: Page, url: str) -> Page:
    ask(page, url, IDENTITY, "")
    page.fill("#username", "amy")
    page.fill("#password", "demo")
    page.context.clear_cookies()
    return then(page, "#submit")


def _frame(page: Page, url: str) -> Page:
    then(at(page, f"{url}/demo/ehr/?patient=amy"), "#open-frame")
    page.frame_locator("#app-frame").locator("#sign-in").wait_for()
    return page


def _revoked(page: Page, url: str) -> Page:
    at(granted(page, url), f"{url}/oauth/revoke")
    return then(page, "button[value=revoke]")


def _with_times(page: Page, url: str) -> Page:
    ask(page, url, f"{IDENTITY} launch/patient offline_access {RECORD}", "amy", client_id="care-circle")
    page.wait_for_url("**/terms?**")
    return then(page, "#submit")


def _asked_again(page: Page, url: str) -> Page:
    ask(page, url, f"{IDENTITY} launch/patient patient/Patient.r", "amy", client_id="care-journal")
    page.wait_for_url("**/approve?**")
    then(page, "#submit")
    page.wait_for_url("**/demo/app/**")
    return ask(page, url, f"{IDENTITY} launch/patient {RECORD}", "", client_id="care-journal")


def _narrowing(page: Page, url: str) -> Page:
    return at(granted(page, url), f"{url}/account/app?client_id=demo-app")


def _denied(page: Page, url: str) -> Page:
    ask(page, url, f"{IDENTITY} launch/patient {RECORD}", "amy")
    return then(page, "#deny")


JOURNEYS: dict[str, Journey] = {
    "start": at,
    "start-tokens": _decoded,
    "app": opened,
    "app-tokens": lambda page, url: then(opened(page, url), "#tokens-panel summary"),
    "app-denied": _denied,
    "ehr": lambda page, url: at(page, f"{url}/demo/ehr/"),
    "ehr-patient": lambda page, url: at(page, f"{url}/demo/ehr/?patient=amy"),
    "ehr-sent": lambda page, url: then(at(page, f"{url}/demo/ehr/?patient=amy"), "#open-show"),
    "ehr-frame": _frame,
    "backend": lambda page, url: at(page, f"{url}/demo/backend"),
    "backend-ran": lambda page, url: then(at(page, f"{url}/demo/backend"), "#run-backend"),
    "login": lambda page, url: ask(page, url, IDENTITY, ""),
    "login-own": lambda page, url: at(page, f"{url}/login"),
    "login-wrong": _wrong,
    "second-factor": lambda page, url: ask(page, url, IDENTITY, "amy", acr_values="urn:assent:acr:mfa"),
    "terms": lambda page, url: ask(page, url, IDENTITY, "lee", client_id="care-circle"),
    "attestation": lambda page, url: at(page, f"{url}/attestation"),
    "context-short": lambda page, url: _search(page, url, "w"),
    "context-own": lambda page, url: ask(page, url, f"{IDENTITY} launch/patient {RECORD}", "jonas"),
    "context-search": lambda page, url: ask(page, url, f"{IDENTITY} launch/patient {RECORD}", "lee"),
    "context-found": lambda page, url: _search(page, url, "weber"),
    "context-none": lambda page, url: _search(page, url, "nobody of this name"),
    "context-visit": lambda page, url: ask(page, url, f"launch/encounter {RECORD}", "amy"),
    "approve": lambda page, url: launch(page, url, "patient", "amy"),
    "approve-details": _details,
    "approve-child": lambda page, url: choose(launch(page, url, "parent", "jonas"), "leo"),
    "approve-changes": lambda page, url: ask(
        page, url, f"{IDENTITY} launch/patient patient/Patient.rs patient/Observation.cruds", "amy"
    ),
    "approve-granular": lambda page, url: launch(page, url, "granular", "amy"),
    "approve-everything": lambda page, url: launch(page, url, "wildcard", "amy"),
    "approve-required": lambda page, url: ask(
        page, url, f"{IDENTITY} launch/patient offline_access {RECORD}", "amy", client_id="heart-diary"
    ),
    "approve-times": _with_times,
    "approve-again": _asked_again,
    "approve-clinician": lambda page, url: choose(launch(page, url, "clinician", "lee"), "amy"),
    "error-app": lambda page, url: ask(page, url, IDENTITY, "", client_id="nobody"),
    "error-browser": _other_browser,
    "error-used": _used,
    "error-form": _refused_form,
    "error-missing": lambda page, url: at(page, f"{url}/no/such/page"),
    "access": lambda page, url: at(granted(page, url), f"{url}/oauth/revoke"),
    "access-stopped": _revoked,
    "narrow": _narrowing,
    "account": lambda page, url: at(granted(page, url), f"{url}/account"),
    "account-second-factor": lambda page, url: at(granted(page, url), f"{url}/account/second-factor"),
    "account-app": lambda page, url: at(granted(page, url), f"{url}/account/second-factor/app"),
    "password": lambda page, url: at(granted(page, url), f"{url}/account/password"),
    "consents": lambda page, url: at(granted(page, url), f"{url}/account/consents"),
    "signed-out-everywhere": lambda page, url: then(at(granted(page, url), f"{url}/account"), "#everywhere"),
    "logout": lambda page, url: at(granted(page, url), f"{url}/oauth/logout"),
    "signed-out": lambda page, url: then(at(granted(page, url), f"{url}/oauth/logout"), "#submit"),
}
