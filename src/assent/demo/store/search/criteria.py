"""What a resource must meet to be found, as values: read from a query, without looking at what is stored.

Owns: the grammar of one search parameter (modifier, chain, `_has`). Leaves the evaluation to `selection`.
Source: https://hl7.org/fhir/R4/search.html (modifiers, #chaining, #has).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from assent.demo.store.errors import BadRequest, NotSupported, UnknownParameter
from assent.demo.store.search.dates import date_test
from assent.demo.store.search.parameters import Kind, Parameter, search_parameters
from assent.demo.store.search.quantities import number_test, quantity_test
from assent.demo.store.search.strings import (
    above_test,
    below_test,
    contains_test,
    exact_test,
    string_test,
    uri_test,
)
from assent.demo.store.search.tokens import identifier_test, text_test, token_test
from assent.demo.store.search.values import Test, split_alternatives

MAX_DEPTH: Final = 6
"""Links in a chain or nested `_has`; more is refused."""


@dataclass(frozen=True, slots=True)
class ElementCriterion:
    """Some element value meets one of the tests (one a value); with the modifier `not`, none does."""

    parameter: Parameter
    modifier: str
    values: tuple[str, ...]
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class MissingCriterion:
    """`:missing`: the parameter has no value, or has one."""

    parameter: Parameter
    is_missing: bool


@dataclass(frozen=True, slots=True)
class ReferenceCriterion:
    """A reference to one of the values; `type_modifier` is the `:Type`, or empty."""

    parameter: Parameter
    values: tuple[str, ...]
    type_modifier: str = ""


@dataclass(frozen=True, slots=True)
class ChainCriterion:
    """`patient.birthdate=`: the reference is to a resource that meets the inner criterion of its type."""

    parameter: Parameter
    inner: Mapping[str, "Criterion"]


@dataclass(frozen=True, slots=True)
class HasCriterion:
    """`_has:Observation:patient:code=`: a resource of the source type refers here and meets the inner one."""

    source_type: str
    parameter: Parameter
    inner: "Criterion"


@dataclass(frozen=True, slots=True)
class CompartmentCriterion:
    """One of the parameters refers to the target: `Patient/amy/Observation`."""

    parameters: tuple[Parameter, ...]
    target: str


Criterion = (
    ElementCriterion
    | MissingCriterion
    | ReferenceCriterion
    | ChainCriterion
    | HasCriterion
    | CompartmentCriterion
)

_TESTS: Mapping[Kind, Callable[[str], Test]] = {
    "token": token_test,
    "string": string_test,
    "date": date_test,
    "quantity": quantity_test,
    "number": number_test,
    "uri": uri_test,
}
_MODIFIED_TESTS: Mapping[tuple[Kind, str], Callable[[str], Test]] = {
    ("token", "not"): token_test,
    ("token", "text"): text_test,
    ("string", "exact"): exact_test,
    ("string", "contains"): contains_test,
    ("uri", "above"): above_test,
    ("uri", "below"): below_test,
    ("reference", "identifier"): identifier_test,
}


def read_criterion(resource_type: str, name: str, text: str, depth: int = 0) -> Criterion:
    """Read one search parameter of the type; raises UnknownParameter, BadRequest or NotSupported."""
    if depth > MAX_DEPTH:
        raise NotSupported(f"Chains are followed for {MAX_DEPTH} links at most.")
    if name.startswith("_has:"):
        return _read_has(name, text, depth)
    head, dot, rest = name.partition(".")
    head, _, modifier = head.partition(":")
    parameter = find_parameter(resource_type, head)
    if dot:
        return _read_chain(parameter, modifier, rest, text, depth)
    if modifier == "missing":
        if text not in ("true", "false"):
            raise BadRequest(f"{head}:missing is true or false.")
        return MissingCriterion(parameter, text == "true")
    values = split_alternatives(text)
    if not values:
        raise BadRequest(f"The parameter {head} has no value.")
    if parameter.kind == "reference" and modifier != "identifier":
        return ReferenceCriterion(parameter, values, _target_type(parameter, modifier))
    return _read_element(parameter, modifier, values)


def find_parameter(resource_type: str, name: str) -> Parameter:
    """The type's search parameter; raises UnknownParameter."""
    parameter = search_parameters()[resource_type].get(name)
    if parameter is None:
        raise UnknownParameter(f"{resource_type} has no search parameter {name}.")
    return parameter


def _read_element(parameter: Parameter, modifier: str, values: tuple[str, ...]) -> ElementCriterion:
    make = _MODIFIED_TESTS.get((parameter.kind, modifier)) if modifier else _TESTS[parameter.kind]
    if make is None:
        # "Servers SHALL reject any search request that contains a search modifier that they do not support"
        raise NotSupported(f"{parameter.name} does not take the modifier :{modifier} here.")
    return ElementCriterion(parameter, modifier, values, tuple(map(make, values)))


def _read_chain(parameter: Parameter, modifier: str, rest: str, text: str, depth: int) -> ChainCriterion:
    if parameter.kind != "reference":
        raise BadRequest(f"{parameter.name} is not a reference, so nothing can follow it.")
    only = _target_type(parameter, modifier)
    inner: dict[str, Criterion] = {}
    for target in [only] if only else [name for name in search_parameters() if parameter.allows(name)]:
        try:
            inner[target] = read_criterion(target, rest, text, depth + 1)
        except UnknownParameter:
            continue  # subject.birthdate: of the possible subjects only patients have a birth date
    if not inner:
        raise UnknownParameter(f"Nothing that {parameter.name} refers to has a search parameter {rest}.")
    return ChainCriterion(parameter, inner)


def _read_has(name: str, text: str, depth: int) -> HasCriterion:
    match name.split(":", 3):
        case [_, source_type, reference, rest] if source_type in search_parameters():
            parameter = find_parameter(source_type, reference)
            if parameter.kind == "reference":
                return HasCriterion(
                    source_type, parameter, read_criterion(source_type, rest, text, depth + 1)
                )
    raise BadRequest("_has is written _has:Type:reference-parameter:parameter=value.")


def _target_type(parameter: Parameter, modifier: str) -> str:
    if modifier and modifier not in search_parameters():
        raise NotSupported(f"{parameter.name} does not take the modifier :{modifier} here.")
    return modifier
