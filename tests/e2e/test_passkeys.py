"""Passkeys in a real browser, with an authenticator that Chromium makes up: beside the password, and instead of it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from e2e.conftest import OpenContext
from e2e.journey import sign_in
from e2e.processes import ServerProcess, free_port, run_assent
from e2e.watch import Watch

pytestmark = pytest.mark.browser

OWN = "/account/second-factor"
INTERNAL = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """`assent serve`, where a passkey alone signs in too."""
    folder = tmp_path_factory.mktemp("passkeys")
    config, port = folder / "assent.toml", free_port()
    server = ServerProcess(["--config", str(config), "serve"], port, folder / "serve.log")
    run_assent(config, "init", "--public-url", server.url, "--fhir", "http://localhost:1/fhir")
    config.write_text(config.read_text() + '\n[engine]\npasskeys = "sign_in"\n')
    names = ("amy", "ben", "cleo", "dora", "eli", "fay")
    people = [{"username": name, "password": "demo"} for name in names]
    run_assent(config, "user", "import", "-", said=json.dumps({"users": people}))
    server.start()
    yield server
    server.kill()


@dataclass
class Authenticator:
    """Chromium's virtual authenticator of one page."""

    cdp: CDPSession
    id: str

    @classmethod
    def of(cls, page: Page) -> "Authenticator":
        """A fresh one."""
        cdp = page.context.new_cdp_session(page)
        cdp.send("WebAuthn.enable")
        made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": INTERNAL})
        return cls(cdp, made["authenticatorId"])

    def credentials(self) -> list[dict[str, Any]]:
        """What it holds."""
        found: list[dict[str, Any]] = self._send("getCredentials")["credentials"]
        return found

    def go_back(self, credential: dict[str, Any]) -> None:
        """As a copy of the authenticator would: what it held before, with the count of then."""
        self._send("removeCredential", credentialId=credential["credentialId"])
        self._send("addCredential", credential=credential)

    def verify(self, *, succeeds: bool) -> None:
        """Whether it recognises its user from now on."""
        self._send("setUserVerified", isUserVerified=succeeds)

    def _send(self, command: str, **given: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.cdp.send(f"WebAuthn.{command}", {"authenticatorId": self.id, **given})
        return answer


def with_passkey(page: Page, served: ServerProcess, username: str, name: str = "My phone") -> Authenticator:
    """Somebody adds a passkey to her account, and signs out."""
    authenticator = Authenticator.of(page)
    page.goto(f"{served.url}/login?to={OWN}")
    sign_in(page, username)
    expect(page).to_have_url(served.url + OWN)
    page.fill("#name", name)
    page.click("#add-passkey")
    expect(page.locator("h1")).to_have_text("Keep these recovery codes")
    assert page.locator(".recovery li").count() == 10
    page.click("#submit")
    expect(page.get_by_text(name, exact=True)).to_be_visible()
    sign_out(page, served)
    return authenticator


def sign_out(page: Page, served: ServerProcess) -> None:
    page.goto(f"{served.url}/oauth/logout")
    page.click("#submit")


def test_a_passkey_is_the_second_step_after_the_password(page: Page, served: ServerProcess) -> None:
    with_passkey(page, served, "amy")
    page.goto(f"{served.url}/login?to=/account")
    sign_in(page, "amy")
    page.wait_for_url("**/second-factor?**")
    page.goto(f"{served.url}/account")  # no way around
    page.wait_for_url("**/second-factor?**")
    page.click("#use-passkey")
    expect(page).to_have_url(f"{served.url}/account")
    page.goto(served.url + OWN)
    expect(page.get_by_text("last used")).to_be_visible()


def test_a_passkey_alone_signs_in_where_it_recognises_its_user(page: Page, served: ServerProcess) -> None:
    with_passkey(page, served, "ben")
    page.goto(f"{served.url}/login?to=/account")
    page.click("#use-passkey")
    expect(page).to_have_url(f"{served.url}/account")
    expect(page.locator("dd").get_by_text("ben", exact=True)).to_be_visible()


def test_without_recognition_nobody_is_signed_in(page: Page, served: ServerProcess) -> None:
    authenticator = with_passkey(page, served, "cleo")
    authenticator.verify(succeeds=False)
    page.goto(f"{served.url}/login?to=/account")
    page.click("#use-passkey")
    expect(page.locator("[data-failed]")).to_be_visible()
    assert page.url.endswith("/login?to=/account")
    expect(page.locator("#use-passkey")).to_be_enabled()
    sign_in(page, "cleo")  # the password is still there, and the second step after it
    page.wait_for_url("**/second-factor?**")


def test_a_copied_authenticator_is_found_out(page: Page, served: ServerProcess) -> None:
    authenticator = with_passkey(page, served, "dora")
    [before] = authenticator.credentials()
    for _ in range(2):
        page.goto(f"{served.url}/login?to=/account")
        page.click("#use-passkey")
        expect(page).to_have_url(f"{served.url}/account")
        sign_out(page, served)
    authenticator.go_back(before)
    page.goto(f"{served.url}/login?to=/account")
    page.click("#use-passkey")
    expect(page.locator("#problem")).to_contain_text("could not be checked")
    page.goto(f"{served.url}/account")
    page.wait_for_url("**/login?**")


def test_the_same_authenticator_is_not_taken_twice_and_a_removed_passkey_opens_nothing(
    page: Page, served: ServerProcess
) -> None:
    authenticator = with_passkey(page, served, "eli", name="<b>Eli's</b> key")
    page.goto(f"{served.url}/login?to={OWN}")
    page.click("#use-passkey")
    expect(page).to_have_url(served.url + OWN)
    page.click("#add-passkey")
    expect(page.locator("[data-failed]")).to_be_visible()
    page.get_by_role("button", name=re.compile("Remove the passkey")).click()
    expect(page.get_by_role("button", name=re.compile("Remove the passkey"))).to_have_count(0)
    assert len(authenticator.credentials()) == 1
    sign_out(page, served)
    page.goto(f"{served.url}/login?to=/account")
    page.click("#use-passkey")
    expect(page.locator("#problem")).to_contain_text("could not be checked")


def test_without_script_the_other_ways_are_there(open_context: OpenContext, served: ServerProcess) -> None:
    page = open_context().new_page()
    authenticator = Authenticator.of(page)
    page.goto(f"{served.url}/login?to={OWN}")
    sign_in(page, "fay")
    page.click("#add-passkey")
    code = page.locator(".recovery code").first.inner_text()
    assert authenticator.credentials()

    plain: BrowserContext = open_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(f"{served.url}/login?to=/account")
    expect(page.locator("#use-passkey")).to_be_hidden()
    sign_in(page, "fay")
    page.wait_for_url("**/second-factor?**")
    expect(page.get_by_text("Passkeys cannot be used here")).to_be_visible()
    page.click("details.lost summary")
    page.fill("#recovery", code)
    page.click("#use-recovery")
    expect(page).to_have_url(f"{served.url}/account")


def test_only_our_script_runs_and_only_on_pages_for_passkeys(
    page: Page, served: ServerProcess, watch: Watch
) -> None:
    watch.expect("Content Security Policy")
    watch.expect("404")  # of the picture that does not exist
    answer = page.goto(f"{served.url}/login?to=/account")
    assert answer is not None
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title=1\">')")
    page.wait_for_timeout(200)
    assert page.title().startswith("Sign in")
    answer = page.goto(f"{served.url}/oauth/logout")
    assert answer is not None
    assert "script-src" not in answer.headers["content-security-policy"]
