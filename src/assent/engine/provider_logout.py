"""A provider says that somebody signed out there: her sessions here that began there end, once for each notice.

Owns also what a session needs to sign out there in its turn, kept sealed beside the session: OpenID Connect's ID token,
SAML's name for her. By the keyed hash of that name a session is found again when the provider speaks of it.

Sources: OpenID Connect Back-Channel Logout 1.0 2.6 (the `jti` is good once) and 2.7 (`sid`: one session, `sub`: all);
SAML Core 3.7.3.2 (which sessions a LogoutRequest is about).
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field

from assent.engine.sealing import Sealer
from assent.engine.server import AuthorizationServer, Caller
from assent.engine.sessions import end_session, logout_hint_purpose, session_there
from assent.records.grants import SeenAssertion
from assent.records.identities import Arrival
from assent.records.providers import LogoutHint
from assent.records.sessions import Session
from assent.spec.id_tokens import LogoutNotice
from assent.storage.interface import Add, Put, Scalar, act
from assent.storage.tables import IDENTITIES, LOGOUT_HINTS, SEEN_ASSERTIONS, SESSIONS

_MOST_SESSIONS = 10_000


@dataclass(frozen=True, slots=True)
class NamedNotice:
    """Who is signed out at `provider`, by its name for her: in the provider's `sessions`, in all where none is named.

    `notice_id` is good once, and remembered until `remember_until` (epoch seconds).
    """

    provider: str
    notice_id: str
    name: str = field(repr=False)
    sessions: tuple[str, ...]
    remember_until: int


async def keep_logout_hint(
    server: AuthorizationServer, sealer: Sealer, session: Session, arrival: Arrival
) -> None:
    """Keeps what the provider of an arrival wants to see when she signs out there, and how it names her."""
    if arrival.logout_hint is None and arrival.logout_name is None:
        return
    sealed = sealer.seal((arrival.logout_hint or "").encode(), logout_hint_purpose(server, session))
    name_hash = (
        None
        if arrival.logout_name is None
        else _name_hash(server, arrival.module, arrival.provider, arrival.logout_name)
    )
    record = LogoutHint(session.session_hash, sealed, session.expires_at, name_hash)
    await server.storage.commit(act(Put(LOGOUT_HINTS, record)))


async def logout_hint_of(server: AuthorizationServer, sealer: Sealer, session: Session) -> str | None:
    """What the provider wants to see, where there is something. Raises `SealBroken`."""
    record = await server.storage.get(LOGOUT_HINTS, session.session_hash)
    if record is None:
        return None
    return sealer.open(record.sealed, logout_hint_purpose(server, session)).decode() or None


def _name_hash(server: AuthorizationServer, module: str, provider: str, name: str) -> bytes:
    said = f"provider's name\0{module}\0{provider}\0{name}".encode()
    return hmac.digest(server.cookie_key, said, "sha256")


class Replayed(Exception):
    """The notice was there before."""


async def end_provider_sessions(
    server: AuthorizationServer, module: str, notice: LogoutNotice, caller: Caller
) -> int:
    """Ends the sessions that the notice of a provider (`module`) is about; gives how many. Raises `Replayed`."""
    await _use(server, module, notice.issuer, notice.jti, notice.remember_until)
    return await _end(server, await _sessions(server, module, notice), caller)


async def end_named_sessions(
    server: AuthorizationServer, module: str, notice: NamedNotice, caller: Caller
) -> int:
    """The same of a notice that has the provider's name for her. Raises `Replayed`."""
    await _use(server, module, notice.provider, notice.notice_id, notice.remember_until)
    where: dict[str, Scalar] = {"name_hash": _name_hash(server, module, notice.provider, notice.name)}
    hints = await server.storage.find(LOGOUT_HINTS, where, limit=_MOST_SESSIONS)
    named = {session_there(one) for one in notice.sessions}
    meant = []
    for hint in hints:
        session = await server.storage.get(SESSIONS, hint.session_hash)
        if session is not None and (not named or session.provider_session in named):
            meant.append(session)
    return await _end(server, meant, caller)


async def _use(server: AuthorizationServer, module: str, provider: str, notice_id: str, until: int) -> None:
    mark = hashlib.sha256(f"logout\0{module}\0{provider}\0{notice_id}".encode()).digest()
    if not (await server.storage.commit(act(Add(SEEN_ASSERTIONS, SeenAssertion(mark, until))))).all:
        raise Replayed


async def _end(server: AuthorizationServer, sessions: Iterable[Session], caller: Caller) -> int:
    ended = 0
    for session in sessions:
        if not session.ended_at:
            ended += await end_session(
                server, session, because="signed out at the provider", actor=None, caller=caller
            )
    return ended


async def _sessions(server: AuthorizationServer, module: str, notice: LogoutNotice) -> list[Session]:
    where: dict[str, Scalar] = {"module": module}
    if notice.subject is not None:
        identity = await server.storage.get(IDENTITIES, module, notice.issuer, notice.subject)
        if identity is None:
            return []
        where["person_id"] = identity.person_id
    if notice.session is not None:
        where["provider_session"] = session_there(notice.session)
    return await server.storage.find(SESSIONS, where, limit=_MOST_SESSIONS)
