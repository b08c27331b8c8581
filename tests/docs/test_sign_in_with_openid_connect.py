"""docs/how-to/sign-in-with-openid-connect.md with a real provider: its settings, its commands, somebody signed in."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from assent.actions.providers.definition import PROVIDER_FIELDS
from assent.testing.browser import Browser
from docs.test_quickstart import wait_for
from scripts.free_ports import free_port
from services.oidc_provider import StartProvider

pytestmark = pytest.mark.node

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "sign-in-with-openid-connect.md"
SECRET = "a-secret-of-at-least-32-characters"


def blocks(language: str) -> list[str]:
    """The page's blocks of this language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)


def test_every_field_of_the_page_is_one_that_a_definition_has(tmp_path: Path) -> None:
    [definition, tenants, trusted] = blocks("json")
    [table] = [one for one in blocks("toml") if "[providers." in one]
    environment = {**os.environ, "STATE_ID_SECRET": SECRET}
    run(tmp_path, environment, "init --fhir https://fhir.example/r4")
    with (tmp_path / "assent.toml").open("a") as file:
        file.write(table)
    (tmp_path / "clinic.json").write_text(definition)
    run(tmp_path, environment, "provider add clinic --issuer https://id.clinic.example --client-id assent")
    run(tmp_path, environment, "provider edit clinic --file clinic.json")
    (tmp_path / "clinic.json").write_text(trusted)
    run(tmp_path, environment, "provider edit clinic --file clinic.json")
    (tmp_path / "entra.json").write_text(tenants.replace("{", '{"name": "entra", "client_id": "assent",', 1))
    run(tmp_path, environment, "provider add --file entra.json")
    assert "https://id.state.example" in run(tmp_path, environment, "provider show state")


def test_every_field_of_a_definition_is_on_the_page() -> None:
    [_, table] = PAGE.read_text(encoding="utf-8").split("## Every field")
    first_cells = "".join(line.split("|")[1] for line in table.splitlines() if line.startswith("|"))
    assert set(re.findall(r"`([a-z_]+)`", first_cells)) == set(PROVIDER_FIELDS)


async def test_from_an_installation_to_somebody_signed_in(
    start_oidc_provider: StartProvider, tmp_path: Path
) -> None:
    origin = f"http://localhost:{free_port()}"
    registered = {
        "client_id": "assent",
        "client_secret": SECRET,
        "redirect_uris": [f"{origin}/login/clinic/callback"],
        "post_logout_redirect_uris": [f"{origin}/login/clinic/signed-out"],
        "backchannel_logout_uri": f"{origin}/login/clinic/backchannel-logout",
    }
    issuer = start_oidc_provider(registered, claims={"maria": {"given_name": "Maria"}}).issuer
    run(tmp_path, os.environ, f"init --public-url {origin} --fhir https://fhir.example/r4")
    with (tmp_path / "assent.toml").open("a") as file:
        file.write(blocks("toml")[0])
    (tmp_path / "secret.txt").write_text(SECRET + "\n")
    commands = "".join(blocks("sh")).replace("https://id.clinic.example", issuer).splitlines()
    assert commands[-1] == "assent serve"
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for command in commands[:-1]:
        subprocess.run(["bash", "-e", "-c", command], cwd=tmp_path, env=environment, check=True, timeout=60)
    serving = subprocess.Popen(["assent", "serve"], cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)
    browser, there = Browser(None, origin), Browser(None, issuer)
    try:
        wait_for(f"{origin}/health/ready", serving)
        page = await browser.open("/oauth/revoke")
        assert "Sign in with Clinic account" in page.text
        page = await there.open(str((await browser.open("/login/clinic")).left_to))
        while page.left_to is None:
            [form] = page.forms
            fields = {one.name: one.value for one in form.fields}
            page = await there.post(form.action, list((fields | {"login": "maria", "password": "x"}).items()))
        page = await browser.open(page.left_to)
        assert (page.status, page.path) == (200, "/oauth/revoke")
        assert "Maria" in page.text
    finally:
        await browser.close()
        await there.close()
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(60) == 0
    assert "maria" in run(tmp_path, os.environ, "user list")


def run(folder: Path, environment: "os._Environ[str] | dict[str, str]", arguments: str) -> str:
    command = [str(Path(sys.executable).parent / "assent"), *arguments.split()]
    done = subprocess.run(
        command, cwd=folder, env=dict(environment), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
