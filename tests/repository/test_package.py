"""The package that `pip install .` makes: complete, and with the command `assent`."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    """The wheel, built from the working tree as an installer builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return zipfile.Path(built)


def test_every_committed_source_file_is_packaged(wheel: zipfile.Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "src"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    committed = {path.removeprefix("src/") for path in listed.splitlines() if (ROOT / path).exists()}
    assert committed - set(wheel.root.namelist()) == set()


def test_the_sample_apps_library_is_packaged_with_its_licence(wheel: zipfile.Path) -> None:
    packaged = {path.name for path in (wheel / "assent/demo/third_party/fhirclient").iterdir()}
    assert packaged >= {"LICENSE", "fhir-client.pure.min.js"}


def test_the_command_assent_is_installed_and_the_licence_comes_along(wheel: zipfile.Path) -> None:
    (about,) = (path for path in wheel.iterdir() if path.name.endswith(".dist-info"))
    assert "assent = assent.cli.main:main" in (about / "entry_points.txt").read_text(encoding="utf-8")
    assert "Apache License" in (about / "licenses" / "LICENSE").read_text(encoding="utf-8")
