"""Sending mail by SMTP, beside whatever goes on: a page never waits for a mail server, whatever that one does.

Each mail is a task of its own: a few at a time, tried again when the server is down or says later, given up in the end.
When a process ends, what waits is tried once more, at once, and what is not taken then is gone: a person asks again.
Never logged: addresses, texts, codes.
Sources: RFC 5321, RFC 3207 (STARTTLS), RFC 8314 (TLS), RFC 3834 (Auto-Submitted).
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Final

import aiosmtplib

from assent.app.outbound.unreached import say_unreached
from assent.app.settings import MailSettings
from assent.spec.mail_addresses import is_mail_address
from assent.storage.interface import StorageError
from assent.web.log import Log
from assent.web.mails import Mail, MailDown

AT_ONCE: Final = 4
MOST_WAITING: Final = 500
LAST_WAIT_SECONDS: Final = 5.0
"""How long what is under way may take once nothing else is to be waited for."""

HURRY_SECONDS: Final = 8.5
"""How long it may take once a signal said that the process ends: within the ten seconds of `app.serving.server`."""

_AGAIN_AFTER: Final = (2.0, 15.0, 60.0)

GivenUp = Callable[[Mail, str], Awaitable[None]]
"""Hears of a mail that nobody will send any more, and why; the text names nobody."""


async def _tell_nobody(_mail: Mail, _cause: str) -> None:
    pass


class _Rejected(MailDown):
    """The mail server will never take it."""


class SmtpPost:
    """Sends the mail of all issuers. `again_after`: the waits between attempts, in seconds."""

    def __init__(
        self,
        settings: MailSettings,
        folder: Path,
        environment: Mapping[str, str],
        log: Log,
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
        self._ends = asyncio.Event()
        self._ends_at = 0.0

    def send_later(self, mail: Mail, given_up: GivenUp = _tell_nobody) -> None:
        """Has it sent. What is not, at once when too many wait already, is logged, and `given_up` hears of it."""
        if len(self._waiting) >= MOST_WAITING:
            work = self._give_up(mail, "too many mails are waiting", given_up)
        else:
            work = self._deliver(mail, given_up)
        task = asyncio.get_running_loop().create_task(work)
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
            raise MailDown(f"the mail server cannot be reached: {say_unreached(error)}") from error

    async def finish(self) -> None:
        """Waits until nothing is waiting to be sent."""
        while self._waiting:
            await asyncio.wait(self._waiting)

    def hurry(self, seconds: float = HURRY_SECONDS) -> None:
        """The process ends in so many seconds: whatever waits for another attempt makes it now, and it is the last."""
        if not self._ends.is_set():
            self._ends_at = asyncio.get_running_loop().time() + seconds
            self._ends.set()

    async def close(self) -> None:
        """Gives what is under way a few seconds, those of `hurry` if that was first, and the rest up."""
        self.hurry(LAST_WAIT_SECONDS)
        if not self._waiting:
            return
        seconds = max(self._ends_at - asyncio.get_running_loop().time(), 0)
        _, left = await asyncio.wait(self._waiting, timeout=seconds)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _deliver(self, mail: Mail, given_up: GivenUp) -> None:
        try:
            cause = await self._try(mail)
        except asyncio.CancelledError:
            cause = "the server ended"
        if cause is not None:
            await self._give_up(mail, cause, given_up)

    async def _try(self, mail: Mail) -> str | None:
        """Sends it, in several attempts if need be. Why it cannot be sent otherwise."""
        for wait in (*self._again_after, None):
            is_last = wait is None or self._ends.is_set()
            try:
                async with self._room:
                    await self.send(mail)
            except MailDown as error:
                if is_last or isinstance(error, _Rejected):
                    return str(error)
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._ends.wait()
            else:
                break
        self._log.info("mail_sent", kind=mail.kind)
        return None

    async def _give_up(self, mail: Mail, cause: str, given_up: GivenUp) -> None:
        self._log.warning("mail_not_sent", kind=mail.kind, cause=cause)
        try:
            await given_up(mail, cause)
        except StorageError as error:
            self._log.warning("mail_not_noted", kind=mail.kind, cause=str(error))

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
