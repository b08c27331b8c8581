"""What the tests of commands ask for: an installation in a folder, and a way to run a command line."""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assent.cli.main import main


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `assent` in an empty folder: `run("client", "list", stdin="…")`."""
    monkeypatch.chdir(tmp_path)
    for name in ("ASSENT_CONFIG", "FORCE_COLOR"):  # the latter is set where tests write in colour
        monkeypatch.delenv(name, raising=False)

    def run_one(*arguments: str, stdin: str = "") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        said = capsys.readouterr()
        return Ran(int(ended.value.code or 0), said.out, said.err)

    return run_one


@pytest.fixture
def installed(run: Run) -> Run:
    """As `run`, in the folder of a new installation."""
    assert run("init", "--fhir", "https://hapi.example/fhir").status == 0
    return run
