"""What a password that somebody chooses has to be, and what is said where it is not."""

import hashlib
from pathlib import Path

import pytest

from assent.identity.local.breached import BadList, BreachedPasswords
from assent.identity.local.passwords import MAX_PASSWORD
from assent.identity.local.policy import Flaw, PasswordPolicy
from assent.records.people import Person

AMY = Person(
    "u-amy", "amy.shaw", "amy.shaw", given_name="Amy", family_name="Okafor", email="beekeeper@mail.example"
)
GOOD = "seven quiet otters"


def line(password: str, count: int = 3) -> str:
    return f"{hashlib.sha1(password.encode()).hexdigest().upper()}:{count}"


def a_list(folder: Path, *passwords: str, end: str = "\r\n") -> BreachedPasswords:
    file = folder / "breached.txt"
    file.write_text("".join(f"{one}{end}" for one in sorted(map(line, passwords))), newline="")
    return BreachedPasswords(file)


@pytest.mark.parametrize(
    "password", [GOOD, "Kj7#pQ2!mZx9", "пять тихих выдр", "ثعلب يقرأ تحت المطر", "x" * 1000 + GOOD]
)
async def test_what_is_long_and_hard_to_guess_is_taken(password: str) -> None:
    policy = PasswordPolicy(least_strength=3 if not password.startswith("x") else 0)
    assert await policy.check(password, AMY) is None


@pytest.mark.parametrize(
    ("password", "flaw"),
    [
        ("", Flaw("short", 10)),
        ("9 letters", Flaw("short", 10)),
        ("y" * (MAX_PASSWORD + 1), Flaw("long", MAX_PASSWORD)),
        ("seven quiet\0otters", Flaw("signs")),
        ("seven quiet \ud800 otters", Flaw("signs")),
        ("amy.shaw2026", Flaw("name")),
        ("OKAFOR-okafor", Flaw("name")),
        ("beekeeper42", Flaw("name")),
        ("Password12!", Flaw("common")),
        ("dfghjkl;lkj", Flaw("keyboard")),
        ("aaaaaaaaaaaa", Flaw("repeat")),
        ("abcdefghijkl", Flaw("sequence")),
    ],
)
async def test_what_is_wrong_is_named(password: str, flaw: Flaw) -> None:
    assert await PasswordPolicy().check(password, AMY) == flaw


async def test_a_name_in_a_long_sentence_is_no_flaw() -> None:
    assert await PasswordPolicy().check("okafor grows blue tulips in march", AMY) is None


async def test_length_and_strength_are_settings() -> None:
    assert await PasswordPolicy(least_length=4, least_strength=0).check("aaaa", AMY) is None
    assert await PasswordPolicy(least_length=30).check(GOOD, AMY) == Flaw("short", 30)
    assert await PasswordPolicy(least_strength=4).check("tulip-march", AMY) is not None


async def test_an_endless_password_takes_no_endless_time() -> None:
    assert await PasswordPolicy().check("ab1@E3" * 170, AMY) is not None


async def test_a_stolen_password_is_refused_however_good(tmp_path: Path) -> None:
    policy = PasswordPolicy(breached=a_list(tmp_path, GOOD, "another"))
    assert await policy.check(GOOD, AMY) == Flaw("breached")
    assert await policy.check(GOOD + "!", AMY) is None


# --- the list --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("many", [1, 2, 3, 17, 500])
def test_every_line_is_found_and_nothing_else(tmp_path: Path, many: int, end: str) -> None:
    listed = a_list(tmp_path, *(f"password {number}" for number in range(many)), end=end)
    listed.check()
    assert all(listed.holds(f"password {number}") for number in range(many))
    assert not any(listed.holds(f"other {number}") for number in range(200))


def test_lines_need_no_counts_and_the_last_no_end(tmp_path: Path) -> None:
    file = tmp_path / "plain.txt"
    hashes = sorted(hashlib.sha1(one.encode()).hexdigest() for one in ("a", "b", "c"))
    file.write_text("\n".join(hashes))
    assert all(BreachedPasswords(file).holds(one) for one in ("a", "b", "c"))
    assert not BreachedPasswords(file).holds("d")


def test_an_empty_list_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    assert not BreachedPasswords(tmp_path / "empty").holds("a")


@pytest.mark.parametrize("content", ["", "hello\nworld\n", "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8\nx\n"])
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "list"
    file.write_text(content)
    with pytest.raises(BadList, match="no lines such as"):
        BreachedPasswords(file).check()


def test_a_list_in_another_order_or_that_is_not_there_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_text("\n".join(sorted(map(line, "abc"), reverse=True)) + "\n")
    with pytest.raises(BadList, match="not in the order"):
        BreachedPasswords(file).check()
    with pytest.raises(BadList, match="cannot be read"):
        BreachedPasswords(tmp_path / "none").check()
