"""An app's access made smaller by the person who gave it: what she keeps stays, all else is gone at once.

Owns the rule: narrowing never widens, holds for every grant of hers to the app, and is one act. Tokens that are out
already follow: what they are worth is what their grant holds (`engine.bearer`, the refresh grant). Launch scopes say
which record was open and give nothing by themselves; they stay with what is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from assent.actions.access.grants import revoke_app
from assent.actions.changes import Planned, carry_out, every
from assent.actions.refusals import Refused
from assent.engine.authorize.scope import cached_scopes
from assent.engine.events import audit_event
from assent.engine.server import AuthorizationServer, Caller
from assent.records.grants import Grant
from assent.records.people import Person
from assent.spec.scope_sets import ScopeSet
from assent.spec.scopes import LaunchScope, Scope
from assent.storage.interface import Change, Scalar
from assent.storage.tables import GRANTS

LONGEST_AUDITED_SCOPE: Final = 2000
"""Characters of a scope that the audit log keeps."""
_TRIES: Final = 5
_AUDITED_GRANTS: Final = 100


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What became of it. `taken`: the scopes that no grant holds any more; `is_revoked`: nothing was kept."""

    taken: ScopeSet
    is_revoked: bool = False


class StillGiven(Refused):
    """A scope was to be taken away that another one, which is kept, gives all the same. Nothing was changed."""

    def __init__(self, scopes: ScopeSet) -> None:
        super().__init__([f"{text} is part of a scope that is kept" for text in scopes.texts])
        self.scopes = scopes


async def narrow_app(
    server: AuthorizationServer,
    person: Person,
    client_id: str,
    kept: Iterable[str],
    *,
    caller: Caller | None,
    actor: str | None,
) -> Narrowed:
    """Leaves the client only what the person keeps of it (scope texts); nothing kept takes all of it back.

    Raises `StillGiven`, and `Refused` when others change the same grants again and again.
    """
    wanted = cached_scopes(" ".join(kept)).scopes
    for _ in range(_TRIES):
        grants = await _grants(server, person, client_id)
        held = choices_of(grants)
        stays = ScopeSet.of(scope for scope in held if scope in wanted)
        taken = held.without(stays)
        if not stays:
            await revoke_app(server, person, client_id, caller=caller, actor=actor)
            return Narrowed(taken, is_revoked=True)
        still = ScopeSet.of(scope for scope in taken if stays.covers(scope))
        if still:
            raise StillGiven(still)
        if not taken:
            return Narrowed(taken)
        try:
            await carry_out(server, [_plan(server, person, client_id, grants, stays, taken, caller, actor)])
        except Refused:
            continue  # a grant was changed since it was read: what it holds now is looked at again
        return Narrowed(taken)
    raise Refused([f"{client_id}: its access is being changed elsewhere: look at it and try again"])


def choices_of(grants: Iterable[Grant]) -> ScopeSet:
    """What can be kept or taken away of these grants, each meaning once."""
    found: dict[Scope, Scope] = {}
    for grant in grants:
        for scope in cached_scopes(grant.scope).scopes:
            if not isinstance(scope, LaunchScope):
                found.setdefault(scope, scope)
    return ScopeSet.of(found.values())


async def _grants(server: AuthorizationServer, person: Person, client_id: str) -> list[Grant]:
    """Every grant that was not revoked, also one that has run out: what it holds may be remembered."""
    where: dict[str, Scalar] = {"person_id": person.person_id, "client_id": client_id, "revoked_at": 0}
    return await every(server.storage, GRANTS, where)


def _plan(
    server: AuthorizationServer,
    person: Person,
    client_id: str,
    grants: list[Grant],
    stays: ScopeSet,
    taken: ScopeSet,
    caller: Caller | None,
    actor: str | None,
) -> Planned:
    changes = {grant.grant_id: change for grant in grants if (change := _change(server, grant, stays))}
    event = audit_event(
        server,
        "access.narrowed",
        caller=caller,
        client_id=client_id,
        person_id=person.person_id,
        actor=actor,
        detail={
            "grants": list(changes)[:_AUDITED_GRANTS],
            "kept": stays.text[:LONGEST_AUDITED_SCOPE],
            "taken": taken.text[:LONGEST_AUDITED_SCOPE],
        },
    )
    return Planned(client_id, tuple(changes.values()), event)


def _change(server: AuthorizationServer, grant: Grant, stays: ScopeSet) -> Change | None:
    """The write that narrows one grant as it was read; one of which nothing is kept ends. None: it keeps all."""
    held = cached_scopes(grant.scope).scopes
    left = ScopeSet.of(scope for scope in held if scope in stays or isinstance(scope, LaunchScope))
    if len(left) == len(held):
        return None
    now = server.now()
    if all(isinstance(scope, LaunchScope) for scope in left):
        ends: dict[str, Any] = {"revoked_at": now, "revoked_because": "the person took it back"}
        return Change(GRANTS, (grant.grant_id,), ends, _as_read(grant))
    narrowed: dict[str, Any] = {"scope": left.text}
    if not left.has("offline_access"):
        # SMART App Launch 2.2, T14: what is kept for her presence alone ends with her session
        narrowed["online"] = grant.online or left.has("online_access")
        if not left.has("online_access"):
            narrowed["expires_at"] = min(grant.expires_at, now)
    return Change(GRANTS, (grant.grant_id,), narrowed, _as_read(grant))


def _as_read(grant: Grant) -> dict[str, Scalar]:
    return {"scope": grant.scope, "revoked_at": 0}
