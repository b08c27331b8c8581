"""A FHIR server with partitions, asked in one of them. Source: HAPI FHIR's `X-Request-Partition-IDs`."""

from dataclasses import dataclass, replace

from assent.fhir.upstream import Upstream, UpstreamRequest, UpstreamResponse, UpstreamStream


@dataclass(frozen=True, slots=True)
class InPartition:
    """Fulfils `fhir.upstream.Upstream`: what names no partition itself goes to `name`."""

    upstream: Upstream
    header: str
    name: str

    @property
    def base(self) -> str:
        """The FHIR server's own base URL."""
        return self.upstream.base

    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        """The request, in the partition. Raises `UpstreamDown`."""
        return await self.upstream.send(self._placed(request))

    async def stream(self, request: UpstreamRequest) -> UpstreamStream:
        """The same for an answer that may be large."""
        return await self.upstream.stream(self._placed(request))

    def _placed(self, request: UpstreamRequest) -> UpstreamRequest:
        return replace(request, headers={self.header: self.name, **request.headers})
