"""docs/how-to/sign-in-with-saml.md with a real provider: its settings, its commands, somebody signed in by Chromium."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page

from assent.app.configuration import read_settings_text
from docs.test_quickstart import wait_for
from docs.test_sign_in_with_openid_connect import run
from scripts.free_ports import free_port

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "sign-in-with-saml.md"
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def blocks(language: str) -> list[str]:
    """The page's blocks of this language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)


def test_every_setting_of_the_page_is_one() -> None:
    for table in blocks("toml"):
        read_settings_text(table, {})


@contextmanager
def running(*command: str, folder: Path, until: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program of the page, until it is interrupted."""
    process = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stderr=subprocess.DEVNULL)
    try:
        wait_for(until, process)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def sign_out_and_in_again(page: Page, origin: str) -> None:
    """Out here and there, so that the provider asks again."""
    page.goto(f"{origin}/oauth/logout")
    page.click("#submit")
    page.wait_for_url(f"{origin}/login/clinic/logout*")
    assert "You are signed out" in page.content()
    page.goto(f"{origin}/login/clinic")
    page.fill("input[name=username]", "maria")
    page.fill("input[name=password]", "demo")
    page.click("#submit")
    page.wait_for_url(f"{origin}/oauth/revoke")


def test_from_an_installation_to_somebody_signed_in(page: Page, tmp_path: Path) -> None:
    origin, there = f"http://localhost:{free_port()}", free_port()
    run(tmp_path, os.environ, f"init --public-url {origin} --fhir https://fhir.example/r4")
    metadata_url = f"http://127.0.0.1:{there}/metadata"
    with (tmp_path / "assent.toml").open("a") as file:
        file.write(blocks("toml")[0].replace("https://idp.clinic.example/metadata", metadata_url))
    [options], [by_hand], [commands] = blocks("json"), blocks("bash"), blocks("sh")
    given = options.replace("9300", str(there)).replace("http://localhost:9200", origin)
    (tmp_path / "idp.json").write_text(given)
    *before, start_provider = by_hand.splitlines()
    assert start_provider == ".venv/bin/python tests/upstream/saml_idp.py idp.json"
    *before_serving, serve = commands.splitlines()
    assert serve == "assent serve"
    for command in (*before, *before_serving):
        subprocess.run(
            ["bash", "-e", "-c", command],
            cwd=tmp_path,
            env=ENVIRONMENT,
            check=True,
            timeout=60,
            capture_output=True,
        )
    with ExitStack() as stack:
        program = str(ROOT / "tests" / "upstream" / "saml_idp.py")
        stack.enter_context(running(sys.executable, program, "idp.json", folder=tmp_path, until=metadata_url))
        stack.enter_context(running("assent", "serve", folder=tmp_path, until=f"{origin}/health/ready"))
        page.goto(f"{origin}/oauth/revoke")
        page.get_by_text("Sign in with Clinic account").click()
        page.fill("input[name=username]", "maria")
        page.fill("input[name=password]", "demo")
        page.click("#submit")
        page.wait_for_url(f"{origin}/oauth/revoke")
        assert "Maria" in page.content()
        said = subprocess.run(
            ["assent", "doctor"], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True
        )
        assert f"the metadata is that of {metadata_url}" in " ".join(said.stdout.split())
        tried = run(tmp_path, os.environ, "provider test clinic")
        assert "our signed request is answered" in " ".join(tried.split())
        assert "http://localhost:9200/oauth/logout" in PAGE.read_text(encoding="utf-8")
        sign_out_and_in_again(page, origin)
        assert "http://127.0.0.1:9300/end?username=maria" in PAGE.read_text(encoding="utf-8")
        page.goto(f"http://127.0.0.1:{there}/end?username=maria")
        assert "Signed out: Success." in page.content()
        page.goto(f"{origin}/account")
        assert page.url != f"{origin}/account"
    assert "maria" in run(tmp_path, os.environ, "user list")
