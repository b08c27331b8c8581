"""The one decider: which page a request needs next, as a table."""

from dataclasses import replace
from typing import Any, Literal

import pytest

from assent.engine.authorize.progress import Progress
from assent.engine.authorize.request import AuthorizeRequest
from assent.engine.authorize.steps import (
    APPROVAL,
    CONTEXT,
    LOGIN,
    NEW_PASSWORD,
    SECOND_FACTOR,
    STEPS,
    TERMS,
    Step,
    context_needs,
    next_step,
)
from assent.engine.second_factors import MFA_ACR
from assent.engine.sessions import HalfSignedIn, SignedIn
from assent.engine.settings import EngineSettings
from assent.records.clients import Client
from assent.records.people import Person
from assent.records.sessions import Launch, Session
from assent.spec.errors import ConsentRequired, InteractionRequired, LoginRequired
from assent.spec.scope_sets import read_scopes

NOW = 1_800_000_000
CLIENT = Client("app", "App", redirect_uris=("https://app.example/done",))
PERSON = Person("u-amy", "amy", "amy", fhir_user="Patient/amy")
IDENTITY = "openid fhirUser"
RECORD = "openid launch/patient patient/*.rs"


def request(scope: str = RECORD, **fields: Any) -> AuthorizeRequest:
    usual: dict[str, Any] = {
        "client_id": "app",
        "redirect_uri": "https://app.example/done",
        "state": "s",
        "scope": scope,
        "asked_scope": scope,
        "aud": None,
        "launch_hash": None,
        "code_challenge": None,
        "nonce": None,
        "prompt": (),
        "max_age": None,
        "login_hint": None,
        "hinted_subject": None,
        "ui_locales": None,
    }
    return AuthorizeRequest(**{**usual, **fields})


def signed_in(seconds_ago: int = 0, **fields: Any) -> SignedIn:
    at = NOW - seconds_ago
    return SignedIn(Session(b"s", "s-1", "u-amy", at, ("pwd",), at, at, at + 99_999, **fields), PERSON)


def half(lacks: Literal["factor", "password"] = "factor") -> HalfSignedIn:
    whole = signed_in()
    return HalfSignedIn(whole.session, whole.person, lacks)


def progress(scope: str = RECORD, **fields: Any) -> Progress:
    """Somebody signed in, nothing settled."""
    asked = {name: fields.pop(name) for name in ("prompt", "max_age", "acr_values") if name in fields}
    return replace(Progress(request(scope, **asked), CLIENT, NOW, signed_in()), **fields)


def launch(**context: Any) -> Launch:
    return Launch(b"l", "app", "ehr", None, context, NOW, NOW + 300)


@pytest.mark.parametrize(
    ("at", "step"),
    [
        (progress(signed_in=None), LOGIN),
        (progress(), CONTEXT),
        (progress(IDENTITY), APPROVAL),
        (progress(patient="amy"), APPROVAL),
        (progress(patient="amy", approved_scope=RECORD), None),
        (progress(IDENTITY, approved_scope=""), None),
        # nothing counts before somebody is signed in
        (progress(signed_in=None, patient="amy", approved_scope=RECORD), LOGIN),
        (progress(approved_scope=RECORD), CONTEXT),
        # nobody is signed in before the second factor is shown, whatever was settled
        (progress(signed_in=None, half=half()), SECOND_FACTOR),
        (progress(signed_in=None, half=half(), patient="amy", approved_scope=RECORD), SECOND_FACTOR),
        # nor before she has a password that nobody else knows; then the app may ask for two factors
        (progress(signed_in=None, half=half("password")), NEW_PASSWORD),
        (progress(signed_in=None, half=half("password"), patient="amy", approved_scope=RECORD), NEW_PASSWORD),
        (progress(signed_in=None, half=half("password"), acr_values=(MFA_ACR,)), NEW_PASSWORD),
        # the app asks for two factors
        (progress(acr_values=(MFA_ACR,)), SECOND_FACTOR),
        (progress(acr_values=("urn:other", MFA_ACR)), SECOND_FACTOR),
        (progress(acr_values=("urn:other",)), CONTEXT),
        (progress(acr_values=(MFA_ACR,), signed_in=signed_in(factor_at=NOW)), CONTEXT),
        # a remembered browser passes for the person's own factor, not for the app's wish
        (progress(acr_values=(MFA_ACR,), signed_in=signed_in(browser_remembered=True)), SECOND_FACTOR),
    ],
)
def test_the_first_step_that_is_needed_comes_next(at: Progress, step: Step | None) -> None:
    assert next_step(EngineSettings(), at) is step


def test_the_order_of_the_steps_stands_in_one_place() -> None:
    assert STEPS == (LOGIN, SECOND_FACTOR, NEW_PASSWORD, TERMS, CONTEXT, APPROVAL)
    assert [step.error for step in STEPS] == [
        LoginRequired,
        InteractionRequired,
        InteractionRequired,
        InteractionRequired,
        InteractionRequired,
        ConsentRequired,
    ]


@pytest.mark.parametrize(
    ("prompt", "reauthenticated_at", "step"),
    [
        ((), 0, APPROVAL),
        (("login",), 0, LOGIN),
        (("login",), NOW, APPROVAL),
        (("select_account",), 0, LOGIN),
        (("select_account",), NOW, APPROVAL),
        (("consent", "login"), 0, LOGIN),
        (("consent", "login"), NOW, APPROVAL),
        (("none",), 0, APPROVAL),
    ],
)
def test_prompt_login_asks_for_a_sign_in_made_for_this_request(
    prompt: tuple[str, ...], reauthenticated_at: int, step: Step
) -> None:
    at = progress(IDENTITY, prompt=prompt, reauthenticated_at=reauthenticated_at)
    assert next_step(EngineSettings(), at) is step


@pytest.mark.row("O5")
@pytest.mark.parametrize(
    ("max_age", "seconds_ago", "step"),
    [
        (60, 59, APPROVAL),
        (60, 60, APPROVAL),
        (60, 61, LOGIN),
        (0, 0, LOGIN),
        (None, 99_999, APPROVAL),
    ],
)
def test_max_age_asks_for_a_sign_in_that_is_recent(max_age: int | None, seconds_ago: int, step: Step) -> None:
    at = progress(IDENTITY, max_age=max_age, signed_in=signed_in(seconds_ago))
    assert next_step(EngineSettings(), at) is step


def test_max_age_is_answered_by_a_sign_in_for_this_request_however_long_the_pages_take() -> None:
    at = progress(IDENTITY, max_age=0, signed_in=signed_in(500), reauthenticated_at=NOW - 500)
    assert next_step(EngineSettings(), at) is APPROVAL


def test_prompt_consent_asks_though_all_is_given() -> None:
    given = replace(CLIENT, auto_approve_scope=("openid", "fhirUser"))
    assert next_step(EngineSettings(), progress(IDENTITY, client=given)) is None
    assert next_step(EngineSettings(), progress(IDENTITY, client=given, prompt=("consent",))) is APPROVAL


@pytest.mark.row("S12", "L2", "L4")
@pytest.mark.parametrize(
    ("scope", "patient", "encounter"),
    [
        ("openid", False, False),
        ("user/*.rs", False, False),
        ("patient/*.rs", True, False),
        ("launch/patient", True, False),
        ("launch/encounter", True, True),
        ("launch/encounter patient/*.rs", True, True),
        ("launch/imagingstudy", False, False),
        ("launch/patient?role=https://example.org/mother", False, False),
    ],
)
def test_which_context_the_scopes_ask_for(scope: str, patient: bool, encounter: bool) -> None:
    needs = context_needs(progress(scope))
    assert (needs.patient, needs.encounter) == (patient, encounter)


def test_what_was_not_approved_needs_no_context() -> None:
    at = progress("openid launch/patient patient/*.rs", approved_scope="openid")
    assert not context_needs(at).patient


@pytest.mark.parametrize(
    ("fields", "step"),
    [
        ({"launch": launch(patient="amy")}, APPROVAL),
        ({"launch": launch()}, CONTEXT),
        ({"launch": launch(encounter="e1")}, CONTEXT),
    ],
)
def test_the_launch_settles_what_it_brings(fields: dict[str, Any], step: Step) -> None:
    assert next_step(EngineSettings(), progress(**fields)) is step


def test_a_settled_encounter_may_be_none() -> None:
    scope = "openid launch/encounter"
    assert next_step(EngineSettings(), progress(scope, patient="amy")) is CONTEXT
    assert next_step(EngineSettings(), progress(scope, patient="amy", encounter="e")) is APPROVAL
    assert next_step(EngineSettings(), progress(scope, patient="amy", encounter_settled=True)) is APPROVAL


@pytest.mark.parametrize(
    "redirect_uri", ["http://localhost:3000/done", "http://127.0.0.1/done", "com.example.app:/done"]
)
def test_an_app_on_the_persons_device_is_always_asked_about(redirect_uri: str) -> None:
    native = replace(CLIENT, token_endpoint_auth_method="none", auto_approve_scope=("openid", "fhirUser"))
    at = progress(IDENTITY, client=native)
    at = replace(at, request=replace(at.request, redirect_uri=redirect_uri))
    assert next_step(EngineSettings(), at) is APPROVAL
    assert next_step(EngineSettings(native_always_asks=False), at) is None
    confidential = replace(native, token_endpoint_auth_method="client_secret_basic")
    assert next_step(EngineSettings(), replace(at, client=confidential)) is None


def test_remembered_scopes_are_not_asked_again_unless_the_client_always_asks() -> None:
    remembering = replace(CLIENT, remember_approved_scopes=True)
    at = progress(IDENTITY, client=remembering, remembered=read_scopes(IDENTITY).scopes)
    assert next_step(EngineSettings(), at) is None
    always = replace(remembering, always_require_approval=True)
    assert next_step(EngineSettings(), replace(at, client=always)) is APPROVAL
    assert next_step(EngineSettings(), replace(at, client=CLIENT)) is APPROVAL
    assert next_step(EngineSettings(), replace(at, request=request(f"{IDENTITY} email"))) is APPROVAL
