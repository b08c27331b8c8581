"""What scopes mean, said a second time and plainly, so that the algebra can be held against it.

A scope is the set of the accesses it allows. An access is one letter on one resource; of a resource only the
type matters and, for each search parameter, the values it has.
"""

from dataclasses import dataclass
from itertools import chain, combinations, product

from hypothesis import strategies as st

from assent.spec.scope_sets import ScopeSet
from assent.spec.scopes import ResourceScope, Scope, read_scope

CONTEXTS = ("patient", "user")
TYPES = ("Observation", "Condition", "Patient")
PARAMETERS = ("category", "code")
VALUES = ("a", "b")


@dataclass(frozen=True)
class Access:
    context: str
    resource_type: str
    letter: str
    values: tuple[tuple[str, frozenset[str]], ...]


def _subsets(values: tuple[str, ...]) -> list[frozenset[str]]:
    return [
        frozenset(some)
        for some in chain.from_iterable(combinations(values, n) for n in range(len(values) + 1))
    ]


ACCESSES = tuple(
    Access(context, resource_type, letter, tuple(zip(PARAMETERS, values, strict=True)))
    for context in CONTEXTS
    for resource_type in TYPES
    for letter in "cruds"
    for values in product(_subsets(VALUES), repeat=len(PARAMETERS))
)
"""Every access of a small world: enough to tell any two scopes apart that the strategies make."""


def allows(scope: Scope, access: Access) -> bool:
    """Whether one scope allows one access."""
    if not isinstance(scope, ResourceScope):
        return False
    has = dict(access.values)
    return (
        scope.context == access.context
        and scope.resource_type in ("*", access.resource_type)
        and access.letter in scope.interactions
        and all(set(value.split(",")) & has[name] for name, value in scope.parameters)
    )


def set_allows(scopes: ScopeSet, access: Access) -> bool:
    """Whether a set of scopes allows one access: scopes add up."""
    return any(allows(scope, access) for scope in scopes)


_letters = st.sets(st.sampled_from("cruds"), min_size=1).map(
    lambda some: "".join(c for c in "cruds" if c in some)
)
_clause = st.builds(
    lambda name, values: f"{name}={','.join(values)}",
    st.sampled_from(PARAMETERS),
    st.lists(st.sampled_from(VALUES), min_size=1, max_size=3),
)
_clauses = st.lists(_clause, max_size=3).map(lambda some: f"?{'&'.join(some)}" if some else "")
_target = st.builds(
    lambda context, resource_type: f"{context}/{resource_type}",
    st.sampled_from(CONTEXTS),
    st.sampled_from((*TYPES[:2], "*")),
)

resource_texts = st.one_of(
    st.builds(lambda target, letters, clauses: f"{target}.{letters}{clauses}", _target, _letters, _clauses),
    st.builds(lambda target, suffix: f"{target}.{suffix}", _target, st.sampled_from(("read", "write", "*"))),
)
"""Texts of scopes for resources of the small world, v1 and v2, granular or not."""

other_texts = st.sampled_from(
    (
        "openid",
        "fhirUser",
        "offline_access",
        "launch:create",
        "launch",
        "launch/patient",
        "launch/encounter",
        "launch/questionnaire?role=https://example.org/a%20b",
    )
)
"""Texts of scopes that are not about resources."""

scope_texts = st.one_of(resource_texts, other_texts)
resource_scopes = resource_texts.map(read_scope)
scopes = scope_texts.map(read_scope)
scope_sets = st.lists(scopes, max_size=5).map(ScopeSet.of)
