"""Asking a FHIR server for what the authorization server itself wants to know: reads, searches, references.

An answer that is none is never taken for "there is nothing": it raises `RecordSystemDown`.
Source: FHIR R4 RESTful API; references (relative to the server's base, or absolute).
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from assent.engine.server import RecordSystemDown
from assent.fhir.upstream import Upstream, UpstreamDown, UpstreamRequest, UpstreamResponse
from assent.spec.identifiers import is_fhir_id


class RecordReader:
    """One FHIR server. An answer that takes longer than `patience_seconds` is none."""

    def __init__(self, upstream: Upstream, patience_seconds: float) -> None:
        self._upstream = upstream
        self._patience_seconds = patience_seconds

    def relative(self, reference: str | None) -> str:
        """A reference without our own FHIR server's base; one to another server stays absolute, and leads nowhere."""
        return (reference or "").removeprefix(f"{self._upstream.base}/")

    def target(self, value: Any, resource_type: str) -> str | None:
        """The id in a reference to a resource of this type on our FHIR server; None also of what is no reference."""
        reference = value.get("reference") if isinstance(value, dict) else None
        found_type, _, id_ = self.relative(reference if isinstance(reference, str) else None).partition("/")
        return id_ if found_type == resource_type and is_fhir_id(id_) else None

    async def read(self, resource_type: str, id_: str) -> dict[str, Any] | None:
        """The resource; None where there is none. Raises `RecordSystemDown`."""
        if not is_fhir_id(id_):
            return None
        answer = await self._ask(UpstreamRequest("GET", f"{resource_type}/{id_}"))
        if answer.status in (404, 410):
            return None
        resource = _read_json(answer)
        if answer.status != 200 or resource.get("resourceType") != resource_type:
            raise RecordSystemDown(f"the FHIR server answered {answer.status} to a read of {resource_type}")
        return resource

    async def search(
        self, resource_type: str, query: list[tuple[str, str]]
    ) -> tuple[list[dict[str, Any]], bool]:
        """The matches of this type on the first page, and whether there is another. Raises `RecordSystemDown`."""
        answer = await self._ask(UpstreamRequest("GET", resource_type, query))
        bundle = _read_json(answer)
        if answer.status != 200 or bundle.get("resourceType") != "Bundle":
            raise RecordSystemDown(f"the FHIR server answered {answer.status} to a search of {resource_type}")
        matches = [one.get("resource") for one in objects(bundle.get("entry")) if _is_match(one)]
        resources = [one for one in objects(matches) if one.get("resourceType") == resource_type]
        return resources, any(link.get("relation") == "next" for link in objects(bundle.get("link")))

    async def _ask(self, request: UpstreamRequest) -> UpstreamResponse:
        try:
            async with asyncio.timeout(self._patience_seconds):
                return await self._upstream.send(request)
        except TimeoutError as error:
            raise RecordSystemDown("the FHIR server took too long") from error
        except UpstreamDown as error:
            raise RecordSystemDown(str(error)) from error


def _read_json(answer: UpstreamResponse) -> dict[str, Any]:
    try:
        return answer.json()
    except UpstreamDown as error:
        raise RecordSystemDown(str(error)) from error


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects in what ought to be a list of objects; what is none is left out."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _is_match(entry: Mapping[str, Any]) -> bool:
    """Whether an entry is what was searched for, not something that the server sends along (FHIR R4 Bundle)."""
    search = entry.get("search")
    return not isinstance(search, dict) or search.get("mode") in (None, "match")
