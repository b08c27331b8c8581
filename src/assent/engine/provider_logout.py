"""A provider says that somebody signed out there: her sessions here that began there end, once for each notice.

Owns also what a session needs to sign out there in its turn: the provider's ID token, kept sealed beside the session.

Source: OpenID Connect Back-Channel Logout 1.0 2.6 (the `jti` is good once) and 2.7 (`sid`: one session, `sub`: all).
"""

import hashlib

from assent.engine.sealing import Sealer
from assent.engine.server import AuthorizationServer, Caller
from assent.engine.sessions import end_session
from assent.records.grants import SeenAssertion
from assent.records.providers import LogoutHint
from assent.records.sessions import Session
from assent.spec.id_tokens import LogoutNotice
from assent.storage.interface import Add, Put, Scalar, act
from assent.storage.tables import IDENTITIES, LOGOUT_HINTS, SEEN_ASSERTIONS, SESSIONS

_MOST_SESSIONS = 10_000


async def keep_logout_hint(server: AuthorizationServer, sealer: Sealer, session: Session, hint: str) -> None:
    """Keeps what the provider wants to see when the person of this session signs out there."""
    sealed = sealer.seal(hint.encode(), _purpose(server, session))
    record = LogoutHint(session.session_hash, sealed, session.expires_at)
    await server.storage.commit(act(Put(LOGOUT_HINTS, record)))


async def logout_hint_of(server: AuthorizationServer, sealer: Sealer, session: Session) -> str | None:
    """The same, where there is one. Raises `SealBroken`."""
    record = await server.storage.get(LOGOUT_HINTS, session.session_hash)
    return None if record is None else sealer.open(record.sealed, _purpose(server, session)).decode()


def _purpose(server: AuthorizationServer, session: Session) -> str:
    return f"logout hint of session {session.public_id} of issuer {server.issuer.id}"


class Replayed(Exception):
    """The notice was there before."""


async def end_provider_sessions(
    server: AuthorizationServer, module: str, notice: LogoutNotice, caller: Caller
) -> int:
    """Ends the sessions that the notice of a provider (`module`) is about; gives how many. Raises `Replayed`."""
    mark = hashlib.sha256(f"logout\0{module}\0{notice.issuer}\0{notice.jti}".encode()).digest()
    seen = Add(SEEN_ASSERTIONS, SeenAssertion(mark, notice.remember_until))
    if not (await server.storage.commit(act(seen))).all:
        raise Replayed
    ended = 0
    for session in await _sessions(server, module, notice):
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
        where["provider_session"] = notice.session
    return await server.storage.find(SESSIONS, where, limit=_MOST_SESSIONS)
