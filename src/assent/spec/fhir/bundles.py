"""Checking a Bundle that answers a search, a history or `$everything`, entry by entry.

Owns what of it is passed on: entries that are known to be allowed, and of the rest of the Bundle nothing that
tells of what was left out. A history's deleted versions have no content to check and are left out unless all of
the type is within the rights.

Sources: FHIR R4 Bundle 2.36 (search.mode), RESTful API 3.1.0.9 (history); SMART App Launch 2.2 (omit or refuse).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from assent.spec.fhir.allowed import Allow
from assent.spec.fhir.answers import plain_outcome
from assent.spec.fhir.references import Bases, moved, relative_to
from assent.spec.fhir.refusals import Refuse, Refused, not_found
from assent.spec.fhir.views import show
from assent.spec.identifiers import Reference

Resource = Mapping[str, Any]
RewriteLink = Callable[[str, str], str | None]
"""(relation, the server's URL) -> the URL to answer with, or None to leave the link out."""

_KEPT: Final = ("resourceType", "id", "meta", "type", "timestamp")
_KEPT_OF_RESPONSE: Final = ("status", "etag", "lastModified")


def answer_bundle(
    allow: Allow, bundle: Resource, public_base: str, rewrite_link: RewriteLink
) -> dict[str, Any]:
    """The Bundle to answer with after a search or history.

    `public_base` replaces the server's base in `fullUrl`. Raises Refused: 404 for the history of a resource of
    which nothing may be seen, 502 where the server's answer is no Bundle.
    """
    if bundle.get("resourceType") != "Bundle":
        rule = "The FHIR server did not answer with a Bundle"
        raise Refused(Refuse(502, "exception", rule, rule))
    entries = list(_mappings(bundle, "entry"))
    vouched = frozenset(_allowed(allow, entries))
    kept = [
        (entry, resource) for entry in entries if (resource := _answered(allow, entry, vouched)) is not None
    ]
    if allow.request.interaction == "history_instance" and not kept:
        raise Refused(not_found("no version is within scopes and permissions"))
    answer: dict[str, Any] = {name: bundle[name] for name in _KEPT if name in bundle}
    left_out = _counted(entries) - _counted([entry for entry, _ in kept])
    if allow.exact and not left_out and isinstance(bundle.get("total"), int):
        answer["total"] = bundle["total"]
    links = list(_links(bundle, rewrite_link))
    if links:
        answer["link"] = links
    if kept:
        answer["entry"] = [_entry(allow, entry, resource, public_base) for entry, resource in kept]
    return answer


def whole_bundle(
    bundle: Resource, bases: Bases, public_base: str, rewrite_link: RewriteLink
) -> dict[str, Any]:
    """A Bundle of which nothing has to be left out, with our URLs in place of the server's (`bases`)."""
    answer: dict[str, Any] = moved(dict(bundle), bases, public_base)
    if "link" in bundle:
        answer["link"] = list(_links(bundle, rewrite_link))
    return answer


def resources_of(bundle: Resource) -> Iterator[Resource]:
    """The resources in the entries of `bundle`; none where it is no Bundle."""
    for entry in _mappings(bundle, "entry"):
        resource = entry.get("resource")
        if isinstance(resource, Mapping):
            yield resource


def _answered(allow: Allow, entry: Resource, vouched: frozenset[Reference]) -> Resource | None:
    """The resource of an entry that may be passed on, `{}` for a deleted version; None: the entry is left out."""
    resource = entry.get("resource")
    if not isinstance(resource, Mapping):
        return {} if _is_deletion(allow, entry) else None
    if resource.get("resourceType") == "OperationOutcome":
        return plain_outcome(resource)
    if not _is_match(allow, entry):
        return resource if _mode(entry) != "match" and _may_include(allow, resource, vouched) else None
    allowed = allow.visibility.allows(resource, allow.letter, vouched)
    return show(resource, allow.view) if allowed else None


def _may_include(allow: Allow, resource: Resource, vouched: frozenset[Reference]) -> bool:
    is_search = allow.request.interaction == "search_type"
    return is_search and allow.visibility.shows(resource, vouched)


def _is_match(allow: Allow, entry: Resource) -> bool:
    """Whether an entry is what was asked for, rather than included beside it."""
    request = allow.request
    if request.interaction == "operation":
        return True
    if _type_of(entry) != request.resource_type or _mode(entry) == "include":
        return False
    return request.id in (None, entry["resource"].get("id"))


def _is_deletion(allow: Allow, entry: Resource) -> bool:
    """Whether an entry without a resource may be passed on: a deletion, in a history that is wholly allowed."""
    return "request" in entry and allow.request.interaction.startswith("history") and allow.exact


def _allowed(allow: Allow, entries: list[Resource]) -> Iterator[Reference]:
    """The resources of `entries` that are allowed by themselves; none where no Provenance asks for them."""
    if not any(_type_of(entry) == "Provenance" for entry in entries):
        return
    for entry in entries:
        resource = entry.get("resource")
        if isinstance(resource, Mapping) and _answered(allow, entry, frozenset()) is not None:
            resource_type, id_ = resource.get("resourceType"), resource.get("id")
            if isinstance(resource_type, str) and isinstance(id_, str):
                yield Reference(resource_type, id_)


def _counted(entries: list[Resource]) -> int:
    """How many of `entries` the server may have counted in its total."""
    return sum(_mode(entry) not in ("include", "outcome") for entry in entries)


def _entry(allow: Allow, entry: Resource, resource: Resource, public_base: str) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    full_url = entry.get("fullUrl")
    if isinstance(full_url, str):
        relative = relative_to(full_url, allow.visibility.bases)
        answer["fullUrl"] = full_url if relative == full_url else f"{public_base}/{relative}"
    if resource:
        answer["resource"] = resource
    if isinstance(search := entry.get("search"), Mapping):
        answer["search"] = {name: search[name] for name in ("mode", "score") if name in search}
    if isinstance(request := entry.get("request"), Mapping):
        url = request.get("url")
        known = relative_to(url, allow.visibility.bases) if isinstance(url, str) else ""
        answer["request"] = {"method": request.get("method"), "url": known}
    if isinstance(response := entry.get("response"), Mapping):
        answer["response"] = {name: response[name] for name in _KEPT_OF_RESPONSE if name in response}
    return answer


def _links(bundle: Resource, rewrite_link: RewriteLink) -> Iterator[dict[str, str]]:
    for link in _mappings(bundle, "link"):
        relation, url = link.get("relation"), link.get("url")
        if isinstance(relation, str) and isinstance(url, str):
            rewritten = rewrite_link(relation, url)
            if rewritten is not None:
                yield {"relation": relation, "url": rewritten}


def _type_of(entry: Resource) -> object:
    resource = entry.get("resource")
    return resource.get("resourceType") if isinstance(resource, Mapping) else None


def _mode(entry: Resource) -> object:
    search = entry.get("search")
    return search.get("mode") if isinstance(search, Mapping) else None


def _mappings(parent: Resource, name: str) -> Iterator[Resource]:
    found = parent.get(name)
    for item in found if isinstance(found, list) else ():
        if isinstance(item, Mapping):
            yield item
