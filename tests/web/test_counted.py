"""How many records there are, in words."""

from collections.abc import Mapping

import pytest

from assent.fhir.counts import KINDS
from assent.spec.categories import CATEGORIES
from assent.spec.scopes import ResourceScope, read_scope
from assent.web.counted import say_count_of
from assent.web.languages import BUILT_IN, read_messages

LABORATORY = CATEGORIES["Observation"][0]


def said(text: str, numbers: Mapping[str, int], language: str = "en") -> str | None:
    scope = read_scope(text)
    assert isinstance(scope, ResourceScope)
    return say_count_of(scope, numbers, read_messages(language))


@pytest.mark.parametrize(
    ("scope", "number", "words"),
    [
        ("patient/Observation.rs", 1, "1 result or measurement"),
        ("patient/Observation.rs", 1234, "1,234 results and measurements"),
        ("patient/Observation.rs", 0, "none recorded"),
        (f"patient/Observation.rs?category={LABORATORY}", 14, "14 lab results"),
        ("patient/Observation.rs?category=laboratory", 14, "14 lab results"),
        ("patient/Observation.rs?category=http://other.example|laboratory", 14, "14 entries"),
        ("patient/Observation.rs?category=laboratory&code=1", 14, "14 entries"),
        ("patient/Observation.rs?category=survey", 3, "3 entries"),
        ("patient/CarePlan.rs", 2, "2 entries"),
        ("user/Patient.rs", 2, "2 people"),
    ],
)
def test_one_type_is_said_with_its_noun(scope: str, number: int, words: str) -> None:
    assert said(scope, {"any": number}) == words


def test_of_a_whole_record_that_is_said_of_which_there_is_most() -> None:
    numbers = {"Condition": 2, "Observation": 9, "Encounter": 5, "Procedure": 1, "Immunization": 0}
    words = "9 results and measurements, 5 visits, 2 health problems and more"
    assert said("patient/*.rs", numbers) == words


@pytest.mark.parametrize("language", BUILT_IN)
def test_each_language_can_list_what_there_is_most_of(language: str) -> None:
    text = said("patient/*.rs", {"Condition": 4, "Observation": 9, "Encounter": 5}, language)
    assert text is not None
    assert all(number in text for number in ("9", "5", "4"))


def test_nothing_of_what_is_counted_does_not_mean_that_there_is_nothing() -> None:
    assert said("patient/*.rs", {"Condition": 0}) is None


def test_all_records_are_counted_by_people() -> None:
    assert said("user/*.rs", {"Patient": 1}) == "in the record of 1 person"


@pytest.mark.parametrize("language", BUILT_IN)
def test_every_kind_that_is_counted_has_a_noun(language: str) -> None:
    messages = read_messages(language)
    assert all(messages.has(f"counted.{kind}.other") for kind in (*KINDS, "Patient", "records"))


@pytest.mark.parametrize(
    ("number", "words"),
    [(2, "نتيجتا مختبر"), (3, "3 نتائج مختبر"), (11, "11 نتيجة مختبر"), (100, "100 نتيجة مختبر")],
)
def test_arabic_has_a_form_for_two_for_few_and_for_many(number: int, words: str) -> None:
    assert said("patient/Observation.rs?category=laboratory", {"Observation": number}, "ar") == words
