"""Second factors as administrators see them: which somebody has, and taking all of them away.

A reset is for who has lost everything: she is signed out everywhere, no browser is remembered, and what she is asked at
the next sign-in is what somebody is asked who has set up nothing. What her apps may do stays.
"""

from assent.actions.accounts.people import get_person
from assent.actions.accounts.sessions import end_sessions_of
from assent.actions.changes import Planned, carry_out
from assent.actions.refusals import Refused
from assent.engine.events import audit_event
from assent.engine.second_factors import Factors, find_factors, forgetting_browsers
from assent.engine.server import AuthorizationServer, Caller
from assent.identity.locks import lift_locks
from assent.records.people import Person
from assent.storage.interface import Remove, Write
from assent.storage.tables import CODES_BEING_SET_UP, ONE_TIME_CODES, PASSKEYS, RECOVERY_CODES


async def list_factors(server: AuthorizationServer, person: Person) -> tuple[str, ...]:
    """What somebody has set up, in words for administrators; no secret and no code."""
    return name_factors(await find_factors(server, person.person_id))


def name_factors(factors: Factors) -> tuple[str, ...]:
    """The same of what was found."""
    return (
        *(("one-time codes",) if factors.one_time_codes else ()),
        *(f"passkey {one.name}".strip() for one in factors.passkeys),
        *((f"recovery codes: {len(factors.recovery_codes.code_hashes)}",) if factors.recovery_codes else ()),
    )


async def reset_second_factor(
    server: AuthorizationServer, username: str, *, actor: str | None, caller: Caller | None = None
) -> Person:
    """Takes away all second factors of somebody, and signs her out. Raises `Refused` where there is none."""
    person = await get_person(server, username)
    removals = await removing_factors(server, person)
    if not removals:
        raise Refused([f"{person.username} has no second factor"])
    event = audit_event(
        server,
        "second_factor.reset",
        caller=caller,
        person_id=person.person_id,
        actor=actor,
        detail={"removed": list(await list_factors(server, person))},
    )
    writes = (*removals, forgetting_browsers(person.person_id))
    await carry_out(server, [Planned(person.username, writes, event)])
    await lift_locks(server, person)
    await end_sessions_of(server, person, actor=actor, caller=caller)
    return person


async def removing_factors(server: AuthorizationServer, person: Person) -> tuple[Write, ...]:
    """The writes that take away all that somebody has set up, or begun to."""
    factors = await find_factors(server, person.person_id)
    key = (person.person_id,)
    being_set_up = await server.storage.get(CODES_BEING_SET_UP, person.person_id)
    return (
        *((Remove(ONE_TIME_CODES, key),) if factors.one_time_codes else ()),
        *((Remove(RECOVERY_CODES, key),) if factors.recovery_codes else ()),
        *((Remove(CODES_BEING_SET_UP, key),) if being_set_up else ()),
        *(Remove(PASSKEYS, (one.credential_hash,)) for one in factors.passkeys),
    )
