"""Fields of a person by rules that are the same whoever says them: a definition, a provider, a directory, a proxy.

Owns their shape. Mail addresses are taken here that only some mail servers take (`mail_addresses` is what we send to),
and language tags that nobody registered. Sources: SMART App Launch 2.2 (fhirUser), RFC 5646 2.1 (language tags).
"""

import re
from typing import Final

from assent.spec.identifiers import Reference, read_reference
from assent.spec.shown_text import shown_text

FHIR_USER_TYPES: Final = ("Patient", "Practitioner", "RelatedPerson", "Person")
LONGEST_NAME: Final = 100
MAIL_ADDRESS: Final = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]{1,190}")
LANGUAGE_TAG: Final = re.compile(
    r"(?:[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})"  # language
    r"(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?"  # script, region
    r"(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3})){0,4}"  # variants
    r"(?:-[0-9A-WYZa-wyz](?:-[A-Za-z0-9]{2,8}){1,4}){0,4}(?:-[Xx](?:-[A-Za-z0-9]{1,8}){1,4})?"  # extensions
)


def read_fhir_user(text: str) -> Reference:
    """Who somebody is on the FHIR server; ValueError, saying the rule, for what can be nobody."""
    reference = read_reference(text)
    if reference.resource_type not in FHIR_USER_TYPES:
        raise ValueError(f"is none of {', '.join(FHIR_USER_TYPES)}")
    return reference


def name_of(text: str | None) -> str | None:
    """A name as it may be shown; None when nothing of it may."""
    return (shown_text(text, LONGEST_NAME) or None) if text else None


def mail_address_of(text: str | None) -> str | None:
    """A mail address; None for what is none."""
    return text if text and MAIL_ADDRESS.fullmatch(text) else None


def language_of(text: str | None) -> str | None:
    """A language tag such as `de-CH`, also of `de_CH` (OpenID Connect Core 5.1: `locale`); None for what is none."""
    tag = (text or "").replace("_", "-")
    return tag if LANGUAGE_TAG.fullmatch(tag) else None


def reads_like_a_record(username: str) -> bool:
    """Whether a user name begins as a `fhirUser` does, so that who is named by it could be taken for somebody else."""
    resource_type, slash, _ = username.partition("/")
    return bool(slash) and resource_type in (*FHIR_USER_TYPES, "PractitionerRole")
