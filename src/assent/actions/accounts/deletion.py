"""Deleting a person: all that is hers ends and is taken away, the audit log stays.

The log names people by `person_id`, which is random: nobody else ever gets it, nor the `sub` that is made from it.
Whoever has the user name afterwards is another person. Grants and agreements are kept as ended ones, until they are
swept, so that a token that is shown again is still known as one that is over.
"""

from assent.actions.accounts.endings import ending_all
from assent.actions.accounts.people import get_person
from assent.actions.accounts.second_factors import removing_factors
from assent.actions.changes import Planned, carry_out, every
from assent.engine.events import audit_event
from assent.engine.server import AuthorizationServer, Caller
from assent.identity.locks import lift_locks
from assent.records.people import Person
from assent.storage.interface import Change, Remove, Write
from assent.storage.tables import DELEGATIONS, IDENTITIES, NAMES, PEOPLE, RECENT_PATIENTS


async def delete_person(
    server: AuthorizationServer, username: str, *, actor: str | None, caller: Caller | None = None
) -> Person:
    """Deletes a person, and ends at once all that she began. Raises `Refused` when there is none.

    Who comes from elsewhere (a directory, a provider) and is still let in there comes back as a new person.
    """
    person = await get_person(server, username)
    key = (person.person_id,)
    writes = (
        Change(PEOPLE, key, {}, {"updated_at": person.updated_at}),
        *ending_all(server, person.person_id, "the person's account was deleted"),
        *await removing_factors(server, person),
        *await _removing_rows(server, person),
        Remove(NAMES, (person.name_key,)),
        Remove(PEOPLE, key),
    )
    event = audit_event(server, "user.deleted", person_id=person.person_id, actor=actor, caller=caller)
    await carry_out(server, [Planned(person.username, writes, event)])
    await lift_locks(server, person)  # they are counted by the name, too, which may be another one's soon
    return person


async def _removing_rows(server: AuthorizationServer, person: Person) -> tuple[Write, ...]:
    """Whom she is elsewhere, for whom she may act, and whose records she opened last."""
    hers = {"person_id": person.person_id}
    recent = await server.storage.get(RECENT_PATIENTS, person.person_id)
    return (
        *(
            Remove(IDENTITIES, IDENTITIES.key_of(one))
            for one in await every(server.storage, IDENTITIES, dict(hers))
        ),
        *(
            Remove(DELEGATIONS, DELEGATIONS.key_of(one))
            for one in await every(server.storage, DELEGATIONS, dict(hers))
        ),
        *((Remove(RECENT_PATIENTS, (person.person_id,)),) if recent is not None else ()),
    )
