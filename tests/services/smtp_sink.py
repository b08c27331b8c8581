"""A real SMTP server that keeps what it is sent: on a free port, with STARTTLS or TLS where a test wants it."""

import asyncio
import email
import ssl
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Sink:
    """`taken` is what it was sent, with the addresses of the envelope; `answers` are given before it takes anything.

    `refused` is set once one of those was given. `login`: the user name and password that it wants.
    """

    port: int = 0
    taken: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    login: tuple[str, str] | None = None
    refused: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd's own name."""
        if self.answers:
            self.refused.set()
            return self.answers.pop(0)
        content = envelope.original_content or b""
        message = email.message_from_bytes(content, policy=default)
        self.taken.append((list(envelope.rcpt_tos), message))
        return "250 kept"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        """Takes the one login."""
        assert isinstance(data, LoginPassword)
        right = (data.login.decode(), data.password.decode()) == self.login
        return AuthResult(success=right, handled=False)


async def serving(
    sink: Sink, *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
) -> asyncio.Server:
    """A server that gives the sink what it takes, on a free port."""

    def protocol() -> SMTP:
        with warnings.catch_warnings():
            # it warns of logins without STARTTLS, and does not see TLS from the beginning
            warnings.simplefilter("ignore", UserWarning)
            return SMTP(
                sink,
                hostname="sink.example",
                ident="sink",
                tls_context=starttls,
                require_starttls=starttls is not None,
                authenticator=sink.authenticate if sink.login else None,
                auth_required=sink.login is not None,
                auth_require_tls=False,
                enable_SMTPUTF8=False,
            )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=tls)
    sink.port = server.sockets[0].getsockname()[1]
    return server


OpenSink = Callable[..., Awaitable[Sink]]


@pytest.fixture
async def open_sink() -> AsyncIterator[OpenSink]:
    """Opens a sink: `await open_sink(login=…, starttls=context, tls=context)`."""
    async with AsyncExitStack() as stack:

        async def open_(
            *,
            login: tuple[str, str] | None = None,
            starttls: ssl.SSLContext | None = None,
            tls: ssl.SSLContext | None = None,
        ) -> Sink:
            sink = Sink(login=login)
            server = await serving(sink, starttls=starttls, tls=tls)
            stack.push_async_callback(server.wait_closed)
            stack.callback(server.close)
            return sink

        yield open_


@pytest.fixture
async def sink(open_sink: OpenSink) -> Sink:
    """A sink without TLS."""
    return await open_sink()
