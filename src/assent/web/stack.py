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
from assent.web.exact import ExactPaths
from assent.web.headers import SecurityHeaders
from assent.web.limits import LimitedRequests, Limits


def build_stack(
    routes: Sequence[BaseRoute],
    *,
    answers: ErrorAnswers,
    limits: Limits,
    random: Callable[[int], bytes],
    https: bool,
    frame_ancestors: tuple[str, ...] = (),
    lifespan: Lifespan[Any] | None = None,
) -> ASGIApp:
    """The application of `routes`; `random`, `https` and `frame_ancestors` as in `SecurityHeaders`."""
    # redirect_slashes would make a URL from the request's Host
    router = Router(routes, redirect_slashes=False, lifespan=lifespan)
    app = LimitedRequests(ExactPaths(router, routes), limits)
    return SecurityHeaders(
        ErrorBoundary(app, answers), random=random, https=https, frame_ancestors=frame_ancestors
    )
