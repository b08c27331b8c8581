"""When a process ends, waiting mail is tried once more; what is not sent leaves a trace that names nobody."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from applications import OpenWith
from assent.app.observation import configure_logs
from assent.app.outbound.mail import SmtpPost
from assent.app.settings import MailSettings
from assent.storage.tables import AUDIT
from assent.testing.application import Application
from assent.web.mails import Mail
from pages.mail import open_with_mail
from services.smtp_sink import Sink

MAIL = Mail("code", "amy@mail.example", "Your code", "ABCDE-FGHJK")
HOURS = (3600.0, 3600.0)


def post_to(port: int, folder: Path, again_after: tuple[float, ...] = HOURS) -> SmtpPost:
    settings = MailSettings("127.0.0.1", port, "none", sender="no-reply@elsewhere.example")
    return SmtpPost(settings, folder, {}, configure_logs("json", "info"), again_after)


async def put_off(sink: Sink, folder: Path) -> SmtpPost:
    """A post whose one mail waits for its second attempt."""
    sink.answers = ["451 later"]
    post = post_to(sink.port, folder)
    post.send_later(MAIL)
    await asyncio.wait_for(sink.refused.wait(), 60)
    return post


async def test_what_waits_for_another_attempt_is_sent_when_the_process_ends(
    sink: Sink, tmp_path: Path
) -> None:
    post = await put_off(sink, tmp_path)
    post.hurry()
    await post.finish()
    assert [to for to, _ in sink.taken] == [["amy@mail.example"]]


async def test_closing_sends_it_too(sink: Sink, tmp_path: Path) -> None:
    post = await put_off(sink, tmp_path)
    await post.close()
    assert len(sink.taken) == 1


async def test_closing_waits_for_no_server_that_is_gone(tmp_path: Path) -> None:
    post, causes = post_to(1, tmp_path), list[str]()

    async def given_up(_mail: Mail, cause: str) -> None:
        causes.append(cause)

    post.send_later(MAIL, given_up)
    await post.close()
    assert causes == ["the mail server cannot be reached: connection refused"]


@pytest.fixture
async def silent() -> AsyncIterator[int]:
    """The port of a server that takes calls and says nothing."""

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


async def test_a_server_that_never_speaks_is_left_when_the_time_is_up(silent: int, tmp_path: Path) -> None:
    post, causes = post_to(silent, tmp_path), list[str]()

    async def given_up(_mail: Mail, cause: str) -> None:
        causes.append(cause)

    post.send_later(MAIL, given_up)
    post.hurry(0.2)
    await post.close()
    assert causes == ["the server ended"]  # and not that it took too long


async def test_a_mail_that_was_not_sent_is_in_the_audit_log_and_counted_without_its_address(
    open_with: OpenWith, sink: Sink, capsys: pytest.CaptureFixture[str]
) -> None:
    application: Application = await open_with_mail(open_with, sink)
    sink.answers = ["550 no such mailbox"]
    browser = application.browser()
    await browser.open("/forgot-password")
    await browser.submit(username="amy")
    post = application.installation.post
    assert post is not None
    await post.finish()
    [event] = await application.server.storage.find(AUDIT, {"type": "mail.not_sent"})
    amy = (await application.server.storage.find(AUDIT, {"type": "password.reset_requested"}))[0].person_id
    assert (event.outcome, event.person_id) == ("failed", amy)
    assert event.detail == {"kind": "code", "cause": "the mail server answered 550"}
    labels = {"type": "mail.not_sent", "outcome": "failed"}
    assert application.installation.metrics.registry.get_sample_value("assent_events_total", labels) == 1
    assert "amy@mail.example" not in capsys.readouterr().err + repr(event)
