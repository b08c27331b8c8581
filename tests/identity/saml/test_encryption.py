"""Encrypted assertions: by the safe methods alone, for our key alone, and no less to be signed."""

import base64
import os
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assent.identity.saml.names import DS, SAML, XENC, XENC11
from identity.saml.clinic import Desk
from identity.saml.forger import Forger, sign
from services.key_pairs import a_pair

ENCRYPTED = """<saml:EncryptedAssertion xmlns:saml="{saml}"><xenc:EncryptedData xmlns:xenc="{xenc}">
<xenc:EncryptionMethod Algorithm="{cipher}"/><ds:KeyInfo xmlns:ds="{ds}"><xenc:EncryptedKey><xenc:EncryptionMethod
 Algorithm="{wrapping}">{details}</xenc:EncryptionMethod><xenc:CipherData><xenc:CipherValue>{key}</xenc:CipherValue>
</xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>{contents}</xenc:CipherValue>
</xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>"""
MGF1P = f"{XENC}rsa-oaep-mgf1p"
OAEP_11 = f"{XENC11}rsa-oaep"
SHA256_DETAILS = (
    f'<ds:DigestMethod xmlns:ds="{DS}" Algorithm="{XENC}sha256"/>'
    f'<x:MGF xmlns:x="{XENC11}" Algorithm="{XENC11}mgf1sha256"/>'
)
OAEP_SHA1 = OAEP(MGF1(hashes.SHA1()), hashes.SHA1(), None)
OAEP_SHA256 = OAEP(MGF1(hashes.SHA256()), hashes.SHA256(), None)


def encrypted(
    plain: bytes,
    bits: int = 256,
    padding: Any = OAEP_SHA1,
    owner: str = "own",
    **parts: str,
) -> bytes:
    """The assertion encrypted for the pair `owner`. `parts` replaces those of the template."""
    key, nonce = AESGCM.generate_key(bits), os.urandom(12)
    good = {
        "saml": SAML,
        "xenc": XENC,
        "ds": DS,
        "cipher": f"{XENC11}aes{bits}-gcm",
        "wrapping": MGF1P,
        "details": "",
        "key": base64.b64encode(a_pair(owner).key.public_key().encrypt(key, padding)).decode(),
        "contents": base64.b64encode(nonce + AESGCM(key).encrypt(nonce, plain, None)).decode(),
    }
    return ENCRYPTED.format(**{**good, **parts}).encode()


def response(forger: Forger, **how: Any) -> bytes:
    """An answer with the signed assertion encrypted so."""
    return forger.around(encrypted(forger.signed_assertion(), **how))


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"bits": 128},
        {"bits": 192},
        {"wrapping": OAEP_11, "details": SHA256_DETAILS, "padding": OAEP_SHA256},
    ],
    ids=["AES-256-GCM", "AES-128-GCM", "AES-192-GCM", "RSA-OAEP with SHA-256"],
)
async def test_what_is_encrypted_for_us_is_read(desk: Desk, how: dict[str, Any]) -> None:
    assert (await desk.finish(response(desk.forger, **how))).subject == "p-4711"


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"owner": "evil"}, "the assertion is not encrypted for our key"),
        ({"wrapping": f"{XENC}rsa-1_5", "padding": PKCS1v15()}, "not with RSA-OAEP"),
        ({"padding": PKCS1v15()}, "the assertion is not encrypted for our key"),
        ({"cipher": f"{XENC}aes256-cbc"}, "not with AES-GCM"),
        ({"cipher": f"{XENC}tripledes-cbc"}, "not with AES-GCM"),
        ({"bits": 128, "cipher": f"{XENC11}aes256-gcm"}, "the assertion is not encrypted for our key"),
        ({"contents": base64.b64encode(bytes(80)).decode()}, "the assertion is not encrypted for our key"),
        ({"contents": "AA=="}, "the assertion is not encrypted for our key"),
        ({"key": ""}, "the assertion is not encrypted for our key"),
        ({"contents": "%%%"}, "what is encrypted is no base64"),
        ({"details": f'<ds:DigestMethod xmlns:ds="{DS}" Algorithm="urn:x"/>'}, "an unknown hash"),
        ({"details": "<xenc:OAEPparams>AA==</xenc:OAEPparams>"}, "OAEPparams"),
    ],
)
async def test_what_is_encrypted_otherwise_is_refused(desk: Desk, how: dict[str, Any], reason: str) -> None:
    assert reason in await desk.refused(response(desk.forger, **how))


@pytest.mark.parametrize(
    "plain",
    [
        b"<x/>",
        b"</within><within>",
        b"no XML",
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
        b"\xff\xfe",
    ],
)
async def test_nonsense_inside_is_refused(desk: Desk, plain: bytes) -> None:
    assert (await desk.refused(desk.forger.around(encrypted(plain)))).startswith("SAML: ")


async def test_something_else_inside_is_refused_though_it_is_signed(desk: Desk) -> None:
    other = desk.forger.assertion().replace(b"saml:Assertion", b"saml:Advice")
    reason = await desk.refused(desk.forger.around(encrypted(sign(other, desk.forger.pair))))
    assert reason == "SAML: what is encrypted is no assertion"


async def test_keys_beyond_all_measure_are_not_tried(desk: Desk) -> None:
    one = encrypted(desk.forger.signed_assertion()).decode()
    begin, end = one.index("<xenc:EncryptedKey>"), one.index("</ds:KeyInfo>")
    many = one[:begin] + one[begin:end] * 6 + one[end:]
    assert "no key, or too many" in await desk.refused(desk.forger.around(many.encode()))


async def test_an_assertion_inside_must_be_signed_too(desk: Desk) -> None:
    bare = desk.forger.around(encrypted(desk.forger.assertion()))
    assert await desk.refused(bare) == "SAML: Assertion has no Signature"


async def test_two_assertions_inside_are_refused(desk: Desk) -> None:
    twice = desk.forger.signed_assertion() + desk.forger.saying(assertion_id="_evil").assertion()
    assert "no assertion" in await desk.refused(desk.forger.around(encrypted(twice)))


async def test_an_assertion_beside_the_encrypted_one_is_refused(desk: Desk) -> None:
    both = encrypted(desk.forger.signed_assertion()) + desk.forger.assertion()
    assert "2 assertions" in await desk.refused(desk.forger.around(both))


async def test_what_is_inside_may_rely_on_the_namespaces_outside(desk: Desk) -> None:
    plain = desk.forger.signed_assertion().replace(f' xmlns:saml="{SAML}"'.encode(), b"")
    assert (await desk.finish(desk.forger.around(encrypted(plain)))).subject == "p-4711"
