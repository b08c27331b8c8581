"""Signed-in browsers: listed and ended. Ending one also ends the grants that last only as long as it does."""

from dataclasses import dataclass

from assent.actions.changes import every
from assent.actions.refusals import Refused
from assent.engine.server import AuthorizationServer, Caller
from assent.engine.sessions import end_session, is_live
from assent.records.people import Person
from assent.records.sessions import Session
from assent.storage.interface import Scalar
from assent.storage.tables import PEOPLE, SESSIONS


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A live session, with the user name of its person (None when she is gone)."""

    session: Session
    username: str | None


async def list_sessions(
    server: AuthorizationServer, person: Person | None = None
) -> tuple[ListedSession, ...]:
    """The live sessions of a person or of everybody, the latest first."""
    where: dict[str, Scalar] = {} if person is None else {"person_id": person.person_id}
    sessions = [one for one in await every(server.storage, SESSIONS, where) if is_live(server, one)]
    names = {person_id: await _username(server, person_id) for person_id in {s.person_id for s in sessions}}
    sessions.sort(key=lambda session: (session.last_seen_at, session.public_id), reverse=True)
    return tuple(ListedSession(session, names[session.person_id]) for session in sessions)


async def end_one_session(
    server: AuthorizationServer,
    public_id: str,
    *,
    actor: str | None,
    person: Person | None = None,
    caller: Caller | None = None,
) -> Session:
    """Ends the session that lists call `public_id`. Raises `Refused` when none such is live.

    `person`: then it has to be hers; somebody else's is not there.
    """
    where: dict[str, Scalar] = {"public_id": public_id}
    if person is not None:
        where["person_id"] = person.person_id
    found = await server.storage.find(SESSIONS, where, limit=1)
    if not found or not await _end(server, found[0], actor, caller):
        raise Refused([f"there is no live session {public_id[:100]!r}"])
    return found[0]


async def end_sessions_of(
    server: AuthorizationServer, person: Person, *, actor: str | None, caller: Caller | None = None
) -> tuple[Session, ...]:
    """Ends every live session of a person."""
    listed = await list_sessions(server, person)
    return tuple([one.session for one in listed if await _end(server, one.session, actor, caller)])


async def _end(
    server: AuthorizationServer, session: Session, actor: str | None, caller: Caller | None
) -> bool:
    because = "the person ended it" if actor == session.person_id else "an administrator ended it"
    return await end_session(server, session, because=because, actor=actor, caller=caller)


async def _username(server: AuthorizationServer, person_id: str) -> str | None:
    person = await server.storage.get(PEOPLE, person_id)
    return person.username if person else None
