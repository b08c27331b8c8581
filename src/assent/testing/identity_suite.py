"""What every module that takes passwords must do: the contract of `assent.identity.PasswordModule`, a sentence a test.

A module's tests are a class that inherits the suite, beside one fixture, `password_case`: the module, somebody whom
it lets in, and, where it asks anything that can be down, the same module while that is down. The suite knows no module.
"""

# ruff: noqa: S101  a suite asserts

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from assent.engine.server import AuthorizationServer, Caller
from assent.identity import ModuleDown, PasswordModule, Refused
from assent.identity.guarded import GuardedModule
from assent.records.identities import Arrival
from assent.spec.errors import TooManyRequests
from assent.storage.tables import THROTTLES

_HERE = Caller("192.0.2.7", "a browser", "7F3K-22")
_HOSTILE_NAMES = (
    "",
    " ",
    "*",
    "(",
    ")(uid=*",
    "*)(|(objectClass=*",
    "\\",
    "\\2a",
    "\0",
    "a\0b",
    "a\nb",
    "' OR 1=1 --",
    "../../etc/passwd",
    "{username}",
    "%s%n",
    "\u202eadmin",
    "a\u00adb",
    "\ufeff",
    "𝔞𝔡𝔪𝔦𝔫",
    "🩺",
    "x" * 100_000,
)
_HOSTILE_PASSWORDS = ("*", "\0", "\n", "x" * 100_000)


@dataclass(frozen=True, slots=True)
class PasswordCase:
    """A module under test, with somebody's name and password. `down`: the module while what it asks is down."""

    module: PasswordModule
    server: AuthorizationServer
    username: str
    password: str
    down: PasswordModule | None = None


SignIn = Callable[[str, str], Awaitable[Arrival | Refused]]


class PasswordModuleSuite:
    """The contract."""

    @pytest.fixture
    def sign_in(self, password_case: PasswordCase) -> SignIn:
        async def sign_in_(username: str, password: str) -> Arrival | Refused:
            case = password_case
            return await case.module.sign_in(case.server, username, password, _HERE)

        return sign_in_

    async def test_the_right_password_brings_the_same_person_each_time(
        self, password_case: PasswordCase, sign_in: SignIn
    ) -> None:
        first = await sign_in(password_case.username, password_case.password)
        second = await sign_in(password_case.username, password_case.password)
        assert isinstance(first, Arrival)
        assert first == second
        assert first.module == password_case.module.name
        assert first.provider
        assert first.subject
        assert first.username

    async def test_a_name_that_nobody_has_and_a_wrong_password_are_answered_alike(
        self, password_case: PasswordCase, sign_in: SignIn
    ) -> None:
        wrong = await sign_in(password_case.username, "wrong")
        unknown = await sign_in("somebody-who-is-not-here", "wrong")
        assert isinstance(wrong, Refused)
        assert isinstance(unknown, Refused)
        assert wrong.reason == unknown.reason

    async def test_somebody_elses_password_is_wrong(
        self, password_case: PasswordCase, sign_in: SignIn
    ) -> None:
        assert isinstance(await sign_in("somebody-who-is-not-here", password_case.password), Refused)

    @pytest.mark.parametrize("change", ["", "{}x", " {}", "{}\0", "x"])
    async def test_what_is_nearly_the_password_is_wrong(
        self, password_case: PasswordCase, sign_in: SignIn, change: str
    ) -> None:
        nearly = change.format(password_case.password)
        assert isinstance(await sign_in(password_case.username, nearly), Refused)

    @pytest.mark.parametrize("username", _HOSTILE_NAMES)
    async def test_whatever_is_typed_as_a_name_is_refused_and_breaks_nothing(
        self, password_case: PasswordCase, sign_in: SignIn, username: str
    ) -> None:
        assert isinstance(await sign_in(username, password_case.password), Refused)

    @pytest.mark.parametrize("password", _HOSTILE_PASSWORDS)
    async def test_whatever_is_typed_as_a_password_is_refused_and_breaks_nothing(
        self, password_case: PasswordCase, sign_in: SignIn, password: str
    ) -> None:
        assert isinstance(await sign_in(password_case.username, password), Refused)

    async def test_many_at_once_are_each_answered_for_themselves(
        self, password_case: PasswordCase, sign_in: SignIn
    ) -> None:
        tries = [password_case.password if number % 2 else "wrong" for number in range(20)]
        answers = await asyncio.gather(*(sign_in(password_case.username, one) for one in tries))
        assert [isinstance(answer, Arrival) for answer in answers] == [
            bool(number % 2) for number in range(20)
        ]

    async def test_what_is_down_is_neither_a_person_nor_a_refusal(self, password_case: PasswordCase) -> None:
        if password_case.down is None:
            return  # it asks nothing that could be down
        for username in (password_case.username, "somebody-who-is-not-here"):
            with pytest.raises(ModuleDown):
                await password_case.down.sign_in(
                    password_case.server, username, password_case.password, _HERE
                )

    async def test_guesses_are_counted_whether_the_name_exists_or_not(
        self, password_case: PasswordCase
    ) -> None:
        guarded = GuardedModule(password_case.module)
        free = password_case.server.settings.login_free_failures
        for username in (password_case.username, "somebody-who-is-not-here"):
            for _ in range(free + 1):
                await guarded.sign_in(password_case.server, username, "wrong", Caller())
            with pytest.raises(TooManyRequests):
                await guarded.sign_in(password_case.server, username, "wrong", Caller())

    async def test_an_outage_is_nobodys_wrong_guess(self, password_case: PasswordCase) -> None:
        if password_case.down is None:
            return  # it asks nothing that could be down
        with pytest.raises(ModuleDown):
            await GuardedModule(password_case.down).sign_in(
                password_case.server, password_case.username, password_case.password, _HERE
            )
        assert await password_case.server.storage.find(THROTTLES) == []
