"""Directories that do not answer, answer too late, or answer with what no directory should say."""

import asyncio
import socket
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sansldap import BindRequest, LDAPResultCode, SearchRequest

from assent.engine.server import AuthorizationServer, Caller
from assent.identity import ModuleDown, PasswordModule, Refused
from assent.identity.ldap.servers import Access, Servers
from assent.identity.ldap.settings import LdapSettings
from assent.identity.ldap.urls import read_server_url
from assent.identity.ldap.wire import Connection, ServerDown, connect
from assent.records.identities import Arrival
from identity.ldap.conftest import SignIn
from identity.ldap.doubles import Answer, polite, serving
from identity.ldap.staff import STAFF
from services.openldap import OpenLdap, StartOpenLdap

PLAIN = {"start_tls": False}


@pytest.fixture
def nowhere() -> Iterator[str]:
    """A URL at which nothing listens, and nothing else can listen meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"ldap://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def silent() -> Iterator[str]:
    """A URL at which connections are taken, and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"ldap://127.0.0.1:{listening.getsockname()[1]}"


async def test_a_server_that_is_down_lets_nobody_in(sign_in: SignIn, nowhere: str) -> None:
    with pytest.raises(ModuleDown, match="refused"):
        await sign_in("maria", servers=(nowhere,))


async def test_a_host_that_does_not_exist_lets_nobody_in(sign_in: SignIn) -> None:
    with pytest.raises(ModuleDown, match=r"ldaps://ldap\.invalid:636"):
        await sign_in("maria", servers=("ldaps://ldap.invalid",))


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
async def test_a_server_that_says_nothing_is_not_waited_for(
    sign_in: SignIn, silent: str, scheme: str
) -> None:
    with pytest.raises(ModuleDown, match="no answer within 1 s"):
        await sign_in("maria", servers=(silent.replace("ldap:", f"{scheme}:"),), answer_seconds=1)


async def test_the_whole_sign_in_has_an_end(sign_in: SignIn, silent: str) -> None:
    servers = (silent, silent.replace("127.0.0.1", "localhost"), silent.replace("ldap:", "ldaps:"))
    with pytest.raises(ModuleDown, match="no answer within 2 s"):
        await sign_in("maria", servers=servers, answer_seconds=1, timeout_seconds=2)


async def test_when_one_is_down_the_next_is_asked(sign_in: SignIn, clinic: OpenLdap, nowhere: str) -> None:
    assert isinstance(await sign_in("maria", servers=(nowhere, clinic.tls_url)), Arrival)


async def test_when_one_says_nothing_the_next_is_asked(
    sign_in: SignIn, clinic: OpenLdap, silent: str
) -> None:
    assert isinstance(await sign_in("maria", servers=(silent, clinic.url), answer_seconds=3), Arrival)


async def test_who_is_refused_by_one_is_not_tried_at_the_next(sign_in: SignIn, clinic: OpenLdap) -> None:
    async def never(_answer: Answer) -> None:
        raise AssertionError("a second server was asked about a wrong password")

    async with serving(never) as url:
        assert await sign_in("maria", "wrong", servers=(clinic.tls_url, url)) == Refused(
            "wrong name or password"
        )


async def test_a_service_account_that_is_refused_lets_nobody_in(sign_in: SignIn) -> None:
    with pytest.raises(ModuleDown, match="the service account is refused"):
        await sign_in("maria", bind_password="wrong")


async def test_a_base_that_is_not_there_lets_nobody_in(sign_in: SignIn) -> None:
    with pytest.raises(ModuleDown, match="the search is refused"):
        await sign_in("maria", base="ou=nobody,dc=clinic,dc=example")


@pytest.mark.parametrize(
    "octets",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x30\x84\x7f\xff\xff\xff",
        b"\x30\x80\x02\x01\x01\x00\x00",
        b"\x30\x0c\x02\x01\x63\x61\x07\x0a\x01\x00\x04\x00\x04\x00",
        b"\x30\x05\x02\x01\x01\x61\x09",
        b"\x30\x00",
        b"\x30",
    ],
    ids=["http", "2 GB", "indefinite length", "another request's", "cut short", "empty", "one octet"],
)
async def test_an_answer_that_is_no_ldap_lets_nobody_in(sign_in: SignIn, octets: bytes) -> None:
    async def answer_with(answer: Answer) -> None:
        answer.raw(octets)

    async with serving(answer_with) as url:
        with pytest.raises(ModuleDown):  # of some of them more is waited for
            await sign_in("maria", servers=(url,), answer_seconds=1, **PLAIN)


async def test_a_message_that_is_too_large_is_not_waited_for(sign_in: SignIn) -> None:
    async def announce(answer: Answer) -> None:
        answer.raw(b"\x30\x84\x7f\xff\xff\xff")

    async with serving(announce) as url:
        with pytest.raises(ModuleDown, match="a message of 2147483647 octets"):
            await sign_in("maria", servers=(url,), **PLAIN)


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.binary(max_size=60))
@example(b"\x61\x07\x0a\x01\x00\x04\x00\x04\x00")
@example(b"\x61\x00")
def test_whatever_comes_is_an_answer_or_a_server_that_is_down(octets: bytes) -> None:
    message = b"\x02\x01\x01" + octets

    async def answer_with(answer: Answer) -> None:
        answer.raw(bytes([0x30, len(message)]) + message)

    async def bind() -> None:
        async with serving(answer_with) as url:
            connection = await connect(read_server_url(url), None, 1)
            try:
                answer = await connection.bind("cn=assent", "secret")
            except ServerDown:
                assert not connection.is_usable
            else:
                assert isinstance(answer.code, int)
            finally:
                await connection.close()

    asyncio.run(bind())


async def test_a_referral_is_not_followed(sign_in: SignIn) -> None:
    async def refer(answer: Answer) -> None:
        if isinstance(answer.message, BindRequest):
            answer.bind(answer.SUCCESS)
        else:
            answer.done(LDAPResultCode.REFERRAL)

    async with serving(refer) as url:
        with pytest.raises(ModuleDown, match="referrals are not followed"):
            await sign_in("maria", servers=(url,), **PLAIN)


async def test_a_reference_to_another_server_finds_nobody(sign_in: SignIn) -> None:
    async def refer(answer: Answer) -> None:
        if isinstance(answer.message, BindRequest):
            answer.bind(answer.SUCCESS if answer.message.name.startswith("cn=assent") else LDAPResultCode(49))
        else:
            answer.reference("ldap://elsewhere.example/dc=clinic,dc=example??sub")
            answer.done()

    async with serving(refer) as url:
        assert await sign_in("maria", servers=(url,), **PLAIN) == Refused("wrong name or password")


async def test_a_busy_server_has_not_decided(sign_in: SignIn) -> None:
    async def busy(answer: Answer) -> None:
        match answer.message:
            case BindRequest(name=name):
                answer.bind(answer.SUCCESS if name.startswith("cn=assent") else LDAPResultCode.BUSY)
            case SearchRequest():
                answer.entry("uid=maria", uid=[b"maria"])
                answer.done()

    async with serving(busy) as url:
        with pytest.raises(ModuleDown, match="not decided"):
            await sign_in("maria", servers=(url,), **PLAIN)


async def test_more_entries_than_were_asked_for_end_the_connection(sign_in: SignIn) -> None:
    async def flood(answer: Answer) -> None:
        if isinstance(answer.message, BindRequest):
            answer.bind(answer.SUCCESS)
            return
        while not answer.writer.is_closing():
            answer.entry("uid=maria", uid=[b"maria"])
            await asyncio.sleep(0)

    async with serving(flood) as url:
        with pytest.raises(ModuleDown, match="more than it asked for"):
            await sign_in("maria", servers=(url,), **PLAIN)


async def test_connections_outlive_no_restart_of_the_server(
    start_openldap: StartOpenLdap,
    server: AuthorizationServer,
    open_module: Callable[[LdapSettings], PasswordModule],
) -> None:
    directory = start_openldap(STAFF)
    module = open_module(directory.settings())
    assert isinstance(await module.sign_in(server, "maria", "correct horse", Caller()), Arrival)
    directory.stop()
    with pytest.raises(ModuleDown):
        await module.sign_in(server, "maria", "correct horse", Caller())
    directory.start()
    assert isinstance(await module.sign_in(server, "maria", "correct horse", Caller()), Arrival)


async def test_connections_of_the_service_account_are_used_again() -> None:
    handle, _ = polite()
    binds: list[str] = []

    async def count(answer: Answer) -> None:
        if isinstance(answer.message, BindRequest):
            binds.append(answer.message.name)
        await handle(answer)

    async def nothing(_connection: Connection) -> None:
        return None

    async with serving(count) as url:
        servers = Servers(_access(url))
        for _ in range(3):
            await servers.ask(nothing)
        await servers.close()
    assert binds == ["cn=assent"]


async def test_a_server_that_fails_rests_longer_each_time_and_is_asked_last(nowhere: str) -> None:
    handle, _ = polite()
    now = 0.0
    asked: list[str] = []

    async def note(connection: Connection) -> None:
        asked.append(str(connection.url))
        await connection.close()

    async with serving(handle) as url:
        servers = Servers(_access(nowhere, url), lambda: now)
        await servers.ask(note)
        first = servers._health[read_server_url(nowhere)]
        assert (first.failures, first.rests_until) == (1, 2.0)
        now = 1.0
        await servers.ask(note)
        assert first.failures == 1  # it rests: the other is asked at once
        now = 2.0
        await servers.ask(note)
        assert (first.failures, first.rests_until) == (2, 6.0)
        await servers.close()
    assert asked == [url] * 3


async def test_while_all_rest_only_one_of_them_is_asked(nowhere: str) -> None:
    other = nowhere.replace("127.0.0.1", "localhost")
    servers = Servers(_access(nowhere, other), lambda: 0.0)

    async def nothing(_connection: Connection) -> None:
        return None

    with pytest.raises(ServerDown) as both:
        await servers.ask(nothing)
    with pytest.raises(ServerDown) as one:
        await servers.ask(nothing)
    assert (str(both.value).count("ldap://"), str(one.value).count("ldap://")) == (2, 1)


def _access(*urls: str) -> Access:
    return Access(tuple(read_server_url(url) for url in urls), None, False, "cn=assent", "secret", 1, 4)
