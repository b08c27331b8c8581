"""The texts of the terms of service: which is shown to whom, and what may lie in their folder."""

import hashlib
from pathlib import Path

import pytest

from assent.web.languages import BUILT_IN
from assent.web.terms import LARGEST, TermsText, TermsTexts, read_terms


def write(folder: Path, **texts: str) -> TermsTexts:
    """The texts of version 1 in these languages, and what is read of them."""
    (folder / "1").mkdir()
    for language, text in texts.items():
        (folder / "1" / f"{language}.md").write_text(text, encoding="utf-8")
    return read_terms(folder)


def said(text: TermsText) -> str:
    return text.blocks[0].lines[0][0].text


@pytest.mark.parametrize(
    ("language", "shown"),
    [("en", "English"), ("es", "Spanish"), ("es-MX", "Spanish"), ("de", "English"), ("ar", "English")],
)
def test_a_text_is_shown_in_the_readers_language_or_in_english(
    tmp_path: Path, language: str, shown: str
) -> None:
    texts = write(tmp_path, en="English", es="Spanish")
    assert texts.mistakes == ()
    assert said(texts.text("1", language)) == shown


def test_a_text_without_english_is_shown_in_the_language_that_there_is(tmp_path: Path) -> None:
    text = write(tmp_path, fr="Français", de="Deutsch").text("1", "ar")
    assert (text.language, text.direction) == ("de", "ltr")


def test_a_text_is_known_by_the_sha_256_of_its_file(tmp_path: Path) -> None:
    texts = write(tmp_path, en="English\r\n", ar="عربي")
    digest = hashlib.sha256((tmp_path / "1" / "ar.md").read_bytes()).digest()
    text = texts.text("1", "ar")
    assert (text.text_hash, text.direction) == (digest, "rtl")
    assert texts.known("1", digest.hex()) is text
    assert texts.known("1", hashlib.sha256(b"another").hexdigest()) is None
    assert texts.known("2", digest.hex()) is None


@pytest.mark.parametrize("language", BUILT_IN)
def test_a_version_without_a_text_shows_the_sample_in_each_language(tmp_path: Path, language: str) -> None:
    texts = write(tmp_path, en="English")
    assert texts.has("1")
    assert not texts.has("2")
    sample = texts.text("2", language)
    assert (sample.is_sample, sample.language) == (True, language)
    assert not texts.text("1", language).is_sample
    assert texts.known("2", sample.text_hash.hex()) is sample


def test_the_samples_have_the_same_parts_in_each_language() -> None:
    shapes = {
        tuple((block.kind, block.level, len(block.lines)) for block in sample.blocks)
        for sample in read_terms().samples.values()
    }
    assert len(shapes) == 1


def test_texts_are_read_once(tmp_path: Path) -> None:
    texts = write(tmp_path, en="English")
    (tmp_path / "1" / "en.md").unlink()
    assert said(texts.text("1", "en")) == "English"


def test_a_folder_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    assert read_terms(tmp_path / "missing").mistakes == (f"{tmp_path / 'missing'} is no folder",)


@pytest.mark.parametrize(
    ("name", "source", "mistake"),
    [
        ("en.md", b"text", "en.md: lies in no version's folder"),
        ("1/english.md", b"text", "1/english.md: is named after no language"),
        ("1/en.md", b"\xff", "1/en.md: is not UTF-8 (byte 0)"),
        ("1/en.md", b" \n", "1/en.md: has no text"),
        ("1/en.md", b"a\0b", "1/en.md: holds control characters"),
        ("1/en.md", b"a" * (LARGEST + 1), "1/en.md: is larger than 256 kB"),
    ],
)
def test_what_cannot_be_shown_is_a_mistake(tmp_path: Path, name: str, source: bytes, mistake: str) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / name).write_bytes(source)
    texts = read_terms(tmp_path)
    assert [one[: len(mistake)] for one in texts.mistakes] == [mistake]
    assert not texts.has("1")


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.md").write_text("text")
    (tmp_path / "README.txt").write_text("text")
    assert write(tmp_path, en="English").mistakes == ()
