"""One conversation with a mail server, and the message as it goes out. Loaded with the first mail, or ahead (`tasks`).

Sources: RFC 5321, RFC 3207 (STARTTLS), RFC 8314 (TLS), RFC 3834 (Auto-Submitted).
"""

import asyncio
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formatdate, make_msgid

import aiosmtplib

from assent.app.outbound.unreached import say_unreached
from assent.app.settings import MailSettings
from assent.spec.mail_addresses import is_mail_address
from assent.web.mails import Mail, MailDown, MailRejected


@dataclass(frozen=True, slots=True)
class MailServer:
    """The mail server of the settings, how it is known, and who we are there."""

    settings: MailSettings
    tls: ssl.SSLContext | None
    username: str | None
    password: str | None

    async def take(self, mail: Mail) -> None:
        """Has it take the mail. Raises `MailDown`."""
        try:
            message = write_message(mail, self.settings.sender)
        except ValueError as error:
            raise MailRejected("the address of the account cannot be written to") from error
        await self._speak(message, mail.to)

    async def greet(self) -> None:
        """Asks it whether it would take mail, and sends none. Raises `MailDown`."""
        await self._speak(None, "")

    async def _speak(self, message: EmailMessage | None, to: str) -> None:
        try:
            async with asyncio.timeout(self.settings.timeout_seconds):
                await self._hand_over(message, to)
        except aiosmtplib.SMTPResponseException as error:
            kind = MailDown if 400 <= error.code < 500 else MailRejected
            raise kind(f"the mail server answered {error.code}") from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise MailDown(f"the mail server cannot be reached: {say_unreached(error)}") from error

    async def _hand_over(self, message: EmailMessage | None, to: str) -> None:
        settings = self.settings
        client = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            timeout=settings.timeout_seconds,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",  # never only "if it offers it"
            tls_context=self.tls,
            username=self.username,
            password=self.password,
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
