"""The approval page: what is asked of a made-up person, put into words as it is for real ones."""

from dataclasses import dataclass
from typing import Any, Final

from assent.engine.consent import Question
from assent.fhir.counts import Counts
from assent.records.clients import Client
from assent.spec.scope_sets import ScopeSet, read_scopes
from assent.spec.scopes import ResourceScope
from assent.web.approval import Asking, approval_groups, attestation_view, duration_views, given_views
from assent.web.attestations import read_attestations
from assent.web.counted import say_counts
from assent.web.dates import say_duration
from assent.web.messages import Messages
from assent.web.samples.made_up import ADA, CHART, DIARY, FORM, LEO, POCKET, SITE
from assent.web.views import AppView, PageView, SubjectView
from assent.web.words import ask_approval

YEAR: Final = 31_536_000
TEN_YEARS: Final = 10 * YEAR
_NUMBERS: Final = {
    "patient/Observation.rs?category=laboratory": {"Observation": 14},
    "patient/Observation.rs?category=vital-signs": {"Observation": 212},
    "patient/MedicationRequest.rs": {"MedicationRequest": 0},
    "patient/Observation.rs": {"Observation": 1234},
    "patient/*.rs": {"Observation": 1234, "Encounter": 31, "Condition": 9, "Procedure": 2},
    "user/*.rs": {"Patient": 20_311},
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One state of the page. `remembered` and `required` are parts of `scope`, `automatic` is beside it."""

    scope: str
    app: AppView
    client: Client
    subject: SubjectView | None = None
    remembered: str = ""
    automatic: str = ""
    required: str = ""
    news: str | None = None
    is_short: bool = False


def approvals(messages: Messages) -> dict[str, dict[str, Any]]:
    """The states of the page, by the name of their picture."""
    return {name: approve(messages, asked) for name, asked in _STATES.items()}


def approve(messages: Messages, asked: Asked) -> dict[str, Any]:
    """What the template is given."""
    owner = asked.subject.name.split()[0] if asked.subject else None
    remembered, automatic = _scopes(asked.remembered), _scopes(asked.automatic)
    question = Question(
        asked=_scopes(asked.scope).without(remembered),
        required=_scopes(asked.required),
        given=remembered.join(automatic),
        automatic=automatic,
        remembered=remembered,
    )
    numbers = {
        scope: _NUMBERS[text]
        for scope, text in zip(question.asked, question.asked.texts, strict=True)
        if isinstance(scope, ResourceScope) and text in _NUMBERS
    }
    durations = duration_views(asked.client.offline_choices, YEAR, messages)
    counted = say_counts(Counts(numbers), messages)
    asking = Asking(asked.client, messages, owner, remembered, durations, counted)
    return {
        **FORM,
        "page": PageView(SITE, "Jonas Weber" if asked.subject else "Maria Keller", acting_for=asked.subject),
        "app": asked.app,
        "question": ask_approval(question.asked, asked.app.name, messages, owner),
        "news": messages.text(asked.news, app=asked.app.name) if asked.news else None,
        "groups": approval_groups(question, asking),
        "given": given_views(remembered, messages),
        "automatic": given_views(automatic, messages),
        "lasts": None if durations else say_duration(3_600, messages),
        "counts_missing": asked.is_short,
        "attestation": attestation_view(asked.client, "/attestation", messages),
        "returns_to": asked.app.host,
        "not_you_url": "/approve/not-you",
        "revoke_url": "#",
    }


def attestation(messages: Messages) -> dict[str, Any]:
    """What makers of apps are asked to promise, as the product has it."""
    language, blocks = read_attestations().text(messages.language)
    return {
        "page": PageView(SITE),
        "blocks": blocks,
        "text_language": language,
        "text_direction": messages.direction,
    }


def _scopes(text: str) -> ScopeSet:
    return read_scopes(text).scopes


_STATES: Final = {
    "approve-child": Asked(
        "patient/Observation.rs?category=laboratory patient/Observation.rs?category=vital-signs"
        " patient/MedicationRequest.rs offline_access openid fhirUser",
        DIARY,
        Client(
            "diary",
            "Heart Diary",
            offline_choices=(0, YEAR, TEN_YEARS),
            scope_reasons={"fhirUser": "to greet you"},
            managed_by_portal=True,
            attestation_accepted=True,
        ),
        subject=LEO,
        required="openid fhirUser",
    ),
    "approve-wide": Asked(
        "openid fhirUser launch/patient patient/*.rs patient/Condition.r"
        " patient/Observation.cu?category=vital-signs patient/DocumentReference.cud"
        " https://cordia.example/scopes/coach",
        CHART,
        Client("chart", "Growth Chart"),
        automatic="profile",
        is_short=True,
    ),
    "approve-kinds": Asked(
        "openid patient/Observation.rs patient/Condition.rs offline_access",
        CHART,
        Client("chart", "Growth Chart", managed_by_portal=True, attestation_accepted=False),
        remembered="openid",
        news="approve.asks_more",
    ),
    "approve-required": Asked(
        "openid patient/Condition.rs",
        DIARY,
        Client("diary", "Heart Diary", scope_reasons={"patient/Condition.rs": "to warn you"}),
        subject=ADA,
        required="openid patient/Condition.rs",
    ),
    "approve-clinician": Asked("launch user/*.rs", POCKET, Client("chart", "Growth Chart")),
}
