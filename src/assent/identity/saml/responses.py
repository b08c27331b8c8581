"""A provider's response: what is around the assertion, and the one assertion that may be looked at.

The response may be signed; the assertion must be, by its own signature, and only what that signature covers is read.
Sources: SAML Core 3.2.2, Bindings 3.5.4 and 3.5.5.2, Profiles 4.1.4.2, 4.1.4.3.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from assent.identity.saml.encryption import decrypted
from assent.identity.saml.names import ENTITY, SAML, SAMLP, SUCCESS, name
from assent.identity.saml.signatures import is_signed, signed
from assent.identity.saml.xml import BadXml, Element, attribute, maybe, only, read_instant, read_xml, text_of

_CODE: Final = re.compile(r"[A-Za-z]{1,40}")


class NotGood(ValueError):
    """An answer that proves nobody; the text says why, for the log."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What an answer is held against. `since`: the earliest that she may have been asked (epoch seconds)."""

    provider: str
    audience: str
    return_url: str
    request_id: str
    now: int
    leeway_seconds: int
    since: int | None = None
    decryption_keys: tuple[RSAPrivateKey, ...] = field(default=(), repr=False)

    def check_not_yet(self, text: str, what: str) -> None:
        """Refuses an instant that lies in the future. Raises `NotGood`."""
        if read_instant(text) > self.now + self.leeway_seconds:
            raise NotGood(f"{what} lies in the future")

    def check_not_over(self, text: str, what: str) -> None:
        """Refuses an end that has come. Raises `NotGood`."""
        if read_instant(text) <= self.now - self.leeway_seconds:
            raise NotGood(f"{what} is past")


def read_response(text: str) -> Element:
    """The response in a form field. Raises `BadXml`."""
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadXml("SAMLResponse is no base64") from error
    root = read_xml(data)
    if root.tag != name(SAMLP, "Response"):
        raise BadXml("this is no SAML response")
    return root


def trusted_assertion(
    response: Element, certificates: Iterable[x509.Certificate], expected: Expected
) -> Element:
    """The assertion as the provider signed it. Raises `NotGood`, `BadXml`, `BadSignature`, `CannotDecrypt`."""
    known = tuple(certificates)
    envelope = response
    if is_signed(response):
        envelope = signed(response, known)
        check_destination(envelope, expected)
    elif response.get("Destination") is not None:
        check_destination(response, expected)
    check_answer(envelope, expected)
    assertion = _only_assertion(response)
    if assertion.tag == name(SAML, "EncryptedAssertion"):
        assertion = decrypted(assertion, expected.decryption_keys)
    return signed(assertion, known)


def _only_assertion(response: Element) -> Element:
    """The one assertion there is, where it belongs: none is hidden elsewhere in the document."""
    both = [one for local in ("Assertion", "EncryptedAssertion") for one in response.iter(name(SAML, local))]
    if len(both) != 1 or both[0].getparent() is not response:
        raise NotGood(f"the response has {len(both)} assertions, or one where none belongs")
    return both[0]


def check_destination(message: Element, expected: Expected) -> None:
    """Refuses a message that is not for here; it has to say where to when it is signed (Bindings 3.4.5.2, 3.5.5.2)."""
    if message.get("Destination") != expected.return_url:
        raise NotGood("the message is for another destination, or for none")


def check_answer(response: Element, expected: Expected) -> None:
    """Refuses a response that is not this provider's to this request, or tells of no success. Raises `NotGood`."""
    if attribute(response, "Version") != "2.0":
        raise NotGood("the response is not of SAML 2.0")
    if response.get("InResponseTo") != expected.request_id:
        raise NotGood("the response answers another request, or none")
    expected.check_not_yet(attribute(response, "IssueInstant"), "the response's IssueInstant")
    issuer = maybe(response, SAML, "Issuer")
    if issuer is not None:
        check_issuer(issuer, expected)
    code = only(only(response, SAMLP, "Status"), SAMLP, "StatusCode")
    if attribute(code, "Value") != SUCCESS:
        raise NotGood(f"the provider answered {_words(code)}")


def check_issuer(issuer: Element, expected: Expected) -> None:
    """Refuses another provider's word. Raises `NotGood`."""
    if issuer.get("Format") not in (None, ENTITY) or text_of(issuer) != expected.provider:
        raise NotGood("the issuer is another provider")


def _words(code: Element) -> str:
    """The status codes by their last words: what else a provider says is not for the log."""
    inner = maybe(code, SAMLP, "StatusCode")
    values = [one.get("Value", "").rpartition(":")[2] for one in (code, inner) if one is not None]
    return ", ".join(value if _CODE.fullmatch(value) else "an unknown status" for value in values)
