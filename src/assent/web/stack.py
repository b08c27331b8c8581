"""The layers around every route, in their one right order.

Owns the order alone: headers outermost, so that every answer has them; then the boundary that answers whatever is
raised; then the limits, whose refusals it answers too; then the routes. There is no application object of the
framework around them: its own nets would lie within ours, answer first, and cost every request.
"""

from collections.abc import Callable, Sequence
from typing import Any

from starlette.routing import BaseRoute, Router
from starlette.types import ASGIApp, Lifespan

from assent.web.errors import ErrorAnswers, ErrorBoundary
from assent.web.exact import ExactPaths, Later
from assent.web.headers import SecurityHeaders
from assent.web.limits import LimitedRequests, Limits
from assent.web.own_host import OwnHost


def build_stack(
    routes: Sequence[BaseRoute],
    *,
    answers: ErrorAnswers,
    limits: Limits,
    random: Callable[[int], bytes],
    https: bool,
    frame_ancestors: tuple[str, ...] = (),
    loopback_origins: tuple[str, ...] = (),
    lifespan: Lifespan[Any] | None = None,
    later: Later | None = None,
) -> ASGIApp:
    """The application of `routes`; `random`, `https` and `frame_ancestors` as in `SecurityHeaders`.

    `loopback_origins`: where the issuers are, if that is on this machine alone (`OwnHost`). `later`: see `ExactPaths`.
    """
    # redirect_slashes would make a URL from the request's Host
    router = Router(routes, redirect_slashes=False, lifespan=lifespan)
    app: ASGIApp = LimitedRequests(ExactPaths(router, later), limits)
    if loopback_origins:
        app = OwnHost(app, loopback_origins)
    return SecurityHeaders(
        ErrorBoundary(app, answers), random=random, https=https, frame_ancestors=frame_ancestors
    )
