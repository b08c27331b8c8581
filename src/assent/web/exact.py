"""A short way to routes without parameters: their path is looked up, not matched one route after the other.

Owns no rule: whatever is not found here goes on to the router, which has the same routes and answers 404 and 405.
"""

from collections.abc import Callable, Sequence

from starlette.routing import BaseRoute, Match, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

Later = Callable[[], Sequence[BaseRoute]]


class ExactPaths:
    """ASGI middleware, the innermost: sends a request whose method and whole path a route has straight to it.

    `later` makes routes that come after the router's. It is asked once, by the first request that none of those takes.
    """

    def __init__(self, router: Router, later: Later | None = None) -> None:
        self._router = router
        self._later = later
        self._found: dict[tuple[str, str], ASGIApp] = {}
        self._find(0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope.get("root_path"):
            found = self._found.get((scope["method"], scope["path"]))
            if found is not None:
                scope["path_params"] = {}
                await found(scope, receive, send)
                return
        if self._later is not None and not any(
            route.matches(scope)[0] is Match.FULL for route in self._router.routes
        ):
            self._add(self._later())
        # the router raises 404 and 405 within an application, else it answers them itself
        scope["app"] = self._router
        await self._router(scope, receive, send)

    def _add(self, routes: Sequence[BaseRoute]) -> None:
        self._later = None
        first = len(self._router.routes)
        self._router.routes.extend(routes)
        self._find(first)

    def _find(self, first: int) -> None:
        routes = self._router.routes
        for place, route in enumerate(routes[first:], first):
            if not isinstance(route, Route) or "{" in route.path:
                continue
            for method in route.methods or ():
                if not _is_shadowed(routes[:place], route.path, method):
                    self._found[method, route.path] = route.app


def _is_shadowed(earlier: Sequence[BaseRoute], path: str, method: str) -> bool:
    """Whether the router would give this request to a route that comes before."""
    scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
    return any(route.matches(scope)[0] is Match.FULL for route in earlier)
