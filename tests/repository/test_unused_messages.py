"""Texts that nobody asks for are found, and those that pages put together are not taken for such."""

from pathlib import Path

import pytest

from assent.web.message_files import read_message_file
from scripts.unused_messages import unused

FILES = {
    "pages/login.py": """
from product.engine.arrivals import Unwelcome
def say(problem, messages):
    return messages.text(f"login.problem.{problem.words}")
WORDS = ("wrong", "slow")
""",
    "pages/providers.py": """
from product.pages import login
login.say("expired")
""",
    "engine/arrivals.py": 'class Unwelcome(Exception): words = "account_off"',
    "engine/locks.py": 'WHY = ("locked", "login.quiet")',
    "pages/templates/login.html": """<a title="{{ t('login.hint') }}">{{ t("login.lead" if x else "login.short") }}</a>
{{ count("login.tries", 3) }}""",
    "web/words.py": 'def say(names): return f"changes.{\'_\'.join(names)}", ("add", "see")',
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A small product's package."""
    folder = tmp_path / "product"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(
    "key",
    [
        "login.hint",
        "login.lead",
        "login.short",
        "login.tries.one",
        "login.tries.other",
        "login.problem.wrong",
        "login.problem.expired",
        "login.problem.account_off",
        "changes.see_add",
        "type.Patient.what",
    ],
)
def test_a_text_that_somebody_asks_for_is_none_of_them(source: Path, key: str) -> None:
    assert found(source, key) == []


@pytest.mark.parametrize(
    "key", ["login.problem.locked", "login.title", "login.quiet", "changes.see_delete", "login.problem"]
)
def test_a_text_that_nobody_asks_for_is_found(source: Path, key: str) -> None:
    assert found(source, key) == [key]


def found(source: Path, key: str) -> list[str]:
    file = read_message_file(f"login.tries.one=x\nlogin.tries.other=x\n{key}=x".encode())
    return list(unused(file, source))
