"""What operators and their machines ask of a process: whether it lives, whether it is ready, its metrics."""

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from assent.app.installation import Installation
from assent.spec.address_lists import AddressList
from assent.storage.interface import StorageError
from assent.storage.tables import CLIENTS


def operation_routes(installation: Installation) -> list[BaseRoute]:
    """`/health/live`, `/health/ready`, `/metrics`."""

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def is_ready() -> bool:
        try:
            await installation.server.storage.find(CLIENTS, limit=1)
        except StorageError:
            return False
        return True

    async def ready(_request: Request) -> Response:
        if not await is_ready():
            return JSONResponse({"status": "the database cannot be reached"}, 503)
        return JSONResponse({"status": "ok"})

    listed = AddressList(installation.settings.server.metrics_from)

    async def metrics(request: Request) -> Response:
        if not listed.has(request.client.host if request.client else None):
            return PlainTextResponse("metrics are for server.metrics_from only\n", 403)
        installation.metrics.up.set(await is_ready())
        return Response(generate_latest(installation.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/health/live", live, methods=["GET"]),
        Route("/health/ready", ready, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
    ]
