"""Sending mail by SMTP, beside whatever goes on: a page never waits for a mail server, whatever that one does.

Each mail is a task of its own: a few at a time, tried again when the server is down or says later, given up in the end.
What is not sent yet when a process ends is gone: a person asks again. Never logged: addresses, texts, codes.
Sources: RFC 5321, RFC 3207 (STARTTLS), RFC 8314 (TLS), RFC 3834 (Auto-Submitted).
"""

import asyncio
import ssl
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Final

import aiosmtplib
from structlog.typing import FilteringBoundLogger

from assent.app.settings import MailSettings
from assent.spec.mail_addresses import is_mail_address
from assent.web.mails import Mail, MailDown

AT_ONCE: Final = 4
MOST_WAITING: Final = 500
LAST_WAIT_SECONDS: Final = 5.0
_AGAIN_AFTER: Final = (2.0, 15.0, 60.0)


class _Rejected(MailDown):
    """The mail server will never take it."""


class SmtpPost:
    """Fulfils `web.mails.Post`. `again_after`: the waits between attempts, in seconds."""

    def __init__(
        self,
        settings: MailSettings,
        folder: Path,
        environment: Mapping[str, str],
        log: FilteringBoundLogger,
        again_after: tuple[float, ...] = _AGAIN_AFTER,
    ) -> None:
        self._settings = settings
        self._log = log
        self._again_after = again_after
        self._username = environment.get("ASSENT_MAIL_USERNAME") or None
        self._password = environment.get("ASSENT_MAIL_PASSWORD") or None
        self._tls = tls_of(settings, folder)
        self._room = asyncio.Semaphore(AT_ONCE)
        self._waiting: set[asyncio.Task[None]] = set()

    def send_later(self, mail: Mail) -> None:
        """Has it sent; when too many wait already, it is given up at once and that is logged."""
        if len(self._waiting) >= MOST_WAITING:
            self._log.warning("mail_not_sent", kind=mail.kind, cause="too many mails are waiting")
            return
        task = asyncio.get_running_loop().create_task(self._deliver(mail))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def send(self, mail: Mail) -> None:
        """Sends it now. Raises `MailDown`."""
        try:
            message = write_message(mail, self._settings.sender)
        except ValueError as error:
            raise _Rejected("the address of the account cannot be written to") from error
        await self._speak(message, mail.to)

    async def reach(self) -> None:
        """Asks the mail server whether it would take mail, and sends none. Raises `MailDown`."""
        await self._speak(None, "")

    async def _speak(self, message: EmailMessage | None, to: str) -> None:
        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                await self._hand_over(message, to)
        except aiosmtplib.SMTPResponseException as error:
            kind = MailDown if 400 <= error.code < 500 else _Rejected
            raise kind(f"the mail server answered {error.code}") from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise MailDown(f"the mail server cannot be reached: {type(error).__name__}") from error

    async def finish(self) -> None:
        """Waits until nothing is waiting to be sent."""
        while self._waiting:
            await asyncio.wait(self._waiting)

    async def close(self) -> None:
        """Gives what is under way a few seconds, and the rest up."""
        if not self._waiting:
            return
        _, left = await asyncio.wait(self._waiting, timeout=LAST_WAIT_SECONDS)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if left:
            self._log.warning("mail_not_sent", cause="the server ended", mails=len(left))

    async def _deliver(self, mail: Mail) -> None:
        for wait in (*self._again_after, None):
            try:
                async with self._room:
                    await self.send(mail)
            except MailDown as error:
                if wait is None or isinstance(error, _Rejected):
                    self._log.warning("mail_not_sent", kind=mail.kind, cause=str(error))
                    return
                await asyncio.sleep(wait)
            else:
                self._log.info("mail_sent", kind=mail.kind)
                return

    async def _hand_over(self, message: EmailMessage | None, to: str) -> None:
        settings = self._settings
        client = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            timeout=settings.timeout_seconds,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",  # never only "if it offers it"
            tls_context=self._tls,
            username=self._username,
            password=self._password,
        )
        async with client:  # which signs in, too
            if message is None:
                return
            await client.send_message(message, sender=settings.sender, recipients=[to])


def write_message(mail: Mail, sender: str) -> EmailMessage:
    """The message as it goes out. Raises ValueError for an address or a header that would be more than one."""
    if not is_mail_address(mail.to):
        raise ValueError("no address that anybody's mail server takes")
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = Address(mail.sender_name, addr_spec=sender)
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = mail.subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text, charset="utf-8")
    message["Content-Language"] = mail.language
    return message


def tls_of(settings: MailSettings, folder: Path) -> ssl.SSLContext | None:
    """How the mail server is known. Raises OSError when `authorities` cannot be read."""
    if settings.security == "none":
        return None
    authorities = folder / settings.authorities if settings.authorities is not None else None
    return ssl.create_default_context(cafile=authorities)
