"""What every committed file keeps to: no address of one machine or network, no command that is not."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDES = ["README.md", "CONTRIBUTING.md", "tests/upstream/README.md", "changes/README.md"]

# Written so that they do not find themselves. Registries are named by people's own settings, never by us.
REGISTRY = re.compile(
    r"pyp[i]\.org|pythonhoste[d]\.org|npmj[s]\.(org|com)|maven\.(org|apach[e])|deb\.debia[n]\.org"
)
MACHINE_PATH = re.compile(r"(?<![\w.-])/(?:roo[t]|User[s]|wor[k])/[\w.]")


def committed() -> dict[str, str]:
    """Every text file that git knows, by its path."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    texts = {}
    for path in filter(None, listed.split("\0")):
        content = (ROOT / path).read_bytes() if (ROOT / path).is_file() else b""
        if b"\0" not in content:
            texts[path] = content.decode("utf-8")
    return texts


@pytest.mark.parametrize("pattern", [REGISTRY, MACHINE_PATH], ids=["registry host", "machine path"])
def test_no_committed_file_names_a_registry_host_or_a_machine_path(pattern: re.Pattern[str]) -> None:
    named = {path: hit[0] for path, text in committed().items() if (hit := pattern.search(text))}
    assert named == {}


def test_locks_carry_hashes_and_no_addresses() -> None:
    texts = committed()
    locks = [path for path in texts if path.startswith("requirements/") or path.endswith("package-lock.json")]
    assert len(locks) >= 6
    for path in locks:
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links|\"resolved\"", texts[path]), path
        assert re.search(r"--hash=sha256:|\"integrity\": \"sha512-", texts[path]), path


@pytest.mark.parametrize("guide", GUIDES)
def test_every_make_target_that_a_guide_names_exists(guide: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    named = set(
        re.findall(r"(?:`|^|    )make ([a-z-]+)", (ROOT / guide).read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert named <= targets


def test_the_readme_gives_both_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(r"^make demo$", readme, re.MULTILINE)
    assert re.search(r"^make test$", readme, re.MULTILINE)


def test_make_help_lists_every_target() -> None:
    helped = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = {name for line in re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE) for name in line.split()}
    assert phony - set(re.findall(r"^  make ([a-z-]+)", helped, re.MULTILINE)) == {"debian-packages"}


def test_the_two_places_of_the_version_agree() -> None:
    declared = re.search(
        r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE
    )
    written = re.search(
        r'^__version__ = "(.+)"$', (ROOT / "src/assent/__init__.py").read_text(), re.MULTILINE
    )
    assert declared is not None
    assert written is not None
    assert declared[1] == written[1]


def test_every_link_of_the_documentation_leads_to_a_file_and_a_heading() -> None:
    pages = {path: text for path, text in committed().items() if path.endswith(".md")}
    lost = []
    for path, text in pages.items():
        prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"", prose):
            file, _, heading = "".join(target).partition("#")
            if "://" in file:
                continue
            place = (ROOT / path).parent / file if file else ROOT / path
            if not place.exists() or (
                heading and heading not in _headings(place.read_text(encoding="utf-8"))
            ):
                lost.append(f"{path} -> {''.join(target)}")
    assert lost == []


def _headings(text: str) -> set[str]:
    """The anchors of a page's headings, as the usual hosts make them."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
