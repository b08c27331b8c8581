"""Scopes in plain words."""

import re
from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.spec.resource_types import RESOURCE_TYPES
from assent.spec.scopes import NamedScope, ResourceScope, Scope, read_scope, wire_text
from assent.web.languages import read_messages
from assent.web.words import GROUPS, ask_approval, describe_scope, group_title, order_words

MESSAGES = read_messages("en")
CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
GRANULAR = st.builds(
    ResourceScope,
    st.sampled_from(("patient", "user", "system")),
    st.sampled_from(("*", *sorted(RESOURCE_TYPES))),
    st.sampled_from(("r", "s", "rs", "c", "u", "cud", "cruds")),
    st.sampled_from(
        (
            (),
            (("category", "laboratory"),),
            (("code", "a|b,c"),),
            (("_lastUpdated", "ge2020"),),
            (("date", "lt2021-02-30"), ("x", "y")),
        )
    ),
)
OTHERS = st.sampled_from(
    ("openid", "offline_access", "launch", "launch/patient", "launch/slot?role=x", "a:b")
).map(read_scope)


def title(text: str) -> str:
    return describe_scope(read_scope(text), MESSAGES).title


@pytest.mark.row("S15")
@pytest.mark.parametrize(
    ("text", "group", "said"),
    [
        ("patient/Observation.rs", "record", "Results and measurements"),
        ("patient/Observation.read", "record", "Results and measurements"),
        ("patient/Observation.rs?category=laboratory", "record", "Lab results"),
        (f"patient/Observation.rs?category={CATEGORIES}|vital-signs", "record", "Vital signs"),
        ("patient/Observation.rs?category=vital-signs,laboratory", "record", "Lab results and vital signs"),
        ("patient/Observation.rs?category=unheard-of", "record", "Some results and measurements"),
        ("patient/AllergyIntolerance.rs?category=medication", "record", "Medicine allergies"),
        ("patient/MedicationRequest.rs?category=medication", "record", "Some prescribed medicines"),
        ("patient/*.rs", "record", "Everything in the health record"),
        ("user/*.rs", "records", "Everything in the records"),
        ("user/Condition.r", "records", "Health problems and diagnoses"),
        ("system/Patient.s", "everyone", "Name, birth date and contact details"),
        ("patient/Observation.c", "changes", "Add results and measurements"),
        ("patient/Goal.write", "changes", "Add, change and delete health goals"),
        ("patient/Goal.cruds", "changes", "See, add, change and delete health goals"),
        ("user/Goal.u", "changes", "Change health goals, in every record you can see"),
        ("patient/EnrollmentRequest.rs", "record", "Records of the kind “enrollment request”"),
        ("openid", "who", "Know that it is you"),
        ("fhirUser", "who", "Know who you are in the health record"),
        ("offline_access", "away", "Keep access when the app is closed"),
        ("online_access", "away", "Keep access while you are signed in"),
        ("launch", "other", "Open with what you have on screen"),
        ("launch/patient", "other", "Know whose record it is"),
        ("launch/imagingstudy", "other", "Know which entry it is about"),
        ("https://app.example/coach", "other", "https://app.example/coach"),
    ],
)
def test_each_kind_of_scope_is_said_in_words(text: str, group: str, said: str) -> None:
    words = describe_scope(read_scope(text), MESSAGES)
    assert (words.group, words.title) == (group, said)
    assert words.technical == text


@pytest.mark.row("S10")
def test_a_wildcard_says_that_kinds_to_come_are_meant_too() -> None:
    words = describe_scope(read_scope("patient/*.rs"), MESSAGES)
    assert "added later" in words.short
    assert words.sensitive


def test_a_category_of_an_unknown_system_does_not_borrow_a_known_name() -> None:
    assert title("patient/Observation.rs?category=http://evil.example|laboratory").startswith("Some ")


def test_the_limits_of_a_granular_scope_are_said() -> None:
    words = describe_scope(read_scope("patient/Observation.rs?code=http://loinc.org|8480-6"), MESSAGES)
    assert words.short == "Only those where the code is “8480-6”."
    assert "does not see the others" in words.long
    dated = ResourceScope("patient", "Observation", "s", (("date", "ge2020-01-01"),))
    words = describe_scope(dated, MESSAGES)
    assert words.short == "Only those where the date is 1 January 2020 or later."


def test_reading_and_looking_for_are_told_apart() -> None:
    assert "cannot look for others" in describe_scope(read_scope("patient/Goal.r"), MESSAGES).long
    assert "look for" in describe_scope(read_scope("patient/Goal.s"), MESSAGES).long


def test_a_custom_scope_is_owned_up_to() -> None:
    assert "do not know what it means" in describe_scope(NamedScope("x:y"), MESSAGES).short


@given(st.one_of(GRANULAR, OTHERS))
def test_every_scope_has_words_and_none_hides_its_technical_name(scope: Scope) -> None:
    words = describe_scope(scope, MESSAGES)
    assert words.title[0] == words.title[0].upper() or isinstance(scope, NamedScope)
    assert words.short
    assert words.long
    assert words.group in GROUPS
    assert words.technical == wire_text(scope)
    assert "{" not in words.title + words.short + words.long


def test_the_weightiest_group_comes_first_and_in_it_the_sensitive() -> None:
    texts = ("openid", "offline_access", "patient/Goal.cu", "patient/Goal.rs", "patient/Condition.rs")
    ordered = order_words(describe_scope(read_scope(text), MESSAGES) for text in texts)
    assert [words.technical for words in ordered] == [
        "patient/Condition.rs",
        "patient/Goal.rs",
        "patient/Goal.cu",
        "offline_access",
        "openid",
    ]


@pytest.mark.parametrize(
    ("texts", "owner", "question"),
    [
        (["openid"], None, "Do you want to sign in to Diary?"),
        (["patient/*.rs"], None, "Do you want Diary to see your health record?"),
        (["patient/*.rs"], "Leo", "Do you want Diary to see Leo’s health record?"),
        (["patient/Goal.cu"], "Leo", "Do you want Diary to see and change Leo’s health record?"),
        (["user/*.rs", "patient/*.rs"], None, "Do you want Diary to see the records that you can see?"),
    ],
)
def test_the_page_asks_one_question(texts: list[str], owner: str | None, question: str) -> None:
    assert ask_approval([read_scope(text) for text in texts], "Diary", MESSAGES, owner) == question


def test_a_group_says_whose_record_it_is() -> None:
    assert group_title("record", MESSAGES) == "Your health record"
    assert group_title("record", MESSAGES, "Leo") == "Leo’s health record"
    assert {group_title(group, MESSAGES) for group in GROUPS}


def test_every_type_and_category_that_has_words_has_all_of_them() -> None:
    kinds = {key.rpartition(".")[0] for key in MESSAGES.texts if re.match(r"(type|category)\.", key)}
    for kind in kinds:
        assert MESSAGES.text(f"{kind}.what")[0].islower() or "X-ray" in MESSAGES.text(f"{kind}.what")
        assert MESSAGES.text(f"{kind}.about").endswith(".")
    named = {kind.removeprefix("type.") for kind in kinds if kind.startswith("type.")}
    assert named <= RESOURCE_TYPES


def test_what_people_read_is_short_and_plain() -> None:
    jargon = re.compile(r"\b(scope|token|FHIR|OAuth|resource|client|endpoint|granular|OIDC)\b", re.IGNORECASE)
    scopes = {wire_text(scope): " ".join(astuple(said)) for scope, said in MESSAGES.scopes.items()}
    for key, text in {**MESSAGES.texts, **scopes}.items():
        assert not jargon.search(text), key
        for sentence in re.split(r"(?<=[.?!])\s", text):
            assert len(sentence.split()) <= 24, key
