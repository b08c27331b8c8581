"""Every command's help, and how quickly the first one is there."""

import subprocess
import sys
from typing import Any

import pytest

from cli.conftest import Run
from scripts.pages.commands import every_command

COMMANDS = every_command()
LONG_RUNNING = ("assent demo",)


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_every_command_has_words_an_example_and_json(run: Run, name: str, command: Any) -> None:
    shown = run(*name.split()[1:], "--help")

    assert shown.status == 0
    assert "\n  Example:\n    assent " in shown.out
    if name not in LONG_RUNNING:
        assert "--json" in shown.out
    for option in command.params:
        assert option.help, f"{name}: {option.name} has no words"


def test_every_command_of_the_product_is_there() -> None:
    members = {
        "": "demo init serve gateway check doctor migrate",
        "client ": "add list show edit enable disable delete import export",
        "client secret ": "add expire list",
        "user ": "add import list show disable enable",
        "key ": "list rotate import",
        "session ": "list end",
        "audit ": "list",
        "scope ": "explain",
        "token ": "inspect",
    }

    names = {f"assent {group}{name}" for group, words in members.items() for name in words.split()}

    assert names <= {name for name, _ in COMMANDS}


def test_help_loads_nothing_that_only_a_server_needs() -> None:
    program = (
        "import sys\n"
        "from assent.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'aiohttp', 'starlette', 'uvicorn', 'cryptography', 'rich'} & set(sys.modules)))\n"
    )

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ran.stdout.endswith("[]\n")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("bogus",),
        ("client",),
        ("client", "show"),
        ("client", "list", "--bogus"),
        ("audit", "list", "--limit", "many"),
        ("audit", "list", "--since", "yesterday"),
        ("session", "end"),
        ("session", "end", "s-1", "--user", "amy"),
        ("scope", "explain"),
        ("user", "add"),
        ("user", "add", "amy", "--no-password", "--password-stdin"),
        ("client", "edit", "heart"),
        ("client", "add", "--file", "x", "--name", "y"),
    ],
)
def test_misuse_ends_with_2_and_says_why(installed: Run, arguments: tuple[str, ...]) -> None:
    ran = installed(*arguments)

    assert ran.status == 2
    assert ran.out + ran.err
    assert "Traceback" not in ran.err
