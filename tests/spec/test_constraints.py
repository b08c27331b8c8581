"""What comparing constraints may cost, and that no dear question is answered with yes."""

import sys
from collections.abc import Callable
from itertools import combinations, product
from types import FrameType
from typing import Any

import pytest

from assent.spec.constraints import MOST_STEPS, Constraints, implies_any
from assent.spec.scope_sets import read_scopes


def calls_during(work: Callable[[], object]) -> int:
    """How many functions `work` calls, generators' steps included: its cost, the same on every machine."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


def alternatives(letter: str, count: int) -> str:
    return ",".join(sorted(f"{letter}{number}" for number in range(count)))


def pairs(count: int) -> list[Constraints]:
    """Every case of two clauses with `count` alternatives each, on its own."""
    numbers = range(count)
    return [(("category", f"b{b}"), ("code", f"a{a}")) for a, b in product(numbers, numbers)]


def asked(count: int) -> Constraints:
    return (("category", alternatives("b", count)), ("code", alternatives("a", count)))


def test_cases_are_told_apart_as_long_as_there_are_few() -> None:
    assert implies_any(asked(5), pairs(5))
    assert not implies_any(asked(5), pairs(5)[1:])


def test_a_question_beyond_the_budget_is_answered_with_no() -> None:
    assert MOST_STEPS < 16**2 * 16**2
    assert not implies_any(asked(16), pairs(16))


def test_what_one_alone_implies_is_seen_whatever_the_number() -> None:
    assert implies_any(asked(16), [*pairs(16), (("code", alternatives("a", 16)),)])


def test_what_can_never_hold_costs_nothing_of_the_budget() -> None:
    others: list[Constraints] = [(("code", f"x{number}"),) for number in range(MOST_STEPS)]
    strangers: list[Constraints] = [(("date", "2020"), ("code", "a0"))] * MOST_STEPS
    assert implies_any(asked(5), [*others, *strangers, *pairs(5)])


def test_an_escaped_comma_divides_no_alternatives() -> None:
    assert implies_any((("code", "a\\,b,c"),), [(("code", "a\\,b"),), (("code", "c"),)])
    assert not implies_any((("code", "a\\,b"),), [(("code", "b"),), (("code", "a"),)])


@pytest.mark.parametrize("count", [7, 16, 24])
def test_no_request_makes_comparing_scopes_dear(count: int) -> None:
    granted = " ".join(
        f"patient/Observation.cruds?code=a{a}&category=b{b}" for a, b in product(range(count), range(count))
    )
    letters = ["".join(some) for length in (5, 4, 3) for some in combinations("cruds", length)]
    constraints = f"code={alternatives('a', count)}&category={alternatives('b', count)}"
    wide = read_scopes(granted).scopes
    narrow = read_scopes(" ".join(f"patient/Observation.{some}?{constraints}" for some in letters)).scopes
    assert len(narrow) == 16
    assert calls_during(lambda: [wide.covers(scope) for scope in narrow]) < 16 * 20 * (count**2 + MOST_STEPS)
