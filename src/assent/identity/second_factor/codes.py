"""One-time codes of an authenticator app: setting it up, and using each time step's code once.

The secret is sealed for its person; it is shown while it is being set up and never again. Sources: RFC 6238 (five 2:
the same code is not taken twice; 5.2: one step of drift), RFC 4226 4 (at least 128 bits), the Key Uri Format.
"""

from base64 import b32encode
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Final

import pyotp

from assent.engine.sealing import Sealer
from assent.engine.server import AuthorizationServer
from assent.engine.sessions import SomeSignIn
from assent.records.people import Person
from assent.records.second_factors import CodesBeingSetUp, OneTimeCodes
from assent.storage.interface import Change, Put, act
from assent.storage.tables import CODES_BEING_SET_UP, ONE_TIME_CODES

DIGITS: Final = 6
STEP_SECONDS: Final = 30
SETUP_SECONDS: Final = 1800
_SECRET_BYTES: Final = 20
_DRIFT: Final = (-1, 0, 1)


@dataclass(frozen=True, slots=True)
class Setup:
    """What an authenticator app is told: `secret` in base 32, and the same as a URI for the QR code."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


async def begin_setup(server: AuthorizationServer, sealer: Sealer, sign_in: SomeSignIn, label: str) -> Setup:
    """The secret that is being set up in this session; a new one where there is none. `label` names us in the app."""
    found = await find_setup(server, sealer, sign_in, label)
    if found is not None:
        return found
    person, now = sign_in.person, server.now()
    secret = b32encode(server.random(_SECRET_BYTES)).decode()
    sealed = sealer.seal(secret.encode(), _purpose(server, person.person_id))
    made = CodesBeingSetUp(person.person_id, sign_in.session.session_hash, sealed, now, now + SETUP_SECONDS)
    await server.storage.commit(act(Put(CODES_BEING_SET_UP, made)))
    return _setup(secret, person, label)


async def find_setup(
    server: AuthorizationServer, sealer: Sealer, sign_in: SomeSignIn, label: str
) -> Setup | None:
    """The secret that is being set up in this session, while its time is not over."""
    row = await _being_set_up(server, sign_in)
    if row is None:
        return None
    return _setup(_open(server, sealer, row.person_id, row.secret_sealed), sign_in.person, label)


async def confirmed_codes(
    server: AuthorizationServer, sealer: Sealer, sign_in: SomeSignIn, code: str
) -> OneTimeCodes | None:
    """What is being set up as it is kept, once this code shows that the app has it; None for a wrong code."""
    row, now = await _being_set_up(server, sign_in), server.now()
    if row is None:
        return None
    step = _step_of(_open(server, sealer, row.person_id, row.secret_sealed), code, now, after=0)
    return OneTimeCodes(row.person_id, row.secret_sealed, step, now, now) if step is not None else None


async def _being_set_up(server: AuthorizationServer, sign_in: SomeSignIn) -> CodesBeingSetUp | None:
    row = await server.storage.get(CODES_BEING_SET_UP, sign_in.person.person_id)
    if row is None or row.expires_at <= server.now() or row.session_hash != sign_in.session.session_hash:
        return None
    return row


async def use_code(server: AuthorizationServer, sealer: Sealer, kept: OneTimeCodes, code: str) -> bool:
    """Whether it is the code of a time step that was not used yet, here or on another node."""
    now = server.now()
    secret = _open(server, sealer, kept.person_id, kept.secret_sealed)
    step = _step_of(secret, code, now, after=kept.last_step)
    if step is None:
        return False
    change = Change(
        ONE_TIME_CODES,
        (kept.person_id,),
        {"last_step": step, "last_used_at": now},
        {"last_step": kept.last_step, "created_at": kept.created_at},
    )
    return (await server.storage.commit(act(change))).all


def is_code(text: str) -> bool:
    """Whether it has the form of a code, so that it is worth an attempt."""
    return len(text) == DIGITS and text.isascii() and text.isdigit()


def _step_of(secret: str, code: str, now: int, *, after: int) -> int | None:
    """The time step whose code this is, now or beside now, none that was used."""
    app, found = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS), None
    for drift in _DRIFT:
        step = now // STEP_SECONDS + drift
        if compare_digest(app.generate_otp(step).encode(), code.encode()) and step > after:
            found = step
    return found


def _setup(secret: str, person: Person, label: str) -> Setup:
    # the label and the account are parted by a colon, so neither may have one
    name, issuer = person.username.replace(":", " "), label.replace(":", " ")
    uri = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)
    return Setup(secret, uri)


def _open(server: AuthorizationServer, sealer: Sealer, person_id: str, sealed: bytes) -> str:
    return sealer.open(sealed, _purpose(server, person_id)).decode()


def _purpose(server: AuthorizationServer, person_id: str) -> str:
    return f"one-time codes of {person_id} of issuer {server.issuer.id}"
