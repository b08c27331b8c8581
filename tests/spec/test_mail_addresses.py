"""What mail can be sent to, and what only looks like it."""

import pytest

from assent.spec.mail_addresses import is_mail_address


@pytest.mark.parametrize(
    "text",
    [
        "amy@example.org",
        "Amy.O'Brien+health@mail.example",
        "a@localhost",
        "x@xn--mnchen-3ya.example",
        f"{'a' * 64}@example.org",
    ],
)
def test_an_address(text: str) -> None:
    assert is_mail_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "amy",
        "amy@",
        "@example.org",
        "amy@example..org",
        ".amy@example.org",
        "amy.@example.org",
        "amy@-example.org",
        "amy@example.org\r\nBcc: everybody@example.org",
        "amy@example.org\n",
        "amy@example.org, bob@example.org",
        "amy@[192.0.2.1]",
        '"amy b"@example.org',
        "Amy <amy@example.org>",
        "amy@exämple.org",
        f"{'a' * 65}@example.org",
        f"amy@{'a' * 64}.org",
        f"amy@{'a.' * 130}org",
    ],
)
def test_no_address(text: str) -> None:
    assert not is_mail_address(text)
