"""The layers around every route, in their one right order.

Owns the order alone: headers outermost, so that every answer has them; then the boundary that answers whatever is
raised; then the limits, whose refusals it answers too; then the routes. Starlette keeps a net of its own around all
of it, which is never reached.
"""

from collections.abc import Callable, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from starlette.types import Lifespan

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
    lifespan: Lifespan[Starlette] | None = None,
) -> Starlette:
    """The application of `routes`; `random`, `https` and `frame_ancestors` as in `SecurityHeaders`."""
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(SecurityHeaders, random=random, https=https, frame_ancestors=frame_ancestors),
            Middleware(ErrorBoundary, answers=answers),
            Middleware(LimitedRequests, limits=limits),
            Middleware(ExactPaths, routes=routes),
        ],
        exception_handlers={HTTPException: answers.handle},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # it would make a URL from the request's Host
    return app
