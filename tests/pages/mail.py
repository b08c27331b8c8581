"""An installation with a real mail server behind it, for the pages that mail something."""

import re
from dataclasses import replace
from typing import Any

from applications import OpenWith
from assent.app.outbound.mail import SmtpPost
from assent.app.settings import MailSettings, ServerSettings, Settings
from assent.testing.application import PUBLIC_URL, Application
from services.smtp_sink import Sink

CODE = re.compile(r"\b([A-Z2-9]{5}-[A-Z2-9]{5})\b")
SENDER = "no-reply@elsewhere.example"
NEW = "seven quiet otters"


def with_mail(sink: Sink, **given: Any) -> Settings:
    """Settings of an installation that mails to the sink."""
    mail = MailSettings("127.0.0.1", sink.port, "none", sender=SENDER)
    server = ServerSettings(public_url=PUBLIC_URL, log_format="json", organization="St. Elsewhere")
    return replace(Settings(server=server, mail=mail), **given)


async def open_with_mail(open_with: OpenWith, sink: Sink, **given: Any) -> Application:
    """The application of these settings, with a patient in it."""
    application = await open_with(settings=with_mail(sink, **given))
    await application.add_client()
    await application.add_amy()
    return application


async def mailed(application: Application, sink: Sink) -> list[tuple[str, str, str]]:
    """What was mailed since it was last asked: to whom, the subject and the text."""
    post = application.installation.post
    assert isinstance(post, SmtpPost)
    await post.finish()
    taken = [(to[0], str(message["subject"]), message.get_content()) for to, message in sink.taken]
    sink.taken.clear()
    return taken


async def mailed_code(application: Application, sink: Sink) -> str:
    """The code in the one mail."""
    [(_, _, text)] = await mailed(application, sink)
    found = CODE.search(text)
    assert found is not None, text
    return found[1]
