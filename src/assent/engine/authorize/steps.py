"""The one decider: which page a request needs next, if any.

Each step says when it is needed and which error `prompt=none` gets; steps never name each other, and the order
stands here alone: login → second factor → new password → terms of service → launch context → approval.

The terms are the organization's own and let an app see nothing: their page is interaction, not the consent to release
data that OpenID Connect Core 3.1.2.4 means by `consent_required`. Sources: OpenID Connect Core 3.1.2.1 and 3.1.2.6,
SMART App Launch 2.2.
"""

from collections.abc import Callable
from dataclasses import dataclass

from assent.engine.authorize.progress import Progress
from assent.engine.consent import granted_scope, needs_approval
from assent.engine.second_factors import steps_up
from assent.engine.settings import EngineSettings
from assent.engine.terms import needs_terms
from assent.spec.errors import ConsentRequired, InteractionRequired, LoginRequired, OAuthError
from assent.spec.launch import LaunchContext, LaunchNeeds, launch_needs


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a person may have to do: the page's path, and what `prompt=none` gets instead."""

    name: str
    path: str
    error: type[OAuthError]
    needed: Callable[[EngineSettings, Progress], bool]


def needs_login(settings: EngineSettings, progress: Progress) -> bool:
    """Whether somebody, or somebody else, has to sign in, or the same person again."""
    session = progress.session
    if session is None:
        return True
    request = progress.request
    if {"login", "select_account"} & set(request.prompt) and not progress.reauthenticated_at:
        return True
    if request.max_age is not None and not progress.reauthenticated_at:
        age = progress.now - session.auth_time
        return age > request.max_age or request.max_age == 0  # 0 asks for a sign-in like prompt=login
    return False


def needs_second_factor(settings: EngineSettings, progress: Progress) -> bool:
    """Whether who signed in has to prove a second thing: always, or for this request."""
    if progress.half is not None:
        return progress.half.lacks == "factor"
    session = progress.session
    return session is not None and steps_up(settings, progress.request.acr_values, session)


def needs_new_password(settings: EngineSettings, progress: Progress) -> bool:
    """Whether who signed in did so by a password that somebody else knows, and has to choose another one."""
    return progress.half is not None and progress.half.lacks == "password"


def needs_context(settings: EngineSettings, progress: Progress) -> bool:
    """Whether a patient, or an encounter, has to be chosen."""
    needs = context_needs(progress)
    return (needs.patient and progress.patient_in_context is None) or (
        needs.encounter and progress.encounter_in_context is None and not progress.encounter_settled
    )


def context_needs(progress: Progress) -> LaunchNeeds:
    """Which context asks for itself in what can be granted, or in what was approved; an encounter is a patient's."""
    scope = progress.candidate if progress.approved_scope is None else granted_scope(progress)
    needs = launch_needs(scope, LaunchContext())
    return LaunchNeeds(patient=needs.patient or needs.encounter, encounter=needs.encounter)


LOGIN = Step("login", "/login", LoginRequired, needs_login)
SECOND_FACTOR = Step("second factor", "/second-factor", InteractionRequired, needs_second_factor)
NEW_PASSWORD = Step("new password", "/new-password", InteractionRequired, needs_new_password)
TERMS = Step("terms", "/terms", InteractionRequired, needs_terms)
CONTEXT = Step("context", "/context", InteractionRequired, needs_context)
APPROVAL = Step("approval", "/approve", ConsentRequired, needs_approval)

STEPS: tuple[Step, ...] = (LOGIN, SECOND_FACTOR, NEW_PASSWORD, TERMS, CONTEXT, APPROVAL)


def next_step(settings: EngineSettings, progress: Progress) -> Step | None:
    """The first step that is needed; None when a code can be issued."""
    return next((step for step in STEPS if step.needed(settings, progress)), None)
