"""Mail is sent beside the pages, by a real SMTP conversation; what goes wrong with it is nobody's wait."""

import asyncio
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assent.app.configuration import ConfigurationError, read_settings_text
from assent.app.local_accounts import local_file_mistakes, local_warnings, mail_file_mistakes
from assent.app.outbound.mail import MOST_WAITING, SmtpPost
from assent.app.outbound.smtp import write_message
from assent.app.settings import IssuerSettings, MailSettings
from assent.app.sign_in_settings import LocalSettings, SignInSettings
from assent.web.log import Log
from assent.web.mails import Mail, MailDown
from services.authority import Authority
from services.smtp_sink import OpenSink, Sink

CODE = "ABCDE-FGHJK"
MAIL = Mail(
    "code", "amy@mail.example", "Ihr Code für St. Elsewhere", f"Grüße,\n\n    {CODE}\n", "de", "St. Elsewhere"
)


LOGGED: list[dict[str, Any]] = []
LOG = Log(LOGGED.append)


@pytest.fixture
def logs() -> list[Any]:
    """What is logged in the test."""
    LOGGED.clear()
    return LOGGED


def post_to(sink: Sink, folder: Path) -> SmtpPost:
    settings = MailSettings("127.0.0.1", sink.port, "none", sender="no-reply@elsewhere.example")
    return SmtpPost(settings, folder, {}, LOG, again_after=(0.0, 0.0))


async def test_a_mail_arrives_as_it_was_written(sink: Sink, tmp_path: Path) -> None:
    post = post_to(sink, tmp_path)
    post.send_later(MAIL)
    await post.finish()
    [(addresses, message)] = sink.taken
    assert addresses == ["amy@mail.example"]
    assert message["from"] == '"St. Elsewhere" <no-reply@elsewhere.example>'
    assert message["to"] == "amy@mail.example"
    assert message["subject"] == MAIL.subject
    assert message["auto-submitted"] == "auto-generated"
    assert message["content-language"] == "de"
    assert message.get_content().replace("\r\n", "\n") == MAIL.text


async def test_what_the_server_puts_off_is_tried_again(sink: Sink, tmp_path: Path) -> None:
    sink.answers = ["451 later", "421 later still"]
    post = post_to(sink, tmp_path)
    post.send_later(MAIL)
    await post.finish()
    assert len(sink.taken) == 1


@pytest.mark.parametrize(("answers", "cause"), [(["550 no such mailbox"], "550"), (["451 later"] * 3, "451")])
async def test_what_cannot_be_sent_is_given_up_and_logged_without_a_name(
    sink: Sink, tmp_path: Path, logs: list[Any], answers: list[str], cause: str
) -> None:
    sink.answers = [*answers]
    post = post_to(sink, tmp_path)
    post.send_later(MAIL)
    await post.finish()
    [entry] = logs
    assert entry.pop("timestamp")
    assert entry == {
        "event": "mail_not_sent",
        "kind": "code",
        "cause": f"the mail server answered {cause}",
        "level": "warning",
    }
    assert sink.answers == []


async def test_nobody_waits_for_a_server_that_is_not_there(tmp_path: Path, logs: list[Any]) -> None:
    settings = MailSettings("127.0.0.1", 1, "none", sender="a@b.example")
    post = SmtpPost(settings, tmp_path, {}, LOG, again_after=())
    for _ in range(MOST_WAITING + 20):
        post.send_later(MAIL)
    assert logs == []  # nothing was tried yet
    await post.finish()
    assert {entry["cause"] for entry in logs} == {
        "too many mails are waiting",
        "the mail server cannot be reached: connection refused",
    }
    with pytest.raises(MailDown, match="cannot be reached"):
        await post.send(MAIL)


async def test_a_server_that_never_speaks_is_left_after_a_time(tmp_path: Path) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until the other side hangs up
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    settings = MailSettings(
        "127.0.0.1", server.sockets[0].getsockname()[1], "none", sender="a@b.example", timeout_seconds=1
    )
    post = SmtpPost(settings, tmp_path, {}, LOG, again_after=())
    with pytest.raises(MailDown, match="timed out"):
        await post.send(MAIL)
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize(
    "to",
    [
        "amy@mail.example\r\nBcc: eve@mail.example",
        "amy@mail.example,eve@mail.example",
        "amy",
        "amy@mail.example>, <eve@mail.example",
        "",
    ],
)
async def test_an_address_that_is_more_than_one_is_written_to_by_nobody(
    sink: Sink, tmp_path: Path, logs: list[Any], to: str
) -> None:
    post = post_to(sink, tmp_path)
    post.send_later(Mail("code", to, "subject", "text"))
    await post.finish()
    assert sink.taken == []
    assert logs[0]["cause"] == "the address of the account cannot be written to"


@pytest.mark.parametrize("subject", ["x\r\nBcc: eve@mail.example", "x\nX-Evil: 1", "x\r\n\r\nbody"])
def test_a_header_cannot_be_broken_out_of(subject: str) -> None:
    with pytest.raises(ValueError, match=r"linefeed|newline"):
        write_message(Mail("code", "amy@mail.example", subject, "text"), "a@b.example")


async def test_neither_code_nor_address_is_in_a_repr(sink: Sink) -> None:
    assert CODE not in repr(MAIL)
    assert "amy" not in repr(MAIL)


# --- TLS -------------------------------------------------------------------------------------------------------------


def server_context(authority: Authority, *hosts: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("mail", *hosts))
    return context


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_server_is_signed_in_to_under_tls_that_is_checked(
    open_sink: OpenSink, tmp_path: Path, security: Any
) -> None:
    authority = Authority(tmp_path)
    context = server_context(authority, "127.0.0.1")
    sink = await open_sink(
        login=("assent", "a secret"),
        **({"starttls": context} if security == "starttls" else {"tls": context}),
    )
    settings = MailSettings(
        "127.0.0.1", sink.port, security, authority.file.name, "no-reply@elsewhere.example"
    )
    environment = {"ASSENT_MAIL_USERNAME": "assent", "ASSENT_MAIL_PASSWORD": "a secret"}
    await SmtpPost(settings, tmp_path, environment, LOG).send(MAIL)
    assert len(sink.taken) == 1
    wrong = {**environment, "ASSENT_MAIL_PASSWORD": "another"}
    with pytest.raises(MailDown, match="535"):
        await SmtpPost(settings, tmp_path, wrong, LOG).send(MAIL)
    untrusted = replace(settings, authorities=None)
    with pytest.raises(MailDown, match="cannot be reached"):
        await SmtpPost(untrusted, tmp_path, environment, LOG).send(MAIL)


async def test_a_certificate_for_another_name_is_refused(open_sink: OpenSink, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    sink = await open_sink(starttls=server_context(authority, "elsewhere.example"))
    settings = MailSettings("127.0.0.1", sink.port, "starttls", authority.file.name, "a@b.example")
    with pytest.raises(MailDown):
        await SmtpPost(settings, tmp_path, {}, LOG).send(MAIL)
    assert sink.taken == []


async def test_a_server_that_leaves_starttls_out_gets_nothing(sink: Sink, tmp_path: Path) -> None:
    settings = MailSettings("127.0.0.1", sink.port, "starttls", sender="a@b.example")
    with pytest.raises(MailDown):
        await SmtpPost(settings, tmp_path, {}, LOG).send(MAIL)
    assert sink.taken == []


# --- what operators are told -----------------------------------------------------------------------------------------


async def test_a_server_is_asked_whether_it_would_take_mail(open_sink: OpenSink, tmp_path: Path) -> None:
    sink = await open_sink(login=("assent", "a secret"))
    settings = MailSettings("127.0.0.1", sink.port, "none", sender="a@b.example")
    environment = {"ASSENT_MAIL_USERNAME": "assent", "ASSENT_MAIL_PASSWORD": "a secret"}
    await SmtpPost(settings, tmp_path, environment, LOG).reach()
    with pytest.raises(MailDown, match="535"):
        await SmtpPost(settings, tmp_path, {**environment, "ASSENT_MAIL_PASSWORD": "x"}, LOG).reach()
    assert sink.taken == []


@pytest.mark.parametrize(
    ("mail", "said"),
    [
        ({"host": "mail.example"}, "mail.sender: is needed, as mail.host is set"),
        ({"host": "mail.example", "sender": "a@b.example", "security": "none"}, "mail.security: none is for"),
        ({"host": "mail.example", "sender": "a@b.example\\nBcc: eve"}, "mail.sender: must be an address"),
        ({"port": 0}, "mail.port: must be 1 to 65535"),
    ],
)
def test_settings_of_mail_that_do_not_agree_are_named(mail: dict[str, Any], said: str) -> None:
    lines = [
        f"{name} = {value!r}" if isinstance(value, int) else f'{name} = "{value}"'
        for name, value in mail.items()
    ]
    with pytest.raises(ConfigurationError) as refused:
        read_settings_text("[mail]\n" + "\n".join(lines), {})
    assert any(one.startswith(said) for one in refused.value.mistakes)


def test_files_that_are_not_there_are_mistakes_and_short_passwords_a_warning(tmp_path: Path) -> None:
    local = LocalSettings(breached_passwords="none.txt", password_length=6)
    issuer = IssuerSettings("https://auth.example", sign_in=SignInSettings(local=local))
    [mistake] = local_file_mistakes(issuer, "issuers.x.", tmp_path)
    assert mistake == "issuers.x.sign_in.local.breached_passwords: cannot be read: No such file or directory"
    [warning] = local_warnings(issuer, "")
    assert warning.startswith("sign_in.local.password_length: ")
    [mistake] = mail_file_mistakes(MailSettings("mail.example", authorities="none.pem"), tmp_path)
    assert mistake.startswith("mail.authorities: cannot be read")
    assert list(mail_file_mistakes(MailSettings(), tmp_path)) == []
