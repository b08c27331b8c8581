"""Making an account in a real browser, with real mail: by keyboard alone, with script and without, in Arabic too."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from playwright.sync_api import Browser, Page, expect

from e2e.processes import ServerProcess, free_port, run_assent

pytestmark = pytest.mark.browser

PASSWORD = "a river, seven lamps and no bridge"
SETTINGS = """
[mail]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "no-reply@clinic.example"

[sign_up]
enabled = true
"""


@dataclass
class Mailbox:
    """Keeps the mail that a server of ours sends."""

    taken: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd's own name."""
        message = message_from_bytes(envelope.original_content or b"", policy=default)
        self.taken.append(message)
        return "250 kept"

    def last_to(self, address: str) -> EmailMessage:
        """The last mail to this address, once it is there."""
        until = time.monotonic() + 20
        while time.monotonic() < until:
            found = [mail for mail in self.taken if mail["To"] == address]
            if found:
                return found[-1]
            time.sleep(0.05)
        raise AssertionError(f"no mail to {address} came")

    def code_to(self, address: str) -> str:
        """The code in it."""
        found = re.search(r"\b\d{8}\b", self.last_to(address).get_content())
        assert found is not None
        return found[0]


@pytest.fixture(scope="module")
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    """A mail server on a free port."""
    kept, port = Mailbox(), free_port()
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    yield kept, port
    controller.stop()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, mailbox: tuple[Mailbox, int]) -> Iterator[ServerProcess]:
    """`assent serve`, where people may register."""
    folder = tmp_path_factory.mktemp("signup")
    config, port = folder / "assent.toml", free_port()
    server = ServerProcess(["--config", str(config), "serve"], port, folder / "serve.log")
    run_assent(config, "init", "--public-url", server.url, "--fhir", "http://localhost:1/fhir")
    config.write_text(config.read_text() + SETTINGS.format(port=mailbox[1]))
    server.start()
    yield server
    server.kill()


def ask_for_code(page: Page, served: ServerProcess, address: str) -> None:
    """Up to the second page, by keyboard alone: what is asked first has the focus already."""
    page.goto(f"{served.url}/login?to=/account")
    page.focus("#signup")
    page.keyboard.press("Enter")
    expect(page.locator("#email")).to_be_focused()
    page.keyboard.type(address)
    page.keyboard.press("Enter")
    expect(page.locator("#code")).to_be_focused()


def finish(page: Page, code: str, username: str, password: str = PASSWORD) -> None:
    for text in (code, username, password):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("script", [True, False])
def test_an_account_is_made_by_keyboard_alone(
    browser: Browser, served: ServerProcess, mailbox: tuple[Mailbox, int], language: str, script: bool
) -> None:
    page = browser.new_page(locale=language, java_script_enabled=script)
    username = f"maria-{language}-{script}".lower()
    address = f"{username}@mail.example"
    ask_for_code(page, served, address)
    mail = mailbox[0].last_to(address)
    assert mail["Content-Language"] == language
    assert mail["Auto-Submitted"] == "auto-generated"
    finish(page, mailbox[0].code_to(address), username)
    expect(page).to_have_url(f"{served.url}/account")
    expect(page.locator("dd").get_by_text(username, exact=True)).to_be_visible()
    page.close()


def test_a_wrong_code_is_told_at_the_code_and_mended_there(
    page: Page, served: ServerProcess, mailbox: tuple[Mailbox, int]
) -> None:
    ask_for_code(page, served, "ann@mail.example")
    finish(page, "1234", "ann")
    expect(page.locator("#problem")).to_be_visible()
    expect(page.locator("#code")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#username")).to_have_value("ann")
    page.fill("#code", mailbox[0].code_to("ann@mail.example"))
    page.fill("#password", PASSWORD)
    page.click("#submit")
    expect(page).to_have_url(f"{served.url}/account")
