"""The pages on permissions, roles and acting for others: what they show is what the commands say."""

import json
import re
from pathlib import Path

from cli.conftest import Run, installed, run

__all__ = ["installed", "run"]

PAGES = Path(__file__).resolve().parents[2] / "docs" / "how-to"
CLIENT = {
    "client_id": "ward-board",
    "token_endpoint_auth_method": "none",
    "redirect_uris": ["https://ward.example/"],
    "scope": "user/Observation.rs",
}


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of a page in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", (PAGES / page).read_text(), re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[list[str]]:
    """The commands of a console block, without `assent`, comments and quotes."""
    lines = [line.partition("#")[0].split() for line in text.splitlines() if line.startswith("assent ")]
    return [words[1:] for words in lines]


def test_roles_are_made_held_and_explained_as_the_page_shows(installed: Run) -> None:
    page = "permissions-and-roles.md"
    [_, roles, explained] = blocks(page, "console")
    for words in commands(roles)[:-1]:
        more = ("--no-password",) if words[:2] == ["user", "add"] else ()
        assert installed(*words, *more).status == 0, words
    assert installed(*commands(roles)[-1]).status == 1  # kim holds it
    assert installed("client", "import", "-", stdin=json.dumps({"clients": [CLIENT]})).status == 0

    asked, _, said = explained.partition("\n")
    request = re.search('"(GET [^"]+)"', asked)
    assert request is not None
    ran = installed("scope", "explain", "--user", "kim", "--client", "ward-board", request[1])
    assert ran.out == said


def test_delegations_are_made_and_imported_as_the_page_shows(installed: Run) -> None:
    page = "act-for-others.md"
    for username in ("kim", "jonas"):
        installed("user", "add", username, "--no-password")
    [made] = blocks(page, "console")
    for words in commands(made):
        assert installed(*words).status == 0, words
    [definition] = blocks(page, "json")
    assert installed("delegation", "import", "-", stdin=definition).status == 0


def test_the_ages_of_the_page_are_the_defaults(installed: Run) -> None:
    from assent.app.configuration import read_settings
    from assent.fhir.representation import RepresentationSettings

    [settings] = blocks("act-for-others.md", "toml")
    file = Path("assent.toml")
    file.write_text(f"{file.read_text()}\n{settings}")
    assert installed("check").status == 0
    assert read_settings(file).representation == RepresentationSettings()
