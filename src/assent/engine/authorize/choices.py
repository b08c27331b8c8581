"""What a person may choose from on the context page: her powers say what she may open, a hook what is offered.

The page asks here what to show, and what is posted is asked again: a hook narrows both alike.
"""

from assent.engine.authority import reads_patient
from assent.engine.authorize.reach import may_search_patients, named_patients
from assent.engine.hooks import ContextOffer
from assent.engine.server import AuthorizationServer
from assent.records.clients import Client
from assent.records.people import Person


async def named_records(server: AuthorizationServer, person: Person) -> tuple[str, ...]:
    """The records that are a person's own, that she represents or that her permissions name; own first.

    Raises `RecordSystemDown`.
    """
    named = named_patients(await server.records.powers(person))
    return tuple(dict.fromkeys((*await server.records.patients(person), *named)))


async def listed_patients(server: AuthorizationServer, client: Client, person: Person) -> tuple[str, ...]:
    """What is offered of these, all that there is for whoever may not search. Raises `RecordSystemDown`."""
    return await narrow_patients(server, client, person, await named_records(server, person))


async def narrow_patients(
    server: AuthorizationServer, client: Client, person: Person, offered: tuple[str, ...]
) -> tuple[str, ...]:
    """What is left of these patients, in order, and what the hook adds: all hers to open. Raises `RecordSystemDown`."""
    offer = ContextOffer(client, person, "patient", None, offered)
    kept = dict.fromkeys(await server.hooks.on_context_choices(offer))
    held = await server.records.powers(person)
    return tuple(id_ for id_ in kept if any(reads_patient(power, id_) for power in held))


async def narrow_encounters(
    server: AuthorizationServer, client: Client, person: Person, patient: str, offered: tuple[str, ...]
) -> tuple[str, ...]:
    """What the hook leaves of a patient's encounters, in its order."""
    offer = ContextOffer(client, person, "encounter", patient, offered)
    kept = dict.fromkeys(await server.hooks.on_context_choices(offer))
    return tuple(id_ for id_ in kept if id_ in offered)


async def may_search(server: AuthorizationServer, person: Person) -> bool:
    """Whether there is a search beside the list. Raises `RecordSystemDown`."""
    return may_search_patients(await server.records.powers(person))
