"""How a directory proves who it is: whose certificates are good, and that nothing is said before."""

import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from sansldap import ExtendedRequest

from assent.identity import ModuleDown
from assent.records.identities import Arrival
from identity.ldap.conftest import SignIn
from identity.ldap.doubles import Answer, serving
from identity.ldap.staff import PASSWORD, STAFF
from services.authority import Authority
from services.openldap import OpenLdap, StartOpenLdap


async def test_tls_from_the_beginning(sign_in: SignIn, clinic: OpenLdap) -> None:
    assert isinstance(await sign_in("maria", servers=(clinic.tls_url,)), Arrival)


async def test_start_tls(sign_in: SignIn, clinic: OpenLdap) -> None:
    assert isinstance(await sign_in("maria", servers=(clinic.url,)), Arrival)


async def test_a_name_instead_of_an_address(sign_in: SignIn, clinic: OpenLdap) -> None:
    servers = (f"ldaps://localhost:{clinic.tls_port}",)
    assert isinstance(await sign_in("maria", servers=servers), Arrival)


async def test_without_tls_only_where_the_settings_say_so(sign_in: SignIn, clinic: OpenLdap) -> None:
    assert isinstance(await sign_in("maria", servers=(clinic.url,), start_tls=False), Arrival)


@pytest.mark.parametrize("scheme", ["ldaps", "ldap"])
async def test_an_authority_that_nobody_named_vouches_for_nobody(
    sign_in: SignIn, clinic: OpenLdap, tmp_path: Path, scheme: str
) -> None:
    stranger = Authority(tmp_path, "stranger")
    url = clinic.tls_url if scheme == "ldaps" else clinic.url
    with pytest.raises(ModuleDown, match="its certificate is not good"):
        await sign_in("maria", servers=(url,), authorities=str(stranger.file))


@pytest.mark.parametrize("scheme", ["ldaps", "ldap"])
async def test_the_machines_own_authorities_are_asked_where_none_is_named(
    sign_in: SignIn, clinic: OpenLdap, scheme: str
) -> None:
    url = clinic.tls_url if scheme == "ldaps" else clinic.url
    with pytest.raises(ModuleDown, match="its certificate is not good"):
        await sign_in("maria", servers=(url,), authorities=None)


@pytest.fixture(scope="module")
def elsewhere(start_openldap: StartOpenLdap, authority: Authority) -> OpenLdap:
    """A directory whose certificate is another machine's."""
    return start_openldap(STAFF, authority.issue("elsewhere", "ldap.other.example"))


@pytest.fixture(scope="module")
def expired(start_openldap: StartOpenLdap, authority: Authority) -> OpenLdap:
    """A directory whose certificate is out of date."""
    return start_openldap(STAFF, authority.issue("expired", "127.0.0.1", lasts=timedelta(minutes=-1)))


@pytest.mark.parametrize("scheme", ["ldaps", "ldap"])
async def test_another_machines_certificate_is_not_good(
    sign_in: SignIn, elsewhere: OpenLdap, scheme: str
) -> None:
    url = elsewhere.tls_url if scheme == "ldaps" else elsewhere.url
    with pytest.raises(ModuleDown, match=r"certificate is not good: IP address mismatch"):
        await sign_in("maria", PASSWORD, directory=elsewhere, servers=(url,))


@pytest.mark.parametrize("scheme", ["ldaps", "ldap"])
async def test_an_expired_certificate_is_not_good(sign_in: SignIn, expired: OpenLdap, scheme: str) -> None:
    url = expired.tls_url if scheme == "ldaps" else expired.url
    with pytest.raises(ModuleDown, match=r"certificate is not good: certificate has expired"):
        await sign_in("maria", PASSWORD, directory=expired, servers=(url,))


async def test_a_server_that_takes_no_start_tls_is_told_no_password(sign_in: SignIn) -> None:
    heard: list[bytes] = []

    async def refuse(answer: Answer) -> None:
        heard.append(answer.request)
        answer.extended(answer.UNAVAILABLE, "no TLS here")

    async with serving(refuse) as url:
        with pytest.raises(ModuleDown, match="StartTLS is refused: no TLS here"):
            await sign_in("maria", servers=(url,))
    assert len(heard) == 1
    assert b"service account" not in heard[0]


async def test_what_is_said_before_start_tls_does_not_count(sign_in: SignIn, authority: Authority) -> None:
    """An attacker on the way could put answers to later requests behind the answer to StartTLS (RFC 4513 6.2)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("attacked", "127.0.0.1"))
    heard: list[str] = []

    async def inject(answer: Answer) -> None:
        heard.append(type(answer.message).__name__)
        if isinstance(answer.message, ExtendedRequest):
            answer.extended(answer.SUCCESS)
            answer.bind(answer.SUCCESS, number=2)
            await answer.writer.start_tls(context)

    async with serving(inject) as url:
        with pytest.raises(ModuleDown, match="no answer within 1 s"):
            await sign_in("maria", servers=(url,), answer_seconds=1)
    assert heard == ["ExtendedRequest", "BindRequest"]
