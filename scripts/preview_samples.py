"""Made-up people and apps for `preview_pages.py`: each page in the states that are worth a look."""

from itertools import groupby
from typing import Any

from assent.spec.scopes import read_scope
from assent.web.dates import say_count, say_date, say_duration
from assent.web.messages import Messages
from assent.web.views import (
    AccessView,
    AppView,
    DurationView,
    EncounterView,
    GivenView,
    PageView,
    PartView,
    ProviderView,
    RecordView,
    ScopeChoice,
    ScopeGroup,
    SearchView,
    SubjectView,
)
from assent.web.words import ask_approval, describe_scope, group_title, order_words

SITE = "St. Elsewhere Health"
DIARY = AppView(
    "Heart Diary",
    publisher="Cordia Ltd",
    reviewed="12 May 2026",
    policy_url="https://cordia.example/privacy",
    declaration_url="https://cordia.example/promise",
)
CHART = AppView("Growth Chart")
LEO = SubjectView("Leo Weber", "4 June 2018", "your son")
FORM = {"csrf": "sample", "action": "/login"}
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


def sample_pages(messages: Messages) -> dict[str, tuple[str, dict[str, Any]]]:
    """Template and context of each sample, by the name of its picture."""
    return {
        "login": ("login.html", login()),
        "login-wrong": ("login.html", login(problem=messages.text("login.problem.wrong"), username="maria")),
        "login-plain": ("login.html", {**login(), "app": None, "providers": (), "page": PageView(SITE)}),
        "context-family": ("context.html", context(records=family(), page=PageView(SITE, "Jonas Weber"))),
        "context-search": ("context.html", context(search=SearchView())),
        "context-found": (
            "context.html",
            context(
                search=SearchView("weber", has_more=True),
                records=found(),
                problem=messages.text("context.problem.none"),
            ),
        ),
        "context-none": ("context.html", context(search=SearchView("Wehber"))),
        "context-visit": ("context.html", context(patient=found()[0], encounters=visits())),
        "approve-child": ("approve.html", approve(messages, CHILD_SCOPES, DIARY, LEO)),
        "approve-wide": ("approve.html", approve(messages, WIDE_SCOPES, CHART, None)),
        "approve-clinician": ("approve.html", approve(messages, ("launch", "user/*.rs"), CHART, None)),
        "revoke": ("revoke.html", revoke(messages)),
        "revoke-empty": ("revoke.html", {**revoke(messages), "accesses": (), "done": "Heart Diary"}),
        "error-app": ("error.html", error(messages, "app", "redirect_uri is not one of this client")),
        "error-form": ("error.html", error(messages, "form", None)),
        "logout": (
            "logout.html",
            {
                **FORM,
                "page": PageView(SITE, "Maria Keller"),
                "app": "Heart Diary",
                "hidden": (),
                "revoke_url": "#",
            },
        ),
        "signed-out": (
            "signed_out.html",
            {"page": PageView(SITE), "back_url": "#", "back_name": "Heart Diary", "sign_in_url": "/login"},
        ),
    }


def login(problem: str | None = None, username: str = "") -> dict[str, Any]:
    """The sign-in page of a demo, with another place to sign in."""
    return {
        **FORM,
        "page": PageView(SITE, is_demo=True),
        "app": DIARY,
        "username": username,
        "problem": problem,
        "providers": (ProviderView("State eID", "#"),),
    }


def context(**given: Any) -> dict[str, Any]:
    """The choice of a patient; a clinician's unless `given` says otherwise."""
    return {
        **FORM,
        "page": PageView(SITE, "Dr. Hana Lee"),
        "app": CHART,
        "problem": None,
        "search": None,
        "records": (),
        "patient": None,
        "encounters": (),
        **given,
    }


def family() -> tuple[RecordView, ...]:
    """A parent's choice."""
    return (
        RecordView("jonas", "Jonas Weber", "2 January 1985", relation="you"),
        RecordView("leo", "Leo Weber", "4 June 2018", relation="your son"),
        RecordView("mia", "Mia Weber", "30 November 2021", relation="your daughter"),
    )


def found() -> tuple[RecordView, ...]:
    """A clinician's choice; two of one name, and one that is written from right to left."""
    return (
        RecordView("p1", "Anna Weber", "23 April 1958", "female", "MRN 100 482"),
        RecordView("p2", "Anna Weber", "11 March 1991", "female", "MRN 100 977"),
        RecordView("p3", "ليلى فيبر", "June 2001", "female", "MRN 101 310"),
        RecordView("p4", "Maximilian-Alexander von Weber-Oberkirchhausen", None, "male", "MRN 102 004"),
    )


def visits() -> tuple[EncounterView, ...]:
    """Visits of one patient."""
    return (
        EncounterView("e1", "Heart clinic, Dr. Lee", "today, 10:30", is_chosen=True),
        EncounterView("e2", "Emergency room", "3 March 2026"),
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


def revoke(messages: Messages) -> dict[str, Any]:
    """Two apps, one of them about a child."""
    titles = ("Lab results", "Vital signs", "Know that it is you")
    return {
        **FORM,
        "page": PageView(SITE, "Jonas Weber"),
        "done": None,
        "accesses": (
            AccessView(
                "diary",
                DIARY,
                titles,
                since=say_date("2026-05-12", messages),
                last_used="today",
                until=say_date("2027-05-12", messages),
                subject="Leo Weber",
            ),
            AccessView("chart", CHART, titles[:1], since=say_date("2026-11-01", messages)),
        ),
    }


def error(messages: Messages, words: str, maker_note: str | None) -> dict[str, Any]:
    """A refusal."""
    return {
        "page": PageView(SITE),
        "title": messages.text(f"error.{words}.title"),
        "text": messages.text(f"error.{words}.text"),
        "maker_note": maker_note,
        "reference": "7F3K-22",
        "link": None,
    }
