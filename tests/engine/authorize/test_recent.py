"""Whose records a person opened last."""

from assent.engine.authorize.recent import KEPT_SECONDS, recent_patients, remember_patient
from assent.engine.settings import EngineSettings
from assent.records.people import Person
from assent.spec.permissions import Permission
from assent.storage.interface import act
from assent.storage.tables import RECENT_PATIENTS
from assent.testing.server import TestServer, a_server

EVERYTHING = (Permission("FHIR_ALL_READ"),)
LEE = Person("u-lee", "lee", "lee", fhir_user="Patient/lee", permissions=EVERYTHING)
ANN = Person("u-ann", "ann", "ann", permissions=EVERYTHING)
AMY = Person("u-amy", "amy", "amy", fhir_user="Patient/amy")


async def opens(served: TestServer, person: Person, *patients: str | None) -> None:
    for patient in patients:
        await served.server.storage.commit(act(*await remember_patient(served.server, person, patient)))


async def test_the_latest_comes_first_and_each_once(served: TestServer) -> None:
    await opens(served, LEE, "a", "b", "c", "a")
    assert await recent_patients(served.server, LEE) == ("a", "c", "b")


async def test_only_so_many_are_kept() -> None:
    served = await a_server(EngineSettings(picker_recent=2))
    await opens(served, LEE, "a", "b", "c")
    assert await recent_patients(served.server, LEE) == ("c", "b")
    (row,) = await served.server.storage.find(RECENT_PATIENTS)
    assert row.patients == ("c", "b")
    await served.close()


async def test_nothing_is_kept_where_the_setting_says_so() -> None:
    served = await a_server(EngineSettings(picker_recent=0))
    await opens(served, LEE, "a")
    assert await served.server.storage.find(RECENT_PATIENTS) == []
    await served.close()


async def test_one_persons_are_never_anothers(served: TestServer) -> None:
    await opens(served, LEE, "a")
    await opens(served, ANN, "b")
    assert await recent_patients(served.server, LEE) == ("a",)
    assert await recent_patients(served.server, ANN) == ("b",)


async def test_her_own_record_no_record_and_who_has_a_list_are_not_remembered(served: TestServer) -> None:
    await opens(served, LEE, "lee", None)
    await opens(served, AMY, "amy", "zoe")
    assert await served.server.storage.find(RECENT_PATIENTS) == []


async def test_they_are_forgotten_in_time(served: TestServer) -> None:
    await opens(served, LEE, "a")
    served.clock.advance(KEPT_SECONDS - 1)
    assert await recent_patients(served.server, LEE) == ("a",)
    served.clock.advance(1)
    assert await recent_patients(served.server, LEE) == ()
