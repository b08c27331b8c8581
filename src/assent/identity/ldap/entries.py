"""An entry of a directory, made what we know of a person.

What gives rights is taken only where the settings name an attribute for it, and one that cannot be understood lets
nobody in. What is only shown is left out when it is malformed. What the directory no longer says of somebody, the
account loses.
"""

import uuid
from dataclasses import dataclass
from typing import Final

from assent.identity.ldap.settings import LdapSettings
from assent.identity.ldap.wire import Entry
from assent.spec.person_fields import language_of, mail_address_of, name_of, read_fhir_user

ACCOUNT_CONTROL: Final = "userAccountControl"
OBJECT_SID: Final = "objectSid"
PRIMARY_GROUP: Final = "primaryGroupID"
_LONGEST_SUBJECT: Final = 255


class BadEntry(Exception):
    """An entry that cannot be anybody here. The text is for the log: it names attributes, never whose."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the directory says of somebody. `gone` names what it could say, and does not."""

    subject: str
    username: str
    given_name: str | None
    family_name: str | None
    email: str | None
    locale: str | None
    fhir_user: str | None
    gone: tuple[str, ...]


def wanted_attributes(settings: LdapSettings) -> tuple[str, ...]:
    """What is asked of a person's entry, and no more."""
    names = (
        settings.subject,
        settings.username,
        settings.given_name,
        settings.family_name,
        settings.email,
        settings.locale,
        settings.fhir_user,
        settings.member_of,
        ACCOUNT_CONTROL,
        OBJECT_SID,
        PRIMARY_GROUP,
    )
    return tuple(dict.fromkeys(name for name in names if name))


def read_entry(settings: LdapSettings, entry: Entry) -> Said:
    """What the entry says, by the settings' mapping. Raises `BadEntry`."""
    said = {
        "given_name": name_of(_text(entry, settings.given_name)),
        "family_name": name_of(_text(entry, settings.family_name)),
        "email": mail_address_of(_text(entry, settings.email)),
        "locale": language_of((_text(entry, settings.locale) or "").split(",")[0].split(";")[0].strip()),
        "fhir_user": _fhir_user(settings, entry),
    }
    gone = tuple(name for name, value in said.items() if value is None and getattr(settings, name))
    return Said(_subject(settings, entry), _username(settings, entry), **said, gone=gone)


def known_as(settings: LdapSettings, entry: Entry) -> tuple[str, str] | None:
    """What identifies whom an entry is of, whether or not she is let in; None where nothing does."""
    try:
        return settings.provider, _subject(settings, entry)
    except BadEntry:
        return None


def first_value(entry: Entry, attribute: str | None) -> bytes | None:
    """The first value of an attribute; None without one."""
    values = entry.attributes.get((attribute or "").casefold(), ())
    return values[0] if values else None


def _subject(settings: LdapSettings, entry: Entry) -> str:
    """What identifies her for ever: exactly one value, a text or the sixteen octets of a GUID."""
    values = entry.attributes.get(settings.subject.casefold(), ())
    if len(values) != 1:
        raise BadEntry(f"{len(values)} values of {settings.subject}, which identifies people")
    [value] = values
    if settings.subject.casefold() in ("objectguid", "msexchmailboxguid"):
        if len(value) != 16:
            raise BadEntry(f"{settings.subject} is no GUID")
        return str(uuid.UUID(bytes_le=value))
    text = _decoded(value)
    if text is None or not text.strip() or not text.isprintable() or len(text) > _LONGEST_SUBJECT:
        raise BadEntry(f"{settings.subject} is no text that can identify anybody")
    return text.strip()


def _username(settings: LdapSettings, entry: Entry) -> str:
    text = _text(entry, settings.username)
    if text is None:
        raise BadEntry(f"no {settings.username}")
    return text


def _fhir_user(settings: LdapSettings, entry: Entry) -> str | None:
    text = _text(entry, settings.fhir_user)
    if text is None:
        return None
    try:
        return read_fhir_user(text).text
    except ValueError as error:
        raise BadEntry(f"{settings.fhir_user} names nobody of our FHIR server: {error}") from error


def _text(entry: Entry, attribute: str | None) -> str | None:
    value = first_value(entry, attribute)
    text = _decoded(value) if value is not None else None
    return text.strip() or None if text else None


def _decoded(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None
