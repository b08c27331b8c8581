"""What of a client certificate identifies somebody, and what two certificates at once are."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from starlette.datastructures import Headers

from assent.engine.server import AuthorizationServer
from assent.identity import ArrivalRefused
from assent.identity.certificate_names import alternative_names
from assent.identity.client_certificate import Identifying
from assent.testing.server import a_server
from identity.test_client_certificate import PROXY, as_header, key, module, name_of, signed

UPN = x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")
LONG = b"x" * 120 + b"@clinic.example"


def utf8(text: bytes) -> bytes:
    """A DER UTF8String."""
    length = bytes([len(text)]) if len(text) < 128 else bytes([0x81, len(text)])
    return b"\x0c" + length + text


@pytest.fixture
async def server() -> AuthorizationServer:
    return (await a_server()).server


@pytest.fixture
def now(server: AuthorizationServer) -> datetime:
    return datetime.fromtimestamp(server.now(), UTC)


def card(now: datetime, *names: x509.GeneralName) -> x509.Certificate:
    """Lee's card with these alternative names."""
    return (
        x509.CertificateBuilder()
        .subject_name(name_of("lee"))
        .issuer_name(name_of("Clinic CA"))
        .public_key(key("lee").public_key())
        .serial_number(0xBEE)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key("Clinic CA"), hashes.SHA256())
    )


NAMES = (
    x509.RFC822Name("lee@clinic.example"),
    x509.OtherName(UPN, utf8(b"lee@ad.clinic.example")),
    x509.UniformResourceIdentifier("urn:person:7"),
)


@pytest.mark.parametrize(
    ("identifying", "subject"),
    [
        ("subject", "O=Clinic,CN=lee"),
        ("serial_number", "serial_number:bee"),
        ("email", "email:lee@clinic.example"),
        ("upn", "upn:lee@ad.clinic.example"),
        ("uri", "uri:urn:person:7"),
    ],
)
async def test_what_identifies_is_what_the_setting_says(
    server: AuthorizationServer, now: datetime, identifying: Identifying, subject: str
) -> None:
    arrival = await module(now, identifying=identifying).recognise(
        server, as_header(card(now, *NAMES)), PROXY
    )
    assert arrival is not None
    assert arrival.subject == subject


@pytest.mark.parametrize(
    "names",
    [
        [x509.UniformResourceIdentifier("urn:person:7")],
        [x509.RFC822Name("lee@clinic.example"), x509.RFC822Name("ben@clinic.example")],
    ],
    ids=["none", "two"],
)
async def test_a_certificate_without_the_one_name_that_identifies_lets_nobody_in(
    server: AuthorizationServer, now: datetime, names: list[x509.GeneralName]
) -> None:
    with pytest.raises(ArrivalRefused, match="values of email"):
        await module(now, identifying="email").recognise(server, as_header(card(now, *names)), PROXY)


async def test_the_user_name_may_be_the_upn(server: AuthorizationServer, now: datetime) -> None:
    arrival = await module(now, naming="upn").recognise(server, as_header(card(now, *NAMES)), PROXY)
    assert arrival is not None
    assert arrival.username == "lee@ad.clinic.example"


@pytest.mark.parametrize(
    ("der", "found"),
    [
        (utf8(LONG), [LONG.decode()]),
        (utf8(b""), []),
        (b"\x16\x03lee", []),
        (b"\x0c\x01\xff", []),
    ],
)
async def test_a_upn_is_a_whole_utf8_text(now: datetime, der: bytes, found: list[str]) -> None:
    assert alternative_names(card(now, x509.OtherName(UPN, der)), "upn") == found


async def test_two_certificates_are_nobodys(server: AuthorizationServer, now: datetime) -> None:
    both = [
        (b"client-cert", as_header(signed(name_of(one), "Clinic CA", now))["Client-Cert"].encode())
        for one in ("lee", "ben")
    ]
    with pytest.raises(ArrivalRefused, match="2 times"):
        await module(now).recognise(server, Headers(raw=both), PROXY)
