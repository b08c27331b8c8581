"""A signed assertion, held against what was asked: for us, now, in answer to this request, and once.

Sources: SAML Core 2.3.3, 2.4.1, 2.5.1, 2.7.2; Profiles 4.1.4.2, 4.1.4.3 (what a bearer assertion must say).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from assent.identity.saml.names import BEARER, SAML, name
from assent.identity.saml.responses import Expected, NotGood, check_issuer
from assent.identity.saml.xml import BadXml, Element, attribute, maybe, only, read_instant, text_of

_MOST_VALUES: Final = 500
_LONGEST_VALUE: Final = 2000
_CONDITIONS: Final = {
    name(SAML, local) for local in ("AudienceRestriction", "OneTimeUse", "ProxyRestriction")
}


@dataclass(frozen=True, slots=True)
class NameId:
    """The provider's name for somebody, with its qualifiers as they were said."""

    format: str
    value: str
    qualifier: str | None = None
    sp_qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What an assertion that is good says. Instants are epoch seconds; `ends_at`: from then on it is good no more."""

    assertion_id: str
    ends_at: int
    name_id: NameId | None
    authenticated_at: int
    context: str | None
    session_index: str | None
    attributes: Mapping[str, tuple[str, ...]]


def read_assertion(assertion: Element, expected: Expected) -> Said:
    """What it says. Raises `NotGood`, `BadXml`."""
    if attribute(assertion, "Version") != "2.0":
        raise NotGood("the assertion is not of SAML 2.0")
    check_issuer(only(assertion, SAML, "Issuer"), expected)
    expected.check_not_yet(attribute(assertion, "IssueInstant"), "the assertion's IssueInstant")
    _check_conditions(only(assertion, SAML, "Conditions"), expected)
    subject = only(assertion, SAML, "Subject")
    ends_at = _check_confirmation(subject, expected)
    statement = assertion.find(name(SAML, "AuthnStatement"))
    if statement is None:
        raise NotGood("the assertion does not say that anybody signed in")
    return Said(
        attribute(assertion, "ID"),
        ends_at + expected.leeway_seconds,
        _name_id(subject, expected),
        _authenticated_at(statement, expected),
        _context(statement),
        statement.get("SessionIndex"),
        _attributes(assertion),
    )


def _check_conditions(conditions: Element, expected: Expected) -> None:
    _check_times(conditions, expected, "the assertion")
    for condition in conditions:
        if condition.tag not in _CONDITIONS:  # Core 2.5.1: what is not understood makes it not good
            raise NotGood("the assertion has a condition that is not known here")
    restrictions = conditions.findall(name(SAML, "AudienceRestriction"))
    if not restrictions:
        raise NotGood("the assertion is for no audience")
    for restriction in restrictions:  # Core 2.5.1.4: every restriction holds
        if expected.audience not in {text_of(one) for one in restriction.findall(name(SAML, "Audience"))}:
            raise NotGood("the assertion is for another audience")


def _check_times(element: Element, expected: Expected, what: str) -> None:
    begins, ends = element.get("NotBefore"), element.get("NotOnOrAfter")
    if begins is not None:
        expected.check_not_yet(begins, f"NotBefore of {what}")
    if ends is not None:
        expected.check_not_over(ends, f"NotOnOrAfter of {what}")


def _check_confirmation(subject: Element, expected: Expected) -> int:
    """When the bearer confirmation that holds ends. The reason is that of the last one that does not."""
    reason = "the assertion has no bearer confirmation"
    for confirmation in subject.findall(name(SAML, "SubjectConfirmation")):
        if confirmation.get("Method") != BEARER:
            continue
        try:
            return _confirmed(only(confirmation, SAML, "SubjectConfirmationData"), expected)
        except NotGood as error:
            reason = str(error)
    raise NotGood(reason)


def _confirmed(confirmation: Element, expected: Expected) -> int:
    if confirmation.get("Recipient") != expected.return_url:
        raise NotGood("the assertion is for another recipient")
    if confirmation.get("InResponseTo") != expected.request_id:
        raise NotGood("the assertion answers another request, or none")
    if confirmation.get("NotBefore") is not None:
        raise NotGood("the bearer confirmation has a NotBefore, which it must not")
    _check_times(confirmation, expected, "the confirmation")
    return int(read_instant(attribute(confirmation, "NotOnOrAfter")))


def _name_id(subject: Element, expected: Expected) -> NameId | None:
    element = maybe(subject, SAML, "NameID")
    return None if element is None else read_name_id(element, expected)


def read_name_id(element: Element, expected: Expected) -> NameId:
    """The name in a NameID that is the provider's, and for us. Raises `NotGood`, `BadXml`."""
    if element.get("NameQualifier") not in (None, "", expected.provider):
        raise NotGood("the NameID is another provider's")
    if element.get("SPNameQualifier") not in (None, "", expected.audience):
        raise NotGood("the NameID is for somebody else")
    return NameId(
        element.get("Format") or "",
        text_of(element),
        element.get("NameQualifier"),
        element.get("SPNameQualifier"),
    )


def _authenticated_at(statement: Element, expected: Expected) -> int:
    text = attribute(statement, "AuthnInstant")
    expected.check_not_yet(text, "AuthnInstant")
    ends = statement.get("SessionNotOnOrAfter")
    if ends is not None:
        expected.check_not_over(ends, "SessionNotOnOrAfter")
    moment = int(read_instant(text))
    if expected.since is not None and moment < expected.since - expected.leeway_seconds:
        raise NotGood("the provider did not ask her again")
    return moment


def _context(statement: Element) -> str | None:
    reference = maybe(only(statement, SAML, "AuthnContext"), SAML, "AuthnContextClassRef")
    return text_of(reference) or None if reference is not None else None


def _attributes(assertion: Element) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    pairs = list(_values(assertion))
    if len(pairs) > _MOST_VALUES:
        raise BadXml(f"the assertion has more than {_MOST_VALUES} attribute values")
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}


def _values(assertion: Element) -> Iterator[tuple[str, str]]:
    """Each value that is a text; structured ones are nothing that is asked for here."""
    for statement in assertion.findall(name(SAML, "AttributeStatement")):
        for one in statement.findall(name(SAML, "Attribute")):
            key = attribute(one, "Name")
            for value in one.findall(name(SAML, "AttributeValue")):
                text = text_of(value) if len(value) == 0 else ""
                if text and len(text) <= _LONGEST_VALUE:
                    yield key, text
