"""Versions: the resource as it stands opens its history, and each version is checked by itself."""

import pytest

from gateway.clinic import resources_in

AMY = ("amy", "patient/*.rs", "amy")


async def test_a_resource_filed_under_another_patient_first_shows_no_more_than_its_own_versions(ask):
    asking = await ask(*AMY)
    history = await asking.read("Observation/misfiled/_history")
    assert [each["subject"]["reference"] for each in resources_in(history)] == ["Patient/amy"]
    assert "total" not in history
    assert (await asking.read("Observation/misfiled/_history/2"))["status"] == "amended"
    await asking.refused("GET", "Observation/misfiled/_history/1", 404)


async def test_the_patient_of_a_former_version_sees_nothing_of_it(clinic, app):
    chidi = await clinic.person("chidi", "Patient/chidi")
    asking = await clinic.asking(app, chidi, "patient/*.rs", "chidi")
    for path in ("Observation/misfiled", "Observation/misfiled/_history", "Observation/misfiled/_history/1"):
        await asking.refused("GET", path, 404)


async def test_who_may_read_all_sees_all_versions_and_their_number(ask):
    asking = await ask("lee", "user/*.rs")
    history = await asking.read("Observation/misfiled/_history")
    subjects = [each["subject"]["reference"] for each in resources_in(history)]
    assert sorted(subjects) == ["Patient/amy", "Patient/chidi"]
    assert history["total"] == 2


@pytest.mark.row("S1")
async def test_history_of_a_resource_needs_r_and_history_of_a_type_s_of_all_of_it(ask):
    reading = await ask("lee", "user/Observation.r")
    assert (await reading.get("Observation/misfiled/_history")).status_code == 200
    assert (await reading.get("Observation/misfiled/_history/1")).status_code == 200
    await reading.refused("GET", "Observation/_history", 403)
    searching = await ask("lee", "user/Observation.s")
    assert (await searching.get("Observation/_history?_count=5")).status_code == 200
    await searching.refused("GET", "Observation/misfiled/_history", 403)
    await (await ask(*AMY)).refused("GET", "Observation/_history", 403)


async def test_a_history_by_a_granular_scope_holds_the_versions_that_fulfil_it(ask):
    amended = await ask("amy", "patient/Observation.rs?status=amended", "amy")
    assert len(resources_in(await amended.read("Observation/misfiled/_history"))) == 1
    final = await ask("amy", "patient/Observation.rs?status=final", "amy")
    await final.refused("GET", "Observation/misfiled/_history", 404)


@pytest.mark.parametrize("query", ["?_count=1", "?_since=2020-01-01T00:00:00Z", "?_format=json"])
async def test_a_history_takes_its_own_parameters(ask, query):
    assert (await (await ask(*AMY)).get(f"Patient/amy/_history{query}")).status_code == 200


@pytest.mark.parametrize("query", ["?_include=*", "?patient=amy", "?_list=1"])
async def test_a_history_takes_no_others(ask, query):
    await (await ask(*AMY)).refused("GET", f"Patient/amy/_history{query}", 400)


async def test_versions_of_what_is_not_there_are_not_found(ask):
    asking = await ask(*AMY)
    for path in ("Observation/nothing/_history", "Observation/nothing/_history/1", "Patient/amy/_history/99"):
        await asking.refused("GET", path, 404)
