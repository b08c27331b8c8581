"""What a person still has to be asked, and what her answer grants.

granted ⊆ (asked ∩ listed) ∪ auto-grant, whatever a form says. Source: `Client` (auto_approve_scope, auto_grant_scope,
required_scope, remember_approved_scopes, always_require_approval); RFC 8252 8.6 for native apps.
For how long is `lasting`'s matter.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from assent.engine.authorize.progress import Progress
from assent.engine.authorize.scope import cached_definition, cached_scopes
from assent.engine.settings import EngineSettings
from assent.spec.categories import parts_of
from assent.spec.fhir.rights import MAX_CONSTRAINED
from assent.spec.redirects import is_native
from assent.spec.scope_sets import ScopeSet
from assent.spec.scopes import ResourceScope, Scope, covers


@dataclass(frozen=True, slots=True)
class Question:
    """What an approval page asks: `asked` to be ticked, `required` of it fixed, `given` without asking.

    `automatic`: what of `given` the client has anyway. `remembered`: what of all this the person gave it before,
    whether it is asked again or not.
    """

    asked: ScopeSet
    required: ScopeSet
    given: ScopeSet
    automatic: ScopeSet
    remembered: ScopeSet


@dataclass(frozen=True, slots=True)
class Reply:
    """What an approval form says, as texts: the scopes and the parts that are ticked.

    `opened`: the scopes that the form offered in parts, so that none of them ticked is none of them wanted.
    """

    ticked: frozenset[str]
    parts: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()


def question(progress: Progress) -> Question:
    """What is left to ask. Auto-granted, auto-approved and remembered scopes are given without asking."""
    client = progress.client
    remembered = progress.remembered if client.remember_approved_scopes else ScopeSet()
    asks_again = client.always_require_approval or "consent" in progress.request.prompt
    candidate = progress.candidate
    return _question(
        candidate,
        candidate.texts,
        client.auto_grant_scope + client.auto_approve_scope,
        client.required_scope,
        remembered,
        ScopeSet() if asks_again else remembered,
    )


@lru_cache(maxsize=256)
def _question(
    candidate: ScopeSet,
    _texts: tuple[str, ...],
    automatic: tuple[str, ...],
    required: tuple[str, ...],
    remembered: ScopeSet,
    counting: ScopeSet,
) -> Question:
    """`counting`: what of `remembered` need not be asked again.

    `_texts`: how the candidate is written. Sets are equal that mean the same, and yet each app is asked, and answered,
    in its own words.
    """
    anyway = cached_definition(automatic)
    given_anyway = anyway.join(counting)
    given = ScopeSet.of(scope for scope in candidate if given_anyway.covers(scope))
    asked = candidate.without(given)
    fixed = cached_definition(required)
    return Question(
        asked=asked,
        required=ScopeSet.of(scope for scope in asked if fixed.covers(scope)),
        given=given,
        automatic=ScopeSet.of(scope for scope in given if anyway.covers(scope)),
        remembered=ScopeSet.of(scope for scope in candidate if remembered.covers(scope)),
    )


def needs_approval(settings: EngineSettings, progress: Progress) -> bool:
    """Whether the approval page is shown."""
    if progress.approved_scope is not None:
        return False
    client = progress.client
    if client.always_require_approval or "consent" in progress.request.prompt:
        return True
    if (
        settings.native_always_asks
        and client.token_endpoint_auth_method == "none"
        and is_native(progress.request.redirect_uri)
    ):
        return True  # RFC 8252 8.6: another app on the device may pose as this one
    return len(question(progress).asked) > 0


def offered_parts(asked: Question, scope: Scope) -> ScopeSet:
    """The granular scopes that may be had instead of an asked one; none where leaving one out would change nothing.

    A required scope has none, nor has one whose data another scope of the request reaches as well.
    """
    if not isinstance(scope, ResourceScope) or scope in asked.required or scope not in asked.asked:
        return ScopeSet()
    parts = parts_of(scope)
    others = [one for one in (*asked.asked, *asked.given) if one is not scope]
    constrained = sum(bool(one.parameters) for one in others if isinstance(one, ResourceScope))
    is_reached = any(_reaches(other, part) for other in others for part in parts)
    return ScopeSet() if is_reached or constrained + len(parts) > MAX_CONSTRAINED else parts


def _reaches(other: Scope, part: Scope) -> bool:
    """Whether another scope reads the data of a part, by reading or by searching.

    What a `user/` scope reaches, the record in context is part of (SMART App Launch 2.2).
    """
    if not isinstance(part, ResourceScope):
        return False
    same = (part, replace(part, context="user"))
    return any(
        covers(other, replace(one, interactions=letter)) for one in same for letter in one.interactions
    )


def answer(progress: Progress, reply: Reply) -> ScopeSet:
    """What is approved: the ticked scopes that were asked, the required ones, and what was given anyway.

    A ticked scope of which some parts are left out is approved as the other parts, and not at all without any. A
    scope that a form names but the request did not is no member of `asked` and so grants nothing.
    """
    asked = question(progress)
    chosen = [
        one
        for scope, text in zip(asked.asked, asked.asked.texts, strict=True)
        if text in reply.ticked or scope in asked.required
        for one in _chosen(asked, scope, text, reply)
    ]
    return asked.given.join(ScopeSet.of(chosen))


def _chosen(asked: Question, scope: Scope, text: str, reply: Reply) -> Iterable[Scope]:
    """A ticked scope whole, or the parts of it that are ticked."""
    parts = offered_parts(asked, scope)
    ticked = [part for part, name in zip(parts, parts.texts, strict=True) if name in reply.parts]
    is_whole = len(ticked) == len(parts) or (not ticked and text not in reply.opened)
    return (scope,) if is_whole else ticked


def granted_scope(progress: Progress) -> ScopeSet:
    """What the grant will hold: what was approved, within what can be granted now."""
    given = question(progress).given
    if progress.approved_scope is None:
        return given
    approved = cached_scopes(progress.approved_scope).scopes if progress.approved_scope else ScopeSet()
    narrowed = approved.without(progress.candidate)
    return ScopeSet.of(
        one
        for scope in progress.candidate
        for one in ([scope] if scope in approved or scope in given else _parts_in(scope, narrowed))
    )


def _parts_in(scope: Scope, narrowed: ScopeSet) -> Iterable[Scope]:
    """The approved parts of a scope that was not approved whole."""
    return (part for part in narrowed if isinstance(scope, ResourceScope) and part in parts_of(scope))
