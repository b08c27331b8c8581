"""Finding the stored resources that meet all criteria.

Owns: the evaluation of criteria, and narrowing by what is cheap first: `_id`, the index of references, and a look for
the wanted code in the stored bytes before they are decoded. Leaves sorting and paging to `pages`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from assent.demo.store.resources import Resources, Version
from assent.demo.store.search.criteria import (
    ChainCriterion,
    CompartmentCriterion,
    Criterion,
    ElementCriterion,
    HasCriterion,
    MissingCriterion,
    ReferenceCriterion,
)
from assent.demo.store.search.references import is_wanted, read_wanted, reference_keys
from assent.demo.store.search.tokens import code_of
from assent.demo.store.search.values import unescape
from assent.demo.store.wire import Json


@dataclass(frozen=True, slots=True)
class Condition:
    """A criterion made ready for one type: the exact test, and what narrows the search beforehand.

    `ids`: no other resource can meet it. `words`: the stored bytes of every resource that meets it hold one of them.
    """

    meets: Callable[[Json], bool]
    ids: frozenset[str] | None = None
    words: tuple[bytes, ...] = ()


def select(resources: Resources, resource_type: str, criteria: Iterable[Criterion]) -> Iterator[Version]:
    """The current versions of the type that meet all criteria, in the order in which they were created."""
    conditions = [_prepare(resources, resource_type, criterion) for criterion in criteria]
    live = resources.live(resource_type)
    narrowed = sorted((each.ids for each in conditions if each.ids is not None), key=len)
    ids = frozenset.intersection(*narrowed) if narrowed else live.keys()
    candidates = sorted((live[each] for each in ids if each in live), key=lambda version: version.created)
    for version in candidates:
        raw = version.raw or b""
        if not all(any(word in raw for word in each.words) for each in conditions if each.words):
            continue
        if conditions:
            resource = version.resource()
            if not all(each.meets(resource) for each in conditions):
                continue
        yield version


def _prepare(resources: Resources, resource_type: str, criterion: Criterion) -> Condition:
    match criterion:
        case ElementCriterion():
            return _prepare_element(criterion)
        case MissingCriterion(parameter, is_missing):
            return Condition(lambda resource: bool(parameter.values(resource)) is not is_missing)
        case ReferenceCriterion():
            return _prepare_reference(resources, resource_type, criterion)
        case ChainCriterion():
            return _prepare_chain(resources, resource_type, criterion)
        case HasCriterion(source_type, parameter, inner):
            ids = frozenset(
                key.removeprefix(f"{resource_type}/")
                for version in select(resources, source_type, [inner])
                for key in reference_keys(resources, parameter, version.resource())
                if key.startswith(f"{resource_type}/")
            )
            return Condition(lambda resource: resource["id"] in ids, ids)
        case CompartmentCriterion(parameters, target):
            ids = frozenset(resources.referring(resource_type, [target]))
            if target.startswith(f"{resource_type}/"):
                ids |= {target.partition("/")[2]}
            return Condition(
                lambda resource: (
                    f"{resource['resourceType']}/{resource['id']}" == target
                    or any(target in reference_keys(resources, each, resource) for each in parameters)
                ),
                ids,
            )


def _prepare_element(criterion: ElementCriterion) -> Condition:
    parameter, tests = criterion.parameter, criterion.tests

    def has_value(resource: Json) -> bool:
        return any(test(value) for value in parameter.values(resource) for test in tests)

    if criterion.modifier == "not":
        return Condition(lambda resource: not has_value(resource))
    if criterion.modifier:
        return Condition(has_value)
    if parameter.name == "_id":
        return Condition(has_value, frozenset(map(unescape, criterion.values)))
    is_literal = parameter.kind == "token" and not any(path.is_presence for path in parameter.paths)
    return Condition(has_value, words=_words(criterion.values) if is_literal else ())


def _words(values: tuple[str, ...]) -> tuple[bytes, ...]:
    """The codes as JSON has them; none when one may be written in another way, or is not asked for."""
    codes = [code_of(value) for value in values]
    is_plain = all(
        code and code.isascii() and code.isprintable() and not set(code) & {'"', "\\"} for code in codes
    )
    return tuple(code.encode() for code in codes) if is_plain else ()


def _prepare_reference(resources: Resources, resource_type: str, criterion: ReferenceCriterion) -> Condition:
    parameter = criterion.parameter
    wanted = [read_wanted(resources, parameter, value, criterion.type_modifier) for value in criterion.values]

    def meets(resource: Json) -> bool:
        return any(
            is_wanted(resources, parameter, value, each)
            for value in parameter.values(resource)
            for each in wanted
        )

    if any(each.address for each in wanted):
        return Condition(meets)  # the index knows references within this store only
    keys = {key for each in wanted for key in each.keys}
    return Condition(meets, frozenset(resources.referring(resource_type, keys)))


def _prepare_chain(resources: Resources, resource_type: str, criterion: ChainCriterion) -> Condition:
    parameter = criterion.parameter
    keys = {
        version.key
        for target, inner in criterion.inner.items()
        for version in select(resources, target, [inner])
    }

    def meets(resource: Json) -> bool:
        return any(key in keys for key in reference_keys(resources, parameter, resource))

    return Condition(meets, frozenset(resources.referring(resource_type, keys)))
