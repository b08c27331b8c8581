"""What people granted to apps: seen, and taken back by them or by an administrator.

Everything given out hangs on a grant, so ending the grants of a person to a client ends all that the app has of her.
"""

from dataclasses import dataclass
from itertools import groupby

from assent.actions.access.terms import forget_agreements, revoking_agreements
from assent.actions.changes import Planned, carry_out, every
from assent.engine.authorize.scope import cached_scopes
from assent.engine.events import audit_event
from assent.engine.liveness import Ended, look_at_grant
from assent.engine.server import AuthorizationServer, Caller
from assent.records.clients import Client
from assent.records.grants import Grant
from assent.records.people import Person
from assent.spec.scope_sets import ScopeSet
from assent.storage.interface import ChangeAll, Scalar
from assent.storage.tables import CLIENTS, GRANTS


@dataclass(frozen=True, slots=True)
class RecordAccess:
    """What an app may do in one record. `patient` is a bare id, None where no patient was in context.

    `scope` is what its grants allow together; `last_used_at` is 0 while none was used; `until` is the end of the
    longest grant, None where nothing but the person or her session ends it: `online` says that it is the session.
    """

    patient: str | None
    scope: ScopeSet
    since: int
    last_used_at: int
    until: int | None
    online: bool


@dataclass(frozen=True, slots=True)
class AppAccess:
    """An app that a person gave access to. `client` is None when it is registered no more."""

    client_id: str
    client: Client | None
    records: tuple[RecordAccess, ...]
    grants: tuple[Grant, ...]

    @property
    def last_used_at(self) -> int:
        """When it was used, or allowed, last."""
        return max(max(grant.last_used_at, grant.created_at) for grant in self.grants)


async def apps_with_access(server: AuthorizationServer, person: Person) -> tuple[AppAccess, ...]:
    """The apps that can see something on the person's word now, the latest used first."""
    grants = await every(server.storage, GRANTS, {"person_id": person.person_id, "revoked_at": 0})
    grants.sort(key=lambda grant: grant.client_id)
    apps = [
        await _access(server, client_id, list(group))
        for client_id, group in groupby(grants, key=lambda grant: grant.client_id)
    ]
    present = (app for app in apps if app is not None)
    return tuple(sorted(present, key=lambda app: (app.last_used_at, app.client_id), reverse=True))


async def revoke_app(
    server: AuthorizationServer, person: Person, client_id: str, *, caller: Caller | None, actor: str | None
) -> int:
    """Ends every grant of the person to the client, at once, and what she agreed to for it; gives how many grants."""
    mine: dict[str, Scalar] = {"person_id": person.person_id, "client_id": client_id, "revoked_at": 0}
    grants = await every(server.storage, GRANTS, mine)
    if not grants:
        await forget_agreements(server, person, client_id, caller=caller, actor=actor)
        return 0
    because = "the person took it back" if actor == person.person_id else "an administrator took it back"
    event = audit_event(
        server,
        "access.revoked",
        caller=caller,
        client_id=client_id,
        person_id=person.person_id,
        actor=actor,
        detail={"grants": [grant.grant_id for grant in grants[:100]], "because": because},
    )
    ends = {"revoked_at": server.now(), "revoked_because": because}
    writes = (
        ChangeAll(GRANTS, mine, ends),
        revoking_agreements(server, person_id=person.person_id, client_id=client_id),
    )
    await carry_out(server, [Planned(client_id, writes, event)])
    return len(grants)


async def find_access(server: AuthorizationServer, person: Person, client_id: str) -> AppAccess | None:
    """What the person gave one app; None when it has nothing of hers."""
    where: dict[str, Scalar] = {"person_id": person.person_id, "client_id": client_id, "revoked_at": 0}
    return await _access(server, client_id, await every(server.storage, GRANTS, where))


async def _access(server: AuthorizationServer, client_id: str, grants: list[Grant]) -> AppAccess | None:
    """The access that the grants to one client give; None when none of them holds any more."""
    client = await server.storage.get(CLIENTS, client_id)
    live = [grant for grant in grants if await is_live(server, client, grant)]
    if not live:
        return None
    by_patient: dict[str | None, list[Grant]] = {}
    for grant in live:
        by_patient.setdefault(patient_of(grant), []).append(grant)
    records = tuple(_record(server, client, patient, theirs) for patient, theirs in by_patient.items())
    return AppAccess(client_id, client, records, tuple(live))


def _record(
    server: AuthorizationServer, client: Client | None, patient: str | None, grants: list[Grant]
) -> RecordAccess:
    scope = ScopeSet()
    for grant in grants:
        scope = scope.join(cached_scopes(grant.scope).scopes)
    is_online = all(grant.online for grant in grants)
    lasts = is_remembered(client) or is_online
    return RecordAccess(
        patient=patient,
        scope=scope,
        since=min(grant.created_at for grant in grants),
        last_used_at=max(grant.last_used_at for grant in grants),
        until=None if lasts else max(ends_at(server, client, grant) for grant in grants),
        online=is_online and not is_remembered(client),
    )


def patient_of(grant: Grant) -> str | None:
    """The bare id of the patient in a grant's context."""
    patient = grant.context.get("patient")
    return str(patient) if patient else None


async def is_live(server: AuthorizationServer, client: Client | None, grant: Grant) -> bool:
    """Whether a token of the grant may be good now, or may still be issued without asking."""
    if grant.revoked_at:
        return False
    if is_remembered(client):
        return True
    if ends_at(server, client, grant) <= server.now():
        return False
    return not isinstance(await look_at_grant(server, grant.grant_id), Ended)


def is_remembered(client: Client | None) -> bool:
    """Whether the app gets again without asking what its grants hold, for as long as nobody takes them back."""
    return client is not None and client.remember_approved_scopes and not client.always_require_approval


def ends_at(server: AuthorizationServer, client: Client | None, grant: Grant) -> int:
    """The end of the last access token that the grant may give."""
    last_issue = max(grant.expires_at, grant.created_at + server.settings.code_seconds)
    own = client.access_token_seconds if client else None
    return last_issue + (own or server.settings.access_token_seconds)
