"""Single logout: the requests and answers that end somebody's session on the other side, written and read.

Sources: SAML Core 3.7 (LogoutRequest, LogoutResponse), Profiles 4.4 (Single Logout), Bindings 3.4.5.2, 3.5.5.2.
"""

from dataclasses import dataclass
from typing import Final

from lxml import etree

from assent.identity.saml.assertions import NameId, read_name_id
from assent.identity.saml.names import NAME_ID_FORMATS, SAML, SAMLP, SUCCESS, name
from assent.identity.saml.responses import Expected, NotGood, check_answer, check_destination, check_issuer
from assent.identity.saml.xml import Element, attribute, instant, only, read_instant, text_of

OLDEST_SECONDS: Final = 600
"""How old a request may be: so long its ID is remembered."""
_LONGEST_ID: Final = 255


@dataclass(frozen=True, slots=True)
class KeptName:
    """What a request to sign out there says of a session: kept from its assertion. `provider`: the entity id."""

    provider: str
    name_id: NameId
    session_index: str | None


@dataclass(frozen=True, slots=True)
class LogoutAsked:
    """Whom a request that is good signs out: in the sessions named, in all where none is. Instants: epoch seconds."""

    request_id: str
    name_id: NameId
    session_indexes: tuple[str, ...]
    remember_until: int


def said_name(name_id: NameId) -> str:
    """A name as it is compared: its qualifiers are those of the two sides, said or not (Core 8.3.7)."""
    return f"{name_id.format or NAME_ID_FORMATS['unspecified']}\n{name_id.value}"


def logout_request(entity_id: str, to: str, request_id: str, kept: KeptName, now: int) -> Element:
    """The LogoutRequest for the session that `kept` is of."""
    root = _message("LogoutRequest", entity_id, to, request_id, now)
    root.set("NotOnOrAfter", instant(now + OLDEST_SECONDS))
    element = etree.SubElement(root, name(SAML, "NameID"))
    for key, value in (
        ("NameQualifier", kept.name_id.qualifier),
        ("SPNameQualifier", kept.name_id.sp_qualifier),
        ("Format", kept.name_id.format),
    ):
        if value:
            element.set(key, value)
    element.text = kept.name_id.value
    if kept.session_index:
        etree.SubElement(root, name(SAMLP, "SessionIndex")).text = kept.session_index
    return root


def logout_response(entity_id: str, to: str, response_id: str, request_id: str, now: int) -> Element:
    """The LogoutResponse that says that it is done."""
    root = _message("LogoutResponse", entity_id, to, response_id, now)
    root.set("InResponseTo", request_id)
    status = etree.SubElement(root, name(SAMLP, "Status"))
    etree.SubElement(status, name(SAMLP, "StatusCode")).set("Value", SUCCESS)
    return root


def read_logout_request(root: Element, expected: Expected) -> LogoutAsked:
    """Whom it signs out. Raises `NotGood`, `BadXml`."""
    if root.tag != name(SAMLP, "LogoutRequest") or attribute(root, "Version") != "2.0":
        raise NotGood("this is no LogoutRequest of SAML 2.0")
    check_issuer(only(root, SAML, "Issuer"), expected)
    check_destination(root, expected)
    issued = attribute(root, "IssueInstant")
    expected.check_not_yet(issued, "the request's IssueInstant")
    oldest = int(read_instant(issued)) + OLDEST_SECONDS
    if oldest <= expected.now - expected.leeway_seconds:
        raise NotGood("the request is too old")
    ends = root.get("NotOnOrAfter")
    if ends is not None:
        expected.check_not_over(ends, "NotOnOrAfter of the request")
    request_id = attribute(root, "ID")
    if not 0 < len(request_id) <= _LONGEST_ID:
        raise NotGood("the request's ID is empty or too long")
    return LogoutAsked(
        request_id,
        read_name_id(only(root, SAML, "NameID"), expected),
        tuple(text_of(one) for one in root.findall(name(SAMLP, "SessionIndex"))),
        oldest + expected.leeway_seconds + 1,
    )


def check_logout_response(root: Element, expected: Expected) -> None:
    """Refuses an answer that does not say that she is signed out there. Raises `NotGood`, `BadXml`."""
    if root.tag != name(SAMLP, "LogoutResponse"):
        raise NotGood("this is no LogoutResponse")
    only(root, SAML, "Issuer")  # Profiles 4.4.4.2: must be there
    check_destination(root, expected)
    check_answer(root, expected)


def _message(local: str, entity_id: str, to: str, message_id: str, now: int) -> Element:
    root = etree.Element(name(SAMLP, local), nsmap={"samlp": SAMLP, "saml": SAML})
    for key, value in (
        ("ID", message_id),
        ("Version", "2.0"),
        ("IssueInstant", instant(now)),
        ("Destination", to),
    ):
        root.set(key, value)
    etree.SubElement(root, name(SAML, "Issuer")).text = entity_id
    return root
