"""Rights end with the rule, the claim or the attribute that gave them; what an administrator gave stays."""

from dataclasses import replace
from typing import Any

import pytest

from assent.engine.arrivals import welcome
from assent.engine.server import Caller
from assent.records.identities import Arrival
from assent.records.people import LaunchDefault, Person
from assent.spec.permissions import Permission
from assent.storage.interface import Change, act
from assent.storage.tables import IDENTITIES, PEOPLE
from assent.testing.server import TestServer, a_server

READ, WRITE = Permission("FHIR_ALL_READ"), Permission("FHIR_ALL_WRITE")


@pytest.fixture
async def served() -> TestServer:
    return await a_server()


async def come(served: TestServer, **said: Any) -> Person:
    arrival = Arrival("staff", "ldap.example", "1", "maria", ("pwd",), **said)
    return await welcome(served.server, arrival, Caller("192.0.2.7", "a browser", "7F3K-22"))


async def edit(served: TestServer, person: Person, **fields: Any) -> None:
    change = Change(PEOPLE, (person.person_id,), {**fields, "updated_at": person.updated_at + 1})
    assert (await served.server.storage.commit(act(change))).all


@pytest.mark.parametrize(
    ("field", "value", "nothing"),
    [
        ("fhir_user", "Practitioner/1", None),
        ("permissions", (READ,), ()),
        ("roles", ("chief",), ()),
        ("represents", ("Patient/1",), ()),
        ("default_launch_contexts", (LaunchDefault("patient", "1"),), ()),
    ],
)
async def test_what_a_module_gave_ends_when_it_says_nothing_of_it(
    served: TestServer, field: str, value: object, nothing: object
) -> None:
    assert getattr(await come(served, **{field: value}), field) == value
    assert getattr(await come(served), field) == nothing
    assert served.events[-1].detail == {"fields": [field], "module": "staff"}


async def test_what_an_administrator_added_since_stays(served: TestServer) -> None:
    person = await come(served, permissions=(READ,), roles=("chief",), fhir_user="Practitioner/1")
    await edit(served, person, permissions=(READ, WRITE), roles=("porter",), fhir_user="Practitioner/2")
    person = await come(served)
    assert (person.permissions, person.roles) == ((WRITE,), ("porter",))
    assert person.fhir_user == "Practitioner/2"


async def test_what_an_administrator_gave_to_somebody_of_whom_the_module_says_nothing_stays(
    served: TestServer,
) -> None:
    await edit(served, await come(served), permissions=(READ,), roles=("chief",))
    for _ in range(2):
        person = await come(served)
        assert (person.permissions, person.roles) == ((READ,), ("chief",))


async def test_what_is_taken_back_is_taken_back_once(served: TestServer) -> None:
    await come(served, permissions=(READ,))
    await edit(served, await come(served), permissions=(READ,))
    assert (await come(served)).permissions == (READ,)


async def test_an_identity_from_before_loses_nothing_at_first_and_is_remembered_from_then_on(
    served: TestServer,
) -> None:
    await come(served, permissions=(READ,))
    [identity] = await served.server.storage.find(IDENTITIES)
    key = (identity.module, identity.provider, identity.subject)
    await served.server.storage.commit(act(Change(IDENTITIES, key, {"gave": None})))
    assert (await come(served)).permissions == (READ,)
    await come(served, permissions=(READ,))
    [again] = await served.server.storage.find(IDENTITIES)
    assert again.gave is not None
    assert again == replace(identity, gave=again.gave)
    assert (await come(served)).permissions == ()
