"""Sending mail by SMTP, beside whatever goes on: a page never waits for a mail server, whatever that one does.

Each mail is a task of its own: a few at a time, tried again when the server is down or says later, given up in the end.
When a process ends, what waits is tried once more, at once, and what is not taken then is gone: a person asks again.
Never logged: addresses, texts, codes.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assent.app.settings import MailSettings
from assent.storage.interface import StorageError
from assent.web.log import Log
from assent.web.mails import Mail, MailDown, MailRejected

if TYPE_CHECKING:
    from assent.app.outbound.smtp import MailServer

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
        await self._server().take(mail)

    async def reach(self) -> None:
        """Asks the mail server whether it would take mail, and sends none. Raises `MailDown`."""
        await self._server().greet()

    def _server(self) -> "MailServer":
        from assent.app.outbound.smtp import MailServer  # a server starts without it

        return MailServer(self._settings, self._tls, self._username, self._password)

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
                if is_last or isinstance(error, MailRejected):
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


def tls_of(settings: MailSettings, folder: Path) -> ssl.SSLContext | None:
    """How the mail server is known. Raises OSError when `authorities` cannot be read."""
    if settings.security == "none":
        return None
    authorities = folder / settings.authorities if settings.authorities is not None else None
    return ssl.create_default_context(cafile=authorities)
