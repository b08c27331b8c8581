"""read, vread and history.

Source: https://hl7.org/fhir/R4/http.html#read, #vread, #history, #cond-read.
"""

from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime

from assent.demo.store.bundles import history_bundle
from assent.demo.store.context import Context, check_type
from assent.demo.store.errors import BadRequest, Gone, NotFound
from assent.demo.store.messages import FHIR_JSON, StoreRequest, StoreResponse, respond
from assent.demo.store.resources import Version
from assent.demo.store.search.dates import read_date
from assent.demo.store.search.pages import Row, cut_page, read_cursor
from assent.demo.store.search.query import read_count, read_shape
from assent.demo.store.search.shapes import render


def read(context: Context, request: StoreRequest, resource_type: str, resource_id: str) -> StoreResponse:
    """The current version; 410 when it was deleted, 304 when the client has it already."""
    version = current(context, resource_type, resource_id)
    headers = version_headers(version)
    if _is_fresh(request, version):
        return StoreResponse(304, headers)
    shape = read_shape(dict(request.query))
    return StoreResponse(200, {"Content-Type": FHIR_JSON, **headers}, bytes(render(version, shape)))


def vread(context: Context, resource_type: str, resource_id: str, number: str) -> StoreResponse:
    """One version; 410 for the version that is the deletion."""
    check_type(resource_type)
    for version in context.resources.versions(resource_type, resource_id):
        if str(version.number) == number:
            if version.raw is None:
                raise Gone(f"{version.key} was deleted in version {number}.")
            return StoreResponse(200, {"Content-Type": FHIR_JSON, **version_headers(version)}, version.raw)
    raise NotFound(f"{resource_type}/{resource_id} has no version {number}.")


def history(
    context: Context, request: StoreRequest, resource_type: str = "", resource_id: str = ""
) -> StoreResponse:
    """The versions of a resource, a type, or the whole store; the latest first."""
    if resource_type:
        check_type(resource_type)
    versions: Iterable[Version] = context.resources.log
    if resource_id:
        versions = context.resources.versions(resource_type, resource_id)
        if not versions:
            raise NotFound(f"There is no {resource_type}/{resource_id}.")
    given = dict(request.query)
    chosen = [version for version in versions if resource_type in ("", version.resource_type)]
    if "_since" in given:
        since = _read_since(given["_since"])
        chosen = [version for version in chosen if datetime.fromisoformat(version.updated) >= since]
    cursor = read_cursor(given["_cursor"]) if "_cursor" in given else None
    rows = (Row(((version.updated,), -version.position), version) for version in chosen)
    page = cut_page(rows, read_count(given.get("_count")), cursor, descending=(True,))
    applied = tuple(pair for pair in request.query if pair[0] in ("_count", "_since"))
    return respond(200, history_bundle(context, request.path, applied, page))


def current(context: Context, resource_type: str, resource_id: str) -> Version:
    """The live version; raises NotFound, or Gone when it was deleted."""
    check_type(resource_type)
    version = context.resources.get(resource_type, resource_id)
    if version is not None:
        return version
    if context.resources.versions(resource_type, resource_id):
        raise Gone(f"{resource_type}/{resource_id} was deleted.")
    raise NotFound(f"There is no {resource_type}/{resource_id}.")


def version_headers(version: Version) -> dict[str, str]:
    """ETag and Last-Modified of a version."""
    modified = format_datetime(datetime.fromisoformat(version.updated), usegmt=True)
    return {"ETag": f'W/"{version.number}"', "Last-Modified": modified}


def _read_since(text: str) -> datetime:
    since = read_date(text.replace(" ", "+"))
    if since is None:
        raise BadRequest("_since is an instant.")
    return since.start


def _is_fresh(request: StoreRequest, version: Version) -> bool:
    """Whether the client's copy is the current version (If-None-Match, else If-Modified-Since)."""
    known = request.headers.get("if-none-match")
    if known is not None:
        return f'W/"{version.number}"' in known
    since = request.headers.get("if-modified-since")
    if since is None:
        return False
    try:
        modified = datetime.fromisoformat(version.updated).replace(microsecond=0)
        return modified <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False  # RFC 9110 13.1.3: a recipient MUST ignore the field if its value is not a valid date
