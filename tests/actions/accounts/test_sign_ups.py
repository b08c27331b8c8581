"""Making an account for oneself: the same answers for all, a code that is good once, and rights by policy alone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from assent.actions.accounts.sign_ups import (
    MOST_TRIES,
    Answers,
    Begun,
    Problem,
    SignUpOver,
    begin_sign_up,
    finish_sign_up,
)
from assent.engine.hooks import Hooks
from assent.engine.server import AuthorizationServer, Caller
from assent.identity.local.policy import PasswordPolicy
from assent.identity.local.registration import LocalRegistration
from assent.identity.mapping import read_rules
from assent.identity.registration import Registration
from assent.records.identities import Arrival
from assent.records.people import Person
from assent.records.sign_ups import Newcomer
from assent.spec.errors import AccessDenied, TooManyRequests
from assent.spec.permissions import Permission
from assent.storage.tables import AUDIT, NAMES, PEOPLE, SIGN_UPS
from assent.testing.server import TestServer, a_server

CALLER = Caller("192.0.2.7")
BROWSER, ANOTHER = "b-1", "b-2"
ADDRESS = "maria@mail.example"
PASSWORD = "quite a long sentence, kept to herself"
OFFER = Registration(LocalRegistration(PasswordPolicy()))


@dataclass
class Desk:
    """Signs people up, with what they would fill in."""

    server: AuthorizationServer
    offer: Registration = OFFER
    answers: dict[str, str] = field(default_factory=dict)

    async def begin(self, email: str = ADDRESS, caller: Caller = CALLER) -> Begun:
        begun = await begin_sign_up(self.server, self.offer, email, BROWSER, caller)
        assert begun is not None
        return begun

    async def finish(
        self, begun: Begun, browser: str = BROWSER, caller: Caller = CALLER, **changed: str
    ) -> Arrival | Problem:
        given = {
            "code": begun.code,
            "username": "maria",
            "password": PASSWORD,
            "given_name": "Maria",
            "family_name": "Okafor",
            "locale": "es",
        }
        answers = Answers(**{**given, **changed})
        return await finish_sign_up(self.server, self.offer, begun.handle, browser, answers, caller=caller)

    async def people(self) -> list[Person]:
        return await self.server.storage.find(PEOPLE)


@pytest.fixture
async def served() -> AsyncIterator[TestServer]:
    served = await a_server()
    yield served
    await served.close()


@pytest.fixture
def desk(served: TestServer) -> Desk:
    return Desk(served.server)


async def test_whoever_reads_the_mail_gets_an_account_that_may_do_nothing(desk: Desk) -> None:
    begun = await desk.begin()
    assert begun.letter == "code"
    arrival = await desk.finish(begun)
    [person] = await desk.people()
    assert isinstance(arrival, Arrival)
    assert (arrival.person_id, arrival.amr) == (person.person_id, ("pwd",))
    assert (person.username, person.email, person.locale) == ("maria", ADDRESS, "es")
    assert (person.given_name, person.family_name) == ("Maria", "Okafor")
    assert (person.permissions, person.fhir_user, person.represents) == ((), None, ())
    assert await desk.server.passwords.verify(person.password_hash, PASSWORD)
    [event] = await desk.server.storage.find(AUDIT, {"type": "user.registered"})
    assert event.detail == {"username": "maria", "module": "local"}
    assert event.actor == event.person_id == person.person_id


async def test_an_address_that_has_an_account_is_answered_alike(desk: Desk) -> None:
    await desk.finish(await desk.begin())
    again = await desk.begin(ADDRESS.upper())
    other = await desk.begin("ann@mail.example")
    assert (again.letter, other.letter) == ("known", "code")
    assert len(again.handle) == len(other.handle)
    assert again.code == ""
    rows = await desk.server.storage.find(SIGN_UPS)
    assert len(rows) == 3


async def test_no_code_fits_where_none_was_mailed(desk: Desk) -> None:
    await desk.finish(await desk.begin())
    again = await desk.begin()
    for code in ("", "00000000", "12345678"):
        assert await desk.finish(again, code=code, username="maria2") == Problem("code", "wrong")
    assert len(await desk.people()) == 1


async def test_what_is_no_address_begins_nothing(desk: Desk) -> None:
    assert await begin_sign_up(desk.server, OFFER, "maria", BROWSER, CALLER) is None
    assert await begin_sign_up(desk.server, OFFER, "a@b.example\r\nBcc: c@d.example", BROWSER, CALLER) is None
    assert await desk.server.storage.find(SIGN_UPS) == []


async def test_the_code_is_good_once(desk: Desk) -> None:
    begun = await desk.begin()
    await desk.finish(begun)
    with pytest.raises(SignUpOver):
        await desk.finish(begun, username="maria2")
    assert len(await desk.people()) == 1


async def test_of_two_forms_sent_at_once_one_makes_an_account(desk: Desk) -> None:
    begun = await desk.begin()
    answers = await asyncio.gather(
        *(desk.finish(begun, username=name) for name in ("maria", "maria2", "maria3")), return_exceptions=True
    )
    assert sum(isinstance(one, Arrival) for one in answers) == 1
    assert len(await desk.people()) == len(await desk.server.storage.find(NAMES)) == 1


async def test_the_code_is_good_for_a_quarter_of_an_hour(served: TestServer, desk: Desk) -> None:
    begun = await desk.begin()
    served.clock.advance(900)
    with pytest.raises(SignUpOver):
        await desk.finish(begun)


async def test_another_browser_cannot_use_the_code(desk: Desk) -> None:
    begun = await desk.begin()
    with pytest.raises(SignUpOver):
        await desk.finish(begun, browser=ANOTHER)
    assert isinstance(await desk.finish(begun), Arrival)


async def test_a_code_of_another_sign_up_is_wrong(desk: Desk) -> None:
    mine, other = await desk.begin(), await desk.begin("ann@mail.example")
    assert await desk.finish(mine, code=other.code) == Problem("code", "wrong")


async def test_ten_tries_and_no_more_also_when_they_are_made_at_once(desk: Desk) -> None:
    begun = await desk.begin()
    wrong = [f"{number:08}" for number in range(MOST_TRIES * 2) if f"{number:08}" != begun.code]
    answers = await asyncio.gather(*(desk.finish(begun, code=code) for code in wrong), return_exceptions=True)
    assert sum(isinstance(one, Problem) for one in answers) == MOST_TRIES
    with pytest.raises(SignUpOver):
        await desk.finish(begun)


@pytest.mark.parametrize("typed", [" {0} ", "{0[0]}{0[1]}{0[2]}{0[3]} {0[4]}{0[5]}{0[6]}{0[7]}", "{0}\u200f"])
async def test_a_code_is_read_however_it_is_spaced(desk: Desk, typed: str) -> None:
    begun = await desk.begin()
    assert isinstance(await desk.finish(begun, code=typed.format(begun.code)), Arrival)


async def test_a_code_may_be_typed_in_arabic_digits(desk: Desk) -> None:
    begun = await desk.begin()
    typed = begun.code.translate({ord("0") + digit: 0x660 + digit for digit in range(10)})
    assert isinstance(await desk.finish(begun, code=typed), Arrival)


async def test_a_taken_name_is_told_only_after_the_right_code(served: TestServer, desk: Desk) -> None:
    await desk.finish(await desk.begin())
    begun = await desk.begin("ann@mail.example")
    wrong = "00000000" if begun.code != "00000000" else "00000001"
    assert await desk.finish(begun, code=wrong, username="MARIA") == Problem("code", "wrong")
    assert await desk.finish(begun, username="MARIA") == Problem("username", "taken")
    assert isinstance(await desk.finish(begun, username="ann"), Arrival)


async def test_a_name_that_two_want_at_once_gets_one_of_them(desk: Desk) -> None:
    begun = [await desk.begin(f"m{number}@mail.example") for number in range(4)]
    answers = await asyncio.gather(*(desk.finish(one) for one in begun))
    assert sum(isinstance(one, Arrival) for one in answers) == 1
    assert answers.count(Problem("username", "taken")) == 3
    assert len(await desk.people()) == 1


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"password": "short"}, Problem("password", "short", 10)),
        ({"password": "maria maria maria"}, Problem("password", "name")),
        ({"username": "  "}, Problem("username", "bad")),
        ({"username": "Patient/amy"}, Problem("username", "bad")),
        ({"username": "amy\u202e"}, Problem("username", "bad")),
        ({"given_name": "x" * 101}, Problem("names", "bad")),
    ],
)
async def test_what_no_account_can_have_costs_no_try(
    desk: Desk, changed: dict[str, str], problem: Problem
) -> None:
    begun = await desk.begin()
    for _ in range(MOST_TRIES + 1):
        assert await desk.finish(begun, **changed) == problem
    assert isinstance(await desk.finish(begun), Arrival)


async def test_two_sign_ups_of_one_address_make_one_account(desk: Desk) -> None:
    first, second = await desk.begin(), await desk.begin()
    await desk.finish(first)
    assert await desk.finish(second, username="maria2") == Problem("email", "known")
    assert len(await desk.people()) == 1


async def test_rules_say_what_everybody_may_who_signs_up(served: TestServer) -> None:
    rules = read_rules(["* => FHIR_READ_ALL_IN_COMPARTMENT:Patient/amy", "staff => FHIR_ALL_READ"])
    desk = Desk(served.server, replace(OFFER, rules=rules))
    await desk.finish(await desk.begin())
    [person] = await desk.people()
    assert person.permissions == (Permission("FHIR_READ_ALL_IN_COMPARTMENT", "Patient/amy"),)


class Deciding(Hooks):
    """Lets in whom it knows, as a patient."""

    def __init__(self) -> None:
        self.asked: list[Newcomer] = []

    async def on_user_self_registration_request(self, newcomer: Newcomer) -> Newcomer:
        self.asked.append(newcomer)
        if not newcomer.email.endswith("@mail.example"):
            raise AccessDenied("not a member", detail="no member has this address")
        return replace(
            newcomer, username=f"m-{newcomer.username}", fhir_user="Patient/77", email="other@mail.example"
        )


async def test_the_hook_may_say_who_she_is_but_not_whose_mail_she_reads(served: TestServer) -> None:
    hooks = Deciding()
    desk = Desk(replace(served.server, hooks=hooks))
    assert isinstance(await desk.finish(await desk.begin()), Arrival)
    [person] = await desk.people()
    assert (person.username, person.fhir_user, person.email) == ("m-maria", "Patient/77", ADDRESS)
    assert [one.email for one in hooks.asked] == [ADDRESS]


async def test_the_hook_may_refuse_her(served: TestServer) -> None:
    desk = Desk(replace(served.server, hooks=Deciding()))
    begun = await desk.begin("maria@elsewhere.example")
    assert await desk.finish(begun) == Problem("email", "refused")
    assert await desk.people() == []
    [event] = await desk.server.storage.find(AUDIT, {"type": "user.registration_refused"})
    assert event.detail == {"reason": "the deployment refuses her: no member has this address"}


async def test_one_place_begins_twenty_an_hour(served: TestServer, desk: Desk) -> None:
    for number in range(20):
        await desk.begin(f"m{number}@mail.example")
    with pytest.raises(TooManyRequests) as refused:
        await desk.begin("ann@mail.example")
    assert refused.value.retry_after_seconds == 3600
    await desk.begin("ann@mail.example", Caller("198.51.100.9"))


async def test_an_address_is_written_to_four_times_an_hour_and_nobody_is_told(
    served: TestServer, desk: Desk
) -> None:
    letters = [(await desk.begin(ADDRESS, Caller(f"198.51.100.{n}"))).letter for n in range(6)]
    assert letters == ["code"] * 4 + ["none"] * 2
    served.clock.advance(3601)
    assert (await desk.begin()).letter == "code"


async def test_nothing_that_was_mailed_or_typed_is_written_down(desk: Desk) -> None:
    begun = await desk.begin()
    await desk.finish(begun, code="1")
    await desk.finish(begun)
    written = repr(await desk.server.storage.find(AUDIT))
    for secret in (begun.code, begun.handle, PASSWORD, ADDRESS):
        assert secret not in written
    assert begun.code not in repr(begun)
