"""`/fhir`: the gateway over HTTP. Every refusal is an OperationOutcome."""

from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.engine.server import AuthorizationServer, RecordSystemDown
from assent.fhir.json import encode_resource
from assent.fhir.upstream import FHIR_JSON, Upstream, UpstreamDown
from assent.gateway.access import Access, read_access
from assent.gateway.answering import Answering
from assent.gateway.batches import Bundles
from assent.gateway.cursor import Cursors
from assent.gateway.downloads import Download, OpenFiles, respond
from assent.gateway.exchange import Answer, Exchange, Sent
from assent.gateway.metadata import read_metadata
from assent.gateway.reading import check_format, path_below, read_public, read_sent
from assent.gateway.refusing import caller_of, challenge, note_broken_file, note_refusal, refuse
from assent.identity import ModuleDown
from assent.identity.oidc.tokens import ForeignTokens
from assent.spec.documents import Capabilities, discovery_document
from assent.spec.errors import InvalidToken
from assent.spec.fhir.interactions import FhirRequest
from assent.spec.fhir.refusals import Refuse, Refused
from assent.web.cors import allow_any, allow_client, allow_listed, answer_preflight, is_preflight
from assent.web.credentials import authorization_of

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def gateway_routes(
    server: AuthorizationServer,
    upstream: Upstream,
    capabilities: Capabilities,
    foreign: ForeignTokens,
    path: str,
    mounted_at: str = "",
) -> list[Route]:
    """The FHIR endpoint at `path`, the path of the issuer's FHIR base; `mounted_at` is the issuer's own.

    `foreign` reads the tokens of other issuers that are trusted.
    """
    gateway = _Gateway(server, upstream, capabilities, foreign, path)
    below = path.removeprefix(mounted_at)
    return [
        Route(below or "/", gateway.handle, methods=METHODS),
        Route(below + "/{rest:path}", gateway.handle, methods=METHODS),
    ]


class _Gateway:
    def __init__(
        self,
        server: AuthorizationServer,
        upstream: Upstream,
        capabilities: Capabilities,
        foreign: ForeignTokens,
        path: str,
    ) -> None:
        self._server = server
        self._foreign = foreign
        self._upstream = upstream
        self._path = path
        self._smart_configuration = msgspec.json.encode(discovery_document(capabilities))
        exchange = Exchange(upstream, server.issuer.fhir_base, Cursors(server.cookie_key, server.random))
        self._answering = Answering(exchange, server.issuer.partitions, OpenFiles())

    async def handle(self, request: Request) -> Response:
        """One request; every refusal is answered here. Who asks is settled before what is asked is read."""
        if is_preflight(request):
            partitions = self._server.issuer.partitions
            more = () if partitions is None else (partitions.header,)
            return answer_preflight("GET, POST, PUT, PATCH, DELETE", *more)
        path = path_below(request, self._path)
        access: Access | None = None
        try:
            public = read_public(request, path)
            if public is not None:
                allow_any(request)
                return await self._describe(request, public)
            sent_by = caller_of(request)
            access = await read_access(self._server, self._foreign, authorization_of(request), sent_by)
            _allow_pages(request, access)
            access = self._place(request, access)
            sent = await read_sent(request, path)
            answer = await self._answer(request, access, sent)
            if isinstance(answer, Download):
                broken = partial(note_broken_file, self._server, request, access)
                return await respond(answer, request.method, broken)
            return _respond(request, answer)
        except InvalidToken as error:
            allow_any(request)
            return await challenge(self._server, request, error)
        except Refused as refused:
            return await refuse(self._server, request, access, refused.refusal)
        except ModuleDown as error:
            allow_any(request)
            rule = "Who issued the token did not answer"
            return await refuse(self._server, request, access, Refuse(503, "exception", rule, str(error)))
        except (UpstreamDown, RecordSystemDown) as error:
            rule = "The FHIR server did not answer"
            return await refuse(self._server, request, access, Refuse(502, "exception", rule, str(error)))

    async def _answer(self, request: Request, access: Access, sent: Sent) -> Answer | Download:
        file = await self._answering.file(access, sent)
        if file is not None:
            return file
        if sent.request.interaction != "batch":
            return await self._answering.alone(access, sent)
        bundles = Bundles(
            self._answering.exchange_of(access),
            partial(self._answer_anew, request),
            partial(note_refusal, self._server, request, access),
        )
        return await bundles.answer(access, sent)

    async def _answer_anew(self, request: Request, sent: Sent) -> Answer:
        """One entry of a batch: what was taken back since the batch began holds for it too."""
        try:
            access = await read_access(
                self._server, self._foreign, authorization_of(request), caller_of(request)
            )
        except InvalidToken as error:
            raise Refused(Refuse(401, "login", error.description, error.detail or "")) from error
        except (ModuleDown, RecordSystemDown) as error:
            raise UpstreamDown(str(error)) from error
        return await self._answering.alone(self._place(request, access), sent)

    def _place(self, request: Request, access: Access) -> Access:
        """The access in the partition that the request names. Raises `Refused`."""
        partitions = self._server.issuer.partitions
        named = request.headers.getlist(partitions.header) if partitions is not None else []
        return self._answering.place(access, ",".join(named) if named else None)

    async def _describe(self, request: Request, asked: FhirRequest) -> Response:
        if asked.interaction == "smart_configuration":
            # SMART 2.2 (D2): JSON whatever Accept says
            return Response(self._smart_configuration, media_type="application/json")
        check_format(request)
        now = datetime.fromtimestamp(self._server.now(), UTC).isoformat()
        return _respond(request, Answer(200, await read_metadata(self._upstream, self._server.issuer, now)))


def _allow_pages(request: Request, access: Access) -> None:
    if access.origins is None:
        allow_client(request, access.bearer.client.redirect_uris)
    else:
        allow_listed(request, access.origins)


def _respond(request: Request, answer: Answer) -> Response:
    headers = {"cache-control": "no-store", **answer.headers}
    if answer.resource is None:
        return Response(b"", answer.status, headers)
    response = Response(encode_resource(answer.resource), answer.status, headers, FHIR_JSON)
    if request.method == "HEAD":
        response.body = b""
    return response


def path_of(fhir_base: str) -> str:
    """The path at which the gateway answers."""
    return urlsplit(fhir_base).path.rstrip("/")
