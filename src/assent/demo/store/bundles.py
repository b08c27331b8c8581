"""Bundles that answer a search or a history.

Source: https://hl7.org/fhir/R4/bundle.html, http.html#paging.
"""

from collections.abc import Iterable

import msgspec

from assent.demo.store.context import Context
from assent.demo.store.messages import Pairs
from assent.demo.store.resources import Version
from assent.demo.store.search.pages import Page
from assent.demo.store.search.shapes import Shape, render
from assent.demo.store.wire import Json

_STATUS = {"POST": "201 Created", "PUT": "200 OK", "PATCH": "200 OK", "DELETE": "204 No Content"}


def search_bundle(
    context: Context,
    path: str,
    applied: Pairs,
    page: Page,
    *,
    included: Iterable[Version] = (),
    shape: Shape,
    with_total: bool = True,
) -> Json:
    """A searchset: the page's matches, then what was included, with links to the neighbouring pages."""
    entries = [_search_entry(context, version, "match", shape) for version in page.matches]
    entries += [_search_entry(context, version, "include", shape) for version in included]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        **({"total": page.total} if with_total else {}),
        "link": _links(context, path, applied, page),
        **({"entry": entries} if entries else {}),
    }


def count_bundle(context: Context, path: str, applied: Pairs, total: int) -> Json:
    """The answer to `_summary=count`: how many, and no entry."""
    link = [{"relation": "self", "url": context.url(path, applied)}]
    return {"resourceType": "Bundle", "type": "searchset", "total": total, "link": link}


def history_bundle(context: Context, path: str, applied: Pairs, page: Page) -> Json:
    """A history: each version with the request that made it; deletions without a resource."""
    entries = [_history_entry(context, version) for version in page.matches]
    return {
        "resourceType": "Bundle",
        "type": "history",
        "total": page.total,
        "link": _links(context, path, applied, page),
        **({"entry": entries} if entries else {}),
    }


def _links(context: Context, path: str, applied: Pairs, page: Page) -> list[Json]:
    links = [{"relation": "self", "url": context.url(path, applied)}]
    for relation, cursor in (("previous", page.previous), ("next", page.next)):
        if cursor:
            links.append({"relation": relation, "url": context.url(path, (*applied, ("_cursor", cursor)))})
    return links


def _search_entry(context: Context, version: Version, mode: str, shape: Shape) -> Json:
    return {
        "fullUrl": context.url(version.key),
        "resource": render(version, shape),
        "search": {"mode": mode},
    }


def _history_entry(context: Context, version: Version) -> Json:
    is_creation = version.number == 1 and version.method == "POST"
    request = {"method": version.method, "url": version.resource_type if is_creation else version.key}
    status = "201 Created" if version.number == 1 else _STATUS[version.method]
    return {
        "fullUrl": context.url(version.key),
        **({"resource": msgspec.Raw(version.raw)} if version.raw is not None else {}),
        "request": request,
        "response": {"status": status, "etag": f'W/"{version.number}"', "lastModified": version.updated},
    }
