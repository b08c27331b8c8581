"""The kinds by which a scope may be narrowed."""

import pytest

from assent.spec.categories import CATEGORIES, parts_of
from assent.spec.scope_sets import ScopeSet, read_scopes
from assent.spec.scopes import ResourceScope, read_scope, wire_text


def parts(text: str) -> ScopeSet:
    scope = read_scope(text)
    assert isinstance(scope, ResourceScope)
    return parts_of(scope)


@pytest.mark.parametrize("resource_type", CATEGORIES)
@pytest.mark.parametrize("context", ["patient", "user"])
@pytest.mark.parametrize("suffix", ["rs", "r", "s", "read"])
def test_each_part_is_a_scope_within_the_whole(resource_type: str, context: str, suffix: str) -> None:
    text = f"{context}/{resource_type}.{suffix}"
    found = parts(text)
    assert len(found) == len(CATEGORIES[resource_type]) >= 2
    assert ScopeSet.of([read_scope(text)]).covers(found)
    assert not found.covers(read_scope(text))
    assert read_scopes(found.text).malformed == ()
    assert all(read_scope(wire_text(part)) == part for part in found)


@pytest.mark.parametrize(
    "text",
    [
        "patient/*.rs",
        "patient/Patient.rs",
        "patient/Observation.crs",
        "patient/Observation.*",
        "patient/Observation.rs?category=laboratory",
    ],
)
def test_what_is_limited_already_or_writes_or_has_no_kinds_has_no_parts(text: str) -> None:
    assert len(parts(text)) == 0
