"""Hashes that came from elsewhere: which are read, what they may cost, and that time does not tell whose are here."""

import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import bcrypt
import pytest

from assent.actions.accounts.people import add_person
from assent.actions.refusals import Refused
from assent.identity.local.imported_hashes import read_phc
from assent.identity.local.passwords import Argon2Passwords
from assent.storage.tables import PEOPLE
from assent.testing.server import TestServer, a_server
from identity.clocks import WorkClock
from identity.local.test_sign_in import sign_in

PASSWORD = "correct horse battery staple"
SALT = b"sixteen bytes ok"
# the examples of passlib's documentation, of "password"
PASSLIB = (
    "$pbkdf2-sha256$1212$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ",
    "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
)


@pytest.fixture
async def served() -> AsyncIterator[TestServer]:
    served = await a_server()
    yield served
    await served.close()


def in_base64(data: bytes) -> str:
    return b64encode(data).rstrip(b"=").decode()


def old_pbkdf2(password: str, digest: str = "sha512", iterations: str = "i=1000") -> str:
    rounds = int(iterations.removeprefix("i="))
    made = hashlib.pbkdf2_hmac(digest, password.encode(), SALT, rounds)
    return f"$pbkdf2-{digest}${iterations}${in_base64(SALT)}${in_base64(made)}"


def old_passlib(password: str) -> str:
    return old_pbkdf2(password, "sha256", "29000").replace("+", ".")


def old_scrypt(password: str) -> str:
    made = hashlib.scrypt(password.encode(), salt=SALT, n=16, r=8, p=1, dklen=32)
    return f"$scrypt$ln=4,r=8,p=1${in_base64(SALT)}${in_base64(made)}"


@pytest.mark.parametrize("old", [old_pbkdf2, old_passlib, old_scrypt])
async def test_somebody_from_elsewhere_signs_in_and_her_hash_is_made_anew(
    served: TestServer, old: Any
) -> None:
    document = {"username": "ben", "password_hash": old(PASSWORD)}
    person = await add_person(served.server, document, actor="tests")
    assert await sign_in(served, "wrong", "ben") is None
    assert await sign_in(served, PASSWORD, "ben") is not None
    stored = await served.server.storage.get(PEOPLE, person.person_id)
    assert stored is not None
    assert stored.password_hash is not None
    assert stored.password_hash.startswith("$argon2id$")


@pytest.mark.parametrize("known", PASSLIB)
async def test_what_another_program_made_is_matched(served: TestServer, known: str) -> None:
    assert await served.passwords.verify(known, "password")
    assert not await served.passwords.verify(known, "Password")


@pytest.mark.parametrize(
    ("password_hash", "said"),
    [
        (old_scrypt("x").replace("ln=4", "ln=19"), "256 MiB"),
        (old_scrypt("x").replace("ln=4", "ln=99"), "256 MiB"),
        (old_scrypt("x").replace("p=1", "p=99"), "16 lanes"),
        (old_pbkdf2("x").replace("i=1000", "i=3000001"), "3000000 iterations"),
        (f"$pbkdf2-sha256$1000${in_base64(SALT)}$AAAA", "16 bytes"),
        ("$pbkdf2-sha256$0$AAAA$AAAA", "PHC string"),
        ("$pbkdf2-sha1$1000$AAAA$AAAA", "PHC string"),
        ("$scrypt$ln=4,r=8$AAAA$AAAA", "PHC string"),
    ],
)
async def test_one_that_costs_too_much_or_proves_too_little_is_refused(
    served: TestServer, password_hash: str, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        await add_person(served.server, {"username": "ben", "password_hash": password_hash}, actor="tests")


def test_what_is_neither_is_left_to_others() -> None:
    assert read_phc("$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA") is None


async def test_refusals_take_as_long_as_those_of_the_dearest_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, check = WorkClock(), bcrypt.checkpw

    def costly(password: bytes, password_hash: bytes) -> bool:
        clock.moment += 1.0
        return check(password, password_hash)

    monkeypatch.setattr(bcrypt, "checkpw", costly)
    monkeypatch.setattr("assent.identity.local.pace.asyncio", clock)
    passwords = Argon2Passwords(1, time_cost=1, memory_kib=64, clock=clock)
    dear = bcrypt.hashpw(b"x", bcrypt.gensalt(4)).decode()
    cheap = await passwords.hash("x")

    async def takes(password_hash: str | None, password: str) -> float:
        begun = clock.moment
        assert not await passwords.verify(password_hash, password)
        return clock.moment - begun

    assert await takes(cheap, "wrong") == 0
    for password in ("wrong", "y" * 73, "wrong\0", "y" * 2000):
        assert await takes(dear, password) == 1
    for other in (None, cheap, old_scrypt("x")):
        assert await takes(other, "wrong") == 1
    passwords.close()
