"""Accounts that are locked since somebody guessed: seen, and unlocked by an administrator or by a mailed link.

A lock ends by itself, too. The link unlocks and does nothing else: it signs nobody in, and the next lock is as long as
it would have been. Sources: NIST SP 800-63B 5.2.2, OWASP Authentication (account lockout).
"""

from dataclasses import dataclass
from typing import Final

from assent.actions.accounts.people import get_person
from assent.engine.events import audit_event, record
from assent.engine.handles import hash_handle, new_handle
from assent.engine.server import AuthorizationServer, Caller
from assent.identity.locks import lift_locks, lift_locks_by_mail, locks_of
from assent.records.mailed_codes import MailedCode
from assent.records.people import Person
from assent.storage.interface import Add, Change, act
from assent.storage.tables import MAILED_CODES, PEOPLE

UNLOCK: Final = "unlock"


@dataclass(frozen=True, slots=True)
class Lock:
    """A locked account: until when, and the handle of the link that unlocks it."""

    person: Person
    until: int
    handle: str


async def lock_end(server: AuthorizationServer, person: Person) -> int:
    """Until when somebody is locked out after wrong passwords, to whatever module she gave them; 0 when she is not."""
    return max((row.locked_until for row in await locks_of(server, person)), default=0)


async def unlock_person(
    server: AuthorizationServer, username: str, *, actor: str | None
) -> tuple[Person, bool]:
    """Ends the locks on all of somebody's accounts, those at directories, too; whether there was one. Raises `Refused`
    when there is no such user.
    """
    person = await get_person(server, username)
    return person, await _note_unlocked(server, person, actor, None, await lift_locks(server, person))


async def offer_unlocking(server: AuthorizationServer, person_id: str) -> Lock | None:
    """The link for somebody whose account was just locked; None where she cannot be written to."""
    person = await server.storage.get(PEOPLE, person_id)
    until = await lock_end(server, person) if person is not None else 0
    if person is None or not person.enabled or not person.email or not until:
        return None
    handle = new_handle(server)
    row = MailedCode(
        request_hash=hash_handle(handle),
        purpose=UNLOCK,
        person_id=person.person_id,
        browser_hash=None,
        code_hash=b"",
        tries=0,
        created_at=server.now(),
        expires_at=until,
    )
    await server.storage.commit(act(Add(MAILED_CODES, row)))
    return Lock(person, until, handle)


async def unlock_by_link(server: AuthorizationServer, handle: str, caller: Caller) -> bool:
    """Ends the lock that the link is about; False when the link is used, too old, or none of ours."""
    row = await server.storage.get(MAILED_CODES, hash_handle(handle))
    if row is None or row.purpose != UNLOCK or row.person_id is None or row.expires_at <= server.now():
        await _note_refusal(server, None if row is None else row.person_id, caller)
        return False
    use = Change(MAILED_CODES, (row.request_hash,), {"used_at": server.now()}, {"used_at": 0})
    person = await server.storage.get(PEOPLE, row.person_id)
    if person is None or not (await server.storage.commit(act(use))).all:
        await _note_refusal(server, row.person_id, caller)
        return False
    lifted = await lift_locks_by_mail(server, person)
    await _note_unlocked(server, person, person.person_id, caller, lifted)
    return True


async def _note_refusal(server: AuthorizationServer, person_id: str | None, caller: Caller) -> None:
    detail = {"reason": "the link is used, too old, or none of ours"}
    event = audit_event(
        server, "account.unlock_refused", "refused", caller=caller, person_id=person_id, detail=detail
    )
    await record(server, event)


async def _note_unlocked(
    server: AuthorizationServer,
    person: Person,
    actor: str | None,
    caller: Caller | None,
    was_locked: bool,
) -> bool:
    if was_locked:
        event = audit_event(
            server, "account.unlocked", person_id=person.person_id, actor=actor, caller=caller
        )
        await record(server, event)
    return was_locked
