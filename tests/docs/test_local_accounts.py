"""docs/how-to/local-accounts.md: its settings and commands, from nothing to a person signed in."""

import asyncio
from pathlib import Path

import pytest

from assent.app.sign_in_settings import LocalSettings
from assent.engine.settings import EngineSettings
from assent.testing.browser import Browser
from cli.conftest import Run, installed, run
from cli.test_user_access import a_sink, mail_to
from docs.pages import HowTo, is_written
from e2e.processes import ServerProcess
from scripts.free_ports import free_port

__all__ = ["installed", "run"]

PAGE = HowTo("local-accounts.md")
PASSWORD = "a password that was typed"


@pytest.mark.parametrize("table", PAGE.blocks("toml"))
def test_its_settings_are_good_ones(installed: Run, table: str) -> None:
    Path("pwned-passwords.txt").write_text(f"{'0' * 40}:1\n")
    file = Path("assent.toml")
    file.write_text(f"{file.read_text()}\n{table}")
    ran = installed("check")
    assert ran.status == 0, ran.err


def test_what_it_says_of_defaults_is_so() -> None:
    engine, local = EngineSettings(), LocalSettings()
    assert (local.argon2_memory_kib // 1024, local.argon2_passes, local.argon2_lanes) == (19, 2, 1)
    assert (local.code_seconds, local.forgot_password) == (15 * 60, True)
    assert (engine.login_max_failures, engine.login_lock_seconds) == (10, 15 * 60)
    assert engine.login_lock_max_seconds == 4 * 3600


async def look_at_account(origin: str) -> str:
    """What amy's account page says, once she has signed in."""
    browser = Browser(None, origin)
    try:
        await browser.open("/account")
        page = await browser.sign_in("amy", PASSWORD)
        assert page.path == "/account"
        return page.text
    finally:
        await browser.close()


def test_from_nothing_to_a_person_signed_in(run: Run, tmp_path: Path) -> None:
    port = free_port()
    run("init", "--public-url", f"http://localhost:{port}", "--fhir", "https://fhir.example/r4")
    add, serve, *_ = PAGE.commands()
    assert serve == ["serve"]
    assert run(*add, "--password-stdin", stdin=f"{PASSWORD}\n").status == 0
    server = ServerProcess(["--config", str(tmp_path / "assent.toml"), *serve], port, tmp_path / "log")
    server.start()
    try:
        assert "Amy Shaw" in asyncio.run(look_at_account(server.url))
    finally:
        server.stop()


def test_the_help_desk_does_what_the_page_shows(installed: Run) -> None:
    add, _, *desk = PAGE.commands()
    deletes = ["user", "delete", "amy"]
    desk.remove(deletes)
    assert installed(*add, "--password-stdin", stdin=f"{PASSWORD}\n").status == 0
    with a_sink() as sink:
        mail_to(sink.port)
        for words in desk:
            ran = installed(*words)
            assert ran.status == 0, (words, ran.err)
    assert [to for to, _ in sink.taken] == [["amy@example.org"]]
    assert installed("audit", "list", "--user", "amy").status == 0
    assert installed(*deletes, "--yes").status == 0
    assert installed("user", "show", "amy").status == 1


@pytest.mark.parametrize("event", PAGE.codes("row"))
def test_every_audit_row_that_it_names_is_written(event: str) -> None:
    assert is_written(event)
