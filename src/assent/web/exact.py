"""A short way to routes without parameters: their path is looked up, not matched one route after the other.

Owns no rule: whatever is not found here goes on to the router, which has the same routes and answers 404 and 405.
"""

from collections.abc import Sequence

from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send


class ExactPaths:
    """ASGI middleware, the innermost: sends a request whose method and whole path a route has straight to it."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._found: dict[tuple[str, str], ASGIApp] = {}
        for place, route in enumerate(routes):
            if not isinstance(route, Route) or "{" in route.path:
                continue
            for method in route.methods or ():
                if not _is_shadowed(routes[:place], route.path, method):
                    self._found[method, route.path] = route.app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope.get("root_path"):
            found = self._found.get((scope["method"], scope["path"]))
            if found is not None:
                scope["path_params"] = {}
                await found(scope, receive, send)
                return
        scope["app"] = (
            self._app
        )  # the router raises 404 and 405 within an application, else it answers them itself
        await self._app(scope, receive, send)


def _is_shadowed(earlier: Sequence[BaseRoute], path: str, method: str) -> bool:
    """Whether the router would give this request to a route that comes before."""
    scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
    return any(route.matches(scope)[0] is Match.FULL for route in earlier)
