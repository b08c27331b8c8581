"""`prompt` and `max_age`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.spec.errors import InvalidRequest
from assent.spec.prompts import PROMPTS, read_max_age, read_prompt


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (None, set()),
        ("", set()),
        ("none", {"none"}),
        ("login consent", {"login", "consent"}),
        ("login login", {"login"}),
        ("select_account", {"select_account"}),
    ],
)
def test_prompts(text: str | None, values: set[str]) -> None:
    assert read_prompt(text) == values


@pytest.mark.parametrize("other", sorted(set(PROMPTS) - {"none"}))
def test_none_stands_alone(other: str) -> None:
    with pytest.raises(InvalidRequest, match="none"):
        read_prompt(f"none {other}")


@pytest.mark.parametrize("text", ["create", "Login", "login\tconsent", "none,login"])
def test_an_unknown_prompt_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="prompt takes"):
        read_prompt(text)


@pytest.mark.parametrize(
    ("text", "seconds"), [(None, None), ("", None), ("0", 0), ("3600", 3600), ("007", 7)]
)
def test_max_age(text: str | None, seconds: int | None) -> None:
    assert read_max_age(text) == seconds


@pytest.mark.parametrize("text", ["-1", "1.5", "1e3", "x", " 1", "1\n", "+1", "٣", "1_0", "9" * 11])
def test_a_max_age_that_is_no_plain_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="max_age"):
        read_max_age(text)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (read_prompt, read_max_age):
        try:
            read(text)
        except InvalidRequest:
            continue
