"""What ends with an account that is switched off or deleted: sessions, all that was granted, what was mailed.

Owns the writes; who makes them, with their audit row, is `people` and `deletion`.
"""

from assent.actions.access.terms import revoking_agreements
from assent.actions.accounts.password_codes import closing_codes
from assent.engine.second_factors import forgetting_browsers
from assent.engine.server import AuthorizationServer
from assent.storage.interface import ChangeAll, Write
from assent.storage.tables import GRANTS, SESSIONS


def ending_all(server: AuthorizationServer, person_id: str, because: str) -> tuple[Write, ...]:
    """The writes by which nothing goes on that somebody began. `because` is what an app's developer may read."""
    ends = {"revoked_at": server.now(), "revoked_because": because}
    return (
        closing_codes(server, person_id),
        ending_sessions(server, person_id),
        ChangeAll(GRANTS, {"person_id": person_id, "revoked_at": 0}, ends),
        revoking_agreements(server, person_id=person_id),  # they go with the apps' access
        forgetting_browsers(person_id),
    )


def ending_sessions(server: AuthorizationServer, person_id: str) -> Write:
    """The write by which somebody is signed in nowhere any more."""
    return ChangeAll(SESSIONS, {"person_id": person_id, "ended_at": 0}, {"ended_at": server.now()})
