"""The one decider: which page a request needs next, if any.

Each step says when it is needed and which error `prompt=none` gets; steps never name each other, and the order
stands here alone: login → launch context → approval. Sources: OpenID Connect Core 3.1.2.1, SMART App Launch 2.2.
"""

from collections.abc import Callable
from dataclasses import dataclass

from assent.engine.authorize.progress import Progress
from assent.engine.consent import granted_scope, needs_approval
from assent.engine.settings import EngineSettings
from assent.spec.errors import ConsentRequired, InteractionRequired, LoginRequired, OAuthError
from assent.spec.scope_sets import ScopeSet


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a person may have to do: the page's path, and what `prompt=none` gets instead."""

    name: str
    path: str
    error: type[OAuthError]
    needed: Callable[[EngineSettings, Progress], bool]


def needs_login(settings: EngineSettings, progress: Progress) -> bool:
    """Whether somebody, or somebody else, has to sign in, or the same person again."""
    signed_in = progress.signed_in
    if signed_in is None:
        return True
    request = progress.request
    if {"login", "select_account"} & set(request.prompt) and not progress.reauthenticated_at:
        return True
    if request.max_age is not None and not progress.reauthenticated_at:
        return progress.now - signed_in.session.auth_time > request.max_age
    return False


def needs_context(settings: EngineSettings, progress: Progress) -> bool:
    """Whether a patient, or an encounter, has to be chosen."""
    needs = context_needs(progress)
    return (needs.patient and progress.patient_in_context is None) or (
        needs.encounter and progress.encounter_in_context is None and not progress.encounter_settled
    )


@dataclass(frozen=True, slots=True)
class ContextNeeds:
    """Which context what can be granted asks for."""

    patient: bool
    encounter: bool


def context_needs(progress: Progress) -> ContextNeeds:
    """SMART 2.2: a patient/ scope or launch/patient needs a patient, launch/encounter an encounter."""
    scope: ScopeSet = progress.candidate if progress.approved_scope is None else granted_scope(progress)
    types = {launch.resource_type for launch in scope.launches}
    return ContextNeeds(
        patient=scope.needs_patient or bool({"patient", "encounter"} & types),
        encounter="encounter" in types,
    )


LOGIN = Step("login", "/login", LoginRequired, needs_login)
CONTEXT = Step("context", "/context", InteractionRequired, needs_context)
APPROVAL = Step("approval", "/approve", ConsentRequired, needs_approval)

STEPS: tuple[Step, ...] = (LOGIN, CONTEXT, APPROVAL)


def next_step(settings: EngineSettings, progress: Progress) -> Step | None:
    """The first step that is needed; None when a code can be issued."""
    return next((step for step in STEPS if step.needed(settings, progress)), None)
