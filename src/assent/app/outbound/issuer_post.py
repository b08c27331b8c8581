"""The mail of one issuer: what cannot be sent is a row of its audit log, and counted, never with an address."""

from functools import partial

from assent.app.outbound.mail import SmtpPost
from assent.engine.events import audit_event, record
from assent.engine.server import AuthorizationServer
from assent.web.mails import Mail, MailDown


class IssuerPost:
    """Fulfils `web.mails.Post` by the installation's, and notes what that gives up."""

    def __init__(self, post: SmtpPost, server: AuthorizationServer) -> None:
        self._post = post
        self._server = server

    def send_later(self, mail: Mail) -> None:
        """Has it sent beside whatever goes on."""
        self._post.send_later(mail, partial(note_unsent, self._server))

    async def send(self, mail: Mail) -> None:
        """Sends it now. Raises `MailDown`."""
        try:
            await self._post.send(mail)
        except MailDown as error:
            await note_unsent(self._server, mail, str(error))
            raise


async def note_unsent(server: AuthorizationServer, mail: Mail, cause: str) -> None:
    """Writes down that somebody was not written to: which kind of mail it was, whose account, and why."""
    detail = {"kind": mail.kind, "cause": cause}
    await record(
        server, audit_event(server, "mail.not_sent", "failed", person_id=mail.person_id, detail=detail)
    )
