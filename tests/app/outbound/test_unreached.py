"""Why something elsewhere was not reached, in plain words."""

import socket
import ssl

import aiohttp
import aiosmtplib
import pytest

from assent.app.outbound.unreached import say_unreached


def _not_trusted() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "verify failed")
    error.verify_message = "self-signed certificate"
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 9)"), "connection refused"),
        (OSError("Multiple exceptions: [Errno 111] Connect, [Errno 111] Connect"), "connection refused"),
        (socket.gaierror(-2, "Name or service not known"), "its name is not known"),
        (TimeoutError(), "timed out"),
        (aiohttp.ServerTimeoutError(), "timed out"),
        (ConnectionResetError(104, "reset"), "the connection was broken off"),
        (OSError(101, "Network is unreachable"), "network is unreachable"),
        (_not_trusted(), "its certificate is not trusted: self-signed certificate"),
        (ValueError("secret words"), "no usable answer (ValueError)"),
    ],
)
def test_each_cause_has_words_of_ours(error: BaseException, words: str) -> None:
    assert say_unreached(error) == words


async def test_the_innermost_cause_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there, and nobody else begins to
        port = taken.getsockname()[1]
        async with aiohttp.ClientSession() as web:
            with pytest.raises(aiohttp.ClientError) as by_http:
                await web.get(f"http://127.0.0.1:{port}")
        with pytest.raises(aiosmtplib.SMTPException) as by_mail:
            await aiosmtplib.SMTP(hostname="127.0.0.1", port=port).connect()
    assert say_unreached(by_http.value) == "connection refused"
    assert say_unreached(by_mail.value) == "connection refused"
