"""Somebody makes an account for herself: first her mail address is proven, then the account is made.

Whether an address has an account already is told to whoever reads its mail, and to nobody else: the answer to the first
step is the same for all. The code is good once, for a time, in the browser that asked for it, and for a few tries.
What she may do is decided by the deployment's rules and its hook, never by what she says of herself.
Sources: OWASP Authentication (identical answers) and Forgot Password (codes), NIST SP 800-63B 5.1.3.2 and 800-63A 4.6.
"""

import hmac
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from assent.actions.accounts.person_definition import PERSON_FIELDS
from assent.actions.definitions import Wrong
from assent.engine.events import audit_event, commit, record
from assent.engine.handles import hash_handle, new_handle
from assent.engine.rate_limits import RateLimit, count, count_place
from assent.engine.server import AuthorizationServer, Caller
from assent.identity.mapping import permissions_of, roles_of
from assent.identity.registration import Registration
from assent.records.identities import Arrival
from assent.records.people import address_key
from assent.records.sign_ups import ClaimedAddress, Newcomer, SignUp
from assent.spec.errors import AccessDenied, TooManyRequests
from assent.spec.mail_addresses import is_mail_address
from assent.storage.interface import Add, Change, Unstorable, act
from assent.storage.tables import CLAIMED_ADDRESSES, PEOPLE, SIGN_UPS

CODE_DIGITS: Final = 8
MOST_TRIES: Final = 10
_HOUR: Final = 3600
_FORMS: Final = 10  # each costs a look at a password, also those that are sent back


class SignUpOver(Exception):
    """There is no such sign-up in this browser: it is unknown, timed out, finished, or was tried too often."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-up that waits, by its id in URLs, and what is to be mailed to its address, if anything."""

    handle: str
    letter: Literal["code", "known", "none"]
    code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Answers:
    """What she filled in on the second page."""

    code: str = field(repr=False)
    username: str
    password: str = field(repr=False)
    given_name: str
    family_name: str
    locale: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What has to be mended, in the field `at`; `words` names the message, `number` fills it in."""

    at: Literal["code", "username", "password", "names", "email"]
    words: str
    number: int = 0


async def begin_sign_up(
    server: AuthorizationServer, registration: Registration, email: str, browser: str, caller: Caller
) -> Begun | None:
    """Waits for a code to be mailed to this address; None when it is no address. Raises `TooManyRequests`.

    Whoever asks is limited by where she asks from. An address that was written to often enough is left alone, and
    nobody is told.
    """
    email = email.strip()
    await count_place(server, RateLimit("sign_up", registration.from_address, _HOUR), caller=caller)
    if not is_mail_address(email):
        return None
    key = address_key(email)
    letter: Literal["code", "known", "none"] = "code"
    if await server.storage.find(PEOPLE, {"email_key": key}, limit=1):
        letter = "known"
    try:
        await count(server, RateLimit("mail_to", registration.to_address, _HOUR), key, caller=caller)
    except TooManyRequests:
        letter = "none"
    handle, code, now = new_handle(server), _new_code(server), server.now()
    sign_up = SignUp(
        sign_up_hash=hash_handle(handle),
        browser_hash=hash_handle(browser),
        email=email,
        code_hash=_hash_code(server, handle, code) if letter == "code" else None,
        tries=0,
        created_at=now,
        expires_at=now + registration.code_seconds,
    )
    event = audit_event(server, "user.registration_asked", caller=caller, detail={"mailed": letter})
    await commit(server, Add(SIGN_UPS, sign_up), event=event)
    return Begun(handle, letter, code if letter == "code" else "")


async def find_sign_up(server: AuthorizationServer, handle: str, browser: str | None) -> SignUp:
    """The sign-up that waits in this browser. Raises `SignUpOver`."""
    found = await server.storage.get(SIGN_UPS, hash_handle(handle))
    if found is None or browser is None or found.browser_hash != hash_handle(browser):
        raise SignUpOver
    if found.used_at or found.expires_at <= server.now() or found.tries >= MOST_TRIES:
        raise SignUpOver
    return found


async def finish_sign_up(
    server: AuthorizationServer,
    registration: Registration,
    handle: str,
    browser: str | None,
    answers: Answers,
    *,
    caller: Caller,
    client_id: str | None = None,
) -> Arrival | Problem:
    """Makes the account, if the code is the one that was mailed. Raises `SignUpOver`, `TooManyRequests`.

    Only the right code gets to know whether a user name is free.
    """
    forms = RateLimit("sign_up_form", registration.from_address * _FORMS, _HOUR)
    await count_place(server, forms, caller=caller, client_id=client_id)
    try:
        sign_up = await find_sign_up(server, handle, browser)
    except SignUpOver:
        await _note_refusal(server, "unknown, too old, finished, or tried too often", client_id, caller)
        raise
    newcomer = _newcomer(registration, sign_up, answers, client_id)
    problem = _mistake(newcomer) or await _weakness(registration, newcomer, answers.password)
    if problem is not None:
        return problem
    sign_up = await _take_try(server, handle, browser)
    if not _is_code(server, handle, sign_up, answers.code):
        await _note_refusal(server, "wrong code", client_id, caller)
        return Problem("code", "wrong")
    if await server.storage.find(PEOPLE, {"email_key": address_key(sign_up.email)}, limit=1):
        return Problem("email", "known")  # made since; she reads this address's mail, so she may know
    try:
        told = await server.hooks.on_user_self_registration_request(newcomer)
    except AccessDenied as error:
        reason = f"the deployment refuses her: {error.detail or error.description}"
        await _note_refusal(server, reason, client_id, caller)
        return Problem("email", "refused")
    newcomer = replace(told, email=sign_up.email, client_id=client_id)
    problem = _mistake(newcomer)
    if problem is not None:
        return problem
    use = Change(SIGN_UPS, (sign_up.sign_up_hash,), {"used_at": server.now()}, {"used_at": 0})
    claim = await _claim(server, registration, sign_up)
    if claim is None:
        return Problem("email", "known")
    try:
        made = await registration.module.register(
            server, newcomer, answers.password, spending=(use, claim), caller=caller
        )
    except Unstorable:
        return Problem("names", "bad")
    match made:
        case 0:
            raise SignUpOver
        case 1:
            return Problem("email", "known")  # another sign-up of hers was finished at this moment
        case int():
            return Problem("username", "taken")
        case _:
            return made


async def _claim(
    server: AuthorizationServer, registration: Registration, sign_up: SignUp
) -> Add | Change | None:
    """The write that takes a mail address for this sign-up, which one of many wins; None where it is taken."""
    now = server.now()
    claim = ClaimedAddress(address_key(sign_up.email), now + registration.code_seconds)
    earlier = await server.storage.get(CLAIMED_ADDRESSES, claim.email_key)
    if earlier is None:
        return Add(CLAIMED_ADDRESSES, claim)
    if earlier.expires_at > now:
        return None
    as_it_was = {"expires_at": earlier.expires_at}
    return Change(CLAIMED_ADDRESSES, (claim.email_key,), {"expires_at": claim.expires_at}, as_it_was)


async def _note_refusal(
    server: AuthorizationServer, reason: str, client_id: str | None, caller: Caller
) -> None:
    event = audit_event(
        server,
        "user.registration_refused",
        "refused",
        caller=caller,
        client_id=client_id,
        detail={"reason": reason},
    )
    await record(server, event)


async def _take_try(server: AuthorizationServer, handle: str, browser: str | None) -> SignUp:
    """Counts a try before it is looked at, so that those made at once are all counted. Raises `SignUpOver`."""
    while True:
        sign_up = await find_sign_up(server, handle, browser)
        counted = {"tries": sign_up.tries + 1}
        change = Change(SIGN_UPS, (sign_up.sign_up_hash,), counted, {"tries": sign_up.tries, "used_at": 0})
        if (await server.storage.commit(act(change))).all:
            return sign_up


def _newcomer(
    registration: Registration, sign_up: SignUp, answers: Answers, client_id: str | None
) -> Newcomer:
    return Newcomer(
        email=sign_up.email,
        username=answers.username.strip(),
        given_name=answers.given_name.strip() or None,
        family_name=answers.family_name.strip() or None,
        locale=answers.locale,
        client_id=client_id,
        permissions=permissions_of(registration.rules, ()),
        roles=roles_of(registration.rules, ()) or (),
    )


def _mistake(newcomer: Newcomer) -> Problem | None:
    """What no account can have, by the rules for accounts that are imported."""
    try:
        PERSON_FIELDS["username"](newcomer.username)
    except Wrong:
        return Problem("username", "bad")
    if "@" in newcomer.username and address_key(newcomer.username) != address_key(newcomer.email):
        return Problem("username", "address")  # it may be somebody else's, and would be taken for hers
    try:
        for name in ("given_name", "family_name"):
            value = getattr(newcomer, name)
            if value is not None:
                PERSON_FIELDS[name](value)
    except Wrong:
        return Problem("names", "bad")
    return None


async def _weakness(registration: Registration, newcomer: Newcomer, password: str) -> Problem | None:
    flaw = await registration.module.check_password(newcomer, password)
    return Problem("password", flaw.words, flaw.number) if flaw is not None else None


def _new_code(server: AuthorizationServer) -> str:
    """Decimal digits, all equally likely but for one part in 10^11."""
    return str(int.from_bytes(server.random(8), "big") % 10**CODE_DIGITS).zfill(CODE_DIGITS)


def _is_code(server: AuthorizationServer, handle: str, sign_up: SignUp, typed: str) -> bool:
    hashed = _hash_code(server, handle, _read_code(typed))
    return hmac.compare_digest(hashed, sign_up.code_hash or bytes(32)) and sign_up.code_hash is not None


def _read_code(typed: str) -> str:
    """Its digits, whatever stands between them, in whatever script they are typed."""
    return "".join(str(unicodedata.decimal(sign)) for sign in typed[:100] if sign.isdecimal())


def _hash_code(server: AuthorizationServer, handle: str, code: str) -> bytes:
    return hmac.digest(server.cookie_key, f"sign-up\0{handle}\0{code}".encode(), "sha256")
