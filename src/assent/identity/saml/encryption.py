"""Encrypted assertions: AES-GCM under a key that RSA-OAEP brings. Nothing else is decrypted.

CBC modes tell an attacker who asks often enough what was encrypted, and RSA 1.5 the key (Jager and Somorovsky, "How to
Break XML Encryption"; Bleichenbacher). Every failure looks alike. Sources: XML Encryption 1.1 5.2.4, 5.5.2; SAML Core
2.3.4.
"""

import base64
import binascii
from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import quoteattr

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assent.identity.saml.names import DS, SAML, XENC, XENC11, name
from assent.identity.saml.xml import BadXml, Element, attribute, maybe, only, read_xml, text_of

GCM: Final = {
    f"{XENC11}aes128-gcm": 16,
    f"{XENC11}aes192-gcm": 24,
    f"{XENC11}aes256-gcm": 32,
}
"""The ciphers of contents, with the bytes of their keys."""
OAEP_MGF1P: Final = f"{XENC}rsa-oaep-mgf1p"
OAEP_11: Final = f"{XENC11}rsa-oaep"
_DIGESTS: Final[dict[str, type[hashes.HashAlgorithm]]] = {
    f"{DS}sha1": hashes.SHA1,  # in OAEP nothing hangs on collisions; it is the default of the method
    f"{XENC}sha256": hashes.SHA256,
    "http://www.w3.org/2001/04/xmldsig-more#sha384": hashes.SHA384,
    f"{XENC}sha512": hashes.SHA512,
}
_MASKS: Final[dict[str, type[hashes.HashAlgorithm]]] = {
    f"{XENC11}mgf1sha1": hashes.SHA1,
    f"{XENC11}mgf1sha256": hashes.SHA256,
    f"{XENC11}mgf1sha384": hashes.SHA384,
    f"{XENC11}mgf1sha512": hashes.SHA512,
}
_MOST_KEYS: Final = 5
_NONCE_BYTES: Final = 12


class CannotDecrypt(ValueError):
    """What is encrypted is not for us, or not by a method that is safe; the text says which."""


def decrypted(encrypted: Element, keys: Iterable[RSAPrivateKey]) -> Element:
    """The assertion inside an `EncryptedAssertion`. Raises `CannotDecrypt`, `BadXml`."""
    data = only(encrypted, XENC, "EncryptedData")
    method = attribute(only(data, XENC, "EncryptionMethod"), "Algorithm")
    if method not in GCM:
        raise CannotDecrypt(f"the assertion is encrypted with {method[-60:]}, not with AES-GCM")
    wrapped = list(encrypted.iter(name(XENC, "EncryptedKey")))
    if not 0 < len(wrapped) <= _MOST_KEYS:
        raise CannotDecrypt("the assertion has no key, or too many")
    paddings = [(one, _padding(one)) for one in wrapped]
    contents = _bytes(data)
    own = tuple(keys)
    for one, padding in paddings:
        for key in own:
            plain = _open(key, _bytes(one), padding, contents, GCM[method])
            if plain is not None:
                return _read_inside(encrypted, plain)
    raise CannotDecrypt("the assertion is not encrypted for our key")


def _open(key: RSAPrivateKey, wrapped: bytes, padding: OAEP, contents: bytes, key_bytes: int) -> bytes | None:
    try:
        content_key = key.decrypt(wrapped, padding)
        if len(content_key) != key_bytes:
            return None
        return AESGCM(content_key).decrypt(contents[:_NONCE_BYTES], contents[_NONCE_BYTES:], None)
    except (ValueError, InvalidTag):
        return None


def _padding(wrapped: Element) -> OAEP:
    method = only(wrapped, XENC, "EncryptionMethod")
    algorithm = attribute(method, "Algorithm")
    if algorithm not in (OAEP_MGF1P, OAEP_11):
        raise CannotDecrypt(f"the key is encrypted with {algorithm[-60:]}, not with RSA-OAEP")
    if maybe(method, XENC, "OAEPparams") is not None:
        raise CannotDecrypt("the key is encrypted with OAEPparams")
    digest = maybe(method, DS, "DigestMethod")
    mask = maybe(method, XENC11, "MGF") if algorithm == OAEP_11 else None
    try:
        return OAEP(
            mgf=MGF1(_MASKS[attribute(mask, "Algorithm") if mask is not None else f"{XENC11}mgf1sha1"]()),
            algorithm=_DIGESTS[attribute(digest, "Algorithm") if digest is not None else f"{DS}sha1"](),
            label=None,
        )
    except KeyError as error:
        raise CannotDecrypt("the key is encrypted with an unknown hash") from error


def _bytes(element: Element) -> bytes:
    value = text_of(only(only(element, XENC, "CipherData"), XENC, "CipherValue"))
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadXml("what is encrypted is no base64") from error


def _read_inside(encrypted: Element, plain: bytes) -> Element:
    """The assertion, with the namespaces of where it was: some encrypt it without repeating them."""
    spaces = "".join(
        f" xmlns{f':{prefix}' if prefix else ''}={quoteattr(uri)}" for prefix, uri in encrypted.nsmap.items()
    )
    outside = read_xml(f"<within{spaces}>".encode() + _without_declaration(plain) + b"</within>")
    children = list(outside)
    if len(children) != 1 or children[0].tag != name(SAML, "Assertion"):
        raise BadXml("what is encrypted is no assertion")
    return children[0]


def _without_declaration(plain: bytes) -> bytes:
    if plain.startswith(b"<?xml"):
        return plain.partition(b"?>")[2]
    return plain
