"""A SAML provider that says whatever a test wants: good answers, and every kind of bad one. Built as text, signed."""

import base64
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.signer import XMLSigner

from assent.identity.saml.keys import KeyPair
from assent.identity.saml.names import DS, MD, SAML, SAMLP
from assent.identity.saml.xml import instant
from services.key_pairs import a_pair

IDP = "https://idp.clinic.example/saml"
SSO = "https://idp.clinic.example/sso"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
ENVELOPE = """<samlp:Response xmlns:samlp="{samlp}" xmlns:saml="{saml}" ID="{response_id}" Version="2.0"
 IssueInstant="{issued}" Destination="{destination}" InResponseTo="{in_response_to}"><saml:Issuer>{response_issuer}
</saml:Issuer>{extensions}<samlp:Status>{status}</samlp:Status>{assertion}</samlp:Response>"""
SUCCESS = '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>'
ASSERTION = """<saml:Assertion xmlns:saml="{saml}" ID="{assertion_id}" Version="2.0" IssueInstant="{issued}">
<saml:Issuer>{issuer}</saml:Issuer><saml:Subject><saml:NameID Format="{format}">{name_id}</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData
 NotOnOrAfter="{confirmed_until}" Recipient="{recipient}" InResponseTo="{confirmed_for}"/></saml:SubjectConfirmation>
</saml:Subject><saml:Conditions NotBefore="{not_before}" NotOnOrAfter="{not_on_or_after}">{restriction}{condition}
</saml:Conditions><saml:AuthnStatement AuthnInstant="{asked_at}" SessionIndex="{session}"><saml:AuthnContext>
<saml:AuthnContextClassRef>{context}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
<saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>"""
AUDIENCE = "<saml:AudienceRestriction><saml:Audience>{}</saml:Audience></saml:AudienceRestriction>"


@dataclass(frozen=True, slots=True)
class Forger:
    """What is said. `said` replaces the parts of the templates by name."""

    now: int
    audience: str
    recipient: str
    request_id: str
    pair: KeyPair = field(default_factory=lambda: a_pair("idp"))
    said: dict[str, Any] = field(default_factory=dict)

    def saying(self, **said: Any) -> "Forger":
        """The same, but for these parts."""
        return replace(self, said={**self.said, **said})

    @property
    def parts(self) -> dict[str, Any]:
        """Every part of the templates, good unless said otherwise."""
        good = {
            "saml": SAML,
            "samlp": SAMLP,
            "response_id": "_response",
            "assertion_id": "_assertion",
            "issued": instant(self.now),
            "destination": self.recipient,
            "in_response_to": self.request_id,
            "response_issuer": IDP,
            "extensions": "",
            "status": SUCCESS,
            "issuer": IDP,
            "format": PERSISTENT,
            "name_id": "p-4711",
            "confirmed_until": instant(self.now + 300),
            "recipient": self.recipient,
            "confirmed_for": self.request_id,
            "not_before": instant(self.now),
            "not_on_or_after": instant(self.now + 300),
            "restriction": AUDIENCE.format(self.audience),
            "condition": "",
            "asked_at": instant(self.now),
            "session": "s-1",
            "context": PASSWORD,
            "attributes": attributes(uid="maria", mail="maria@clinic.example"),
        }
        return {**good, **self.said}

    def assertion(self) -> bytes:
        """The assertion, not signed."""
        return ASSERTION.format(**self.parts).encode()

    def signed_assertion(self, **how: Any) -> bytes:
        """The assertion with its signature, made by `how` (`sign`)."""
        return sign(self.assertion(), self.pair, **how)

    def around(self, assertion: bytes) -> bytes:
        """The response with this inside."""
        return ENVELOPE.format(**self.parts, assertion=assertion.decode()).encode()

    def response(self) -> bytes:
        """A whole answer."""
        return self.around(self.signed_assertion())


def attributes(**values: str | list[str]) -> str:
    """Attribute elements."""
    return "".join(
        f'<saml:Attribute Name="{name}">'
        + "".join(
            f"<saml:AttributeValue>{one}</saml:AttributeValue>"
            for one in ([value] if isinstance(value, str) else value)
        )
        + "</saml:Attribute>"
        for name, value in values.items()
    )


def sign(
    document: bytes,
    pair: KeyPair,
    method: SignatureMethod = SignatureMethod.RSA_SHA256,
    digest: DigestAlgorithm = DigestAlgorithm.SHA256,
    c14n: CanonicalizationMethod = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    reference: str | None = None,
) -> bytes:
    """The document with an enveloped signature, behind its Issuer as the schema wants it."""
    root = etree.fromstring(document)
    place = etree.Element(f"{{{DS}}}Signature", Id="placeholder")
    issuer = root.find(f"{{{SAML}}}Issuer")
    root.insert(0 if issuer is None else 1, place)
    signer = _Signer(SignatureConstructionMethod.enveloped, method, digest, c14n)
    uri = root.get("ID") if reference is None else reference
    signed = signer.sign(root, key=pair.key, cert=[pair.certificate], reference_uri=uri)
    return bytes(etree.tostring(signed))


class _Signer(XMLSigner):
    """Signs with what is outdated, too."""

    def check_deprecated_methods(self) -> None:
        """Nothing is refused."""


def encoded(response: bytes) -> str:
    """The response as it is in a form."""
    return base64.b64encode(response).decode()


def metadata(*pairs: KeyPair, entity_id: str = IDP, more: str = "", sso: str = SSO) -> bytes:
    """The provider's metadata with these keys. `more`: further attributes of the root."""
    keys = "".join(
        f'<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>'
        f"{base64.b64encode(pair.certificate.public_bytes(Encoding.DER)).decode()}"
        f"</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        for pair in pairs
    )
    return (
        f'<md:EntityDescriptor xmlns:md="{MD}" xmlns:ds="{DS}" ID="_m" entityID="{entity_id}" {more}>'
        f'<md:IDPSSODescriptor protocolSupportEnumeration="{SAMLP}">{keys}<md:SingleSignOnService'
        f' Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{sso}"/>'
        "</md:IDPSSODescriptor></md:EntityDescriptor>"
    ).encode()
