"""Routes that answer what they are asked for and nothing else.

Starlette lets HEAD in wherever GET is; on a page that acts on GET (issues a code, ends a session) a HEAD would act
too, though HEAD is safe (RFC 9110 9.2.1).
"""

from collections.abc import Iterable

from starlette.routing import BaseRoute, Route


def without_head(routes: Iterable[BaseRoute]) -> list[BaseRoute]:
    """The routes, HEAD refused with 405."""
    found = list(routes)
    for route in found:
        if isinstance(route, Route) and route.methods:
            route.methods.discard("HEAD")
    return found
