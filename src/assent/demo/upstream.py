"""The demo's FHIR store as the upstream behind the gateway: in this process, reachable by nothing else."""

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
