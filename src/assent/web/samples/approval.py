"""The approval page."""

from itertools import groupby
from typing import Any

from assent.spec.scopes import read_scope
from assent.web.dates import say_count, say_duration
from assent.web.messages import Messages
from assent.web.samples.made_up import FORM, SITE
from assent.web.views import (
    AppView,
    DurationView,
    GivenView,
    PageView,
    PartView,
    ScopeChoice,
    ScopeGroup,
    SubjectView,
)
from assent.web.words import ask_approval, describe_scope, group_title, order_words

CHILD_SCOPES = (
    "patient/Observation.rs?category=laboratory",
    "patient/Observation.rs?category=vital-signs",
    "patient/MedicationRequest.rs",
    "offline_access",
    "openid",
    "fhirUser",
)
WIDE_SCOPES = (
    "openid",
    "fhirUser",
    "launch/patient",
    "patient/*.rs",
    "patient/Observation.rs",
    "patient/Condition.r",
    "patient/Observation.cu?category=vital-signs",
    "patient/DocumentReference.cud",
    "https://cordia.example/scopes/coach",
)


def approve(
    messages: Messages, texts: tuple[str, ...], app: AppView, subject: SubjectView | None
) -> dict[str, Any]:
    """The approval of `texts`."""
    owner = subject.name.split()[0] if subject else None
    words = order_words(describe_scope(read_scope(text), messages) for text in texts)
    groups = tuple(
        ScopeGroup(
            group_title(group, messages, owner),
            tuple(choice(one, messages) for one in members),
            is_changing=group == "changes",
        )
        for group, members in groupby(words, key=lambda one: one.group)
    )
    return {
        **FORM,
        "page": PageView(SITE, "Jonas Weber" if subject else "Maria Keller", acting_for=subject),
        "app": app,
        "question": ask_approval([read_scope(text) for text in texts], app.name, messages, owner),
        "groups": groups,
        "given": () if subject else (GivenView("Your name", "profile"),),
        "lasts": say_duration(31_536_000 if subject else 3_600, messages),
        "counts_missing": subject is None,
        "returns_to": "cordia.example",
        "not_you_url": "#",
        "revoke_url": "#",
    }


def choice(words: Any, messages: Messages) -> ScopeChoice:
    """One row; some counted, one required, one with parts."""
    counts = {
        "patient/Observation.rs?category=laboratory": say_count(14, "2026-03-03", messages),
        "patient/Observation.rs?category=vital-signs": say_count(212, None, messages),
        "patient/MedicationRequest.rs": say_count(0, None, messages),
    }
    parts = ("patient/Observation.rs?category=laboratory", "patient/Observation.rs?category=vital-signs")
    durations = (3_600, 2_592_000, 31_536_000)
    return ScopeChoice(
        value=words.technical,
        title=words.title,
        description=words.short,
        explanation=words.long,
        technical=words.technical,
        sensitive=words.sensitive,
        required=words.technical in ("openid", "fhirUser"),
        reason="to greet you" if words.technical == "fhirUser" else None,
        counted=counts.get(words.technical),
        parts=tuple(PartView(part, describe_scope(read_scope(part), messages).title) for part in parts)
        if words.technical == "patient/Observation.rs"
        else (),
        until=tuple(
            DurationView(seconds, say_duration(seconds, messages), seconds == durations[-1])
            for seconds in durations
        )
        if words.technical == "offline_access"
        else (),
    )
