"""What is mailed to people: plain text in their language, and the contract of whatever sends it.

Owns the wording's places; the texts are messages, `mail.<kind>.subject` and `.text`. Nothing that an attacker
may choose is in a mail but what an account holds already. How mail is sent is `app.outbound.mail`'s.
"""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from assent.records.people import Person
from assent.web.languages import Languages
from assent.web.messages import Messages
from assent.web.negotiation import negotiate

Kind = Literal["code", "code_from_staff", "several", "changed", "locked", "signup", "signup_known"]


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail. `kind` and `person_id` (whose account it is about, if any) are what logs say of it; address and text
    are in none.
    """

    kind: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    language: str = "en"
    sender_name: str = ""
    person_id: str | None = None


class MailDown(Exception):
    """A mail was not taken; the text says why, for the log, and names nobody."""


class MailRejected(MailDown):
    """A mail that will never be taken."""


class Post(Protocol):
    """Sends mail."""

    def send_later(self, mail: Mail) -> None:
        """Has it sent beside whatever goes on: never waits, never raises, tries again by itself."""
        ...

    async def send(self, mail: Mail) -> None:
        """Sends it now. Raises `MailDown`."""
        ...


def write_mail(
    messages: Messages,
    kind: Kind,
    to: str,
    organization: str,
    link: str | None = None,
    *,
    person_id: str | None = None,
    **values: str | int,
) -> Mail:
    """A mail of this kind; `values` fill in its places, and `link` stands by itself below its text."""
    subject = messages.text(f"mail.{kind}.subject", site=organization)
    text = messages.text(f"mail.{kind}.text", site=organization, **values)
    if link is not None:
        text = f"{text}\n\n{link}"  # not among words, which put marks of direction around it
    text = f"{text}\n\n{messages.text('mail.end', site=organization)}\n"
    return Mail(kind, to, subject, text, messages.language, organization, person_id)


def messages_for(person: Person, languages: Languages, otherwise: Messages) -> Messages:
    """The texts in the language of an account, where we have it."""
    found = negotiate((person.locale,), languages.tags) if person.locale else None
    return languages.by_tag[found[0]] if found is not None else otherwise
