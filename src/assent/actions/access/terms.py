"""What people agreed to: listed for them, and taken back with the app's access or by itself.

Agreeing is a step of an authorization request (`engine.authorize.agreement`).
"""

from assent.actions.changes import Planned, carry_out, every
from assent.engine.events import audit_event
from assent.engine.server import AuthorizationServer, Caller
from assent.records.people import Person
from assent.records.terms import Agreement
from assent.storage.interface import ChangeAll, Scalar
from assent.storage.tables import AGREEMENTS


async def agreements_of(server: AuthorizationServer, person: Person) -> tuple[Agreement, ...]:
    """The terms that the person has accepted and not taken back, the latest first."""
    found = await every(server.storage, AGREEMENTS, {"person_id": person.person_id, "revoked_at": 0})
    return tuple(sorted(found, key=lambda one: (one.agreed_at, one.client_id, one.version), reverse=True))


async def forget_agreements(
    server: AuthorizationServer, person: Person, client_id: str, *, caller: Caller | None, actor: str | None
) -> int:
    """Takes back what the person agreed to for this client; gives how many versions. She is asked again next time.

    The app's access is not touched: `actions.access.grants.revoke_app` ends both.
    """
    mine: dict[str, Scalar] = {"person_id": person.person_id, "client_id": client_id}
    agreements = await every(server.storage, AGREEMENTS, {**mine, "revoked_at": 0})
    if not agreements:
        return 0
    event = audit_event(
        server,
        "terms.revoked",
        caller=caller,
        client_id=client_id,
        person_id=person.person_id,
        actor=actor,
        detail={"versions": [one.version for one in agreements]},
    )
    await carry_out(server, [Planned(client_id, (revoking_agreements(server, **mine),), event)])
    return len(agreements)


def revoking_agreements(server: AuthorizationServer, **where: Scalar) -> ChangeAll:
    """The write that takes back every agreement of this `person_id`, `client_id`, or both."""
    return ChangeAll(AGREEMENTS, {**where, "revoked_at": 0}, {"revoked_at": server.now()})
