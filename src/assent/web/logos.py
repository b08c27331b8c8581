"""`/logos/{hash}.png`: our own picture of an app's logo, under a name that changes with it. Source: RFC 8246."""

import re
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.actions.apps.logos import picture
from assent.engine.server import AuthorizationServer

_NAME: Final = re.compile(r"([0-9a-f]{64})\.png")
_HEADERS: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def logo_routes(server: AuthorizationServer) -> list[Route]:
    """The pictures of an issuer's apps."""

    async def show(request: Request) -> Response:
        name = _NAME.fullmatch(request.path_params["name"])
        found = await picture(server, name[1]) if name else None
        if found is None:
            raise HTTPException(404)
        return Response(found.png, media_type="image/png", headers=_HEADERS)

    return [Route("/logos/{name}", show, methods=["GET"])]
