"""XML signatures: the element that a key has signed, and nothing around it.

An element is taken out of its document and checked alone: its own signature must be its direct child and refer to it by
its own ID. What is given back is read anew from the bytes that were signed, so that whatever was wrapped around,
before or inside is not there to be looked at. Keys come from metadata alone, never from the message.
Sources: SAML Core 5.4 (profile of XML Signature), Metadata Interoperability Profile 2.6.1 (keys, not certificates,
are trusted), "On Breaking SAML: Be Whoever You Want to Be" (signature wrapping).
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature as BrokenSignature
from lxml import etree
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.exceptions import SignXMLException
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier

from assent.identity.saml.keys import KeyPair
from assent.identity.saml.names import DS, SAML, name
from assent.identity.saml.xml import Element, as_bytes, attribute, only, read_xml

_EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED: Final = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_CONFIGURATION: Final = SignatureConfiguration(
    location="./",
    expect_references=1,
    signature_methods=frozenset(
        {
            SignatureMethod.RSA_SHA256,
            SignatureMethod.RSA_SHA384,
            SignatureMethod.RSA_SHA512,
            SignatureMethod.ECDSA_SHA256,
            SignatureMethod.ECDSA_SHA384,
            SignatureMethod.ECDSA_SHA512,
            SignatureMethod.SHA256_RSA_MGF1,
            SignatureMethod.SHA384_RSA_MGF1,
            SignatureMethod.SHA512_RSA_MGF1,
        }
    ),
    digest_algorithms=frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512}),
    ignore_ambiguous_key_info=True,  # the message's own word for its key counts for nothing
)


class BadSignature(ValueError):
    """No key that is trusted has signed this; the text says why."""


def is_signed(element: Element) -> bool:
    """Whether an element has a signature of its own."""
    return element.find(f"{{{DS}}}Signature") is not None


def signed(element: Element, certificates: Iterable[x509.Certificate]) -> Element:
    """The element as one of the keys has signed it, without the signature. Raises `BadSignature`, `BadXml`."""
    own_id = attribute(element, "ID")
    _check_profile(element, own_id)
    document = as_bytes(element)
    reason = "the metadata has no key for signatures"
    for certificate in certificates:
        try:
            verified = XMLVerifier().verify(
                document,
                x509_cert=certificate,
                id_attribute="ID",
                expect_config=replace(
                    _CONFIGURATION, verification_time=certificate.not_valid_before_utc
                ),  # Metadata Interoperability Profile 2.6.1: the key counts, not its certificate's dates
            )
        except (SignXMLException, BrokenSignature, ValueError, KeyError, TypeError) as error:
            reason = str(error) or type(error).__name__
            continue
        if isinstance(verified, list):
            raise BadSignature("the signature has several references")
        found = read_xml(verified.signed_data, len(verified.signed_data))
        if found.tag != element.tag or found.get("ID") != own_id:
            raise BadSignature("something else is signed")
        return found
    raise BadSignature(reason[:200])


def _check_profile(element: Element, own_id: str) -> None:
    """SAML Core 5.4.2 to 5.4.4: one reference, to the element itself; enveloped, canonicalised exclusively."""
    information = only(only(element, DS, "Signature"), DS, "SignedInfo")
    if attribute(only(information, DS, "CanonicalizationMethod"), "Algorithm") != _EXCLUSIVE:
        raise BadSignature("the signature is not canonicalised exclusively")
    reference = only(information, DS, "Reference")
    if not own_id or reference.get("URI") != f"#{own_id}":
        raise BadSignature("the signature does not refer to the element that it is in")
    transforms = [attribute(one, "Algorithm") for one in only(reference, DS, "Transforms")]
    if sorted(transforms) != sorted([_ENVELOPED, _EXCLUSIVE]):
        raise BadSignature("the signature has other transforms than SAML's")


def sign(document: Element, pair: KeyPair) -> bytes:
    """The document with an enveloped signature by its ID, behind its Issuer or first, as SAML's schemas want it."""
    placeholder = etree.Element(name(DS, "Signature"), Id="placeholder")  # signxml's word for the place
    document.insert(0 if document.find(name(SAML, "Issuer")) is None else 1, placeholder)
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    uri = attribute(document, "ID")
    return as_bytes(signer.sign(document, key=pair.key, cert=[pair.certificate], reference_uri=uri))
