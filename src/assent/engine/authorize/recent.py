"""Whose records a person opened last: remembered by id when a code is issued, offered to her on the next page.

Only for people who may search: whoever has a few records sees them anyway. Nobody else's list is ever read.
"""

from assent.engine.authority import permissions_of
from assent.engine.authorize.reach import may_search_patients
from assent.engine.server import AuthorizationServer
from assent.records.people import Person
from assent.records.recent import RecentPatients
from assent.spec.permissions import powers
from assent.storage.interface import Put
from assent.storage.tables import RECENT_PATIENTS

KEPT_SECONDS = 30 * 86400
"""A list that has not been added to for this long is forgotten."""


async def recent_patients(server: AuthorizationServer, person: Person) -> tuple[str, ...]:
    """Bare ids, the latest first; they may be gone, or no longer hers to open."""
    row = await server.storage.get(RECENT_PATIENTS, person.person_id)
    if row is None or row.expires_at <= server.now():
        return ()
    return row.patients[: server.settings.picker_recent]


async def remember_patient(
    server: AuthorizationServer, person: Person, patient: str | None
) -> tuple[Put, ...]:
    """The write, if any, that remembers an opened record."""
    most = server.settings.picker_recent
    if patient is None or most == 0 or person.fhir_user == f"Patient/{patient}":
        return ()
    if not may_search_patients(powers(await permissions_of(server.storage, person))):
        return ()
    others = [one for one in await recent_patients(server, person) if one != patient]
    kept = RecentPatients(person.person_id, (patient, *others)[:most], server.now() + KEPT_SECONDS)
    return (Put(RECENT_PATIENTS, kept),)
