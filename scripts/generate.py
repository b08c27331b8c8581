"""Pages that are written from the code, and the check that they still agree with it.

    python -m scripts.generate            writes every page of `PAGES` (`make docs`)
    python -m scripts.generate --check    fails and names the pages that are out of date (`make check`)

A new page is a module in `scripts/pages/` with a function that returns its text, and one line here.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scripts.pages import (
    commands,
    conformance,
    make_targets,
    permissions,
    settings,
    templates,
    what_people_see,
)

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Page:
    """A generated file: where it is, below the repository's root, and what writes its text."""

    path: str
    render: Callable[[], str]

    @property
    def file(self) -> Path:
        """The page's place on disk."""
        return ROOT / self.path

    def is_current(self) -> bool:
        """Whether the file says what the code says."""
        return self.file.exists() and self.file.read_text(encoding="utf-8") == self.render()

    def write(self) -> None:
        """Write the page anew."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(self.render(), encoding="utf-8")


PAGES = [
    Page("docs/conformance.md", conformance.render),
    Page("docs/pages.md", what_people_see.render),
    Page("docs/reference/commands.md", commands.render),
    Page("docs/reference/permissions.md", permissions.render),
    Page("docs/reference/make.md", make_targets.render),
    Page("docs/reference/settings.md", settings.render),
    Page("docs/reference/templates.md", templates.render),
]


def main() -> int:
    """The command line; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scripts.generate", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--check", action="store_true", help="write nothing, fail where a page is out of date"
    )
    stale = [page for page in PAGES if not page.is_current()]
    if not parser.parse_args().check:
        for page in stale:
            page.write()
            print(f"wrote {page.path}")
        return 0
    for page in stale:
        print(f"{page.path} does not say what the code says: run `make docs` and commit it", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
