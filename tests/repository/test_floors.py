"""The contracts of `.importlinter` refuse what they are there to refuse."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    """Check the floors of a copy of the tree."""
    return subprocess.run(
        [
            Path(sys.executable).with_name("lint-imports"),
            "--no-logo",
            "--no-cache",
            "--config",
            ROOT / ".importlinter",
        ],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("spec/intruder.py", "import assent.records", "Imports go down the floors, never sideways BROKEN"),
        ("spec/intruder.py", "import sqlite3", "know no framework and no database driver BROKEN"),
        ("records/intruder.py", "from starlette.requests import Request", "and no database driver BROKEN"),
        (
            "engine/intruder.py",
            "import assent.storage.memory",
            "knows the storage contract, not a backend BROKEN",
        ),
        ("helpers/__init__.py", "", "Imports go down the floors, never sideways BROKEN"),
    ],
)
def test_an_import_against_the_floors_is_refused(
    tmp_path: Path, module: str, line: str, contract: str
) -> None:
    shutil.copytree(ROOT / "src", tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    intruder = tmp_path / "assent" / module
    intruder.parent.mkdir(exist_ok=True)
    intruder.write_text(f"{line}\n")
    refused = lint(tmp_path)
    assert refused.returncode == 1
    assert contract in refused.stdout
