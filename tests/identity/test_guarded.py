"""The guard before modules that take passwords: what is counted, and what of it is written down."""

from dataclasses import replace

import pytest

from assent.engine.server import AuthorizationServer, Caller, Issuer
from assent.engine.settings import EngineSettings
from assent.identity import Refused
from assent.identity.guarded import GuardedModule, account_of, mark_device
from assent.records.identities import Arrival
from assent.spec.errors import TooManyRequests
from assent.storage.tables import AUDIT
from assent.testing.server import a_server

HERE = Caller("192.0.2.7")
SPELT = ("jose", "JOSE", "José", "ｊｏｓé", "jòse", " jose ")


class Directory:
    """Knows José by his user name, and by the name of his bed side."""

    name = "ldap"
    title = "Directory"

    async def sign_in(
        self, _server: AuthorizationServer, username: str, password: str, _caller: Caller
    ) -> Arrival | Refused:
        if username == "nobody":
            return Refused()
        if password != "right":
            return Refused(known_as=("ldap", "1"))
        return Arrival("ldap", "ldap", "1", "jose", ("pwd",))


class Accents:
    """Has two people whose names differ by an accent alone."""

    name = "ldap"
    title = "Directory"

    async def sign_in(
        self, _server: AuthorizationServer, username: str, password: str, _caller: Caller
    ) -> Arrival | Refused:
        if password != f"{username}'s":
            return Refused(known_as=("ldap", username))
        return Arrival("ldap", "ldap", username, username, ("pwd",))


async def a_guard(**settings: int) -> tuple[GuardedModule, AuthorizationServer]:
    server = (await a_server(EngineSettings(**{"login_delay_seconds": 0, **settings}))).server
    return GuardedModule(Directory()), server


async def test_spellings_that_directories_take_for_one_name_are_one() -> None:
    _, server = await a_guard()
    assert len({account_of(server, "ldap", name) for name in SPELT}) == 1
    assert account_of(server, "ldap", "josef") != account_of(server, "ldap", "jose")


async def test_who_is_guessed_at_under_many_names_is_locked_and_none_of_them_tells() -> None:
    guard, server = await a_guard(address_free_failures=0, login_max_failures=10)
    for number in range(10):
        answer = await guard.sign_in(server, f"name {number}", "wrong", HERE)
        assert isinstance(answer, Refused)
    answer = await guard.sign_in(server, "another", "right", HERE)
    assert isinstance(answer, Refused)
    assert "under another spelling" in answer.reason
    assert isinstance(await guard.sign_in(server, "nobody", "right", HERE), Refused)


async def test_a_right_password_forgets_what_was_counted_under_all_names() -> None:
    guard, server = await a_guard(address_free_failures=0, login_max_failures=10)
    for _ in range(3):
        for number in range(9):
            await guard.sign_in(server, f"name {number}", "wrong", HERE)
        assert isinstance(await guard.sign_in(server, "jose", "right", HERE), Arrival)


async def test_a_browser_of_one_with_almost_her_name_gives_no_more_guesses_at_her() -> None:
    _, server = await a_guard(login_max_failures=10)
    guard = GuardedModule(Accents())
    hers = await guard.sign_in(server, "josé", "josé's", HERE)
    assert isinstance(hers, Arrival)
    for _ in range(5):
        his = await guard.sign_in(server, "jose", "jose's", HERE)
        assert isinstance(his, Arrival)
        device = mark_device(server, his, "jose")
        for _ in range(3):
            assert isinstance(
                await guard.sign_in(server, "josé", "guess", replace(HERE, device=device)), Refused
            )
    answer = await guard.sign_in(server, "josé", "josé's", replace(HERE, device=device))
    assert isinstance(answer, Refused)
    assert "has to wait" in answer.reason
    device = mark_device(server, hers, "josé")
    assert isinstance(await guard.sign_in(server, "josé", "josé's", replace(HERE, device=device)), Arrival)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
async def test_this_machine_itself_is_no_place_that_waits(address: str) -> None:
    guard, server = await a_guard(
        address_free_failures=3, login_delay_seconds=60, login_free_failures=99, login_max_failures=0
    )
    for number in range(20):
        answer = await guard.sign_in(server, "nobody", "wrong" * number, Caller(address))
        assert isinstance(answer, Refused)


async def test_a_server_for_this_machine_alone_counts_it() -> None:
    settings = EngineSettings(
        login_delay_seconds=60, address_free_failures=3, login_free_failures=99, login_max_failures=0
    )
    issuer = Issuer("default", "http://localhost:9200", "http://localhost:9200/fhir")
    server = (await a_server(settings, issuer)).server
    guard = GuardedModule(Directory())
    for number in range(4):
        await guard.sign_in(server, f"name {number}", "wrong", Caller("127.0.0.1"))
    with pytest.raises(TooManyRequests):
        await guard.sign_in(server, "another", "wrong", Caller("127.0.0.1"))


async def test_an_address_that_goes_on_and_on_leaves_one_row() -> None:
    guard, server = await a_guard(login_max_failures=3)
    for _ in range(50):
        try:
            await guard.sign_in(server, "nobody", "wrong", HERE)
        except TooManyRequests:
            continue
    assert len(await server.storage.find(AUDIT, {"type": "login.throttled"})) == 1
    with pytest.raises(TooManyRequests):
        await guard.sign_in(server, "nobody", "wrong", Caller("192.0.2.8"))
    assert len(await server.storage.find(AUDIT, {"type": "login.throttled"})) == 2
