"""The contracts of `.importlinter` refuse what they are there to refuse."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the sources that a test may spoil."""
    shutil.copytree(ROOT / "src", tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    """Check the floors of a copy of the sources."""
    return subprocess.run(
        [
            Path(sys.executable).with_name("lint-imports"),
            "--no-logo",
            "--no-cache",
            "--config",
            ROOT / ".importlinter",
        ],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": f"{tree}:{ROOT}", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("spec/intruder.py", "import assent.records", "Imports go down the floors, never sideways"),
        ("helpers/__init__.py", "", "Imports go down the floors, never sideways"),
        ("spec/intruder.py", "import sqlite3", "Rules, records and engine know no framework"),
        (
            "records/intruder.py",
            "from starlette.requests import Request",
            "Rules, records and engine know no framework",
        ),
        (
            "engine/intruder.py",
            "import assent.storage.memory",
            "The engine knows the storage contract, not a backend",
        ),
    ],
)
def test_an_import_against_the_floors_is_refused(tree: Path, module: str, line: str, contract: str) -> None:
    intruder = tree / "assent" / module
    intruder.parent.mkdir(exist_ok=True)
    intruder.write_text(f"{line}\n")
    refused = lint(tree)
    assert refused.returncode == 1
    assert any(said.startswith(contract) and said.endswith("BROKEN") for said in refused.stdout.splitlines())


def test_a_circle_of_modules_is_refused_and_told(tree: Path) -> None:
    circle = [("one", "two"), ("two", "three"), ("three", "one")]
    for module, imported in circle:
        (tree / "assent" / "engine" / f"{module}.py").write_text(f"import assent.engine.{imported}\n")
    refused = lint(tree)
    assert refused.returncode == 1
    assert "No module imports itself through others BROKEN" in refused.stdout
    told = refused.stdout.replace("\n", "")
    assert all(f"assent.engine.{module} -> assent.engine.{imported}" in told for module, imported in circle)
