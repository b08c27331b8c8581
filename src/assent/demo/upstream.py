"""The demo's FHIR store as the upstream behind the gateway: in this process, reachable by nothing else."""

import asyncio
from collections.abc import Callable
from urllib.parse import urlencode

from assent.demo.store.store import FhirStore
from assent.fhir.upstream import UpstreamRequest, UpstreamResponse, UpstreamStream, as_stream


class DemoUpstream:
    """Fulfils `fhir.upstream.Upstream`."""

    def __init__(self, store: FhirStore) -> None:
        self._store = store

    @property
    def base(self) -> str:
        """The base URL that the store writes into its links."""
        return self._store.base_url

    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        """One request to the store; each takes milliseconds."""
        answer = self._store.handle(
            request.method, request.path, urlencode(request.query), dict(request.headers), request.body or b""
        )
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return UpstreamResponse(answer.status, headers, answer.body)

    async def stream(self, request: UpstreamRequest) -> UpstreamStream:
        """The same: the store's answers are small."""
        return as_stream(await self.send(request))


class LateUpstream:
    """An upstream that is made in a thread, once: by the first request, unless `prepare` was called before.

    `base`: its base URL. `make` takes a while.
    """

    def __init__(self, base: str, make: Callable[[], DemoUpstream]) -> None:
        self.base = base
        self._make = make
        self._making: asyncio.Task[DemoUpstream] | None = None

    def prepare(self) -> None:
        """Begins to make it, beside whatever the running loop does."""
        self._begun()

    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        """One request, once there is somebody to ask."""
        return await (await self._made()).send(request)

    async def stream(self, request: UpstreamRequest) -> UpstreamStream:
        """The same."""
        return await (await self._made()).stream(request)

    async def _made(self) -> DemoUpstream:
        return await asyncio.shield(self._begun())  # who no longer waits for it stops nobody else's wait

    def _begun(self) -> asyncio.Task[DemoUpstream]:
        if self._making is None:
            self._making = asyncio.create_task(asyncio.to_thread(self._make))
        return self._making
