"""Bulk data: an export or import is begun, asked after, called off, and its files are fetched.

The FHIR server does the work and writes the files; it is asked with our own credentials, by links that an app gets
sealed. What an export may hold is decided before it begins (`spec.fhir.bulk`) and checked line by line when its files
are fetched. Files that lie elsewhere than below the FHIR server's base are not passed on.

Sources: Bulk Data Access 2.0 (kick-off, status, complete status, file request); FHIR R4 async.html.
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from assent.fhir.json import decode_resource, encode_resource
from assent.fhir.upstream import FHIR_JSON, UpstreamDown, UpstreamRequest, UpstreamResponse
from assent.gateway.access import Access
from assent.gateway.cursor import BulkLink
from assent.gateway.downloads import Download
from assent.gateway.exchange import Answer, Exchange, Sent, read_resource, refused_upstream
from assent.spec.fhir.bulk import as_parameters, read_posted, shown_line, types_of
from assent.spec.fhir.decide import decide
from assent.spec.fhir.interactions import BULK_FILE, BULK_STATUS
from assent.spec.fhir.references import moved
from assent.spec.fhir.refusals import Refuse, Refused, malformed
from assent.spec.fhir.visibility import Visibility
from assent.spec.operation_permissions import IMPORT

PARAMETER: Final = "_job"
NDJSON: Final = "application/fhir+ndjson"
LONGEST_LINE: Final = 64 * 1024 * 1024
_NO_PARAMETERS: Final = b'{"resourceType":"Parameters"}'
_LATER: Final = {"prefer": "respond-async"}
_MANIFEST: Final = {"accept": f"application/json, {FHIR_JSON}"}
_PROGRESS: Final = re.compile(r"[ -~]{1,200}")
_AFTER: Final = re.compile(r"[0-9]{1,9}|[A-Za-z]{3}, [0-9A-Za-z :]{1,40}")


@dataclass(frozen=True, slots=True)
class Bulk:
    """The exports and imports of one gateway."""

    exchange: Exchange

    async def begin(self, access: Access, sent: Sent) -> Answer:
        """202 with where to ask after it. Raises `Refused`, `UpstreamDown`."""
        request, rights, bases = sent.request, access.rights, self.exchange.bases
        allow = decide(request, rights, bases)
        is_import = request.operation == IMPORT
        posted = read_resource(sent.body or _NO_PARAMETERS) if request.is_posted else None
        if posted is not None and not is_import:
            allow = decide(read_posted(request, posted), rights, bases)
        if "respond-async" not in re.split(r"[\s,;]+", sent.headers.get("prefer", "").lower()):
            raise malformed("An export or import is begun with the header Prefer: respond-async")
        if allow.needs_current:
            await self.exchange.check_current(allow)
        if posted is None:
            asked = UpstreamRequest("GET", request.path, allow.parameters, _LATER)
        else:
            written = encode_resource(posted if is_import else as_parameters(allow.parameters))
            asked = UpstreamRequest("POST", request.path, (), _LATER | {"content-type": FHIR_JSON}, written)
        found = await self.exchange.upstream.send(asked)
        if found.status != 202:
            return self._unexpected(found)
        kind = BulkLink("import" if is_import else "export", self._link(found), types_of(allow))
        return Answer(202, None, {"content-location": self._public(access, BULK_STATUS, kind)})

    async def status(self, access: Access, sent: Sent) -> Answer:
        """202 while the work goes on; 200 with the manifest, or the outcome of an import. Raises `Refused`, …Down."""
        job = self._opened(access, sent, "export", "import")
        path, query = _split(job.link)
        found = await self.exchange.upstream.send(UpstreamRequest("GET", path, query, _MANIFEST))
        if found.status == 202:
            return Answer(202, None, _told(found, job))
        if found.status != 200:
            return self._unexpected(found)
        answered = found.json()
        if job.kind == "import" or "resourceType" in answered:
            if job.types is not None:
                raise UpstreamDown("the FHIR server answered an export with something else than a manifest")
            return Answer(200, moved(answered, self.exchange.bases, self.exchange.public_base))
        return Answer(200, self._manifest(access, job, answered), {"content-type": "application/json"})

    async def cancel(self, access: Access, sent: Sent) -> Answer:
        """The FHIR server's answer to the wish to end it. Raises `Refused`, `UpstreamDown`."""
        job = self._opened(access, sent, "export", "import")
        path, query = _split(job.link)
        found = await self.exchange.upstream.send(UpstreamRequest("DELETE", path, query))
        return Answer(found.status) if found.status in (200, 202, 204) else self._unexpected(found)

    async def download(self, access: Access, sent: Sent) -> Download:
        """One file, each line of it checked. Raises `Refused`, `UpstreamDown`."""
        file = self._opened(access, sent, "file")
        path, query = _split(file.link)
        found = await self.exchange.upstream.stream(UpstreamRequest("GET", path, query, {"accept": NDJSON}))
        if found.status != 200:
            await found.close()
            raise _missing(found.status)
        visibility = Visibility(access.rights, self.exchange.bases)
        return Download(NDJSON, self._shown(found.chunks, file.types, visibility), found.close)

    async def _shown(
        self, chunks: AsyncIterator[bytes], types: tuple[str, ...] | None, visibility: Visibility
    ) -> AsyncIterator[bytes]:
        """The lines that may be shown. Raises `UpstreamDown` at one that is none, which ends the file unfinished."""
        own = [base.encode() for base in self.exchange.bases if base != self.exchange.public_base]
        async for line in _lines(chunks):
            if types is None and not any(base in line for base in own):
                yield line + b"\n"
                continue
            try:
                resource = decode_resource(line)
            except ValueError as error:
                raise UpstreamDown("a line of the FHIR server's file is no resource") from error
            shown = resource if types is None else shown_line(resource, types, visibility)
            if shown is not None:
                shown = moved(shown, self.exchange.bases, self.exchange.public_base)
                yield encode_resource(shown) + b"\n"

    def _manifest(self, access: Access, job: BulkLink, told: Mapping[str, Any]) -> dict[str, Any]:
        """The manifest with our own links, and nothing of it that we do not know."""
        base = self.exchange.public_base
        manifest: dict[str, Any] = {
            "transactionTime": told.get("transactionTime"),
            "request": moved(told.get("request"), self.exchange.bases, base),
            "requiresAccessToken": True,
            "output": [
                file
                for file in self._files(access, job, told.get("output"))
                if job.types is None or file.get("type") in job.types
            ],
            "error": list(self._files(access, job, told.get("error"))),
        }
        deleted = list(self._files(access, job, told.get("deleted")))
        further = [
            {"relation": "next", "url": self._public(access, BULK_STATUS, _at(job, "export", link))}
            for one in _mappings(told.get("link"))
            if one.get("relation") == "next" and (link := self._below(one.get("url")))
        ]
        return manifest | ({"deleted": deleted} if deleted else {}) | ({"link": further} if further else {})

    def _files(self, access: Access, job: BulkLink, listed: object) -> list[dict[str, Any]]:
        return [
            {
                **{name: one[name] for name in ("type", "count") if name in one},
                "url": self._public(access, BULK_FILE, _at(job, "file", self._below(one.get("url")))),
            }
            for one in _mappings(listed)
        ]

    def _opened(self, access: Access, sent: Sent, *kinds: str) -> BulkLink:
        values = [value for name, value in parse_qsl(sent.query) if name == PARAMETER]
        if len(values) != 1:
            raise malformed(f"{PARAMETER} stands once, as in the link that was answered")
        link = self.exchange.cursors.open_bulk(access, values[0])
        if link.kind not in kinds:
            raise malformed("This link leads to something else of the export")
        return link

    def _public(self, access: Access, name: str, link: BulkLink) -> str:
        sealed = self.exchange.cursors.seal_bulk(access, link)
        return f"{self.exchange.public_base}/{name}?{urlencode({PARAMETER: sealed})}"

    def _link(self, found: UpstreamResponse) -> str:
        return self._below(found.headers.get("content-location"))

    def _below(self, url: object) -> str:
        """A link of the upstream's, relative to its base. Raises `Refused` (502) for one that leads elsewhere."""
        link = self.exchange.relative(url) if isinstance(url, str) else None
        if not link:
            detail = f"a link of it leads to nothing below {self.exchange.upstream.base}"
            raise Refused(Refuse(502, "exception", "The FHIR server's export cannot be followed", detail))
        return link

    def _unexpected(self, found: UpstreamResponse) -> Answer:
        if found.status < 400:
            raise UpstreamDown(f"the FHIR server answered an export or import with {found.status}")
        return refused_upstream(found)


def _at(job: BulkLink, kind: Any, link: str) -> BulkLink:
    return BulkLink(kind, link, job.types)


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


def _split(link: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    path, _, query = link.partition("?")
    return path, tuple(parse_qsl(query, keep_blank_values=True))


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
