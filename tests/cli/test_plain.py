"""What starts a server is read without typer, and means what typer would have read."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer

from assent.cli.commands import app
from assent.cli.installation import Target
from assent.cli.plain import read_plain
from assent.cli.serving import Demo, Gateway, Serve

PLAIN = [
    "serve",
    "gateway",
    "demo",
    "serve --json",
    "serve --port 9300 --host ::1 --json",
    "serve --port=9300 --host=0.0.0.0",
    "serve --host= --port 1",
    "serve --port 9300 --port 9301",
    "serve --port 09300",
    "--config /etc/assent/assent.toml serve",
    "--config=a=b.toml gateway --port 65535",
    "--issuer sandbox --config a.toml serve",
    "demo --port 9300 --folder /tmp/demo --no-browser",
    "--config a.toml demo",
]

NOT_PLAIN = [
    "",
    "--help",
    "--version",
    "client list",
    "serve --help",
    "serve --bogus",
    "serve --json=yes",
    "serve --port",
    "serve --port many",
    "serve --port 0",
    "serve --port 65536",
    "serve --port ٣",
    "serve --port -1",
    "serve --host --json",
    "serve more",
    "serve --port 9300 more --json",
    "serve -- --json",
    "--config",
    "--config a.toml",
    "--config --issuer serve",
    "--bogus serve",
    "demo --browser",
    "demo --config a.toml",
    "demo --json",
]


def read_by_typer(words: list[str]) -> Serve | Gateway | Demo:
    root = typer.main.get_command(app)
    with root.make_context("assent", words) as before:
        assert isinstance(root, typer.core.TyperGroup)
        name, command, rest = root.resolve_command(before, [*before._protected_args, *before.args])
        assert name is not None
        assert command is not None
        given = command.make_context(name, rest, parent=before).params
        if name == "demo":
            return Demo(**given)
        target = Target(before.params["config"], before.params["issuer"])
        return (Serve if name == "serve" else Gateway)(target.config, **given)


@pytest.mark.parametrize("variable", [None, "", "elsewhere.toml"])
@pytest.mark.parametrize("line", PLAIN)
def test_what_is_read_plainly_means_the_same_to_typer(
    monkeypatch: pytest.MonkeyPatch, line: str, variable: str | None
) -> None:
    if variable is None:
        monkeypatch.delenv("ASSENT_CONFIG", raising=False)
    else:
        monkeypatch.setenv("ASSENT_CONFIG", variable)
    plain = read_plain(line.split(" "))
    assert plain is not None
    assert plain == read_by_typer(line.split(" "))


@pytest.mark.parametrize("line", NOT_PLAIN)
def test_everything_else_is_left_to_typer(line: str) -> None:
    assert read_plain(line.split()) is None


def test_a_server_starts_without_what_nobody_asks_of_it_yet(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from assent.cli.main import main\n"
        "import assent.app.serving.server, assent.app.rules.files\n"
        "unwanted = {'typer', 'pydantic', 'aiohttp', 'aiosmtplib', 'jinja2', 'lxml', 'PIL', 'assent.pages'}\n"
        "print(sorted(unwanted & sys.modules.keys()))\n"
        "main(['serve'])\n"
    )

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path)

    assert ran.stdout == "[]\n"
    assert ran.returncode == 1
    assert ran.stderr.startswith("assent: ")
