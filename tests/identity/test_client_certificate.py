"""Signing in by a client certificate that a proxy passes on."""

import base64
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from starlette.datastructures import Headers

from assent.engine.server import AuthorizationServer
from assent.identity import ArrivalRefused
from assent.identity.client_certificate import ClientCertificate, Format, Identifying, Naming
from assent.identity.mapping import read_rules
from assent.identity.trusted_header import Proxies
from assent.records.identities import Arrival
from assent.spec.permissions import Permission
from assent.testing.server import a_server

PROXY = "10.0.0.5"


@cache
def key(name: str) -> ec.EllipticCurvePrivateKey:
    """The key pair of an authority or a person."""
    return ec.generate_private_key(ec.SECP256R1())


def name_of(common_name: str, unit: str = "") -> x509.Name:
    parts = [(NameOID.COMMON_NAME, common_name), (NameOID.ORGANIZATION_NAME, "Clinic")]
    if unit:
        parts.append((NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def signed(
    subject: x509.Name,
    issuer: str,
    now: datetime,
    *,
    days: int = 1,
    is_authority: bool = False,
    use: x509.ObjectIdentifier = ExtendedKeyUsageOID.CLIENT_AUTH,
    mail: str | None = "lee@clinic.example",
) -> x509.Certificate:
    """A certificate of `subject` by the authority `issuer`."""
    common_name = str(subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(name_of(issuer))
        .public_key(key(common_name).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if not is_authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        if mail:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([x509.RFC822Name(mail)]), critical=False
            )
    return builder.sign(key(issuer), hashes.SHA256())


@pytest.fixture
async def server() -> AuthorizationServer:
    return (await a_server()).server


@pytest.fixture
def now(server: AuthorizationServer) -> datetime:
    return datetime.fromtimestamp(server.now(), UTC)


def module(
    now: datetime,
    form: Format = "rfc9440",
    naming: Naming = "common_name",
    identifying: Identifying = "subject",
) -> ClientCertificate:
    authority = signed(name_of("Clinic CA"), "Clinic CA", now, days=99, is_authority=True)
    rules = read_rules(["Doctors => FHIR_ALL_READ"])
    return ClientCertificate(Proxies([PROXY]), "Client-Cert", form, [authority], naming, rules, identifying)


def as_header(certificate: x509.Certificate, form: Format = "rfc9440") -> Headers:
    if form == "pem":
        return Headers({"Client-Cert": quote(certificate.public_bytes(serialization.Encoding.PEM).decode())})
    der = certificate.public_bytes(serialization.Encoding.DER)
    return Headers({"Client-Cert": f":{base64.b64encode(der).decode()}:"})


@pytest.mark.parametrize("form", ["rfc9440", "pem"])
async def test_a_good_certificate_says_who_it_is(
    server: AuthorizationServer, now: datetime, form: Format
) -> None:
    lee = signed(name_of("lee", "Doctors"), "Clinic CA", now)
    arrival = await module(now, form).recognise(server, as_header(lee, form), PROXY)
    assert isinstance(arrival, Arrival)
    assert (arrival.username, arrival.email, arrival.amr) == ("lee", "lee@clinic.example", ("sc",))
    assert arrival.subject == "OU=Doctors,O=Clinic,CN=lee"
    assert arrival.provider == "O=Clinic,CN=Clinic CA"
    assert arrival.permissions == (Permission("FHIR_ALL_READ"),)


@pytest.mark.parametrize(
    ("naming", "username"), [("email", "lee@clinic.example"), ("subject", "O=Clinic,CN=lee")]
)
async def test_the_user_name_is_what_the_setting_says(
    server: AuthorizationServer, now: datetime, naming: Naming, username: str
) -> None:
    lee = signed(name_of("lee"), "Clinic CA", now)
    arrival = await module(now, naming=naming).recognise(server, as_header(lee), PROXY)
    assert arrival is not None
    assert (arrival.username, arrival.permissions) == (username, ())


async def test_a_certificate_without_the_name_is_refused(server: AuthorizationServer, now: datetime) -> None:
    lee = signed(name_of("lee"), "Clinic CA", now, mail=None)
    with pytest.raises(ArrivalRefused, match="no email"):
        await module(now, naming="email").recognise(server, as_header(lee), PROXY)


async def test_a_certificate_of_another_authority_is_refused(
    server: AuthorizationServer, now: datetime
) -> None:
    for issuer in ("Another CA", "lee"):
        with pytest.raises(ArrivalRefused, match="not good"):
            await module(now).recognise(server, as_header(signed(name_of("lee"), issuer, now)), PROXY)


async def test_a_certificate_that_a_person_issued_is_refused(
    server: AuthorizationServer, now: datetime
) -> None:
    """Whoever has a client certificate is no authority, though her key signs as well as another."""
    forged = signed(name_of("admin"), "lee", now)
    with pytest.raises(ArrivalRefused):
        await module(now).recognise(server, as_header(forged), PROXY)


async def test_an_expired_certificate_is_refused(server: AuthorizationServer, now: datetime) -> None:
    lee = signed(name_of("lee"), "Clinic CA", now - timedelta(days=3))
    with pytest.raises(ArrivalRefused, match="not good"):
        await module(now).recognise(server, as_header(lee), PROXY)


async def test_a_servers_certificate_is_no_persons(server: AuthorizationServer, now: datetime) -> None:
    web = signed(name_of("web"), "Clinic CA", now, use=ExtendedKeyUsageOID.SERVER_AUTH)
    with pytest.raises(ArrivalRefused, match="client authentication"):
        await module(now).recognise(server, as_header(web), PROXY)


@pytest.mark.parametrize("text", ["::", ":AAAA:", "AAAA", ":not base64:", "x" * 20_000])
async def test_what_is_no_certificate_is_refused(
    server: AuthorizationServer, now: datetime, text: str
) -> None:
    with pytest.raises(ArrivalRefused):
        await module(now).recognise(server, Headers({"Client-Cert": text}), PROXY)


async def test_nobody_but_the_proxy_is_believed(server: AuthorizationServer, now: datetime) -> None:
    lee = signed(name_of("lee"), "Clinic CA", now)
    assert await module(now).recognise(server, as_header(lee), "192.0.2.7") is None
    assert await module(now).recognise(server, Headers({}), PROXY) is None
