"""`assent skin new` and `assent skin check`."""

from pathlib import Path

import pytest

from cli.conftest import Run


def test_a_new_skin_is_fine(run: Run) -> None:
    made, checked = run("skin", "new", "skins/st-elsewhere"), run("skin", "check", "skins/st-elsewhere")

    assert (made.status, checked.status) == (0, 0)
    assert "made  skins/st-elsewhere/skin.toml" in made.out
    assert 'name = "st-elsewhere"' in Path("skins/st-elsewhere/skin.toml").read_text()
    assert checked.out == "skins/st-elsewhere: no mistakes, 0 warnings\n"


def test_what_was_made_and_found_is_told_to_programs(run: Run) -> None:
    made = run("skin", "new", "kids", "--from", "little-oaks", "--name", "our-kids", "--json").json
    Path("kids/templates/login.html").write_text("\n{{ nobody }}")
    found = run("skin", "check", "kids", "--json")

    assert made["skin"] == "our-kids"
    assert "kids/images/logo.svg" in made["made"]
    assert found.status == 1
    assert found.json["skin"] == "our-kids"
    assert {"file": "templates/login.html", "line": 2, "text": "unknown variable nobody"} in found.json[
        "mistakes"
    ]
    assert found.json["warnings"] == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--from", "litle-oaks"), "did you mean little-oaks?"),
        (("--template", "lgin.html"), "did you mean login.html?"),
        (("--name", "A B"), "is not 1 to 40 of a-z, 0-9 and -"),
    ],
)
def test_a_skin_that_cannot_be_made_leaves_nothing_behind(
    run: Run, options: tuple[str, ...], said: str
) -> None:
    ran = run("skin", "new", "own", *options)

    assert ran.status == 1
    assert said in ran.err
    assert not Path("own").exists()


def test_nothing_is_written_over(run: Run) -> None:
    Path("own").mkdir()
    Path("own/mine.txt").write_text("mine")

    ran = run("skin", "new", "own")

    assert (ran.status, ran.err) == (1, "assent: own: is there already, and is left as it is\n")
    assert [path.name for path in Path("own").iterdir()] == ["mine.txt"]


def test_without_a_folder_the_command_is_misused(run: Run) -> None:
    assert run("skin", "check").status == 2
    assert run("skin", "check", "nowhere").status == 1
