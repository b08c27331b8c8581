"""What is put into every page to look at it: axe-core, and our own questions."""

from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import BrowserContext, Page

OURS: Final = Path(__file__).with_name("in_page.js")
AXE: Final = Path(__file__).parents[1] / "upstream" / "node_modules" / "axe-core" / "axe.min.js"


def equip(context: BrowserContext) -> None:
    """Every page of the context can be asked."""
    for script in _scripts():
        context.add_init_script(path=script)


def equip_page(page: Page) -> None:
    """This page can be asked, where it stands; the way to it was not slowed down."""
    for script in _scripts():
        page.evaluate(f"() => {{ {script.read_text(encoding='utf-8')} }}")


def _scripts() -> tuple[Path, Path]:
    """Fails the test where axe-core was not installed."""
    if not AXE.exists():
        pytest.fail("axe-core is missing: `make test` installs it, or npm ci in tests/upstream")
    return AXE, OURS
