"""RSA key pairs with certificates of their own, for those who speak SAML in tests."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from assent.identity.saml.keys import KeyPair


@cache
def a_pair(name: str, bits: int = 2048, lasts_days: int = 3650) -> KeyPair:
    """The pair of this name, the same for the whole run."""
    key = generate_private_key(65537, bits)
    return KeyPair(key, a_certificate(name, key, lasts_days))


def a_certificate(
    name: str, key: RSAPrivateKey | EllipticCurvePrivateKey, lasts_days: int = 3650
) -> x509.Certificate:
    """The certificate of a key, by itself."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    since = datetime.now(UTC) - timedelta(days=10)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=lasts_days))
        .sign(key, hashes.SHA256())
    )


def write_pair(folder: Path, name: str, pair: KeyPair) -> tuple[Path, Path]:
    """The pair as PEM files: key and certificate."""
    key_file, certificate_file = folder / f"{name}.key", folder / f"{name}.pem"
    key_file.write_bytes(pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    certificate_file.write_bytes(pair.certificate.public_bytes(Encoding.PEM))
    return key_file, certificate_file
