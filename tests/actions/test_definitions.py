"""Reading JSON definitions: shapes, paths, nearest names."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given

from actions.json_values import VALUES
from assent.actions.definitions import (
    Wrong,
    choice,
    list_of,
    nearest,
    object_of,
    read_fields,
    refused,
    text,
    whole,
)

READERS = {"name": text(10), "count": whole(1, 5), "kinds": list_of(choice("red", "green"))}


def test_every_mistake_is_told_by_its_path() -> None:
    document = {"name": "", "count": 6, "kinds": ["red", "blue", "red"], "nmae": 1}

    with pytest.raises(Wrong) as caught:
        read_fields(document, READERS)

    assert refused("things[3]", caught.value) == [
        "things[3].name: must have 1 to 10 characters",
        "things[3].count: must be 1 to 5",
        "things[3].kinds[1]: must be one of red, green",
        "things[3].kinds[2]: is there twice",
        "things[3].nmae: unknown field; did you mean name?",
    ]


@pytest.mark.parametrize("value", [True, 1.0, "1", [1]])
def test_a_number_is_a_whole_json_number_and_nothing_else(value: Any) -> None:
    with pytest.raises(Wrong):
        whole(0, 10)(value)


@pytest.mark.parametrize("sign", ["\n", "\x1b", "\x00", "\ud800", "\u202e", "\u2066", "\u2028"])
def test_a_text_that_cannot_be_shown_as_it_is_stored_is_refused(sign: str) -> None:
    with pytest.raises(Wrong, match="cannot be shown"):
        text()(f"Heart{sign}Diary")


def test_a_text_may_be_of_any_language() -> None:
    assert text()("قلبي نامه\u200cها 心") == "قلبي نامه\u200cها 心"


def test_null_stands_for_the_default_and_does_not_fill_a_required_field() -> None:
    assert read_fields({"name": None}, READERS) == {"name": None}
    with pytest.raises(Wrong, match="is required"):
        read_fields({"name": None}, READERS, required=("name",))


@given(VALUES)
def test_no_json_value_does_worse_than_being_refused(value: Any) -> None:
    with suppress(Wrong):
        read_fields(value, READERS)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("redirect_uri", "redirect_uris"),
        ("redirectUris", "redirect_uris"),
        ("scopes", "scope"),
        ("uris", "redirect_uris"),
        ("zzz", None),
        ("e", None),
    ],
)
def test_a_misspelt_name_gets_the_nearest_right_one(name: str, meant: str | None) -> None:
    hint = nearest(name, ["redirect_uris", "scope", "enabled"])

    assert hint == (f"; did you mean {meant}?" if meant else "")


def test_an_object_of_names_tells_every_mistake_by_its_name() -> None:
    read = object_of(choice("red", "green"), whole(1, 5), "must be an object of colours", 3)

    assert read({"red": 1, "green": 5}) == {"red": 1, "green": 5}
    with pytest.raises(Wrong) as caught:
        read({"red": 6, "blue": 1})
    assert refused("colours", caught.value) == [
        "colours.red: must be 1 to 5",
        "colours.blue: must be one of red, green",
    ]
    for value in ([], "red", dict.fromkeys("abcd", 1)):
        with pytest.raises(Wrong, match="must be an object of colours"):
            read(value)
