"""Which scopes an authorization request can be granted at all, before anybody is asked.

granted ⊆ candidate = (asked ∩ listed) ∪ auto-grant; what is left of it is for the person to say.
Sources: SMART App Launch 2.2 scopes-and-launch-context; OpenID Connect Core 3.1.2.1 and 11.
"""

from functools import lru_cache

from assent.engine.settings import EngineSettings
from assent.records.clients import Client
from assent.records.people import Person
from assent.spec.errors import InvalidScope
from assent.spec.fhir.rights import MAX_CONSTRAINED
from assent.spec.scope_sets import ScopeSet, ScopesRead, read_scope_definition, read_scopes
from assent.spec.scopes import NamedScope, ResourceScope, Scope, wire_text

ALL_AUTHORITIES = "cdr_all_user_authorities"
MAX_SCOPE = 20_000
MAX_SCOPES = 300
MAX_CONSTRAINED_SCOPES = MAX_CONSTRAINED
MAX_REMEMBERED_SCOPE = 1_000


def candidate_scope(settings: EngineSettings, client: Client, asked: str, *, has_launch: bool) -> ScopeSet:
    """(asked ∩ listed) ∪ auto-grant, less what could have no effect here. Raises `InvalidScope`.

    What has no effect: `system/` scopes (no client acts on its own here), `offline_access` and `online_access`
    without the refresh grant, `launch` without a handle, and everything that meets nothing in the client's list
    (refused instead when `unknown_scope` says so). What brings more than it names: `cdr_all_user_authorities`, where a
    setting says so.
    """
    read = read_asked(asked)
    if settings.unknown_scope == "refuse":
        listed = cached_definition(client.scope).join(cached_definition(client.auto_grant_scope))
        _check_all_known(read, listed)
    find = _remembered_effective if len(asked) <= MAX_REMEMBERED_SCOPE else _effective
    can_refresh = "refresh_token" in client.grant_types
    effective = find(asked, client.scope, client.auto_grant_scope, can_refresh, has_launch)
    if settings.cdr_all_user_authorities and effective.has(ALL_AUTHORITIES):
        # said aloud: people see it, the token carries it, and the gateway enforces no more than it says
        effective = effective.join(cached_definition(("user/*.cruds",)))
    if not effective:
        raise InvalidScope("scope asks for nothing that this client may have")
    check_constrained(effective)
    return effective


def _check_all_known(read: ScopesRead, listed: ScopeSet) -> None:
    """Raises `InvalidScope` for a scope that is none, or that meets nothing here; one that is met in part is known."""
    unknown = [*read.malformed]
    unknown += [wire_text(one) for one in read.scopes if not ScopeSet.of([one]).meet(listed)]
    if unknown:
        raise InvalidScope("scope asks for what this client may not have", detail=f"unknown: {unknown}")


def _effective(
    asked: str, listed: tuple[str, ...], automatic: tuple[str, ...], can_refresh: bool, has_launch: bool
) -> ScopeSet:
    met = cached_scopes(asked).scopes.meet(cached_definition(listed))
    candidate = met.join(cached_definition(automatic))
    return ScopeSet.of(scope for scope in candidate if _has_effect(scope, can_refresh, has_launch))


_remembered_effective = lru_cache(maxsize=1024)(_effective)


def _has_effect(scope: Scope, can_refresh: bool, has_launch: bool) -> bool:
    if isinstance(scope, ResourceScope):
        return scope.context != "system"
    if isinstance(scope, NamedScope):
        return scope.name not in ("offline_access", "online_access") or can_refresh
    return scope.resource_type is not None or has_launch


def possible_for(scope: ScopeSet, person: Person) -> ScopeSet:
    """What of a candidate can be true of this person: `fhirUser` needs a FHIR resource (SMART 2.2)."""
    if person.fhir_user is not None:
        return scope
    return scope.without(ScopeSet.of([NamedScope("fhirUser")]))


def read_asked(text: str) -> ScopesRead:
    """The scopes of a request's `scope`, at whatever endpoint. Raises `InvalidScope` for more than anybody needs.

    Scopes are compared with one another, and those with constraints case by case: what a stranger may make us
    compare is bounded here.
    """
    if len(text) > MAX_SCOPE:
        raise InvalidScope(f"scope is longer than {MAX_SCOPE} characters")
    if text.count(" ") >= MAX_SCOPES:
        raise InvalidScope(f"scope asks for more than {MAX_SCOPES} scopes")
    read = cached_scopes(text)
    check_constrained(read.scopes)
    return read


def check_constrained(scopes: ScopeSet) -> None:
    """Raises `InvalidScope` for more scopes with constraints than the gateway looks at: the rest would give nothing."""
    if sum(bool(scope.parameters) for scope in scopes.resources) > MAX_CONSTRAINED_SCOPES:
        raise InvalidScope(f"scope asks for more than {MAX_CONSTRAINED_SCOPES} scopes with constraints")


def cached_scopes(text: str) -> ScopesRead:
    """`read_scopes`, remembered: the same few texts come with every request. Long ones are not kept."""
    return _remembered_scopes(text) if len(text) <= MAX_REMEMBERED_SCOPE else read_scopes(text)


@lru_cache(maxsize=4096)
def _remembered_scopes(text: str) -> ScopesRead:
    return read_scopes(text)


def still_granted(issued: str, granted: str) -> ScopeSet:
    """What of the scope of a token, issued some time ago, its grant holds now: a person may have narrowed it since.

    Nearly always the two are one text; what was worked out of others is remembered, but for long ones.
    """
    if issued == granted:
        return cached_scopes(issued).scopes
    is_short = len(issued) + len(granted) <= MAX_REMEMBERED_SCOPE
    return _remembered_still_granted(issued, granted) if is_short else _still_granted(issued, granted)


def _still_granted(issued: str, granted: str) -> ScopeSet:
    return cached_scopes(issued).scopes.meet(cached_scopes(granted).scopes)


_remembered_still_granted = lru_cache(maxsize=1024)(_still_granted)


@lru_cache(maxsize=4096)
def cached_definition(texts: tuple[str, ...]) -> ScopeSet:
    """`read_scope_definition`, remembered. The texts were checked when the client was defined."""
    return read_scope_definition(texts)
