"""The whole trip in Chromium: our pages' policy lets a person go to the provider and come back, both ways."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from docs.test_quickstart import wait_for
from scripts.free_ports import free_port
from services.oidc_provider import StartProvider

pytestmark = [pytest.mark.browser, pytest.mark.node]

SECRET = "a-secret-of-at-least-32-characters"
ASSENT = str(Path(sys.executable).parent / "assent")


def test_somebody_signs_in_and_out_and_nobody_is_left_signed_in(
    page: Page, start_oidc_provider: StartProvider, tmp_path: Path
) -> None:
    origin = f"http://localhost:{free_port()}"
    issuer = start_oidc_provider(
        {
            "client_id": "assent",
            "client_secret": SECRET,
            "redirect_uris": [f"{origin}/login/clinic/callback"],
            "post_logout_redirect_uris": [f"{origin}/login/clinic/signed-out"],
        },
        claims={"maria": {"given_name": "Maria"}},
    ).issuer
    run(tmp_path, "init", "--public-url", origin, "--fhir", "https://fhir.example/r4")
    with (tmp_path / "assent.toml").open("a") as file:
        file.write('\n[sign_in]\nmodules = ["oidc"]\n\n[providers.clinic]\ntitle = "Clinic account"\n')
        file.write(f'issuer = "{issuer}"\nclient_id = "assent"\nclient_secret = "{SECRET}"\n')
    serving = subprocess.Popen([ASSENT, "serve"], cwd=tmp_path, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"{origin}/health/ready", serving)
        sign_in(page, origin)
        page.goto(f"{origin}/oauth/logout")
        page.click("#submit")
        page.wait_for_url(f"{issuer}/session/end**")
        page.get_by_role("button", name="Yes, sign me out").click()
        page.wait_for_url(f"{origin}/login/clinic/signed-out**")
        expect(page.locator("h1")).to_contain_text("signed out")
        sign_in(page, origin)  # she is asked for her name there again
    finally:
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(60) == 0


def sign_in(page: Page, origin: str) -> None:
    """Straight to the provider, which is the only one, and back to the page that was wanted."""
    page.goto(f"{origin}/oauth/revoke")
    page.fill("input[name=login]", "maria")
    page.fill("input[name=password]", "any")
    asked = page.url
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: url != asked)
    if not page.url.startswith(origin):
        page.click("button[type=submit]")
    page.wait_for_url(f"{origin}/oauth/revoke")
    expect(page.locator("body")).to_contain_text("Maria")


def run(folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        [ASSENT, *arguments], cwd=folder, env=os.environ, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
