"""Bulk data: an export or import is begun, asked after, called off, and its files are fetched.

The FHIR server does the work and writes the files; it is asked with our own credentials, by links that an app gets
sealed. What an export may hold is decided before it begins (`spec.fhir.bulk`) and checked line by line when its files
are fetched. Files that lie elsewhere than below the FHIR server's base are not passed on.

Sources: Bulk Data Access 2.0 (kick-off, status, complete status, file request); FHIR R4 async.html.
"""

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlencode

from assent.fhir.json import decode_resource, encode_resource
from assent.fhir.upstream import FHIR_JSON, UpstreamDown, UpstreamRequest, UpstreamResponse
from assent.gateway.access import Access
from assent.gateway.cursor import BulkLink
from assent.gateway.downloads import Download, media_type_of
from assent.gateway.exchange import Answer, Exchange, Sent, read_resource, refused_upstream
from assent.spec.fhir.bulk import as_parameters, is_shown, read_posted, shown_deletions, shown_error, types_of
from assent.spec.fhir.decide import decide
from assent.spec.fhir.interactions import BULK_FILE, BULK_STATUS
from assent.spec.fhir.references import moved
from assent.spec.fhir.refusals import Refuse, Refused, malformed
from assent.spec.fhir.visibility import Visibility
from assent.spec.operation_permissions import IMPORT
from assent.spec.resource_types import RESOURCE_TYPES

PARAMETER: Final = "_job"
FileKind = Literal["output", "deleted", "error"]
NDJSON: Final = "application/fhir+ndjson"
LONGEST_LINE: Final = 64 * 1024 * 1024
_NO_PARAMETERS: Final = b'{"resourceType":"Parameters"}'
_LATER: Final = {"prefer": "respond-async"}
_OF_LINES: Final = frozenset(
    {NDJSON, "application/ndjson", "application/x-ndjson", "application/octet-stream", "text/plain"}
)
_LATER_AGAIN: Final = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "transient", "diagnostics": "The FHIR server asks for patience"}],
}
_FOLLOWED: Final = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*")
_INSTANT: Final = re.compile(r"[0-9TZ:.+-]{10,40}")
_MANIFEST: Final = {"accept": f"application/json, {FHIR_JSON}"}
_PROGRESS: Final = re.compile(r"[ -~]{1,200}")
_AFTER: Final = re.compile(r"[0-9]{1,9}|[A-Za-z]{3}, [0-9A-Za-z :]{1,40}")


async def begin(exchange: Exchange, access: Access, sent: Sent) -> Answer:
    """202 with where to ask after it. Raises `Refused`, `UpstreamDown`."""
    request, rights, bases = sent.request, access.rights, exchange.bases
    allow = decide(request, rights, bases)
    is_import = request.operation == IMPORT
    posted = read_resource(sent.body or _NO_PARAMETERS) if request.is_posted else None
    if posted is not None and not is_import:
        allow = decide(read_posted(request, posted), rights, bases)
    if "respond-async" not in re.split(r"[\s,;]+", sent.headers.get("prefer", "").lower()):
        raise malformed("An export or import is begun with the header Prefer: respond-async")
    if allow.needs_current:
        await exchange.check_current(allow)
    if posted is None:
        asked = UpstreamRequest("GET", request.path, allow.parameters, _LATER)
    else:
        written = encode_resource(posted if is_import else as_parameters(allow.parameters))
        asked = UpstreamRequest("POST", request.path, (), _LATER | {"content-type": FHIR_JSON}, written)
    found = await exchange.upstream.send(asked)
    if found.status != 202:
        return _unexpected(found)
    link = _below(exchange, found.headers.get("content-location"))
    job = BulkLink("import" if is_import else "export", link, types_of(allow), exchange.self_link(sent))
    return Answer(202, None, {"content-location": _public(exchange, access, BULK_STATUS, job)})


async def status(exchange: Exchange, access: Access, sent: Sent) -> Answer:
    """202 while the work goes on; 200 with the manifest, or the outcome of an import. Raises `Refused`, …Down."""
    job = _opened(exchange, access, sent, "export", "import")
    found = await exchange.upstream.send(_following("GET", job, _MANIFEST))
    if found.status == 202:
        return Answer(202, None, _told(found, job))
    if found.status in (429, 503):
        return Answer(found.status, _LATER_AGAIN, _told(found, job))
    if found.status != 200:
        return _unexpected(found)
    answered = found.json()
    if job.kind == "import" or "resourceType" in answered:
        if job.types is not None:
            raise UpstreamDown("the FHIR server answered an export with something else than a manifest")
        return Answer(200, moved(answered, exchange.bases, exchange.public_base))
    return Answer(200, _manifest(exchange, access, job, answered), {"content-type": "application/json"})


async def cancel(exchange: Exchange, access: Access, sent: Sent) -> Answer:
    """The FHIR server's answer to the wish to end it. Raises `Refused`, `UpstreamDown`."""
    job = _opened(exchange, access, sent, "export", "import")
    found = await exchange.upstream.send(_following("DELETE", job, {}))
    return Answer(found.status) if found.status in (200, 202, 204) else _unexpected(found)


async def download(exchange: Exchange, access: Access, sent: Sent) -> Download:
    """One file, each line of it checked. Raises `Refused`, `UpstreamDown`."""
    file = _opened(exchange, access, sent, "output", "deleted", "error")
    found = await exchange.upstream.stream(_following("GET", file, {"accept": NDJSON}))
    if found.status != 200 or media_type_of(found.headers) not in _OF_LINES:
        await found.close()
        raise _missing(found.status)
    visibility = Visibility(access.rights, exchange.bases)
    return Download(NDJSON, _shown(exchange, found.chunks, file, visibility), found.close)


async def _shown(
    exchange: Exchange, chunks: AsyncIterator[bytes], file: BulkLink, visibility: Visibility
) -> AsyncIterator[bytes]:
    """The lines that may be shown. Raises `UpstreamDown` at one that is none, which ends the file unfinished."""
    own = [base.encode() for base in exchange.bases if base != exchange.public_base]
    async for line in _lines(chunks):
        if file.types is None and not _may_name(line, own):
            if not (line.startswith(b"{") and line.endswith(b"}")):
                raise UpstreamDown("a line of the FHIR server's file is no resource")
            yield line + b"\n"
            continue
        try:
            resource = decode_resource(line)
        except ValueError as error:
            raise UpstreamDown("a line of the FHIR server's file is no resource") from error
        shown = resource if file.types is None else _narrowed(resource, file, file.types, visibility)
        if shown is not None:
            shown = moved(shown, exchange.bases, exchange.public_base)
            yield encode_resource(shown) + b"\n"


def _may_name(line: bytes, bases: list[bytes]) -> bool:
    """Whether the FHIR server's own address may stand in a line, also in one that writes it with escapes."""
    return b"\\/" in line or b"\\u" in line or any(base in line for base in bases)


def _narrowed(
    resource: dict[str, Any], file: BulkLink, types: tuple[str, ...], visibility: Visibility
) -> dict[str, Any] | None:
    """What of a line goes to an access that reaches some types alone. Raises `UpstreamDown`."""
    if file.kind == "deleted":
        return shown_deletions(resource, types)
    if file.kind == "error":
        return shown_error(resource)
    if not is_shown(resource, types, visibility):
        # to leave it out would make the file look whole
        raise UpstreamDown("the FHIR server's file holds something else than was asked for")
    return resource


def _manifest(exchange: Exchange, access: Access, job: BulkLink, told: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest with our own links, and nothing of it that we do not know."""
    known = job.types or RESOURCE_TYPES
    output = [one for one in _mappings(told.get("output")) if str(one.get("type")) in known]
    moment = told.get("transactionTime")
    manifest: dict[str, Any] = {
        "transactionTime": moment if isinstance(moment, str) and _INSTANT.fullmatch(moment) else None,
        "request": job.asked,
        "requiresAccessToken": True,
        "output": [
            {"type": one["type"], **_count(one), "url": _file(exchange, access, job, "output", one)}
            for one in output
        ],
        "error": [
            {"type": "OperationOutcome", "url": _file(exchange, access, job, "error", one)}
            for one in _mappings(told.get("error"))
        ],
    }
    deleted = [
        {"type": "Bundle", "url": _file(exchange, access, job, "deleted", one)}
        for one in _mappings(told.get("deleted"))
    ]
    further = [
        {"relation": "next", "url": _public(exchange, access, BULK_STATUS, _at(job, "export", link))}
        for one in _mappings(told.get("link"))
        if one.get("relation") == "next" and (link := _below(exchange, one.get("url")))
    ]
    return manifest | ({"deleted": deleted} if deleted else {}) | ({"link": further} if further else {})


def _count(file: Mapping[str, Any]) -> dict[str, int]:
    count = file.get("count")
    return {"count": count} if type(count) is int else {}


def _file(
    exchange: Exchange, access: Access, job: BulkLink, kind: FileKind, listed: Mapping[str, Any]
) -> str:
    return _public(exchange, access, BULK_FILE, _at(job, kind, _below(exchange, listed.get("url"))))


def _opened(exchange: Exchange, access: Access, sent: Sent, *kinds: str) -> BulkLink:
    values = [value for name, value in parse_qsl(sent.query) if name == PARAMETER]
    if len(values) != 1:
        raise malformed(f"{PARAMETER} stands once, as in the link that was answered")
    link = exchange.cursors.open_bulk(access, values[0])
    if link.kind not in kinds:
        raise malformed("This link leads to something else of the export")
    return link


def _public(exchange: Exchange, access: Access, name: str, link: BulkLink) -> str:
    sealed = exchange.cursors.seal_bulk(access, link)
    return f"{exchange.public_base}/{name}?{urlencode({PARAMETER: sealed})}"


def _below(exchange: Exchange, url: object) -> str:
    """A link of the upstream's, relative to its base. Raises `Refused` (502) for one that leads elsewhere."""
    link = exchange.relative(url) if isinstance(url, str) else None
    if not link:
        detail = f"a link of it leads to nothing below {exchange.upstream.base}"
        raise Refused(Refuse(502, "exception", "The FHIR server's export cannot be followed", detail))
    return link


def _unexpected(found: UpstreamResponse) -> Answer:
    if found.status < 400:
        raise UpstreamDown(f"the FHIR server answered an export or import with {found.status}")
    return refused_upstream(found)


def _at(job: BulkLink, kind: FileKind | Literal["export"], link: str) -> BulkLink:
    return BulkLink(kind, link, job.types, job.asked)


def _missing(status: int) -> Refused:
    if status in (404, 410):
        rule = "There is no such file any more: begin the export again"
        return Refused(Refuse(404, "not-found", rule, f"the FHIR server answered {status}"))
    return Refused(
        Refuse(
            502, "exception", "The FHIR server could not give the file", f"the FHIR server answered {status}"
        )
    )


def _told(found: UpstreamResponse, job: BulkLink) -> dict[str, str]:
    """When to ask again; how far the work is, where its words can speak of nothing out of reach."""
    told: dict[str, str] = {}
    if _AFTER.fullmatch(found.headers.get("retry-after", "")):
        told["retry-after"] = found.headers["retry-after"]
    if job.types is None and _PROGRESS.fullmatch(found.headers.get("x-progress", "")):
        told["x-progress"] = found.headers["x-progress"]
    return told


def _following(method: str, link: BulkLink, headers: Mapping[str, str]) -> UpstreamRequest:
    """A request by a link of the server's, as it stands there where that can be written in a request."""
    path, _, query = link.link.partition("?")
    as_it_is = link.link if _FOLLOWED.fullmatch(link.link) else None
    return UpstreamRequest(
        method, path, tuple(parse_qsl(query, keep_blank_values=True)), headers, link=as_it_is
    )


def _mappings(listed: object) -> list[Mapping[str, Any]]:
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The lines that are not empty, without their ends. Raises `UpstreamDown` at one that is too long."""
    rest: list[bytes] = []
    size = 0
    async for chunk in chunks:
        *whole, last = chunk.split(b"\n")
        for line in whole:
            told = b"".join([*rest, line]).strip()
            rest, size = [], 0
            if told:
                yield told
        rest.append(last)
        size += len(last)
        if size > LONGEST_LINE:
            raise UpstreamDown("a line of the FHIR server's file is too long")
    told = b"".join(rest).strip()
    if told:
        yield told
