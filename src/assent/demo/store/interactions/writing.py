"""create, update, patch and delete.

Source: https://hl7.org/fhir/R4/http.html#create, #update, #patch, #delete, #concurrency, #ops (Prefer).
"""

from assent.demo.store.context import Context, check_stored_type, check_type
from assent.demo.store.errors import BadRequest, PreconditionFailed, Unprocessable, outcome
from assent.demo.store.interactions.patching import apply_patch
from assent.demo.store.interactions.reading import current, version_headers
from assent.demo.store.interactions.searching import find_all
from assent.demo.store.messages import FHIR_JSON, StoreRequest, StoreResponse, read_query, respond
from assent.demo.store.resources import Version, WriteMethod, is_id
from assent.demo.store.wire import Json


def create(context: Context, request: StoreRequest, resource_type: str, new_id: str = "") -> StoreResponse:
    """Store a new resource under an id of the server's; with If-None-Exist only when nothing meets the condition.

    `new_id`: an id that a transaction has already promised to the references between its entries.
    """
    check_type(resource_type)
    resource = request.resource()
    _check_resource_type(resource, resource_type)
    condition = request.headers.get("if-none-exist")
    if condition is not None:
        existing = find_all(context, resource_type, read_query(condition.rpartition("?")[2]))
        if len(existing) > 1:
            raise PreconditionFailed("The If-None-Exist condition meets more than one resource.")
        if existing:
            return _written(context, request, existing[0], 200)
    resource["id"] = new_id or context.new_id()
    return _written(context, request, _write(context, resource, "POST"), 201)


def update(context: Context, request: StoreRequest, resource_type: str, resource_id: str) -> StoreResponse:
    """Store the next version; a resource that is not there yet is created under the id of the URL."""
    check_type(resource_type)
    resource = request.resource()
    _check_resource_type(resource, resource_type)
    if resource.get("id") != resource_id:
        # http.html#update: "If no id element is provided, or the id disagrees with the id in the URL, … 400"
        raise BadRequest("The id of the resource and the id of the URL must be the same.")
    if not is_id(resource_id):
        raise BadRequest("An id is 1 to 64 letters, digits, hyphens and dots.")
    existing = context.resources.get(resource_type, resource_id)
    _check_if_match(request, existing)
    if existing is not None and request.headers.get("if-none-match") == "*":
        # RFC 9110 13.1.2; FHIR R4 says nothing of it
        raise PreconditionFailed("If-None-Match asks for an id that is not taken, and this one is.")
    version = _write(context, resource, "PUT")
    return _written(context, request, version, 200 if existing else 201)


def patch(context: Context, request: StoreRequest, resource_type: str, resource_id: str) -> StoreResponse:
    """Apply a JSON Patch to the current version."""
    existing = current(context, resource_type, resource_id)
    _check_if_match(request, existing)
    resource = apply_patch(existing.resource(), request.patch())
    _check_resource_type(resource, resource_type)
    if resource.get("id") != resource_id:
        raise Unprocessable("A patch cannot change the id.")
    return _written(context, request, _write(context, resource, "PATCH"), 200)


def delete(context: Context, request: StoreRequest, resource_type: str, resource_id: str) -> StoreResponse:
    """Delete the resource; 204 also when it is not there (http.html#delete)."""
    check_type(resource_type)
    existing = context.resources.get(resource_type, resource_id)
    _check_if_match(request, existing)
    if existing is None:
        return StoreResponse(204, {})
    version = context.resources.delete(resource_type, resource_id, updated=context.instant())
    return StoreResponse(204, {"ETag": version_headers(version)["ETag"]})


def _write(context: Context, resource: Json, method: WriteMethod) -> Version:
    if not isinstance(resource.get("meta", {}), dict):
        raise Unprocessable("The element meta is an object.")
    return context.resources.write(resource, method=method, updated=context.instant())


def _check_resource_type(resource: Json, resource_type: str) -> None:
    check_stored_type(resource.get("resourceType"))
    if resource["resourceType"] != resource_type:
        raise Unprocessable(f"The body is a {resource['resourceType']}, the URL says {resource_type}.")


def _check_if_match(request: StoreRequest, existing: Version | None) -> None:
    wanted = request.headers.get("if-match")
    if wanted is None:
        return
    if existing is None or wanted.removeprefix("W/").strip('"') != str(existing.number):
        raise PreconditionFailed("If-Match names a version that is not the current one.")


def _written(context: Context, request: StoreRequest, version: Version, status: int) -> StoreResponse:
    headers = {"Location": context.version_url(version), **version_headers(version)}
    if request.prefers("return=minimal"):
        return StoreResponse(status, headers)
    if request.prefers("return=OperationOutcome"):
        return respond(status, outcome("information", "informational", f"{version.key} is stored."), headers)
    return StoreResponse(status, {"Content-Type": FHIR_JSON, **headers}, version.raw or b"")
