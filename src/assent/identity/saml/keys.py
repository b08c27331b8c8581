"""Our own keys towards identity providers: one pair signs what we send, another opens what is sent to us.

Made once by whichever process comes first, and kept sealed; or imported, where a provider knows a pair already. The
certificates are only how SAML carries public keys (Metadata Interoperability Profile 2.6.1).
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from assent.engine.sealing import Sealer
from assent.engine.server import AuthorizationServer
from assent.records.keys import SealedSecret
from assent.storage.interface import Add, act
from assent.storage.tables import SECRETS

SECRET_NAME: Final = "saml-keys"
LEAST_BITS: Final = 2048
_MADE_BITS: Final = 3072
_YEARS: Final = 20


class BadKeyFile(ValueError):
    """A key or certificate file that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private RSA key with its certificate."""

    key: RSAPrivateKey = field(repr=False)
    certificate: x509.Certificate


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """What signs and what decrypts."""

    signing: KeyPair
    encryption: KeyPair


class MadeKeys:
    """The issuer's pairs, made at their first use and remembered."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self._opened: OwnKeys | None = None

    async def get(self, server: AuthorizationServer) -> OwnKeys:
        """The pairs."""
        if self._opened is None:
            purpose = f"{SECRET_NAME} of issuer {server.issuer.id}"
            stored = await server.storage.get(SECRETS, SECRET_NAME)
            if stored is None:
                made = await asyncio.to_thread(_make, server.issuer.url, server.now())
                sealed = self._sealer.seal(msgspec.json.encode(made), purpose)
                await server.storage.commit(
                    act(Add(SECRETS, SealedSecret(SECRET_NAME, sealed, server.now())))
                )
                stored = await server.storage.get(
                    SECRETS, SECRET_NAME
                )  # another process may have been quicker
                if stored is None:
                    raise LookupError("the database does not keep what is written to it")
            texts = msgspec.json.decode(self._sealer.open(stored.sealed, purpose), type=dict[str, str])
            self._opened = OwnKeys(_pair(texts, "signing"), _pair(texts, "encryption"))
        return self._opened


def read_pair(key_file: Path, certificate_file: Path) -> KeyPair:
    """An imported pair from PEM files. Raises `BadKeyFile`."""
    try:
        key = load_pem_private_key(key_file.read_bytes(), None)
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise BadKeyFile(f"{key_file.name}, {certificate_file.name}: cannot be read: {error}") from error
    if not isinstance(key, RSAPrivateKey) or key.key_size < LEAST_BITS:
        raise BadKeyFile(f"{key_file.name}: must be an RSA key of at least {LEAST_BITS} bits")
    if key.public_key() != certificate.public_key():
        raise BadKeyFile(f"{certificate_file.name}: is not of the key in {key_file.name}")
    return KeyPair(key, certificate)


def _make(url: str, now: int) -> dict[str, str]:
    return {f"{use}_{kind}": text for use in ("signing", "encryption") for kind, text in _made(url, now)}


def _made(url: str, now: int) -> list[tuple[str, str]]:
    key = generate_private_key(65537, _MADE_BITS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, url[:64])])
    since = datetime.fromtimestamp(now, UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=365 * _YEARS))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return [("key", pem.decode()), ("certificate", certificate.public_bytes(Encoding.PEM).decode())]


def _pair(texts: Mapping[str, str], use: str) -> KeyPair:
    key = load_pem_private_key(texts[f"{use}_key"].encode(), None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("the kept key is no RSA key")
    return KeyPair(key, x509.load_pem_x509_certificate(texts[f"{use}_certificate"].encode()))
