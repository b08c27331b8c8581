"""What a person still has to be asked, and what her answer grants.

granted ⊆ (asked ∩ listed) ∪ auto-grant, whatever a form says. Source: `Client` (auto_approve_scope, auto_grant_scope,
required_scope, remember_approved_scopes, always_require_approval); RFC 8252 8.6 for native apps.
"""

from dataclasses import dataclass
from functools import lru_cache

from assent.engine.authorize.progress import Progress
from assent.engine.authorize.scope import cached_definition, cached_scopes
from assent.engine.settings import EngineSettings
from assent.spec.redirects import is_native
from assent.spec.scope_sets import ScopeSet


@dataclass(frozen=True, slots=True)
class Question:
    """What an approval page asks: `asked` to be ticked, `required` of it fixed, `given` without asking."""

    asked: ScopeSet
    required: ScopeSet
    given: ScopeSet


def question(progress: Progress) -> Question:
    """What is left to ask. Auto-granted, auto-approved and remembered scopes are given without asking."""
    client = progress.client
    asks_again = client.always_require_approval or "consent" in progress.request.prompt
    remembers = client.remember_approved_scopes and not asks_again
    return _question(
        progress.candidate,
        client.auto_grant_scope + client.auto_approve_scope,
        client.required_scope,
        progress.remembered if remembers else ScopeSet(),
    )


@lru_cache(maxsize=256)
def _question(
    candidate: ScopeSet, automatic: tuple[str, ...], required: tuple[str, ...], remembered: ScopeSet
) -> Question:
    given_anyway = cached_definition(automatic).join(remembered)
    given = ScopeSet.of(scope for scope in candidate if given_anyway.covers(scope))
    asked = candidate.without(given)
    fixed = cached_definition(required)
    return Question(asked, ScopeSet.of(scope for scope in asked if fixed.covers(scope)), given)


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


def answer(progress: Progress, ticked: frozenset[str]) -> ScopeSet:
    """What is approved: the ticked scopes that were asked, the required ones, and what was given anyway.

    A scope that a form names but the request did not is no member of `asked` and so grants nothing.
    """
    asked = question(progress)
    chosen = ScopeSet.of(
        scope
        for scope, text in zip(asked.asked, asked.asked.texts, strict=True)
        if text in ticked or scope in asked.required
    )
    return asked.given.join(chosen)


def granted_scope(progress: Progress) -> ScopeSet:
    """What the grant will hold: what was approved, within what can be granted now."""
    given = question(progress).given
    if progress.approved_scope is None:
        return given
    approved = cached_scopes(progress.approved_scope).scopes if progress.approved_scope else ScopeSet()
    return ScopeSet.of(scope for scope in progress.candidate if scope in approved or scope in given)
