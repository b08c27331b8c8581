"""One FHIR request: decided, passed on with our own credentials, and its answer checked resource by resource.

The app's token never reaches the upstream, and of the upstream's headers only those named here reach the app.
Source: FHIR R4 http.html; SMART App Launch 2.2 scopes-and-launch-context.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from assent.fhir.json import decode_resource, encode_resource
from assent.fhir.upstream import FHIR_JSON, Upstream, UpstreamRequest, UpstreamResponse
from assent.gateway.access import Access
from assent.gateway.conditions import conflict, taken, version_wanted, wants_new
from assent.gateway.cursor import PARAMETER, Cursors
from assent.spec.fhir.allowed import Allow, continuation_of
from assent.spec.fhir.answers import (
    answer_resource,
    check_current,
    check_kept,
    check_sent,
    plain_outcome,
    vouchers_needed,
)
from assent.spec.fhir.bundles import answer_bundle, resources_of, whole_bundle
from assent.spec.fhir.decide import decide, decide_continuation
from assent.spec.fhir.interactions import FhirRequest, Parameters
from assent.spec.fhir.references import Bases
from assent.spec.fhir.refusals import Refuse, Refused, malformed, not_found
from assent.spec.identifiers import Reference

MAX_VOUCHERS: Final = 100
LONGEST_TARGET: Final = 2000
_BUNDLES: Final = frozenset({"search_type", "history_instance", "history_type"})
_WRITES: Final = frozenset({"create", "update", "delete"})
_PAGES: Final = frozenset({"next", "previous", "prev", "first", "last"})
WRITTEN: Final = frozenset({200, 201, 202, 204})
_PREFERENCES: Final = re.compile(r"return=(minimal|representation|OperationOutcome)")
_STEP: Final = re.compile(r"[A-Za-z0-9._$~-]+")
_TOLD: Final = ("etag", "last-modified")


@dataclass(frozen=True, slots=True)
class Sent:
    """What the app sent: `query` as it stood in the URL, for the self link; `resource` the body of a write."""

    request: FhirRequest
    query: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the app gets. `resource` None: no body."""

    status: int
    resource: dict[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One gateway: its upstream, and the FHIR base under which the world knows it."""

    upstream: Upstream
    public_base: str
    cursors: Cursors

    @property
    def bases(self) -> Bases:
        """The URLs under which references name the one FHIR server."""
        return frozenset({self.public_base, self.upstream.base} - {""})

    async def answer(self, access: Access, sent: Sent) -> Answer:
        """The checked answer. Raises `Refused`, `UpstreamDown`."""
        allow = decide(sent.request, access.rights, self.bases)
        if sent.request.interaction in _WRITES:
            return await self._write(allow, sent)
        if allow.needs_current:
            await self.check_current(allow)
        if sent.request.interaction == "search_type":
            found = await self._search(sent.request.path, allow.parameters)
        else:
            found = await self._ask("GET", sent.request.path, allow.parameters)
        if sent.request.interaction in _BUNDLES:
            return self.bundle(access, allow, found, self.self_link(sent))
        return await self._resource(allow, found)

    async def further_page(self, access: Access, cursor: str) -> Answer:
        """The page that a cursor of ours leads to. Raises `Refused`, `UpstreamDown`."""
        link, continuation = self.cursors.open(access, cursor)
        allow = decide_continuation(continuation, access.rights, self.bases)
        if allow.needs_current:
            await self.check_current(allow)
        path, _, query = link.partition("?")
        found = await self._ask("GET", path, tuple(parse_qsl(query, keep_blank_values=True)))
        self_link = f"{self.public_base}/{continuation.resource_type}?{urlencode({PARAMETER: cursor})}"
        return self.bundle(access, allow, found, self_link)

    async def _write(self, allow: Allow, sent: Sent) -> Answer:
        """The resource before and after is checked; the write holds only for the version that was looked at."""
        request = sent.request
        headers: dict[str, str] = {}
        preference = _PREFERENCES.search(sent.headers.get("prefer", ""))
        if preference is not None:
            headers["prefer"] = preference[0]
        body, resource = None, None
        if request.interaction != "delete":
            resource = read_resource(sent.body)
            check_sent(allow, resource)
            # what was checked is what is stored: the bytes could be read otherwise (a member twice)
            body, headers["content-type"] = encode_resource(resource), FHIR_JSON
        wanted, only_new, is_new = (
            version_wanted(sent.request, sent.headers),
            wants_new(sent.request, sent.headers),
            False,
        )
        if allow.needs_current or only_new:
            found = await self._fetch(allow)
            free = (404,) if allow.needs_current else (404, 410)
            # SMART 2.2: `u` may bring a resource into being under the id that the app gives it
            is_new = found.status in free and request.interaction == "update" and wanted is None
            if not is_new:
                current = _checked(allow, found)
                if resource is not None and allow.needs_current:
                    check_kept(allow, current, resource)
                meta = current.get("meta")
                version = meta.get("versionId") if isinstance(meta, Mapping) else None
                if only_new:
                    raise Refused(taken())
                if wanted not in (None, version):
                    raise Refused(conflict())
                wanted = version
        if is_new:
            headers["if-none-match"] = "*"
        if wanted is not None:
            headers["if-match"] = f'W/"{wanted}"'
        method = {"create": "POST", "update": "PUT", "delete": "DELETE"}[request.interaction]
        found = await self.upstream.send(UpstreamRequest(method, request.path, (), headers, body))
        if found.status not in WRITTEN:
            return refused_upstream(found)
        if is_new and await self._has_written_over(allow, found):
            raise Refused(_not_new(request))
        shown = answer_resource(allow, found.json()) if found.body else None
        return Answer(found.status, shown, self.headers(found))

    async def _resource(self, allow: Allow, found: UpstreamResponse) -> Answer:
        if found.status in (404, 410):
            raise Refused(not_found("the FHIR server has no such resource"))
        if found.status != 200:
            return refused_upstream(found)
        resource = found.json()
        vouched = await self._vouched(allow, resource)
        return Answer(200, answer_resource(allow, resource, vouched), self.headers(found))

    def bundle(self, access: Access, allow: Allow, found: UpstreamResponse, self_link: str) -> Answer:
        if found.status in (404, 410):
            raise Refused(not_found("the FHIR server has no such resource"))
        if found.status != 200:
            return refused_upstream(found)
        continuation = continuation_of(allow)

        def rewrite(relation: str, url: str) -> str | None:
            if relation == "self":
                return self_link
            if relation not in _PAGES:
                return None
            link = self.relative(url)
            if link is None or not _is_page_of(link, continuation.operation):
                if relation != "next":
                    return None
                # an answer cut short would look like the whole
                detail = f"its next link leads to no page below {self.upstream.base}"
                raise Refused(Refuse(502, "exception", "The FHIR server's paging cannot be followed", detail))
            cursor = self.cursors.seal(access, link, continuation)
            return f"{self.public_base}/{continuation.resource_type}?{urlencode({PARAMETER: cursor})}"

        if allow.as_it_is:
            return Answer(200, whole_bundle(found.json(), self.bases, self.public_base, rewrite))
        return Answer(200, answer_bundle(allow, found.json(), self.public_base, rewrite))

    async def check_current(self, allow: Allow) -> dict[str, Any]:
        """The resource as it stands, once it is shown to be within the rights. Raises `Refused`."""
        return _checked(allow, await self._fetch(allow))

    async def _fetch(self, allow: Allow) -> UpstreamResponse:
        """The answer to a read of the resource: 200, 404 or 410. Raises `Refused` (502)."""
        request = allow.request
        found = await self._ask("GET", f"{request.resource_type}/{request.id}", ())
        if found.status not in (200, 404, 410):
            raise Refused(_failed(found))
        return found

    async def _has_written_over(self, allow: Allow, found: UpstreamResponse) -> bool:
        """Whether an update that was to create wrote over what is out of reach; unless it was 201, history tells."""
        if found.status == 201:
            return False
        history = await self._ask("GET", f"{allow.request.path}/_history", ())
        versions = resources_of(history.json()) if history.status == 200 else ()
        return not all(allow.visibility.allows(version, allow.letter) for version in versions)

    async def _vouched(self, allow: Allow, resource: Mapping[str, Any]) -> frozenset[Reference]:
        """What a resource has to be shown with, as far as it is allowed itself (a Provenance and its targets)."""
        needed = vouchers_needed(allow, resource)[:MAX_VOUCHERS]
        for resource_type in dict.fromkeys(reference.resource_type for reference in needed):
            ids = [reference.id for reference in needed if reference.resource_type == resource_type]
            found = await self._search(resource_type, (("_id", ",".join(ids)), ("_count", str(len(ids)))))
            bundle = found.json() if found.status == 200 else {}
            for one in resources_of(bundle):
                key = (one.get("resourceType"), one.get("id"))
                if key[0] == resource_type and key[1] in ids and allow.visibility.allows(one, "r"):
                    return frozenset({Reference(resource_type, str(key[1]))})  # one is enough
        return frozenset()

    async def _search(self, resource_type: str, parameters: Parameters) -> UpstreamResponse:
        """A search; by POST where its URL would be longer than servers commonly take (FHIR R4 Search 3.1.1.2)."""
        request = UpstreamRequest("GET", resource_type, parameters)
        if len(request.target) > LONGEST_TARGET:
            form = urlencode(parameters).encode("ascii")
            headers = {"content-type": "application/x-www-form-urlencoded"}
            request = UpstreamRequest("POST", f"{resource_type}/_search", (), headers, form)
        return await self.upstream.send(request)

    async def _ask(self, method: str, path: str, parameters: Parameters) -> UpstreamResponse:
        return await self.upstream.send(UpstreamRequest(method, path, parameters))

    def relative(self, url: str) -> str | None:
        """An upstream's link relative to its base, whichever of its host names it has; None for one elsewhere."""
        base = urlsplit(self.upstream.base)
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        query = f"?{parts.query}" if parts.query else ""
        if not parts.scheme and not parts.netloc and not parts.path.startswith("/"):
            path = parts.path
        elif parts.path in (base.path, f"{base.path}/"):
            path = ""
        elif parts.path.startswith(f"{base.path}/"):
            path = parts.path[len(base.path) + 1 :]
        else:
            return None
        return path + query if _is_below(path) else None

    def shown(self, allow: Allow, found: UpstreamResponse) -> Answer:
        """The answer to a write of one resource: the resource as it became, where it may be read."""
        request, resource = allow.request, found.json() if found.body else {}
        is_it = (resource.get("resourceType"), resource.get("id")) == (request.resource_type, request.id)
        is_shown = is_it and allow.visibility.allows(resource, "r")
        return Answer(found.status, resource if is_shown else None, self.headers(found))

    def self_link(self, sent: Sent) -> str:
        owner = f"Patient/{sent.request.owner}/" if sent.request.owner else ""
        glue = "?" if sent.query else ""
        return f"{self.public_base}/{owner}{sent.request.path}{glue}{sent.query}"

    def headers(self, found: UpstreamResponse) -> dict[str, str]:
        told = {name: found.headers[name] for name in _TOLD if name in found.headers}
        location = found.headers.get("location")
        if location is not None:
            relative = self.relative(location)
            if relative is not None:
                told["location"] = f"{self.public_base}/{relative}"
        return told


def _is_below(path: str) -> bool:
    """Whether a link's path stays below the base, however the server reads it."""
    return not path or all(_STEP.fullmatch(step) and step.strip(".") for step in path.split("/"))


def _is_page_of(link: str, operation: str | None) -> bool:
    """Whether a link leads to no operation but the one that was asked for."""
    steps = link.partition("?")[0].split("/")
    return all(step == operation for step in steps if step.startswith("$"))


def _checked(allow: Allow, found: UpstreamResponse) -> dict[str, Any]:
    """The resource that was read, once it is shown to be within the rights. Raises `Refused`."""
    current = found.json() if found.status == 200 else {}
    check_current(allow, current or None)
    return current


def _not_new(request: FhirRequest) -> Refuse:
    """For a FHIR server that wrote over what another wrote after our look (docs/decisions/0015)."""
    rule = "The resource came to be there while it was written"
    detail = f"the FHIR server did not heed If-None-Match: * and wrote over {request.path}; see its history"
    return Refuse(409, "conflict", rule, detail)


def read_resource(body: bytes) -> dict[str, Any]:
    """The resource in the body of a request. Raises `Refused` (400) where there is no JSON object."""
    try:
        return decode_resource(body)
    except ValueError as error:
        raise malformed("The body is a resource in JSON") from error


def _failed(found: UpstreamResponse) -> Refuse:
    return Refuse(
        502, "exception", "The FHIR server could not answer", f"the FHIR server answered {found.status}"
    )


def refused_upstream(found: UpstreamResponse) -> Answer:
    """The upstream's own refusal without its texts; what is about our credentials or its health is a 502."""
    if not 400 <= found.status < 500 or found.status in (401, 403, 407):
        raise Refused(_failed(found))
    try:
        outcome = plain_outcome(decode_resource(found.body))
    except ValueError:
        outcome = plain_outcome({})
    if not outcome["issue"]:
        outcome["issue"] = [{"severity": "error", "code": "processing"}]
    return Answer(found.status, outcome)
