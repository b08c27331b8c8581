"""The search parameters of every type that the store knows, read from `parameters.tsv`.

Owns: the facts (name, kind, element paths, reference targets) and the little path language they are written in.
Source: the SearchParameter resources of FHIR R4 (https://hl7.org/fhir/R4/searchparameter-registry.html) and of US Core.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

from assent.demo.store.wire import Json

Kind = Literal["token", "string", "date", "reference", "quantity", "number", "uri"]

ANY_TARGET = "*"
_STEP = re.compile(r"(\w+)(?:\[(\w+)=([^\]]*)\])?(?:\.|$)")


@dataclass(frozen=True, slots=True)
class Step:
    """One element of a path; with `key`, only those items whose member `key` is `value`."""

    name: str
    key: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Path:
    """Where a parameter's values are. `is_presence`: the value is whether the choice element is there and not false."""

    steps: tuple[Step, ...]
    is_presence: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """One search parameter of one type."""

    name: str
    kind: Kind
    paths: tuple[Path, ...]
    targets: frozenset[str] = frozenset()

    def allows(self, resource_type: str) -> bool:
        """Whether a reference of this parameter may point to the type."""
        return ANY_TARGET in self.targets or resource_type in self.targets

    def values(self, resource: Json) -> list[Any]:
        """The element values, lists flattened, that this parameter looks at."""
        return [value for path in self.paths for value in _values_at(resource, path)]


Parameters = Mapping[str, Mapping[str, Parameter]]


@cache
def search_parameters() -> Parameters:
    """Type -> name -> parameter; the parameters common to all types (`_id`, …) are among every type's."""
    common: dict[str, Parameter] = {}
    known: dict[str, dict[str, Parameter]] = {}
    for row in _rows("parameters.tsv"):
        resource_type, name, kind, paths, targets = (*row, "")[:5]
        parameter = Parameter(
            name, cast("Kind", kind), tuple(map(read_path, paths.split("|"))), frozenset(targets.split())
        )
        if resource_type == "Resource":
            common[name] = parameter
        else:
            known.setdefault(resource_type, {})[name] = parameter
    return {resource_type: common | known.get(resource_type, {}) for resource_type in resource_elements()}


@dataclass(frozen=True, slots=True)
class Elements:
    """Of a type's elements: the mandatory ones, those of a summary, and the choices (`value` of `value[x]`)."""

    mandatory: frozenset[str]
    summary: frozenset[str]
    choices: tuple[str, ...]

    def element(self, member: str) -> str:
        """The element that a JSON member belongs to: `value` for `valueQuantity`, `birthDate` for `_birthDate`."""
        plain = member.removeprefix("_")
        for choice in self.choices:
            if plain.startswith(choice) and plain[len(choice) : len(choice) + 1].isupper():
                return choice
        return plain


@cache
def resource_elements() -> Mapping[str, Elements]:
    """Type -> facts about its elements; the keys are the types that the store knows, by alphabet."""
    return {
        resource_type: Elements(
            frozenset(mandatory.split()), frozenset(f"{mandatory} {summary}".split()), tuple(choices.split())
        )
        for resource_type, mandatory, summary, choices in (
            (*row, "", "", "")[:4] for row in _rows("elements.tsv")
        )
    }


def read_path(text: str) -> Path:
    """Parse a path as the table writes it: `a.b`, `telecom[system=phone]`, `?deceased`."""
    is_presence = text.startswith("?")
    steps = tuple(
        Step(*(part or "" for part in match.groups())) for match in _STEP.finditer(text.lstrip("?"))
    )
    return Path(steps, is_presence)


def _rows(name: str) -> Iterator[list[str]]:
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return (line.split("\t") for line in text.splitlines() if not line.startswith("#"))


def _values_at(resource: Json, path: Path) -> Iterator[Any]:
    if path.is_presence:
        name = path.steps[0].name
        yield any(value is not False for key, value in resource.items() if key.startswith(name))
        return
    nodes: list[Any] = [resource]
    for step in path.steps:
        nodes = [item for node in nodes if isinstance(node, dict) for item in _items(node, step)]
        if not nodes:
            return
    yield from nodes


def _items(node: Json, step: Step) -> list[Any]:
    value = node.get(step.name)
    if value is None:
        return []
    items = value if isinstance(value, list) else [value]
    if not step.key:
        return items
    return [item for item in items if isinstance(item, dict) and item.get(step.key) == step.value]
