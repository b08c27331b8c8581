"""Signatures over the query of an address: what HTTP-Redirect has in place of one inside the XML.

What is checked is the query as it was sent, never one that is put together again: senders encode as they like.
Sources: SAML Bindings 3.4.4.1 (what is signed, in which order), RFC 9231 2.3 (the algorithms' names).
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote, unquote

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from assent.identity.saml.keys import KeyPair
from assent.identity.saml.signatures import BadSignature

_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_HASHES: Final[dict[str, type[hashes.HashAlgorithm]]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
_RSA: Final = {f"{_MORE}rsa-{name}": algorithm for name, algorithm in _HASHES.items()}
_ECDSA: Final = {f"{_MORE}ecdsa-{name}": algorithm for name, algorithm in _HASHES.items()}
_SIGNED_WITH: Final = f"{_MORE}rsa-sha256"


def signed_query(fields: Mapping[str, str], pair: KeyPair) -> str:
    """The query with these fields (a message, then its RelayState) and their signature."""
    query = _encoded({**fields, "SigAlg": _SIGNED_WITH})
    signature = pair.key.sign(query.encode(), PKCS1v15(), hashes.SHA256())
    return f"{query}&{_encoded({'Signature': base64.b64encode(signature).decode()})}"


def message_in_query(query: str, kind: str, certificates: Iterable[x509.Certificate]) -> str:
    """The message in a query that one of the keys has signed: its field `kind`. Raises `BadSignature`."""
    sent: dict[str, str] = {}
    for part in query.split("&"):
        key, _, value = part.partition("=")
        if key in sent or key != unquote(key):  # a name in another spelling would be read and not be signed
            raise BadSignature("the query has a field twice, or one by another spelling")
        sent[key] = value
    if kind not in sent or "SigAlg" not in sent or "Signature" not in sent:
        raise BadSignature("the query is not signed")
    covered = "&".join(f"{key}={sent[key]}" for key in (kind, "RelayState", "SigAlg") if key in sent)
    try:
        signature = base64.b64decode("".join(unquote(sent["Signature"]).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadSignature("the query's signature is no base64") from error
    method = unquote(sent["SigAlg"])
    if method not in _RSA and method not in _ECDSA:
        raise BadSignature("the query is signed by a method that is not accepted")
    if not any(_has_signed(one, method, covered.encode(), signature) for one in certificates):
        raise BadSignature("no key of the metadata has signed the query")
    return unquote(sent[kind])


def _has_signed(certificate: x509.Certificate, method: str, covered: bytes, signature: bytes) -> bool:
    key = certificate.public_key()
    try:
        if isinstance(key, RSAPublicKey) and method in _RSA:
            key.verify(signature, covered, PKCS1v15(), _RSA[method]())
        elif isinstance(key, EllipticCurvePublicKey) and method in _ECDSA:
            key.verify(_der(signature), covered, ECDSA(_ECDSA[method]()))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _der(signature: bytes) -> bytes:
    """XML Signature 1.1 6.4.3: the two numbers, one behind the other."""
    half = len(signature) // 2
    return encode_dss_signature(
        int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    )


def _encoded(fields: Mapping[str, str]) -> str:
    return "&".join(f"{key}={quote(value, safe='')}" for key, value in fields.items())
