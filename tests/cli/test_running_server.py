"""Commands beside a running server: what they change holds for its next request."""

import subprocess
import sys
from pathlib import Path

from assent.actions.accounts.people import get_person
from assent.actions.apps.clients import get_client
from assent.app.configuration import read_settings
from assent.app.init import init_installation
from assent.app.installation import open_installation


def command(folder: Path, *arguments: str) -> None:
    """Runs a command in another process."""
    config = str(folder / "assent.toml")
    program = [sys.executable, "-c", "from assent.cli.main import main; main()", "--config", config]
    subprocess.run([*program, *arguments], check=True, capture_output=True)


async def test_what_another_process_changes_is_seen_at_once(tmp_path: Path) -> None:
    file = tmp_path / "assent.toml"
    await init_installation(
        file, public_url="http://localhost:9200", fhir=None, database="sqlite:///assent.db"
    )
    async with open_installation(read_settings(file), tmp_path) as installation:
        server = installation.server
        command(tmp_path, "client", "add", "--id", "heart", "--redirect-uri", "https://heart.example/")
        assert (await get_client(server, "heart")).enabled
        command(tmp_path, "client", "disable", "heart")
        assert not (await get_client(server, "heart")).enabled
        command(tmp_path, "user", "add", "amy", "--no-password")
        assert (await get_person(server, "amy")).username == "amy"
