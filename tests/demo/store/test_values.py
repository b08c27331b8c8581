"""How single search values compare with single element values."""

from decimal import Decimal

import pytest

from assent.demo.store.errors import BadRequest
from assent.demo.store.search.dates import date_test
from assent.demo.store.search.parameters import read_path
from assent.demo.store.search.quantities import number_test, quantity_test
from assent.demo.store.search.strings import above_test, below_test, contains_test, exact_test, string_test
from assent.demo.store.search.tokens import text_test, token_test
from assent.demo.store.search.values import split_alternatives, split_parts

PERIOD = {"start": "2024-03-01", "end": "2024-03-31"}


@pytest.mark.parametrize(
    ("wanted", "own", "meets"),
    [
        ("2024", "2024-02-29", True),
        ("2024-02-29", "2024", False),
        ("2024-02-30", "2024-02-29", None),
        ("ne2024-02", "2024-02-29", False),
        ("ne2024-02-29", "2024", True),
        ("gt2024-02", "2024-02-29", False),
        ("gt2024-02", "2024-03-01", True),
        ("ge2024-02-29", "2024-02-29T10:00:00Z", True),
        ("le2024-02-29", "2024-02-29T23:59:59Z", True),
        ("lt2024-02-29", "2024-02-29T10:00:00Z", False),
        ("lt2024-02-29T12:00", "2024-02-29T10:00:00Z", True),
        ("sa2024-02", PERIOD, True),
        ("eb2024-04", PERIOD, True),
        ("eb2024-03-15", PERIOD, False),
        ("gt2024-03-15", PERIOD, True),
        ("lt2024-03-15", PERIOD, True),
        ("eq2024-03", PERIOD, True),
        ("eq2024-03-15", PERIOD, False),
        ("ap2024-04", PERIOD, True),
        ("ap2025-04", PERIOD, False),
        ("gt2030", {"start": "2024"}, True),
        ("lt1900", {"end": "2024"}, True),
        ("gt2030", {"end": "2024"}, False),
        ("2024-01-01", {"event": ["2024-01-01T08:00:00Z"]}, True),
        ("2024-03", {"repeat": {"boundsPeriod": PERIOD}}, True),
        ("2024-02-29T23:30:00Z", "2024-03-01T00:30:00+01:00", True),
        ("2024-03-01T00:30:00 01:00", "2024-02-29T23:30:00Z", True),  # a plus that was not encoded
        ("2024-02-29T10:00:00.5Z", "2024-02-29T10:00:00.500Z", True),
        ("9999-12-31", "9999-12-31", True),
        ("ap9999", "9999", True),
        ("ap0001", "0001-01-01T00:00:00+14:00", False),
        ("2024", "yesterday", False),
        ("2024", 2024, False),
        ("gt", "2024", None),
        ("2024-13", "2024", None),
        ("24", "2024", None),
    ],
)
def test_dates_compare_as_intervals(wanted, own, meets):
    if meets is None:
        with pytest.raises(BadRequest):
            date_test(wanted)
        return
    assert date_test(wanted)(own) is meets


@pytest.mark.parametrize(
    ("wanted", "own", "meets"),
    [
        ("a", {"coding": [{"system": "s", "code": "a"}, {"code": "b"}]}, True),
        ("b", {"coding": [{"system": "s", "code": "a"}, {"code": "b"}]}, True),
        ("s|a", {"coding": [{"system": "s", "code": "a"}]}, True),
        ("t|a", {"coding": [{"system": "s", "code": "a"}]}, False),
        ("|a", {"coding": [{"system": "s", "code": "a"}]}, False),
        ("|b", {"coding": [{"code": "b"}]}, True),
        ("s|", {"coding": [{"system": "s", "code": "a"}]}, True),
        ("A", {"coding": [{"system": "s", "code": "a"}]}, False),
        ("s|v", {"system": "s", "value": "v"}, True),
        ("true", True, True),
        ("true", False, False),
        ("final", "final", True),
        ("http://hl7.org/fhir/observation-status|final", "final", True),
        ("http://other.example|final", "final", False),
        ("a", {"text": "a"}, False),
        ("a", 5, False),
    ],
)
def test_tokens_compare_system_and_code(wanted, own, meets):
    assert token_test(wanted)(own) is meets


@pytest.mark.parametrize("text", ["a|b|c", "|", ""])
def test_a_token_that_asks_for_nothing_or_too_much_is_refused(text):
    if text:
        with pytest.raises(BadRequest):
            token_test(text)
    else:
        assert split_alternatives(text) == ()


def test_text_search_looks_at_displays_and_text():
    concept = {"coding": [{"code": "a", "display": "Heart rate"}], "text": "Pulse"}
    assert text_test("heart")(concept)
    assert text_test("pulse")(concept)
    assert not text_test("rate")(concept)
    assert text_test("medical")({"type": {"text": "Medical record number"}, "value": "1"})


def test_strings_ignore_case_accents_and_spaces():
    name = {"family": "García  Romero", "given": ["Ana", "Lucía"]}
    assert string_test("garcia romero")(name)
    assert string_test("LUCI")(name)
    assert not string_test("romero")(name)
    assert contains_test("romero")(name)
    assert exact_test("Lucía")(name)
    assert not exact_test("lucía")(name)
    assert string_test("7 l")({"line": ["7 Linden Court"], "city": "Port Ellery"})
    assert not string_test("a")({"family": 5, "given": [7, None]})


def test_uris_compare_above_and_below():
    assert below_test("http://a.example/b")("http://a.example/b/c")
    assert not below_test("http://a.example/b")("http://a.example/bc")
    assert above_test("http://a.example/b/c")("http://a.example/b")


@pytest.mark.parametrize(
    ("wanted", "own", "meets"),
    [
        ("5.4", "5.44", True),
        ("5.4", "5.45", False),
        ("5.40", "5.41", False),
        ("100", "100.4", True),
        ("1e2", "149", True),
        ("1e2", "150", False),
        ("gt5", "5.0", False),
        ("ge5", "5.0", True),
        ("lt-1", "-1.5", True),
        ("ne5", "5", False),
        ("ap100", "109", True),
        ("ap100", "111", False),
    ],
)
def test_numbers_are_as_precise_as_they_are_written(wanted, own, meets):
    assert number_test(wanted)(Decimal(own)) is meets
    assert quantity_test(wanted)({"value": Decimal(own)}) is meets


def test_quantities_compare_system_and_unit():
    weight = {"value": Decimal("70.5"), "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"}
    assert quantity_test("70.5|http://unitsofmeasure.org|kg")(weight)
    assert quantity_test("70.5||kg")(weight)
    assert not quantity_test("70.5||g")(weight)
    assert not quantity_test("70.5|http://other.example|kg")(weight)
    assert not quantity_test("70.5")({"unit": "kg"})


@pytest.mark.parametrize("text", ["five", "5|kg", "NaN", "Infinity", "1e400000000", "", "gt"])
def test_a_number_that_is_none_is_refused(text):
    with pytest.raises(BadRequest):
        quantity_test(text)


def test_commas_and_bars_can_be_escaped():
    assert split_alternatives(r"a\,b,c") == (r"a\,b", "c")
    assert split_parts(r"a\|b|c\\") == ["a|b", "c\\"]
    assert split_parts("a|") == ["a", ""]


def test_a_path_filters_by_a_member_and_asks_for_presence():
    path = read_path("extension[url=http://a.example/x.y].valueCode")
    assert [(step.name, step.key, step.value) for step in path.steps] == [
        ("extension", "url", "http://a.example/x.y"),
        ("valueCode", "", ""),
    ]
    assert read_path("?deceased").is_presence
