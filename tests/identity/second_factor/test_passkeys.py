"""Passkeys against what somebody might send: another site's, another browser's, copied, replayed, forged."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from assent.engine.second_factors import MOST_PASSKEYS, find_factors
from assent.engine.server import AuthorizationServer, Caller, Issuer
from assent.engine.settings import EngineSettings
from assent.identity.second_factor.changing import keep_passkey
from assent.identity.second_factor.passkeys import (
    PasskeyRefused,
    RelyingParty,
    amr_of,
    creation_options,
    prove_passkey,
    read_new_passkey,
    relying_party,
    request_options,
    sign_in_by_passkey,
    sign_in_options,
)
from assent.records.people import Person
from assent.records.second_factors import Passkey
from assent.storage.tables import PASSKEYS, PEOPLE
from assent.testing.server import TestServer, a_server
from identity.second_factor.authenticator import (
    BACKUP_ELIGIBLE,
    PRESENT,
    Authenticator,
    bytes_of,
    text_of,
)

BROWSER = "the-browser-of-amy-with-22-or-more"
PARTY = RelyingParty("auth.example", "https://auth.example", "St. Elsewhere")


def with_client_data(text: str) -> str:
    """An answer with this for its client data, and nothing right about it."""
    response = {"clientDataJSON": text, "authenticatorData": "AA", "signature": "AA"}
    return json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": response})


@dataclass
class Desk:
    """A server, somebody at it, and her authenticator."""

    served: TestServer
    person: Person
    authenticator: Authenticator

    @property
    def server(self) -> AuthorizationServer:
        return self.served.server

    async def add(self, authenticator: Authenticator | None = None, person: Person | None = None) -> Passkey:
        """Registers a passkey."""
        person, made_by = person or self.person, authenticator or self.authenticator
        factors = await find_factors(self.server, person.person_id)
        options = creation_options(self.server, PARTY, BROWSER, person, factors)
        answer = made_by.create(options)
        passkey = await read_new_passkey(self.server, PARTY, BROWSER, person, answer, "  a \x07 name ")
        now = await self.server.storage.get(PEOPLE, person.person_id)
        await keep_passkey(self.server, now or person, factors, passkey, Caller())
        return passkey

    async def options(self, person: Person | None = None, browser: str = BROWSER) -> str:
        """What is asked of her as a second factor."""
        person = person or self.person
        factors = await find_factors(self.server, person.person_id)
        return request_options(self.server, PARTY, browser, person, factors)

    async def prove(self, answer: str, person: Person | None = None, browser: str = BROWSER) -> Passkey:
        """Her answer, judged."""
        return await prove_passkey(self.server, PARTY, browser, person or self.person, answer)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    served = await a_server(settings=EngineSettings(passkeys="sign_in"))
    yield Desk(served, await served.add_person("amy"), Authenticator())
    await served.close()


async def test_a_passkey_is_kept_with_what_is_known_of_it(desk: Desk) -> None:
    passkey = await desk.add()
    assert passkey.name == "a name"
    assert passkey.device_bound
    assert amr_of(passkey) == ("hwk",)
    copied = Authenticator(credential_id=b"2", flags=desk.authenticator.flags | BACKUP_ELIGIBLE)
    assert amr_of(await desk.add(copied)) == ("swk",)


async def test_it_proves_and_its_count_goes_up(desk: Desk) -> None:
    await desk.add()
    await desk.prove(desk.authenticator.get(await desk.options()))
    await desk.prove(desk.authenticator.get(await desk.options()))
    [kept] = await desk.server.storage.find(PASSKEYS)
    assert kept.sign_count == desk.authenticator.count
    assert kept.last_used_at == desk.server.now()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"origin": "https://evil.example"}, "origin"),
        ({"origin": "http://auth.example"}, "origin"),
        ({"origin": "https://auth.example:8443"}, "origin"),
        ({"rp_id": "evil.example"}, "RP ID"),
        ({"cross_origin": True}, "another site's page"),
        ({"flags": 0}, "not present"),
        ({"count": 0}, "count"),
        ({"credential_id": b"unknown"}, "not known"),
        ({"key": Authenticator().key}, "signature"),
    ],
)
async def test_what_is_not_right_proves_nothing(desk: Desk, change: dict[str, Any], reason: str) -> None:
    await desk.add()
    answer = replace(desk.authenticator, **change).get(await desk.options())
    with pytest.raises(PasskeyRefused, match=reason):
        await desk.prove(answer)


async def test_an_answer_counts_once_also_when_it_comes_twice_at_once(desk: Desk) -> None:
    await desk.add()
    answer = desk.authenticator.get(await desk.options())
    outcomes = await asyncio.gather(*[desk.prove(answer) for _ in range(4)], return_exceptions=True)
    assert sum(isinstance(one, Passkey) for one in outcomes) == 1
    with pytest.raises(PasskeyRefused, match="answered before"):
        await desk.prove(answer)


async def test_a_challenge_is_of_one_browser_purpose_and_person_and_for_a_while(desk: Desk) -> None:
    await desk.add()
    ben = await desk.served.add_person("ben")
    for options in (
        await desk.options(browser="another-browser-of-22-or-more"),
        await desk.options(person=ben),
        sign_in_options(desk.server, PARTY, BROWSER),
        creation_options(desk.server, PARTY, BROWSER, desk.person, await find_factors(desk.server, "")),
        json.dumps({"challenge": "AAAA"}),
        json.dumps({"challenge": ""}),
    ):
        with pytest.raises(PasskeyRefused):
            await desk.prove(desk.authenticator.get(options))
    options = await desk.options()
    desk.served.clock.advance(901)
    with pytest.raises(PasskeyRefused, match="too old"):
        await desk.prove(desk.authenticator.get(options))


async def test_another_persons_passkey_proves_nothing(desk: Desk) -> None:
    await desk.add()
    ben = await desk.served.add_person("ben")
    bens = Authenticator(credential_id=b"ben's")
    await desk.add(bens, ben)
    with pytest.raises(PasskeyRefused, match="another person's"):
        await desk.prove(bens.get(await desk.options()))
    with pytest.raises(PasskeyRefused, match="names another person"):
        await desk.prove(desk.authenticator.get(await desk.options(), user=ben.person_id))


async def test_alone_it_must_have_verified_its_user_and_say_who_that_is(desk: Desk) -> None:
    await desk.add()
    mine = desk.authenticator

    async def sign_in(answer: str) -> Passkey:
        return await sign_in_by_passkey(desk.server, PARTY, BROWSER, answer)

    def options() -> str:
        return sign_in_options(desk.server, PARTY, BROWSER)

    passkey = await sign_in(mine.get(options(), user=desk.person.person_id))
    assert passkey.person_id == desk.person.person_id
    with pytest.raises(PasskeyRefused, match="names another person"):
        await sign_in(mine.get(options()))
    with pytest.raises(PasskeyRefused, match="names another person"):
        await sign_in(mine.get(options(), user="u-other"))
    with pytest.raises(PasskeyRefused, match="not verified"):
        await sign_in(replace(mine, flags=PRESENT, count=50).get(options(), user=desk.person.person_id))
    # asked as a second factor, presence is enough: the password was shown
    await desk.prove(replace(mine, flags=PRESENT, count=60).get(await desk.options()))


async def test_a_passkey_is_not_registered_twice_or_for_another_site(desk: Desk) -> None:
    await desk.add()
    factors = await find_factors(desk.server, desk.person.person_id)
    excluded = json.loads(creation_options(desk.server, PARTY, BROWSER, desk.person, factors))
    assert len(excluded["excludeCredentials"]) == 1
    again = await read_new_passkey(
        desk.server, PARTY, BROWSER, desk.person, desk.authenticator.create(json.dumps(excluded)), ""
    )
    assert await keep_passkey(desk.server, desk.person, factors, again, Caller()) is None
    elsewhere = Authenticator(origin="https://evil.example", credential_id=b"3")
    with pytest.raises(PasskeyRefused, match="origin"):
        await desk.add(elsewhere)


async def test_there_is_an_end_to_how_many(desk: Desk) -> None:
    for number in range(MOST_PASSKEYS):
        await desk.add(Authenticator(credential_id=b"%d" % number))
    with pytest.raises(PasskeyRefused, match="as many passkeys"):
        await desk.add(Authenticator(credential_id=b"more"))


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}',
        '{"id": 1, "rawId": [], "type": {}, "response": "x"}',
        with_client_data("e30"),
        with_client_data("eyJ0eXBlIjoxLCJjaGFsbGVuZ2UiOjEsIm9yaWdpbiI6W119"),
        "\ud800",
        "[" * 30_000,
        "[" * 1_000_000,
    ],
)
async def test_what_no_browser_sends_is_refused(desk: Desk, answer: str) -> None:
    await desk.add()
    with pytest.raises(PasskeyRefused):
        await desk.prove(answer)
    with pytest.raises(PasskeyRefused):
        await sign_in_by_passkey(desk.server, PARTY, BROWSER, answer)
    with pytest.raises(PasskeyRefused):
        await read_new_passkey(desk.server, PARTY, BROWSER, desk.person, answer, "")


@pytest.mark.parametrize("member", ["attestationObject", "authenticatorData"])
async def test_whatever_is_cut_off_or_changed_within_is_refused(desk: Desk, member: str) -> None:
    await desk.add()
    other = Authenticator(credential_id=b"other")

    async def is_refused(change: Callable[[bytes], bytes]) -> bool:
        if member == "attestationObject":
            factors = await find_factors(desk.server, desk.person.person_id)
            answer = other.create(creation_options(desk.server, PARTY, BROWSER, desk.person, factors))
        else:
            answer = desk.authenticator.get(await desk.options())
        sent = json.loads(answer)
        sent["response"][member] = text_of(change(bytes_of(sent["response"][member])))
        try:
            if member == "attestationObject":
                await read_new_passkey(desk.server, PARTY, BROWSER, desk.person, json.dumps(sent), "")
            else:
                await desk.prove(json.dumps(sent))
        except PasskeyRefused:
            return True
        return False

    size = 37 if member == "authenticatorData" else 100
    assert not await is_refused(lambda whole: whole)
    for length in range(size):
        assert await is_refused(lambda whole, n=length: whole[:n])
    for filled in (b"\xff", b"\x80", b"\x5f", b"\xa1"):
        assert await is_refused(lambda whole, byte=filled: whole[:9] + byte * 40)


@pytest.mark.parametrize(
    ("url", "party"),
    [
        ("https://auth.example", ("auth.example", "https://auth.example")),
        ("https://auth.example:8443/clinic", ("auth.example", "https://auth.example:8443")),
        ("http://localhost:9200", ("localhost", "http://localhost:9200")),
        ("http://127.0.0.1:9200", None),
        ("https://[::1]:9200", None),
        ("https://192.0.2.1", None),
        ("http://auth.example", None),
    ],
)
def test_the_relying_party_is_the_issuers_host(url: str, party: tuple[str, str] | None) -> None:
    found = relying_party(Issuer("default", url, f"{url}/fhir"), "St. Elsewhere")
    assert (found and (found.id, found.origin)) == party
