"""`_sort`: the values by which matches are put in order.

Source: https://hl7.org/fhir/R4/search.html#sort.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assent.demo.store.resources import Version
from assent.demo.store.search.dates import read_intervals
from assent.demo.store.search.parameters import Parameter
from assent.demo.store.search.references import reference_text
from assent.demo.store.search.strings import fold, read_strings
from assent.demo.store.search.tokens import read_tokens

SortValue = str | float | None
"""None: the resource has no value for the parameter."""


@dataclass(frozen=True, slots=True)
class SortKey:
    """One element of `_sort`."""

    parameter: Parameter
    is_descending: bool


def sort_values(version: Version, sort: tuple[SortKey, ...]) -> tuple[SortValue, ...]:
    """One value for each key: of several the least, or the greatest when the key is descending."""
    if not sort:
        return ()
    resource = version.resource()
    return tuple(_choose(key, key.parameter.values(resource)) for key in sort)


def _choose(key: SortKey, values: list[Any]) -> SortValue:
    comparable: list[Any] = [each for value in values for each in _comparable(key.parameter, value)]
    if not comparable:
        return None
    value: SortValue = max(comparable) if key.is_descending else min(comparable)
    return value


def _comparable(parameter: Parameter, value: Any) -> Iterator[str | float]:
    match parameter.kind:
        case "date":
            for interval in read_intervals(value):
                yield interval.start.isoformat()
        case "string" | "uri":
            yield from map(fold, read_strings(value))
        case "token":
            yield from (code for _, code in read_tokens(value))
        case "reference":
            yield reference_text(value)
        case "quantity" | "number":
            amount = value.get("value") if isinstance(value, dict) else value
            if isinstance(amount, int | Decimal):
                yield float(amount)
