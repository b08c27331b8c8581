"""Proving a second factor by something typed: a one-time code or a recovery code."""

from dataclasses import dataclass
from typing import Literal

from assent.engine.events import audit_event, record
from assent.engine.sealing import Sealer
from assent.engine.second_factors import Factors
from assent.engine.server import AuthorizationServer, Caller
from assent.engine.sessions import SomeSignIn, step_up
from assent.identity.second_factor.attempts import forget_attempts, take_attempt
from assent.identity.second_factor.codes import is_code, use_code
from assent.identity.second_factor.recovery import is_recovery_code, use_recovery_code
from assent.records.sessions import Session
from assent.spec.errors import TooManyRequests

Kind = Literal["one-time code", "recovery code", "passkey"]


@dataclass(frozen=True, slots=True)
class Proven:
    """A second factor was proven: the session's new cookie value and record, and how many recovery codes are left."""

    cookie: str
    session: Session
    recovery_codes_left: int | None = None


async def prove_by_code(
    server: AuthorizationServer,
    sealer: Sealer,
    sign_in: SomeSignIn,
    factors: Factors,
    text: str,
    caller: Caller,
) -> Proven | None:
    """The session with a second factor; None for a wrong code. Raises `TooManyRequests` after too many of them."""
    person_id = sign_in.person.person_id
    typed = "".join(text.split())
    if not is_code(typed) and not is_recovery_code(typed):
        return None  # a slip, no guess
    await _take_attempt(server, person_id, caller)
    left: int | None = None
    if is_code(typed):
        kind: Kind = "one-time code"
        kept = factors.one_time_codes
        is_right = kept is not None and await use_code(server, sealer, kept, typed)
    else:
        kind = "recovery code"
        left = await use_recovery_code(server, person_id, typed)
        is_right = left is not None
    if not is_right:
        await note_refused(server, person_id, kind, caller)
        return None
    await forget_attempts(server, person_id, caller)
    said: dict[str, str | int] = {"kind": kind} if left is None else {"kind": kind, "left": left}
    stepped = await step_up(server, sign_in, ("otp",), caller, detail=said)
    return Proven(*stepped, left) if stepped else None


async def note_refused(
    server: AuthorizationServer, person_id: str, kind: Kind, caller: Caller, *, reason: str = "wrong"
) -> None:
    """Writes down that something proved nothing."""
    detail = {"kind": kind, "reason": reason}
    event = audit_event(
        server, "second_factor.refused", "refused", caller=caller, person_id=person_id, detail=detail
    )
    await record(server, event)


async def _take_attempt(server: AuthorizationServer, person_id: str, caller: Caller) -> None:
    try:
        await take_attempt(server, person_id, caller)
    except TooManyRequests:
        event = audit_event(server, "second_factor.throttled", "refused", caller=caller, person_id=person_id)
        await record(server, event)
        raise
