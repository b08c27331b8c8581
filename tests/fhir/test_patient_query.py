"""What may be searched for, and who fits it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.fhir.patient_query import BadQuery, PatientQuery, read_patient_query


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("we", PatientQuery(("we",), None)),
        ("  Weber ", PatientQuery(("Weber",), "Weber")),
        ("J Weber", PatientQuery(("J", "Weber"), "J Weber")),
        ("mia weber 2016-07-21", PatientQuery(("mia", "weber"), "mia weber", ("2016-07-21",))),
        ("2016-07-21 weber", PatientQuery(("weber",), "weber", ("2016-07-21",))),
        ("weber 2016-07", PatientQuery(("weber",), "weber", ("2016-07",))),
        ("weber 21.7.2016", PatientQuery(("weber",), "weber", ("2016-07-21",))),
        ("weber 21/07/2016", PatientQuery(("weber",), "weber", ("2016-07-21",))),
        ("weber 07/21/2016", PatientQuery(("weber",), "weber", ("2016-07-21",))),
        ("weber 4/3/1958", PatientQuery(("weber",), "weber", ("1958-03-04", "1958-04-03"))),
        ("weber 4.3.1958", PatientQuery(("weber",), "weber", ("1958-03-04",))),
        ("weber ٢١/٧/٢٠١٦", PatientQuery(("weber",), "weber", ("2016-07-21",))),
        ("MRN 1004", PatientQuery(("MRN", "1004"), "MRN 1004")),
        ("MRN 1982", PatientQuery(("MRN", "1982"), "MRN 1982")),
        ("100", PatientQuery((), "100")),
        ("100 1990-12-12", PatientQuery((), "100", ("1990-12-12",))),
        ("2016-99-99", PatientQuery((), "2016-99-99")),
        ("O'Brien-Smith Jr.", PatientQuery(("O'Brien-Smith", "Jr."), "O'Brien-Smith Jr.")),
        ("李", PatientQuery(("李",), None)),
        ("김", PatientQuery(("김",), None)),
        ("Nguye\u0302\u0303n", PatientQuery(("Nguyễn",), "Nguyễn")),
        ("علی\u200cرضا", PatientQuery(("علی\u200cرضا",), "علی\u200cرضا")),
    ],
)
def test_what_was_typed_is_names_a_number_and_a_birth_date(text: str, query: PatientQuery) -> None:
    assert read_patient_query(text) == query


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("w", "short"),
        ("é", "short"),
        ("a b", "short"),
        ("12", "short"),
        ("%%%%", "short"),
        ("* ? _ %", "short"),
        ("w 1958-04-23", "short"),
        ("1958-04-23", "date_alone"),
        ("1958-04", "date_alone"),
        ("23.4.1958", "date_alone"),
        ("w" * 101, "long"),
    ],
)
def test_too_little_and_what_is_none_is_no_search(text: str, reason: str) -> None:
    with pytest.raises(BadQuery) as refused:
        read_patient_query(text)
    assert refused.value.reason == reason


def test_a_date_that_may_be_two_days_is_asked_for_as_either() -> None:
    assert read_patient_query("weber 4/3/1958").by_name == [
        ("name", "weber"),
        ("birthdate", "1958-03-04,1958-04-03"),
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a,zoe", ["a", "zoe"]),
        ("weber|x", ["weber", "x"]),
        ("we$ber", ["we", "ber"]),
        ("weber&_count=500", ["weber", "count", "500"]),
        ("we\\ber", ["we", "ber"]),
        ("weber?name:missing=false", ["weber", "name", "missing", "false"]),
        ("<b>weber</b>", ["b", "weber", "b"]),
    ],
)
def test_no_sign_of_a_query_reaches_the_server_in_a_name(text: str, names: list[str]) -> None:
    assert read_patient_query(text).by_name == [("name", name) for name in names]


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("a,b1", "a\\,b1"),
        ("http://x|123", "http://x\\|123"),
        ("1$2 3", "1\\$2 3"),
        ("1\\23", "1\\\\23"),
        ("123&_count=9", "123&_count=9"),  # the encoding of the address takes care of this one
    ],
)
def test_a_number_is_escaped(text: str, sent: str) -> None:
    assert read_patient_query(text).by_identifier == [("identifier", sent)]


def patient(**fields: Any) -> dict[str, Any]:
    name = [{"family": "Müller-Łódź", "given": ["Anna", "Zoë"]}]
    return {
        "resourceType": "Patient",
        "birthDate": "1958-04-23",
        "name": name,
        "identifier": [{"value": "MRN 1"}],
        **fields,
    }


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("mull", True),
        ("LODZ", True),
        ("zoe 1958-04-23", True),
        ("zoe 4/23/1958", True),
        ("anna 1958-04", True),
        ("mrn 1", True),
        ("anna 1958-04-24", False),
        ("weber", False),
        ("MRN 10", False),
    ],
)
def test_only_whoever_fits_is_taken_from_the_answer(text: str, fits: bool) -> None:
    assert read_patient_query(text).fits(patient()) is fits


@pytest.mark.parametrize(
    "fields", [{"name": "Anna"}, {"name": [None]}, {"name": [{"given": "Anna"}]}, {"name": None}]
)
def test_a_patient_of_another_shape_fits_no_name(fields: dict[str, Any]) -> None:
    assert not read_patient_query("anna").fits(patient(**fields))


@given(st.text(max_size=120))
def test_whatever_is_typed_is_a_search_with_enough_in_it_or_none(text: str) -> None:
    try:
        query = read_patient_query(text)
    except BadQuery:
        return
    assert query.names or query.identifier
    assert not any(set("\\,$|&%*=") & set(name) for name in query.names)
