"""Names and reasons of apps, as they may be shown."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assent.spec.shown_text import mixes_scripts, shown_text

HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "\u200b\u200c\u200d\u2060\u202e\u2066\ufeff\u0301\u0489\ufe0f\U000e0041\u3164\u0940\u094d"
        ),
        st.sampled_from("aяא م\u0301\U0001f1e6\U0001f468\U0001f3fd \n\t"),
    ),
    max_size=120,
)
STEERING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize(
    ("brought", "shown"),
    [
        ("Heart Diary", "Heart Diary"),
        ("  Heart \t\n  Diary\u00a0 ", "Heart Diary"),
        ("Heart\u2028Diary", "Heart Diary"),
        ("Ass\u200bent\u2060\ufeff", "Assent"),
        ("\u202eyraiD traeH\u202c", "yraiD traeH"),
        ("bank\u0000\u001b[31m\u0085", "bank[31m"),
        ("flag\U000e0067\U000e0062\U000e007f", "flag"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\u3164\u115f\u2800", ""),
        ("\ue000\ufffe\U0010ffff", ""),
        ("e\u0301", "é"),
        ("Z\u0300\u0301\u0302\u0303\u0304\u0305a", "Z\u0300\u0301\u0302a"),
        ("Z\u0300\u0300\u0300", "Z\u0300"),
        ("\u0301\u0302x", "x"),
        ("a\u20dd", "a"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("pay\u200cpal", "paypal"),
        ("👨\u200d👩\u200d👧", "👨👩👧"),
        ("健康手帳", "健康手帳"),
        ("<b>&amp;", "<b>&amp;"),
    ],
)
def test_what_hides_or_steers_is_gone_and_every_script_stays(brought: str, shown: str) -> None:
    assert shown_text(brought) == shown


def test_a_long_name_is_cut_at_80_with_an_ellipsis() -> None:
    assert shown_text("x" * 80) == "x" * 80
    assert shown_text("x" * 81) == "x" * 79 + "…"
    assert shown_text("a word " * 40, 20) == "a word a word a wor…"
    assert shown_text("a word " * 40, 16) == "a word a word a…"


@pytest.mark.parametrize("letter", ["q\u0323\u0307", "\U0001f1e9\U0001f1ea", "👍\U0001f3fd", "क्\u200dष"])
def test_a_name_is_cut_between_what_readers_take_for_letters(letter: str) -> None:
    whole = [letter * count for count in range(1, 41)]
    for longest in range(10, 30):
        kept = shown_text(letter * 40, longest)
        assert len(kept) <= longest
        assert kept.removesuffix("…") in [shown_text(one, 400) for one in whole] or letter.startswith("क")
        assert not kept.removesuffix("…").endswith("\u200d")


@given(HOSTILE, st.integers(5, 100))
@example("a\u0301" * 60, 80)
@example("\u1100\u0301\u0302\u0303\u0304\u1161", 80)
def test_what_is_shown_can_neither_hide_nor_steer_nor_overflow(text: str, longest: int) -> None:
    shown = shown_text(text, longest)
    assert len(shown) <= longest
    assert not set(shown) & set(STEERING)
    assert shown.isprintable() or set(filter(lambda one: not one.isprintable(), shown)) <= {
        "\u200c",
        "\u200d",
    }
    assert shown == " ".join(shown.split())
    assert unicodedata.is_normalized("NFC", shown)
    marks = "".join("m" if unicodedata.category(one) in ("Mn", "Mc") else "." for one in shown)
    assert "mmmm" not in marks
    assert not marks.startswith("m")


@given(HOSTILE)
@example("\u1100\u0301\u0301\u0302\u0303\u0304\u1161")
def test_what_is_fit_to_be_shown_stays_as_it_is(text: str) -> None:
    once = shown_text(text)
    assert shown_text(once) == once


@given(st.text(st.characters(categories=("Lu", "Ll", "Nd"), max_codepoint=0x24F), max_size=80))
def test_plain_letters_and_digits_are_untouched(text: str) -> None:
    assert shown_text(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("name", "mixed"),
    [
        ("Heart Diary", False),
        ("He\u0430rt Diary", True),
        ("Ηeart", True),
        ("Дневник сердца Heart", False),
        ("健康 アプリ App", False),
        ("", False),
        ("Café 24", False),
    ],
)
def test_a_word_of_letters_that_look_alike_is_noticed(name: str, mixed: bool) -> None:
    assert mixes_scripts(name) is mixed
