"""Setting up, renewing and removing second factors, each with its audit row and in one act.

Whoever changes a factor has just proven one (or has none yet): the page sees to that. A first factor comes with
recovery codes; when the last one goes, the recovery codes and remembered browsers go with it.
"""

from assent.engine.events import audit_event, commit
from assent.engine.sealing import Sealer
from assent.engine.second_factors import Factors, find_factors, forgetting_browsers
from assent.engine.server import AuthorizationServer, Caller
from assent.engine.sessions import SignedIn, SomeSignIn, end_session
from assent.identity.second_factor.codes import confirmed_codes
from assent.identity.second_factor.proving import note_refused
from assent.identity.second_factor.recovery import new_codes
from assent.records.people import Person
from assent.records.second_factors import Passkey
from assent.records.sessions import Session
from assent.storage.interface import Add, Change, Put, Remove, Scalar, Write
from assent.storage.tables import (
    CODES_BEING_SET_UP,
    ONE_TIME_CODES,
    PASSKEYS,
    PEOPLE,
    RECOVERY_CODES,
    SESSIONS,
)


async def confirm_codes(
    server: AuthorizationServer, sealer: Sealer, sign_in: SomeSignIn, code: str, caller: Caller
) -> tuple[str, ...] | None:
    """Takes an authenticator app into use, in place of the one before; gives the new recovery codes.

    None when the code is wrong, or nothing is being set up (any more).
    """
    person, kept = sign_in.person, await confirmed_codes(server, sealer, sign_in, "".join(code.split()))
    if kept is None:
        reason = "wrong while it was set up"
        await note_refused(server, person.person_id, "one-time code", caller, reason=reason)
        return None
    shown, recovery = new_codes(server, person.person_id)
    won = await _change(
        server,
        person,
        caller,
        "second_factor.set_up",
        "one-time codes",
        *_noting(server, person),
        Remove(CODES_BEING_SET_UP, (person.person_id,)),  # of two forms at once, one
        Put(ONE_TIME_CODES, kept),
        Put(RECOVERY_CODES, recovery),
        forgetting_browsers(person.person_id),
    )
    return shown if won else None


async def renew_recovery_codes(
    server: AuthorizationServer, person: Person, caller: Caller
) -> tuple[str, ...]:
    """Fresh recovery codes; those before are worth nothing."""
    shown, recovery = new_codes(server, person.person_id)
    await _change(
        server, person, caller, "second_factor.renewed", "recovery codes", Put(RECOVERY_CODES, recovery)
    )
    return shown


async def keep_passkey(
    server: AuthorizationServer, person: Person, factors: Factors, passkey: Passkey, caller: Caller
) -> tuple[str, ...] | None:
    """Adds a passkey; gives recovery codes where it is the first factor, else none. None when it is there already."""
    shown: tuple[str, ...] = ()
    writes: list[Write] = [*_noting(server, person), Add(PASSKEYS, passkey)]
    if not factors.has_any:
        shown, recovery = new_codes(server, person.person_id)
        writes.append(Put(RECOVERY_CODES, recovery))
    won = await _change(server, person, caller, "second_factor.set_up", "passkey", *writes)
    return shown if won else None


async def remove_codes(server: AuthorizationServer, person: Person, caller: Caller) -> None:
    """Takes the authenticator app out of use."""
    write = Remove(ONE_TIME_CODES, (person.person_id,))
    await _remove(server, person, caller, "one-time codes", write)


async def remove_passkey(
    server: AuthorizationServer, own: SignedIn, credential_hash: bytes, caller: Caller
) -> None:
    """Takes a passkey of hers out of use; nobody else's.

    It may have been stolen: no browser is remembered any more, and her other sessions end that a passkey was shown in
    since she has it.
    """
    person = own.person
    factors = await find_factors(server, person.person_id)
    removed = next((one for one in factors.passkeys if one.credential_hash == credential_hash), None)
    if removed is None:
        return
    writes = (Remove(PASSKEYS, (credential_hash,)), forgetting_browsers(person.person_id))
    await _remove(server, person, caller, "passkey", *writes)
    where: dict[str, Scalar] = {"person_id": person.person_id, "ended_at": 0}
    for session in await server.storage.find(SESSIONS, where):
        is_other = session.session_hash != own.session.session_hash
        if is_other and _may_be_by(removed, session):
            actor = person.person_id
            await end_session(server, session, because="a passkey was removed", actor=actor, caller=caller)


def _may_be_by(passkey: Passkey, session: Session) -> bool:
    """Whether a passkey may have opened a session: by being shown in it, or in its browser before."""
    if max(session.created_at, session.factor_at) < passkey.created_at:
        return False
    return session.browser_remembered or bool({"hwk", "swk"} & set(session.amr))


def _noting(server: AuthorizationServer, person: Person) -> tuple[Write, ...]:
    """The write by which there are factors to look for from now on."""
    if person.has_factors:
        return ()
    now = max(server.now(), person.updated_at + 1)  # `updated_at` tells two versions apart
    told = {"has_factors": True, "updated_at": now}
    return (Change(PEOPLE, (person.person_id,), told, {"updated_at": person.updated_at}),)


async def _remove(
    server: AuthorizationServer, person: Person, caller: Caller, kind: str, *writes: Write
) -> None:
    if not await _change(server, person, caller, "second_factor.removed", kind, *writes):
        return  # it was gone already
    if not (await find_factors(server, person.person_id)).has_any:
        await _change(
            server,
            person,
            caller,
            "second_factor.removed",
            "recovery codes",
            forgetting_browsers(person.person_id),
            Remove(RECOVERY_CODES, (person.person_id,)),
        )


async def _change(
    server: AuthorizationServer, person: Person, caller: Caller, type_: str, kind: str, *writes: Write
) -> bool:
    event = audit_event(
        server,
        type_,
        caller=caller,
        person_id=person.person_id,
        actor=person.person_id,
        detail={"kind": kind},
    )
    return (await commit(server, *writes, event=event)).all
