"""The texts of what makers of apps are asked to promise."""

from pathlib import Path

import pytest

from assent.web.attestations import LARGEST, read_attestations
from assent.web.languages import BUILT_IN


def test_there_is_a_text_in_each_language_with_the_same_points() -> None:
    texts = read_attestations()
    assert set(texts.by_language) == set(BUILT_IN)
    shapes = {tuple((one.kind, len(one.lines)) for one in blocks) for blocks in texts.by_language.values()}
    assert len(shapes) == 1


def test_a_folder_replaces_all_of_ours(tmp_path: Path) -> None:
    (tmp_path / "en.md").write_text("Ours.")
    (tmp_path / "de-AT.md").write_text("Unsere.")
    (tmp_path / "notes.txt").write_text("not a text")
    texts = read_attestations(tmp_path)
    assert texts.mistakes == ()
    assert texts.text("de-AT")[0] == "de-AT"
    assert texts.text("es")[0] == "en"


@pytest.mark.parametrize(
    ("name", "source", "rule"),
    [
        ("klingon!.md", b"x", "language"),
        ("de.md", b"", "no text"),
        ("de.md", b"\xff", "de.md: is not UTF-8 (byte 0)"),
        ("de.md", b"a\0b", "control characters"),
        ("de.md", b"x" * (LARGEST + 1), "larger"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_file(tmp_path: Path, name: str, source: bytes, rule: str) -> None:
    (tmp_path / "en.md").write_text("Ours.")
    (tmp_path / name).write_bytes(source)
    (mistake,) = read_attestations(tmp_path).mistakes
    assert mistake.startswith(name)
    assert rule in mistake


def test_without_english_or_a_folder_ours_stay_and_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "de.md").write_text("Unsere.")
    texts = read_attestations(tmp_path)
    assert set(texts.by_language) == set(BUILT_IN)
    assert "en.md" in texts.mistakes[0]
    assert len(read_attestations(tmp_path / "nowhere").mistakes) == 2
