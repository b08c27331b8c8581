"""A real SMTP server in a thread of its own, for browsers that wait for what a server of ours mails."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

LONGEST_SECONDS = 60


@dataclass
class Mailbox:
    """Keeps the mail that it is sent, each until it is asked for."""

    port: int
    taken: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd's own name."""
        self.taken.append(message_from_bytes(envelope.original_content or b"", policy=default))
        return "250 kept"

    def last_to(self, address: str) -> EmailMessage:
        """The last mail to this address, once it is there."""
        until = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < until:
            found = [mail for mail in self.taken if mail["To"] == address]
            if found:
                return found[-1]
            time.sleep(0.02)
        raise AssertionError(f"no mail to {address} came")

    def found_in_last_to(self, address: str, pattern: str) -> str:
        """What the pattern finds in it."""
        found = re.search(pattern, self.last_to(address).get_content())
        assert found is not None, pattern
        return found[0]


@contextmanager
def open_mailbox(port: int) -> Iterator[Mailbox]:
    """A mail server at this port of loopback."""
    mailbox = Mailbox(port)
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, ready_timeout=LONGEST_SECONDS)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
