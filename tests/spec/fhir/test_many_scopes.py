"""Many granular scopes cost little, whoever wrote them. Work is counted in calls, not in time."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from assent.spec.fhir.reaches import Reach
from assent.spec.fhir.rights import MAX_CONSTRAINED
from assent.spec.fhir.visibility import Visibility
from assent.spec.permissions import own_powers
from spec.fhir.cases import ALL_READ, BASES, allowed, observation, rights


def scopes(count: int) -> str:
    """Scopes that differ in one code and begin with clauses that every observation here fulfils."""
    shared = "subject=Patient/1&status=final&category=laboratory"
    return " ".join(f"user/Observation.rs?{shared}&code=none%5C,{number}" for number in range(count))


@contextmanager
def calls() -> Iterator[Counter[str]]:
    """Counts the calls of our own functions, by name."""
    counted: Counter[str] = Counter()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and "assent" in frame.f_code.co_filename:
            counted[frame.f_code.co_name] += 1

    sys.setprofile(note)
    try:
        yield counted
    finally:
        sys.setprofile(None)


def test_scopes_with_constraints_are_used_up_to_a_number_and_no_further():
    held = rights(f"{scopes(MAX_CONSTRAINED + 5)} user/Observation.rs?status=final", ALL_READ)
    assert len(held.reaches("Observation", "r")) == MAX_CONSTRAINED
    unconstrained = rights(f"{scopes(MAX_CONSTRAINED + 5)} user/Observation.rs", ALL_READ)
    assert unconstrained.reaches("Observation", "r") == (Reach(),)


def test_many_scopes_are_compared_once_for_all_requests_and_resources():
    held = rights(scopes(200), own_powers(str(number) for number in range(50)))
    with calls() as first:
        assert len(held.reaches("Observation", "s")) == MAX_CONSTRAINED * 50
        allowed("GET", "Observation", held)
    # 200 scopes by 50 patients; compared pair by pair it would be millions
    assert sum(first.values()) < 200_000
    with calls() as second:
        held.reaches("Observation", "s")
        Visibility(held, BASES).allows(observation("x"), "s")
    assert sum(second.values()) < 2_000


def test_what_a_scope_says_is_read_once_and_what_a_resource_holds_once_for_each_parameter():
    held = rights(scopes(MAX_CONSTRAINED), ALL_READ)
    visibility = Visibility(held, BASES)
    resources = [observation(str(number)) for number in range(100)]
    assert not visibility.allows(resources[0], "r")
    with calls() as counted:
        assert not any(visibility.allows(resource, "r") for resource in resources)
    assert counted["unescape"] == counted["split_escaped"] == counted["alternatives"] == 0
    # subject, status, category, code, each once a resource; what places it in a compartment beside it
    assert counted["held"] <= 100 * MAX_CONSTRAINED * 4
    assert counted["_held_forms"] <= 100 * 4 * 3


def test_many_alternatives_of_a_text_are_looked_up_not_tried():
    texts = ",".join(f"{'x' * (number % 20)}{number}" for number in range(2_000))
    held = rights(f"user/Patient.rs?name={texts}", ALL_READ)
    visibility = Visibility(held, BASES)
    patient = {"resourceType": "Patient", "id": "1", "name": [{"family": "xx1702 and more"}]}
    other = {"resourceType": "Patient", "id": "1", "name": [{"family": "Jones"}]}
    assert visibility.allows(patient, "r")
    with calls() as counted:
        assert not visibility.allows(other, "r")
    assert sum(counted.values()) < 200
