"""Whether a grant still holds: the one place where that is asked, by refresh, introspection, userinfo and the gateway.

A grant ends by revocation, with its person's account, where it was given for as long as the person is there
(`online_access`) with her session, and where she gave it for a patient, when she may act for her no more.
Source: SMART App Launch 2.2, scopes-and-launch-context (T14).
"""

from dataclasses import dataclass

from assent.engine.authority import reads_patient
from assent.engine.server import AuthorizationServer
from assent.engine.sessions import is_live
from assent.records.grants import Grant
from assent.records.people import Person
from assent.storage.tables import GRANTS, PEOPLE, SESSIONS


@dataclass(frozen=True, slots=True)
class LiveGrant:
    """A grant that holds, and the person who gave it, both as they are now."""

    grant: Grant
    person: Person


@dataclass(frozen=True, slots=True)
class Ended:
    """Why a grant holds no more, for the log."""

    because: str


async def look_at_grant(server: AuthorizationServer, grant_id: str) -> LiveGrant | Ended:
    """The grant as it is now, or why it has ended. Raises `RecordSystemDown` for one of a delegate."""
    grant = await server.storage.get(GRANTS, grant_id)
    if grant is None:
        return Ended("the grant is unknown")
    if grant.revoked_at:
        return Ended(f"the grant was revoked: {grant.revoked_because}")
    person = await server.storage.get(PEOPLE, grant.person_id)
    if person is None or not person.enabled:
        return Ended("the person's account is disabled or gone")
    if grant.online and not await _is_session_live(server, grant.session_hash):
        return Ended("the session of this online grant has ended")
    if grant.acting_for is not None and not await _may_act(server, person, grant.acting_for):
        return Ended("the person may not act for this patient any more")
    return LiveGrant(grant, person)


async def _may_act(server: AuthorizationServer, person: Person, acting_for: str) -> bool:
    patient = acting_for.removeprefix("Patient/")
    return any(reads_patient(power, patient) for power in await server.records.powers(person))


async def _is_session_live(server: AuthorizationServer, session_hash: bytes | None) -> bool:
    if session_hash is None:
        return False
    session = await server.storage.get(SESSIONS, session_hash)
    return session is not None and is_live(server, session)
