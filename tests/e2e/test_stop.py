"""SIGTERM finishes what has begun: nobody who was heard goes without an answer."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from assent.testing.browser import Browser
from e2e.processes import ServerProcess, run_assent
from e2e.programs import Programs, add_cast, connect, sign_in
from scripts.free_ports import free_port
from services.smtp_sink import Sink

IN_FLIGHT = 30
MOST_SECONDS = 60


@dataclass
class Sent:
    """`all` once so many requests of a client were sent, to the last byte."""

    wanted: int
    number: int = 0
    all: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self, request: httpx.Request) -> None:
        """For httpx's `event_hooks`."""
        request.extensions["trace"] = self._note

    async def _note(self, event: str, _info: object) -> None:
        self.number += event == "http11.send_request_body.complete"
        if self.number >= self.wanted:
            self.all.set()


@pytest.mark.parametrize("workers", [1, 2])
async def test_sigterm_under_load_answers_what_was_begun_and_exits_0(tmp_path: Path, workers: int) -> None:
    port, config = free_port(), tmp_path / "assent.toml"
    server = ServerProcess(["--config", str(config), "serve"], port, tmp_path / "log")
    run_assent(config, "init", "--public-url", server.url)
    config.write_text(config.read_text().replace("[database]", f"workers = {workers}\n\n[database]"))
    key = add_cast(config)
    server.start()
    try:
        cookies = await sign_in(server.url, "amy")
        async with connect(server.url) as http:
            programs, sent = Programs(http, server.url, key, cookies), Sent(IN_FLIGHT)
            http.event_hooks["request"].append(sent.follow)
            waiting = [asyncio.create_task(programs.new_code()) for _ in range(IN_FLIGHT)]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait_for(sent.all.wait(), MOST_SECONDS)  # the others are under way
            server.terminate()
            answers = await asyncio.gather(*waiting)
            assert len(set(answers)) == IN_FLIGHT
            assert server.process is not None
            assert await asyncio.to_thread(server.process.wait, MOST_SECONDS) == 0
    finally:
        server.kill()


async def test_a_mail_that_was_put_off_is_sent_before_the_end(tmp_path: Path, sink: Sink) -> None:
    sink.answers = ["451 later"]
    port, config = free_port(), tmp_path / "assent.toml"
    server = ServerProcess(["--config", str(config), "serve"], port, tmp_path / "log")
    run_assent(config, "init", "--public-url", server.url)
    mail = f'host = "127.0.0.1"\nport = {sink.port}\nsecurity = "none"\nsender = "no-reply@elsewhere.example"'
    config.write_text(f"{config.read_text()}\n[mail]\n{mail}\n")
    add_cast(config)
    run_assent(config, "user", "edit", "amy", "--email", "amy@mail.example")
    server.start()
    try:
        browser = Browser(None, server.url)
        await browser.open("/forgot-password")
        assert (await browser.submit(username="amy")).path == "/forgot-password/code"
        await browser.close()
        await asyncio.wait_for(sink.refused.wait(), MOST_SECONDS)
        server.terminate()
        assert server.process is not None
        assert await asyncio.to_thread(server.process.wait, MOST_SECONDS) == 0
        assert [to for to, _ in sink.taken] == [["amy@mail.example"]]
    finally:
        server.kill()
