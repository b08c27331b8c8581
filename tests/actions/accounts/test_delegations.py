"""Delegations: added, replaced, removed, brought in and taken out."""

from typing import Any

import pytest

from assent.actions.accounts.delegations import (
    add_delegation,
    export_delegations,
    import_delegations,
    list_delegations,
    remove_delegation,
)
from assent.actions.accounts.people import add_person, get_person, import_people
from assent.actions.refusals import Refused
from assent.storage.tables import AUDIT
from assent.testing.server import TestServer

KIM: dict[str, Any] = {
    "username": "kim",
    "patient": "Patient/amy",
    "relationship": "guardian",
    "access": "read",
    "starts_at": 1_000,
    "expires_at": 4_000_000_000,
    "until_age": 18,
}
LEAST: dict[str, Any] = {"username": "kim", "patient": "zoe", "relationship": "carer"}


@pytest.fixture
async def kim(served: TestServer) -> TestServer:
    """A server with Kim."""
    await add_person(served.server, {"username": "kim"}, actor=None)
    return served


async def test_a_definition_comes_back_as_it_was_read(kim: TestServer) -> None:
    await add_delegation(kim.server, KIM, actor="tests")
    await add_delegation(kim.server, LEAST, actor="tests")

    shown = {**LEAST, "patient": "Patient/zoe", "access": "full"}
    assert await export_delegations(kim.server) == {"delegations": [KIM, shown]}


async def test_one_that_would_never_hold_is_refused_but_a_file_may_bring_it_back(kim: TestServer) -> None:
    over = {**KIM, "expires_at": 2_000}
    with pytest.raises(Refused, match="expires_at: is in the past, so that it would never hold"):
        await add_delegation(kim.server, over, actor="tests")
    done = await import_delegations(kim.server, {"delegations": [over]}, actor="tests")
    assert done.added == ("kim for Patient/amy",)


@pytest.mark.parametrize("patient", ["x y", "Patient/", "Group/1", ""])
async def test_a_list_for_what_is_no_patient_is_refused(kim: TestServer, patient: str) -> None:
    with pytest.raises(Refused, match=r"^patient: must "):
        await list_delegations(kim.server, patient=patient)


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        ({"username": "kimm"}, "username: there is no user 'kimm'; did you mean kim"),
        ({"patient": "Patient/a b"}, "patient: must be a patient"),
        ({"relationship": None}, "relationship: is required"),
        ({"relationship": "gardian"}, "did you mean guardian"),
        ({"access": "write"}, "access: must be one of full, read"),
        ({"expires_at": 1_000}, "expires_at: must be later than starts_at"),
        ({"until_age": 0}, "until_age: must be 1 to 120"),
        ({"expires": 1}, "expires: unknown field; did you mean expires_at"),
    ],
)
async def test_a_wrong_definition_is_refused(kim: TestServer, changes: dict[str, Any], mistake: str) -> None:
    with pytest.raises(Refused, match=mistake):
        await add_delegation(kim.server, {**KIM, **changes}, actor=None)
    assert await list_delegations(kim.server) == ()


async def test_nobody_is_her_own_delegate(kim: TestServer) -> None:
    await add_person(kim.server, {"username": "amy", "fhir_user": "Patient/amy"}, actor=None)
    with pytest.raises(Refused, match="patient: is amy herself"):
        await add_delegation(kim.server, {**KIM, "username": "amy"}, actor=None)


async def test_another_one_for_the_same_two_replaces_it(kim: TestServer) -> None:
    await add_delegation(kim.server, KIM, actor=None)
    await add_delegation(kim.server, {**LEAST, "patient": "amy"}, actor=None)

    [one] = await list_delegations(kim.server)
    assert (one.delegation.relationship, one.delegation.expires_at) == ("carer", 0)


async def test_who_is_told_of_one_stays_told_when_she_is_imported_again(kim: TestServer) -> None:
    await add_delegation(kim.server, KIM, actor=None)
    await import_people(kim.server, {"users": [{"username": "kim", "given_name": "Kim"}]}, actor=None)
    assert (await get_person(kim.server, "kim")).has_delegations


async def test_they_are_listed_by_user_and_by_patient(kim: TestServer) -> None:
    await add_person(kim.server, {"username": "lou"}, actor=None)
    documents = [KIM, LEAST, {**KIM, "username": "lou"}]
    await import_delegations(kim.server, {"delegations": documents}, actor=None)

    async def listed(**by: str) -> list[tuple[str | None, str]]:
        found = await list_delegations(kim.server, **by)
        return [(one.username, one.delegation.patient) for one in found]

    assert await listed() == [("kim", "amy"), ("kim", "zoe"), ("lou", "amy")]
    assert await listed(username="kim") == [("kim", "amy"), ("kim", "zoe")]
    assert await listed(patient="Patient/amy") == [("kim", "amy"), ("lou", "amy")]


async def test_one_that_is_removed_is_gone_and_one_that_is_not_there_is_told(kim: TestServer) -> None:
    await add_delegation(kim.server, KIM, actor=None)
    await remove_delegation(kim.server, "kim", "Patient/amy", actor=None)
    assert await list_delegations(kim.server) == ()
    with pytest.raises(Refused, match="there is no delegation of kim for Patient/amy"):
        await remove_delegation(kim.server, "kim", "amy", actor=None)


async def test_an_import_is_all_or_nothing_and_the_same_again_changes_nothing(kim: TestServer) -> None:
    with pytest.raises(Refused) as refused:
        await import_delegations(
            kim.server,
            {"delegations": [KIM, {**KIM, "username": "lou"}, {**KIM, "access": "full"}]},
            actor=None,
        )
    assert list(refused.value.mistakes) == [
        "delegations[1].username: there is no user 'lou'",
        "delegations[2]: kim for Patient/amy stands at delegations[0] already",
    ]
    assert await list_delegations(kim.server) == ()

    done = await import_delegations(kim.server, {"delegations": [KIM, LEAST]}, actor=None)
    assert done.added == ("kim for Patient/amy", "kim for Patient/zoe")
    changed = {"delegations": [KIM, {**LEAST, "access": "read"}]}
    done = await import_delegations(kim.server, changed, actor=None)
    assert (done.unchanged, done.replaced) == (("kim for Patient/amy",), ("kim for Patient/zoe",))


async def test_who_acts_for_whom_is_audited(kim: TestServer) -> None:
    await add_delegation(kim.server, KIM, actor="command:ada")
    await add_delegation(kim.server, {**KIM, "access": "full"}, actor="command:ada")
    await remove_delegation(kim.server, "kim", "amy", actor="command:ada")

    person_id = (await get_person(kim.server, "kim")).person_id
    rows = [row for row in await kim.server.storage.find(AUDIT) if row.type.startswith("delegation.")]
    said_of = {row.type: row.detail for row in rows}
    assert said_of.keys() == {"delegation.added", "delegation.edited", "delegation.removed"}
    assert {(row.person_id, row.actor) for row in rows} == {(person_id, "command:ada")}
    said = {"patient": "amy", "relationship": "guardian", "access": "read", "expires_at": 4_000_000_000}
    assert said_of["delegation.added"] == said
