"""The kinds of data by which a person may narrow a scope: one granular scope for each category of a type.

Owns which types are offered in kinds, and which kinds. A kind is a value of the search parameter `category`; what has
no category, or another one, is in the whole scope alone. A type with fewer than two kinds is not offered in kinds:
there would be nothing to choose.
Sources: SMART App Launch 2.2, scopes-and-launch-context (finer-grained resource constraints); US Core 7.0, granular
scopes of Condition and Observation; HL7 terminology, observation-category and condition-category.
"""

from dataclasses import replace
from typing import Final

from assent.spec.constraints import canonical
from assent.spec.scope_sets import ScopeSet
from assent.spec.scopes import ResourceScope

_HL7: Final = "http://terminology.hl7.org/CodeSystem/"
_US_CORE: Final = "http://hl7.org/fhir/us/core/CodeSystem/"

CATEGORIES: Final = {
    "Observation": (
        f"{_HL7}observation-category|laboratory",
        f"{_HL7}observation-category|vital-signs",
        f"{_HL7}observation-category|imaging",
        f"{_HL7}observation-category|procedure",
        f"{_HL7}observation-category|exam",
        f"{_HL7}observation-category|therapy",
        f"{_HL7}observation-category|activity",
        f"{_HL7}observation-category|social-history",
        f"{_HL7}observation-category|survey",
        f"{_US_CORE}us-core-category|sdoh",
        f"{_US_CORE}us-core-category|functional-status",
        f"{_US_CORE}us-core-category|disability-status",
        f"{_US_CORE}us-core-category|cognitive-status",
        f"{_US_CORE}us-core-category|treatment-intervention-preference",
        f"{_US_CORE}us-core-category|care-experience-preference",
    ),
    "Condition": (
        f"{_HL7}condition-category|problem-list-item",
        f"{_HL7}condition-category|encounter-diagnosis",
        f"{_US_CORE}condition-category|health-concern",
    ),
}
"""The values of `category` that a person may choose among, in the order of the page."""


def parts_of(scope: ResourceScope) -> ScopeSet:
    """The granular scopes of an unlimited reading scope, one for each kind; none where it is not offered in kinds."""
    if scope.parameters or not set(scope.interactions) <= {"r", "s"}:
        return ScopeSet()
    return ScopeSet.of(
        replace(scope, parameters=canonical([("category", category)]), v1=False, written="")
        for category in CATEGORIES.get(scope.resource_type, ())
    )
