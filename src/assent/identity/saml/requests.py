"""What we send: authentication requests, and our own metadata.

Sources: SAML Core 3.4.1 (AuthnRequest), Metadata 2.4.2, 2.4.4, Profiles 4.1.4.1.
"""

import base64

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from assent.engine.server import AuthorizationServer
from assent.identity import Trip
from assent.identity.saml.encryption import GCM, OAEP_MGF1P
from assent.identity.saml.keys import KeyPair, OwnKeys
from assent.identity.saml.metadata import Idp
from assent.identity.saml.names import DS, MD, NAME_ID_FORMATS, POST, REDIRECT, SAML, SAMLP, name
from assent.identity.saml.settings import SamlSettings
from assent.identity.saml.signatures import sign
from assent.identity.saml.xml import Element, instant


def new_request_id(server: AuthorizationServer) -> str:
    """A random ID that XML may have: it begins with no digit."""
    return f"_{server.random(20).hex()}"


def must_ask_again(trip: Trip) -> bool:
    """Whether the provider has to ask, whoever is signed in there: SAML knows no greatest age."""
    return trip.must_ask or trip.max_age is not None


def authn_request(
    idp: Idp, settings: SamlSettings, entity_id: str, trip: Trip, request_id: str, now: int
) -> Element:
    """The AuthnRequest of a trip."""
    root = etree.Element(name(SAMLP, "AuthnRequest"), nsmap={"samlp": SAMLP, "saml": SAML})
    for key, value in (
        ("ID", request_id),
        ("Version", "2.0"),
        ("IssueInstant", instant(now)),
        ("Destination", idp.sign_in_url),
        ("AssertionConsumerServiceURL", trip.return_url),
        ("ProtocolBinding", POST),
    ):
        root.set(key, value)
    if must_ask_again(trip):
        root.set("ForceAuthn", "true")
    etree.SubElement(root, name(SAML, "Issuer")).text = entity_id
    if not settings.subject:
        policy = etree.SubElement(root, name(SAMLP, "NameIDPolicy"))
        policy.set("Format", NAME_ID_FORMATS[settings.name_id_format])
        policy.set("AllowCreate", "true")
    if settings.authn_contexts:
        asked = etree.SubElement(root, name(SAMLP, "RequestedAuthnContext"))
        asked.set("Comparison", settings.authn_comparison)
        for context in settings.authn_contexts:
            etree.SubElement(asked, name(SAML, "AuthnContextClassRef")).text = context
    return root


def own_metadata(
    settings: SamlSettings, entity_id: str, return_url: str, sign_out_url: str, keys: OwnKeys
) -> bytes:
    """Our metadata, as the provider takes it."""
    root = etree.Element(name(MD, "EntityDescriptor"), nsmap={"md": MD, "ds": DS})
    root.set("ID", "_metadata")
    root.set("entityID", entity_id)
    role = etree.SubElement(root, name(MD, "SPSSODescriptor"))
    role.set("AuthnRequestsSigned", "true")
    role.set("WantAssertionsSigned", "true")
    role.set("protocolSupportEnumeration", SAMLP)
    _key(role, "signing", keys.signing)
    descriptor = _key(role, "encryption", keys.encryption)
    for algorithm in (*sorted(GCM, reverse=True), OAEP_MGF1P):
        etree.SubElement(descriptor, name(MD, "EncryptionMethod")).set("Algorithm", algorithm)
    for binding in (REDIRECT, POST):
        service = etree.SubElement(role, name(MD, "SingleLogoutService"))
        service.set("Binding", binding)
        service.set("Location", sign_out_url)
    if not settings.subject:
        etree.SubElement(role, name(MD, "NameIDFormat")).text = NAME_ID_FORMATS[settings.name_id_format]
    service = etree.SubElement(role, name(MD, "AssertionConsumerService"))
    for key, value in (("Binding", POST), ("Location", return_url), ("index", "0"), ("isDefault", "true")):
        service.set(key, value)
    if settings.sign_metadata:
        return sign(root, keys.signing)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True))


def _key(role: Element, use: str, pair: KeyPair) -> Element:
    descriptor = etree.SubElement(role, name(MD, "KeyDescriptor"))
    descriptor.set("use", use)
    data = etree.SubElement(etree.SubElement(descriptor, name(DS, "KeyInfo")), name(DS, "X509Data"))
    der = pair.certificate.public_bytes(Encoding.DER)
    etree.SubElement(data, name(DS, "X509Certificate")).text = base64.b64encode(der).decode()
    return descriptor
