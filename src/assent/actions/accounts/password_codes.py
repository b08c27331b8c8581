"""Codes that are mailed to whoever forgot her password, and the new password that one of them allows.

Whether there is an account cannot be told from outside: a request for nobody writes the same rows, and its code is one
that nobody has. A code is good for a short time, for five tries, once, and in the browser that asked for it.
Sources: OWASP Forgot Password, NIST SP 800-63B 5.1.3 (out-of-band) and 6.1.2.3.
"""

import hmac
from dataclasses import dataclass, field
from typing import Final

from assent.engine.events import audit_event, record
from assent.engine.handles import hash_handle, new_handle
from assent.engine.people import find_person_by_name, name_key
from assent.engine.rate_limits import RateLimit, count, count_place
from assent.engine.server import AuthorizationServer, Caller
from assent.identity.devices import is_device_of
from assent.identity.guarded import LOCAL, account_of
from assent.identity.throttle import address_limit, check_throttle, count_failure, place_key
from assent.records.mailed_codes import MailedCode
from assent.records.people import Person
from assent.records.people import address_key as mail_key
from assent.spec.errors import TooManyRequests
from assent.storage.interface import Add, Change, ChangeAll, Write, act
from assent.storage.tables import MAILED_CODES, PEOPLE

RESET: Final = "reset"
MOST_TRIES: Final = 5
STAFF_CODE_SECONDS: Final = 24 * 3600
_LETTERS: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""None that is taken for another one."""

_LENGTH: Final = 10
_HOUR: Final = 3600
_TO_ONE_ADDRESS: Final = RateLimit("password_reset.mail", 5, _HOUR)
_FROM_ONE_ADDRESS: Final = RateLimit("password_reset", 60, _HOUR)
_MOST_OF_ONE_ADDRESS: Final = 5
_MOST_LOOKED_AT: Final = 1000


@dataclass(frozen=True, slots=True)
class Requested:
    """A code that was asked for. `handle` goes to the browser; the rest into a mail, and nowhere else.

    `person` is None where nobody is written to; `namesakes` are the accounts of an address that several have.
    """

    handle: str
    code: str = field(repr=False)
    person: Person | None = None
    namesakes: tuple[Person, ...] = ()


async def request_code(
    server: AuthorizationServer, typed: str, browser_id: str, seconds: int, caller: Caller
) -> Requested:
    """A code for whoever `typed`, a user name or a mail address, stands for. Raises `TooManyRequests`."""
    await count_place(server, _FROM_ONE_ADDRESS, caller=caller)
    found = await find_accounts(server, typed)
    may_mail = await _may_mail(server, typed, found, caller)
    person = found[0] if len(found) == 1 and may_mail else None
    issued = await _issue(server, person, browser_id, seconds)
    reason = "several accounts" if len(found) > 1 else "no account with a password and an address"
    event = audit_event(
        server,
        "password.reset_requested",
        "ok" if person else "refused",
        caller=caller,
        person_id=found[0].person_id if len(found) == 1 else None,
        detail=None if person else {"reason": reason if may_mail else "too many mails"},
    )
    await record(server, event)
    return Requested(issued[0], issued[1], person, found if len(found) > 1 and may_mail else ())


async def _may_mail(
    server: AuthorizationServer, typed: str, found: tuple[Person, ...], caller: Caller
) -> bool:
    """Whether the address has not been written to often enough; counted for nobody by what was typed.

    Browsers in which she has signed in before are counted by themselves, and together: strangers use up no mails of
    hers, and who signs in with each code gets no more by that.
    """
    whom = found[0].email_key if found else name_key(server.settings, typed[:300])
    marks = (account_of(server, LOCAL, person.username) for person in found)
    is_hers = any(is_device_of(server, account, caller.device) for account in marks)
    try:
        await count(server, _TO_ONE_ADDRESS, whom or "", "known" if is_hers else "", caller=caller)
    except TooManyRequests:
        return False
    return True


async def issue_code(
    server: AuthorizationServer, person: Person, *, actor: str | None, caller: Caller | None = None
) -> Requested:
    """A code that an administrator has mailed; it is good in any browser."""
    handle, code = await _issue(server, person, None, STAFF_CODE_SECONDS)
    event = audit_event(
        server, "password.reset_requested", person_id=person.person_id, actor=actor, caller=caller
    )
    await record(server, event)
    return Requested(handle, code, person)


async def find_accounts(server: AuthorizationServer, typed: str) -> tuple[Person, ...]:
    """Whom a reset is for: those of this mail address, else the account of this user name.

    Whoever reads an address gets her mail, also where somebody else took it for a user name. Only accounts that are on,
    have a password (a reset changes one and never adds one) and an address.
    """
    typed = typed.strip()[:300]
    named = await find_person_by_name(server, typed)
    key = mail_key(typed)
    # those without a password do not count: whoever comes from a provider may bring any address along
    addressed = await server.storage.find(PEOPLE, {"email_key": key, "enabled": True}, limit=_MOST_LOOKED_AT)
    found = tuple(person for person in addressed if person.email_key == key and _may_reset(person))
    if found or named is None:
        return found[:_MOST_OF_ONE_ADDRESS]
    return (named,) if _may_reset(named) else ()


def _may_reset(person: Person) -> bool:
    return person.enabled and person.password_hash is not None and bool(person.email)


async def _issue(
    server: AuthorizationServer, person: Person | None, browser_id: str | None, seconds: int
) -> tuple[str, str]:
    handle, code, now = new_handle(server), new_code(server), server.now()
    request_hash = hash_handle(handle)
    row = MailedCode(
        request_hash=request_hash,
        purpose=RESET,
        person_id=person.person_id if person else None,
        browser_hash=hash_handle(browser_id) if browser_id is not None else None,
        code_hash=_hash(server, request_hash, code),
        tries=0,
        created_at=now,
        expires_at=now + seconds,
    )
    await server.storage.commit(act(Add(MAILED_CODES, row)))
    return handle, code


async def is_over(server: AuthorizationServer, handle: str) -> bool:
    """Whether a code is too old or was tried too often: for everybody alike, so that it tells nothing of an account.

    That one was used is told nowhere: other browsers' codes are closed with an account's own.
    """
    row = await server.storage.get(MAILED_CODES, hash_handle(handle))
    return row is not None and (row.expires_at <= server.now() or row.tries >= MOST_TRIES)


async def check_code(
    server: AuthorizationServer, handle: str, typed: str, browser_id: str, caller: Caller
) -> tuple[MailedCode, Person] | None:
    """The row of a code that is right, and whose it is; None for any other. Raises `TooManyRequests`.

    A try is counted before it is answered, so that many at once are no more than many in a row.
    """
    place = place_key(server, caller.address)
    if place is not None:
        await check_throttle(server, place)
    row = await _claim_try(server, handle, browser_id)
    given = _hash(server, hash_handle(handle), read_code(typed))
    if row is not None and hmac.compare_digest(row.code_hash, given) and row.person_id is not None:
        person = await server.storage.get(PEOPLE, row.person_id)
        if person is not None and person.enabled:
            # a password that is refused next costs no try
            await server.storage.commit(act(Change(MAILED_CODES, (row.request_hash,), {"tries": 0})))
            return row, person
    if place is not None and server.settings.address_free_failures:
        await count_failure(server, place, address_limit(server))
    event = audit_event(
        server,
        "password.reset_refused",
        "refused",
        caller=caller,
        person_id=row.person_id if row else None,
        detail={
            "reason": "wrong code" if row else "no code waits: used, too old, tried out, another browser"
        },
    )
    await record(server, event)
    return None


async def _claim_try(server: AuthorizationServer, handle: str, browser_id: str) -> MailedCode | None:
    """The row of a request, with one try fewer; None when it takes none."""
    for _ in range(MOST_TRIES + 1):
        row = await server.storage.get(MAILED_CODES, hash_handle(handle))
        if row is None or row.purpose != RESET or row.used_at or row.expires_at <= server.now():
            return None
        if row.browser_hash is not None and row.browser_hash != hash_handle(browser_id):
            return None
        if row.tries >= MOST_TRIES:
            return None
        claim = Change(
            MAILED_CODES, (row.request_hash,), {"tries": row.tries + 1}, {"tries": row.tries, "used_at": 0}
        )
        if (await server.storage.commit(act(claim))).all:
            return row
    return None


def closing_codes(server: AuthorizationServer, person_id: str) -> Write:
    """The write by which nothing that was mailed to somebody opens anything any more."""
    return ChangeAll(MAILED_CODES, {"person_id": person_id, "used_at": 0}, {"used_at": server.now()})


def new_code(server: AuthorizationServer) -> str:
    """Ten letters and digits at random, 49 bits."""
    letters: list[str] = []
    while len(letters) < _LENGTH:
        letters += [_LETTERS[byte % 30] for byte in server.random(_LENGTH) if byte < 240]
    return "".join(letters[:_LENGTH])


def show_code(code: str) -> str:
    """A code as it is mailed: in two halves."""
    return f"{code[:5]}-{code[5:]}"


def read_code(typed: str) -> str:
    """A code as it was typed: small or capital, with or without what stands between."""
    return "".join(sign for sign in typed[:100].upper() if sign in _LETTERS)


def _hash(server: AuthorizationServer, request_hash: bytes, code: str) -> bytes:
    """Keyed, since a code is short: who reads the table cannot try codes on it."""
    return hmac.digest(server.cookie_key, b"mailed code\0" + request_hash + code.encode(), "sha256")
