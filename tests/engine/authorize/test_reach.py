"""Whose record a person may put into context."""

import pytest

from assent.engine.authority import reads_patient
from assent.engine.authorize.reach import may_open, may_search_patients
from assent.spec.permissions import Power
from assent.testing.server import TestServer

EVERYTHING = Power("read", "*")


@pytest.mark.parametrize(
    ("power", "does"),
    [
        (EVERYTHING, True),
        (Power("read", "Patient"), True),
        (Power("read", "*", within="Patient/amy"), True),
        (Power("read", "Patient", instance="Patient/amy"), True),
        (Power("write", "*"), False),
        (Power("delete", "*"), False),
        (Power("read", "Observation"), False),
        (Power("read", "Observation", within="Patient/amy"), False),
        (Power("read", "*", within="Patient/zoe"), False),
        (Power("read", "*", within="Patient/am"), False),
        (Power("read", "Patient", instance="Patient/zoe"), False),
        (Power("read", "*", within="Encounter/amy"), False),
    ],
)
def test_which_power_opens_a_record(power: Power, does: bool) -> None:
    assert reads_patient(power, "amy") is does


@pytest.mark.parametrize(
    ("powers", "may"),
    [
        ((EVERYTHING,), True),
        ((Power("read", "Patient"),), True),
        ((), False),
        ((Power("read", "*", within="Patient/amy"), Power("write", "*")), False),
        ((Power("read", "Patient", instance="Patient/amy"), Power("read", "Observation")), False),
    ],
)
def test_who_reads_every_patient_gets_a_search(powers: tuple[Power, ...], may: bool) -> None:
    assert may_search_patients(powers) is may


@pytest.mark.parametrize(
    ("patient", "may"),
    [
        ("amy", True),
        ("gone", False),
        ("", False),
        ("..", False),
        ("a/b", False),
        ("a b", False),
        ("x" * 65, False),
    ],
)
async def test_even_who_may_open_every_record_names_one_that_is_there(
    served: TestServer, patient: str, may: bool
) -> None:
    lee = await served.add_person("lee")
    served.records.powers_of["lee"] = (EVERYTHING,)
    served.records.missing.add("gone")
    assert await may_open(served.server, lee, patient) is may
