"""New passwords: chosen by the person herself, or with a mailed code, or given by an administrator.

Whatever the way, all else that was signed in with the old one ends, no code that was mailed before is good, and no
second factor is touched: a browser that was remembered has to show it again. What apps may do while she is away stays,
unless she says otherwise.
Sources: OWASP Forgot Password and Session Management, NIST SP 800-63B 5.1.1 and 7.1.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from assent.actions.access.terms import revoking_agreements
from assent.actions.accounts.password_codes import check_code, closing_codes, issue_code
from assent.actions.accounts.people import get_person
from assent.actions.changes import Author, Planned, carry_out, changed_at, every, replacing
from assent.actions.refusals import Refused
from assent.engine.events import audit_event, record
from assent.engine.second_factors import forgetting_browsers
from assent.engine.server import AuthorizationServer, Caller
from assent.engine.sessions import SomeSignIn, end_session, is_live
from assent.identity.local.policy import Flaw, PasswordPolicy
from assent.identity.locks import lift_locks, lift_locks_by_mail, local_key
from assent.identity.throttle import account_limit, forget_failures, keyed, take_guess
from assent.records.people import Person
from assent.records.sessions import Session
from assent.spec.errors import TooManyRequests
from assent.storage.interface import Change, ChangeAll, Scalar, Write
from assent.storage.tables import GRANTS, IDENTITIES, MAILED_CODES, PEOPLE, SESSIONS

_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
_GROUPS: Final = 5
_BECAUSE: Final = "the password was changed"


@dataclass(frozen=True, slots=True)
class StaffCode:
    """A code that an administrator has mailed: under which handle, and whose it is."""

    handle: str
    code: str = field(repr=False)
    person: Person


async def change_password(
    server: AuthorizationServer,
    policy: PasswordPolicy,
    own: SomeSignIn,
    current: str,
    new: str,
    caller: Caller,
) -> Flaw | None:
    """Gives the person who is signed in another password; what is wrong with it otherwise, or `Flaw("current")`.

    Her other sessions end. Raises `TooManyRequests` after many wrong guesses at the current one, and `Refused`.
    """
    person = own.person
    # apart from signing in: who sits at her screen cannot lock her account
    guesses = keyed(server, "account", f"change\0{person.person_id}")
    try:
        await take_guess(server, guesses, account_limit(server), person.person_id)
    except TooManyRequests:
        await _note_refused_change(server, person, "too many wrong current passwords", caller)
        raise
    if not await server.passwords.verify(person.password_hash, current):
        await _note_refused_change(server, person, "wrong current password", caller)
        return Flaw("current")
    await forget_failures(server, guesses)
    if new == current:
        return Flaw("same")
    flaw = await policy.check(new, person)
    if flaw is not None:
        return flaw
    author = Author(person.person_id, caller)
    changed = _planned(server, person, "password.changed", await _setting(server, person, new), author)
    others = await _other_sessions(server, own)
    await carry_out(server, [changed, *_ended(server, person, others, author)])
    for late in await _other_sessions(server, own):  # begun with the old password while it was changed
        await end_session(server, late, because=_BECAUSE, actor=author.actor, caller=caller)
    await lift_locks(server, person)  # whoever guessed her codes had the old one
    return None


async def _note_refused_change(
    server: AuthorizationServer, person: Person, reason: str, caller: Caller
) -> None:
    detail, who = {"reason": reason}, person.person_id
    event = audit_event(
        server, "password.change_refused", "refused", caller=caller, person_id=who, detail=detail
    )
    await record(server, event)


async def reset_password(
    server: AuthorizationServer,
    policy: PasswordPolicy,
    handle: str,
    code: str,
    new: str,
    browser_id: str,
    caller: Caller,
    *,
    stop_apps: bool = False,
) -> Person | Flaw:
    """Gives whoever has the mailed code another password; what is wrong otherwise, `Flaw("code")` for a wrong code.

    Of two at once, one wins. All sessions end; `stop_apps`: so does what apps may do. Nobody is signed in by it.
    Raises `TooManyRequests`, and `Refused` when the account changed meanwhile.
    """
    checked = await check_code(server, handle, code, browser_id, caller)
    if checked is None:
        return Flaw("code")
    row, person = checked
    flaw = await policy.check(new, person)
    if flaw is not None:
        return flaw
    now, mine = server.now(), {"person_id": person.person_id}
    writes: list[Write] = [
        Change(MAILED_CODES, (row.request_hash,), {"used_at": now}, {"used_at": 0}),
        *await _setting(server, person, new),
        *_ending_all(server, person),
    ]
    if stop_apps:
        ends = {"revoked_at": now, "revoked_because": "the person stopped all apps with a new password"}
        writes.append(ChangeAll(GRANTS, {**mine, "revoked_at": 0}, ends))
        writes.append(revoking_agreements(server, person_id=person.person_id))
    author = Author(person.person_id, caller)
    reset = _planned(server, person, "password.reset", tuple(writes), author)
    sessions = await _open_sessions(server, person)
    await carry_out(server, [reset, *_ended(server, person, sessions, author)])
    await forget_failures(server, local_key(server, person))
    await lift_locks_by_mail(server, person)
    return person


async def set_password(
    server: AuthorizationServer,
    username: str,
    new: str | None,
    *,
    actor: str | None,
    must_change: bool = False,
) -> tuple[Person, str | None]:
    """Gives somebody another password; one that is made up, and told, where `new` is None. No policy is asked.

    Her sessions and any lock end. `must_change`: it is good for choosing another one only. Raises `Refused`.
    """
    person = await _local_person(server, username)
    made_up = new_password(server) if new is None else None
    author = Author(actor)
    writes = (
        *await _setting(server, person, new or made_up or "", must_change=must_change),
        *_ending_all(server, person),
    )
    given = _planned(server, person, "password.set", writes, author)
    sessions = await _open_sessions(server, person)
    await carry_out(server, [given, *_ended(server, person, sessions, author)])
    await forget_failures(server, local_key(server, person))
    await lift_locks(server, person)
    return person, made_up


async def issue_staff_code(server: AuthorizationServer, username: str, *, actor: str | None) -> StaffCode:
    """A code for somebody to choose a password with, on behalf of an administrator. Raises `Refused`."""
    person = await _local_person(server, username)
    if not person.enabled:
        raise Refused([f"{person.username} is disabled"])
    if not person.email:
        raise Refused([f"{person.username} has no email address"])
    requested = await issue_code(server, person, actor=actor)
    return StaffCode(requested.handle, requested.code, person)


async def _local_person(server: AuthorizationServer, username: str) -> Person:
    """Somebody whose account is ours alone. Raises `Refused`."""
    person = await get_person(server, username)
    elsewhere = await server.storage.find(IDENTITIES, {"person_id": person.person_id}, limit=1)
    if elsewhere:
        raise Refused([f"{person.username} signs in by {elsewhere[0].module}: the password is kept there"])
    return person


def new_password(server: AuthorizationServer) -> str:
    """A password for somebody to type once: five groups of four letters and digits, 100 bits."""
    letters = [_LETTERS[byte % 32] for byte in server.random(4 * _GROUPS)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, len(letters), 4))


async def _setting(
    server: AuthorizationServer, person: Person, password: str, *, must_change: bool = False
) -> tuple[Write, ...]:
    """The writes of a new password, which lose when the account changed since it was read.

    They come before those that end sessions: a session that begins with the old password at this moment has begun
    before them, and is ended, or does not begin (`engine.sessions`).
    """
    if len(password) > 1024:
        raise Refused(["a password has at most 1024 characters"])
    password_hash = await server.passwords.hash(password)
    new = replace(
        person,
        password_hash=password_hash,
        must_change_password=must_change,
        updated_at=changed_at(server, person),
    )
    mine = person.person_id
    return (*replacing(PEOPLE, person, new), closing_codes(server, mine), forgetting_browsers(mine))


async def _open_sessions(server: AuthorizationServer, person: Person) -> list[Session]:
    where: dict[str, Scalar] = {"person_id": person.person_id, "ended_at": 0}
    return [one for one in await every(server.storage, SESSIONS, where) if is_live(server, one)]


async def _other_sessions(server: AuthorizationServer, own: SomeSignIn) -> list[Session]:
    sessions = await _open_sessions(server, own.person)
    return [one for one in sessions if one.session_hash != own.session.session_hash]


def _ended(
    server: AuthorizationServer, person: Person, sessions: Iterable[Session], author: Author
) -> list[Planned]:
    """What ends these sessions and what hangs on them, each with its audit row."""
    plans, now = list[Planned](), server.now()
    for session in sessions:
        event = audit_event(
            server,
            "session.ended",
            caller=author.caller,
            person_id=person.person_id,
            actor=author.actor,
            detail={"session": session.public_id, "because": _BECAUSE},
        )
        where = {"session_hash": session.session_hash}
        ends = (
            ChangeAll(SESSIONS, {**where, "ended_at": 0}, {"ended_at": now}),
            ChangeAll(GRANTS, {**where, "online": True, "revoked_at": 0}, _over(now)),
        )
        plans.append(Planned(person.username, ends, event))
    return plans


def _ending_all(server: AuthorizationServer, person: Person) -> tuple[Write, ...]:
    """What ends every session of a person, one that has begun at this moment too."""
    now, mine = server.now(), {"person_id": person.person_id}
    return (
        ChangeAll(SESSIONS, {**mine, "ended_at": 0}, {"ended_at": now}),
        ChangeAll(GRANTS, {**mine, "online": True, "revoked_at": 0}, _over(now)),
    )


def _over(now: int) -> dict[str, int | str]:
    return {"revoked_at": now, "revoked_because": _BECAUSE}


def _planned(
    server: AuthorizationServer, person: Person, type_: str, writes: tuple[Write, ...], author: Author
) -> Planned:
    event = audit_event(server, type_, person_id=person.person_id, actor=author.actor, caller=author.caller)
    return Planned(person.username, writes, event)
