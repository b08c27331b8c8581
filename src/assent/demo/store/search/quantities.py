"""Quantity and number search.

Source: https://hl7.org/fhir/R4/search.html#quantity and #number. Units are compared, never converted.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from assent.demo.store.errors import BadRequest
from assent.demo.store.search.values import Test, split_parts, split_prefix

Compare = Callable[[Decimal], bool]

_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,3})?", re.ASCII)


def number_test(text: str) -> Test:
    """`[prefix]number`."""
    compare = _comparison(text)
    return lambda value: isinstance(value, int | Decimal) and compare(Decimal(value))


def quantity_test(text: str) -> Test:
    """`[prefix]number`, `[prefix]number|system|code`, `[prefix]number||unit`."""
    parts = split_parts(text)
    if len(parts) not in (1, 3):
        raise BadRequest("A quantity is written number or number|system|code.")
    number, system, code = (*parts, "", "")[:3]
    compare = _comparison(number)

    def test(value: Any) -> bool:
        amount = value.get("value") if isinstance(value, dict) else None
        if not isinstance(amount, int | Decimal):
            return False
        has_system = not system or value.get("system") == system
        has_unit = not code or code in (value.get("code"), value.get("unit"), value.get("currency"))
        return has_system and has_unit and compare(Decimal(amount))

    return test


def _comparison(text: str) -> Compare:
    prefix, digits = split_prefix(text)
    if not _NUMBER.fullmatch(digits):
        raise BadRequest("A number is written like 5, 5.40 or 5.4e-3.")
    wanted = Decimal(digits)
    # "the precision of the number determines the range": half of the last written digit on either side
    half = Decimal((0, (5,), int(wanted.as_tuple().exponent) - 1))
    comparisons: dict[str, Compare] = {
        "eq": lambda own: wanted - half <= own < wanted + half,
        "ne": lambda own: not wanted - half <= own < wanted + half,
        "gt": lambda own: own > wanted,
        "lt": lambda own: own < wanted,
        "ge": lambda own: own >= wanted,
        "le": lambda own: own <= wanted,
        "sa": lambda own: own > wanted,
        "eb": lambda own: own < wanted,
        "ap": lambda own: abs(own - wanted) <= abs(wanted) / 10,  # "the recommended value … is 10%"
    }
    return comparisons[prefix]
