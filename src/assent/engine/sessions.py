"""A person's signed-in browser: begun at login under a new id, ended by time, logout or an administrator.

Owns the life of a session. Who the person is was decided by an inbound module (`identity`); how the cookie is
written is `web.cookies`' business. Source: OWASP session management (a new id at each change of privilege).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from assent.engine.arrivals import Unwelcome
from assent.engine.events import audit_event, commit, record
from assent.engine.handles import hash_handle, new_handle, new_id
from assent.engine.second_factors import lacks_factor
from assent.engine.server import AuthorizationServer, Caller
from assent.records.identities import Arrival
from assent.records.people import Person
from assent.records.sessions import Session
from assent.storage.interface import Add, Change, ChangeAll, Put, Scalar, Write, act
from assent.storage.tables import GRANTS, LOGOUT_HINTS, PASSKEYS, PEOPLE, SESSIONS

TOUCH_SECONDS = 60

_LONGEST_NAME = 255
_HASHED = "sha256:"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live session and its person, both as they are now. Nothing is left to prove."""

    session: Session
    person: Person


@dataclass(frozen=True, slots=True)
class HalfSignedIn:
    """A live session in which something is left: to show a second factor, or to choose another password. Good for doing
    that, and for nothing else.

    A type of its own, so that no page can take it for somebody who is signed in.
    """

    session: Session
    person: Person
    lacks: Literal["factor", "password"] = "factor"


SomeSignIn = SignedIn | HalfSignedIn


def is_live(server: AuthorizationServer, session: Session) -> bool:
    """Whether a session is neither ended nor past its idle or absolute limit."""
    now = server.now()
    idle_until = session.last_seen_at + server.settings.session_idle_seconds
    return session.ended_at == 0 and now < session.expires_at and now < idle_until


async def find_session(server: AuthorizationServer, cookie: str | None) -> SignedIn | None:
    """Who is signed in with this cookie; None when nobody is, or not wholly. Moves `last_seen_at` once a minute."""
    found = await find_sign_in(server, cookie)
    return found if isinstance(found, SignedIn) else None


async def find_sign_in(server: AuthorizationServer, cookie: str | None) -> SomeSignIn | None:
    """The same, and who has still something to do first: for the steps of a sign-in and for signing out."""
    if not cookie:
        return None
    session = await server.storage.get(SESSIONS, hash_handle(cookie))
    if session is None or not is_live(server, session):
        return None
    person = await server.storage.get(PEOPLE, session.person_id)
    if person is None or not person.enabled:
        return None
    now = server.now()
    if now - session.last_seen_at >= min(TOUCH_SECONDS, server.settings.session_idle_seconds // 4):
        await server.storage.commit(
            act(Change(SESSIONS, (session.session_hash,), {"last_seen_at": now}, {"ended_at": 0}))
        )
    if await lacks_factor(server, session, person):
        return HalfSignedIn(session, person)
    if needs_new_password(session, person):
        return HalfSignedIn(session, person, "password")
    return SignedIn(session, person)


def needs_new_password(session: Session, person: Person) -> bool:
    """Whether a session that began with a password of ours is good for choosing another one only."""
    return person.must_change_password and person.password_hash is not None and session.module == "local"


async def begin_session(
    server: AuthorizationServer,
    person: Person,
    amr: tuple[str, ...],
    caller: Caller,
    replaces: str | None,
    arrival: Arrival | None = None,
    *,
    browser_remembered: bool = False,
) -> tuple[str, Session]:
    """Signs a person in: the new session's cookie value, and its record.

    The session of the cookie that the browser brought (`replaces`) is ended in the same act, so that no id from
    before the login is worth anything after it. What hangs on that session as `online_access` moves along with the
    person who signs in again, and ends when it is another. `arrival`: how she came, where it was not by a password of
    ours; when a provider says that she signed in there earlier, that is when she did. `browser_remembered`: her second
    factor is not asked for here. Raises `Unwelcome` when the account was switched off, its password changed, or the
    passkey removed since `person` was read: what ends all sessions then ends this one, or it does not begin.
    """
    now = server.now()
    module = arrival.module if arrival else "local"
    signed_in_at = min(now, arrival.auth_time) if arrival and arrival.auth_time is not None else now
    there = arrival.provider_session if arrival else None
    cookie = new_handle(server)
    session = Session(
        session_hash=hash_handle(cookie),
        public_id=new_id(server, "s"),
        person_id=person.person_id,
        auth_time=signed_in_at,
        amr=amr,
        created_at=now,
        last_seen_at=now,
        expires_at=now + server.settings.session_absolute_seconds,
        address=caller.address,
        user_agent=(caller.user_agent or "")[:200] or None,
        module=module,
        acr=arrival.acr if arrival else None,
        provider_session=session_there(there) if there else None,
        factor_at=now if arrival and arrival.is_two_factors else 0,
        browser_remembered=browser_remembered,
    )
    event = audit_event(
        server,
        "login.succeeded",
        caller=caller,
        person_id=person.person_id,
        detail={"amr": list(amr), "module": module},
    )
    old: Session | None = None
    if replaces:
        old = await server.storage.get(SESSIONS, hash_handle(replaces))
    still_hers: list[Write] = [_as_she_was(person)]
    if arrival is not None and arrival.passkey is not None:
        still_hers.append(Change(PASSKEYS, (arrival.passkey,), {}, {"person_id": person.person_id}))
    writes = (*still_hers, Add(SESSIONS, session), *_replacing(server, old, session))
    if not (await commit(server, *writes, event=event)).all:
        raise await _overtaken(server, person, module, caller)
    return cookie, session


async def step_up(
    server: AuthorizationServer,
    sign_in: SomeSignIn,
    amr: tuple[str, ...],
    caller: Caller,
    *,
    detail: Mapping[str, Any],
) -> tuple[str, Session] | None:
    """Notes that a second factor was proven: the cookie value and record of the session in place of the old one.

    `amr` is what it adds (RFC 8176), `detail` what the audit log says of it. When she signed in stays as it was. None
    when the session ended, the account was switched off or its password was changed meanwhile.
    """
    old, now = sign_in.session, server.now()
    cookie = new_handle(server)
    session = replace(
        old,
        session_hash=hash_handle(cookie),
        public_id=new_id(server, "s"),
        amr=(*old.amr, *[one for one in (*amr, "mfa") if one not in old.amr]),
        last_seen_at=now,
        factor_at=now,
    )
    event = audit_event(
        server,
        "second_factor.proven",
        caller=caller,
        person_id=session.person_id,
        detail={"amr": list(session.amr), **detail},
    )
    still_open = Change(SESSIONS, (old.session_hash,), {}, {"ended_at": 0})
    hint = await server.storage.get(LOGOUT_HINTS, old.session_hash)
    kept = [] if hint is None else [Put(LOGOUT_HINTS, replace(hint, session_hash=session.session_hash))]
    replacing = _replacing(server, old, session)
    writes = (_as_she_was(sign_in.person), still_open, Add(SESSIONS, session), *replacing, *kept)
    return (cookie, session) if (await commit(server, *writes, event=event)).all else None


async def end_session(
    server: AuthorizationServer,
    session: Session,
    *,
    because: str,
    actor: str | None,
    caller: Caller | None = None,
) -> bool:
    """Ends a session and the `online_access` grants that hang on it; False when it had ended already."""
    now = server.now()
    event = audit_event(
        server,
        "session.ended",
        caller=caller,
        person_id=session.person_id,
        actor=actor,
        detail={"session": session.public_id, "because": because},
    )
    end = Change(SESSIONS, (session.session_hash,), {"ended_at": now}, {"ended_at": 0})
    outcomes = await commit(server, end, _ending(session, now), event=event)
    return outcomes.won[0]


def session_there(name: str) -> str:
    """What is kept of a provider's name for its own session, and looked for: that name, or a hash of a long one.

    A provider may choose any (`sid`, OpenID Connect Back-Channel Logout 1.0 2.1).
    """
    if len(name) <= _LONGEST_NAME and name.isprintable() and not name.startswith(_HASHED):
        return name
    return _HASHED + hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


def logout_hint_purpose(server: AuthorizationServer, session: Session) -> str:
    """What the logout hint of a session is sealed for: what stays the same when a second factor is proven in it."""
    return f"logout hint of {session.person_id} since {session.created_at} of issuer {server.issuer.id}"


def _as_she_was(person: Person) -> Change:
    """The condition that an account is on and has the password that it had. Who changes it waits, or is waited for."""
    return Change(PEOPLE, (person.person_id,), {}, {"enabled": True, "password_hash": person.password_hash})


async def _overtaken(server: AuthorizationServer, person: Person, module: str, caller: Caller) -> Unwelcome:
    """The refusal of a sign-in that a change of the account was quicker than, written down."""
    found = await server.storage.get(PEOPLE, person.person_id)
    is_on = found is not None and found.enabled
    proof = "passkey" if found is not None and found.password_hash == person.password_hash else "password"
    reason = f"the {proof} was changed while she signed in" if is_on else "disabled"
    event = audit_event(
        server,
        "login.refused",
        "refused",
        caller=caller,
        person_id=person.person_id,
        detail={"reason": reason, "module": module},
    )
    await record(server, event)
    return Unwelcome(("passkey" if proof == "passkey" else "wrong") if is_on else "account_off", reason)


def _replacing(server: AuthorizationServer, old: Session | None, new: Session) -> list[Write]:
    """Ends the session that a new one takes the place of."""
    if old is None or old.ended_at != 0:
        return []
    now = server.now()
    carries_on = old.person_id == new.person_id and is_live(server, old)
    return [
        ChangeAll(SESSIONS, {"session_hash": old.session_hash}, {"ended_at": now}),
        _moving(old, new) if carries_on else _ending(old, now),
    ]


def _moving(old: Session, new: Session) -> ChangeAll:
    """The `online_access` grants of a session, carried over to the one that replaces it."""
    return ChangeAll(GRANTS, _online(old), {"session_hash": new.session_hash})


def _ending(session: Session, now: int) -> ChangeAll:
    """The `online_access` grants of a session, ended with it."""
    return ChangeAll(GRANTS, _online(session), {"revoked_at": now, "revoked_because": "the session ended"})


def _online(session: Session) -> dict[str, Scalar]:
    return {"session_hash": session.session_hash, "online": True, "revoked_at": 0}
