"""How long an app may keep what it is granted: what the client lets the person choose, and what comes of her choice.

Source: `Client` (offline_choices, refresh_token_seconds); SMART App Launch 2.2, scopes-and-launch-context (T14:
`offline_access` lasts, `online_access` ends with the session).
"""

from typing import Final

from assent.engine.authorize.progress import Progress
from assent.engine.consent import question
from assent.engine.settings import EngineSettings
from assent.spec.scope_sets import ScopeSet

THIS_VISIT: Final = 0
"""The choice that ends with the session, whatever the scope says; every other is a number of seconds."""


def offers_time(progress: Progress) -> bool:
    """Whether the person chooses how long: where the client says so and lasting access is asked for."""
    return bool(progress.client.offline_choices) and question(progress).asked.has("offline_access")


def kept_seconds(progress: Progress) -> int:
    """Which of the client's choices holds: the person's, as long as it is offered, else the first."""
    choices = progress.client.offline_choices
    return progress.keep_seconds if progress.keep_seconds in choices else choices[0]


def ends_with_session(progress: Progress, scope: ScopeSet) -> bool:
    """Whether a grant of `scope` ends with the session in which it is given."""
    if not scope.has("offline_access"):
        return scope.has("online_access")
    return _has_choices(progress) and kept_seconds(progress) == THIS_VISIT


def refreshing_ends(settings: EngineSettings, progress: Progress, scope: ScopeSet) -> int:
    """When a grant of `scope` can be refreshed no more, in epoch seconds; 0 where it never can."""
    if not (scope.has("offline_access") or scope.has("online_access")):
        return 0
    client = progress.client
    if not scope.has("offline_access") or not client.offline_choices:
        return progress.now + (client.refresh_token_seconds or settings.refresh_absolute_seconds)
    if not _has_choices(progress):
        return progress.remembered_until
    return progress.now + (kept_seconds(progress) or settings.session_absolute_seconds)


def _has_choices(progress: Progress) -> bool:
    """Whether the client's choices are about this grant: not where what was chosen before is still remembered."""
    is_remembered = progress.keep_seconds is None and progress.remembered_until > 0
    return bool(progress.client.offline_choices) and not is_remembered
