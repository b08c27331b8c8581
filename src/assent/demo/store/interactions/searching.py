"""Search of a type, search within a patient's compartment, and `Patient/$everything`.

Source: https://hl7.org/fhir/R4/http.html#search, compartmentdefinition-patient.html, patient-operation-everything.html.
"""

from collections.abc import Iterable

from assent.demo.store.bundles import count_bundle, search_bundle
from assent.demo.store.compartment import PATIENT_COMPARTMENT, compartment_criterion, everything_about
from assent.demo.store.context import Context, check_type
from assent.demo.store.errors import NotFound
from assent.demo.store.interactions.reading import current
from assent.demo.store.messages import Pairs, StoreRequest, StoreResponse, respond
from assent.demo.store.resources import Version
from assent.demo.store.search.criteria import Criterion
from assent.demo.store.search.includes import collect_included
from assent.demo.store.search.pages import Row, cut_page, read_cursor
from assent.demo.store.search.query import MAX_COUNT, read_count, read_search
from assent.demo.store.search.selection import select
from assent.demo.store.search.shapes import Shape
from assent.demo.store.search.sorting import sort_values


def search(context: Context, request: StoreRequest, resource_type: str, pairs: Pairs) -> StoreResponse:
    """The resources of the type that meet the query, a page of them, with what they include."""
    check_type(resource_type)
    return _answer(context, request, resource_type, resource_type, pairs, ())


def search_compartment(
    context: Context, request: StoreRequest, patient_id: str, resource_type: str, pairs: Pairs
) -> StoreResponse:
    """`Patient/amy/Observation`: a search within the patient's compartment."""
    check_type(resource_type)
    current(context, "Patient", patient_id)
    if resource_type not in PATIENT_COMPARTMENT:
        raise NotFound(f"{resource_type} is not in the patient compartment.")
    within = [compartment_criterion(resource_type, patient_id)]
    return _answer(context, request, f"Patient/{patient_id}/{resource_type}", resource_type, pairs, within)


def everything(context: Context, request: StoreRequest, patient_id: str = "") -> StoreResponse:
    """`$everything` about one patient, or about all of them."""
    if patient_id:
        current(context, "Patient", patient_id)
    patients = [patient_id] if patient_id else list(context.resources.live("Patient"))
    given = dict(request.query)
    types = set(filter(None, given.get("_type", "").split(",")))
    rows = (
        Row(((), version.created), version)
        for version in everything_about(context.resources, patients)
        if not types or version.resource_type in types
    )
    cursor = read_cursor(given["_cursor"]) if "_cursor" in given else None
    page = cut_page(rows, read_count(given.get("_count", str(MAX_COUNT))), cursor)
    applied = tuple(pair for pair in request.query if pair[0] in ("_count", "_type"))
    return respond(200, search_bundle(context, request.path, applied, page, shape=Shape()))


def find_all(context: Context, resource_type: str, pairs: Pairs) -> list[Version]:
    """Every match of a condition (`If-None-Exist`, a conditional reference); unknown parameters are refused."""
    query = read_search(resource_type, pairs, is_strict=True)
    return list(select(context.resources, resource_type, query.criteria))


def _answer(
    context: Context,
    request: StoreRequest,
    path: str,
    resource_type: str,
    pairs: Pairs,
    within: Iterable[Criterion],
) -> StoreResponse:
    query = read_search(resource_type, pairs, is_strict=request.prefers("handling=strict"), within=within)
    matches = list(select(context.resources, resource_type, query.criteria))
    if query.count == 0 or query.shape.summary == "count":
        return respond(200, count_bundle(context, path, query.applied, len(matches)))
    rows = (Row((sort_values(version, query.sort), version.created), version) for version in matches)
    page = cut_page(rows, query.count, query.cursor, tuple(key.is_descending for key in query.sort))
    included = collect_included(context.resources, page.matches, query.includes)
    bundle = search_bundle(
        context, path, query.applied, page, included=included, shape=query.shape, with_total=query.with_total
    )
    return respond(200, bundle)
