"""Roles at the gateway: what they give holds with scopes alone, changes on every node at once, and costs no others."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from assent.actions.accounts.people import import_people
from assent.actions.permissions.roles import add_role, edit_role
from assent.engine.authority import permissions_of
from assent.identity.mapping import read_rules
from assent.identity.mock import Mock
from assent.records.clients import Client
from assent.records.identities import Arrival
from assent.records.people import Person
from assent.storage.tables import PEOPLE
from assent.testing.application import Application
from gateway.clinic import NOBODY, Asking, Clinic

READER = {"name": "reader", "permissions": [{"permission": "FHIR_ALL_READ"}]}
NOTHING: dict[str, Any] = {"permissions": []}


@pytest.fixture
def ward(application: Application) -> Clinic:
    """The application of this test alone, and the ways to come by tokens."""
    return Clinic(application)


async def test_a_role_gives_what_scopes_leave_of_it(ward: Clinic) -> None:
    await add_role(ward.application.server, READER, actor=None)
    kim = await ward.person("kim", roles=("reader",))
    app = await ward.client("app")

    asking = await ward.asking(app, kim, "user/Patient.rs")

    assert "Patient/zoe" in await asking.keys("Patient")
    await asking.refused("GET", "Encounter", 403)
    await (await ward.asking(app, kim, "openid")).refused("GET", "Patient", 403)


async def test_a_role_that_changes_holds_on_the_other_node_with_the_next_request(
    ward: Clinic, open_beside: Callable[[Application], Awaitable[Application]]
) -> None:
    server, other = ward.application.server, await open_beside(ward.application)
    await add_role(server, READER, actor=None)
    kim, app = await ward.person("kim", roles=("reader",)), await ward.client("app", roles=("reader",))
    here = await ward.asking(app, kim, "user/*.rs")
    alone = await ward.own("app", "system/*.rs")
    for token in (here.token, alone.token):
        await Asking(other, token).read("Patient/zoe")

    await edit_role(server, "reader", NOTHING, actor=None)

    for token in (here.token, alone.token):
        await Asking(other, token).refused("GET", "Patient/zoe", 403)
    await edit_role(other.server, "reader", {"permissions": READER["permissions"]}, actor=None)
    await here.read("Patient/zoe")


async def test_a_role_that_is_taken_from_somebody_is_gone_at_once(ward: Clinic) -> None:
    server = ward.application.server
    await add_role(server, READER, actor=None)
    await import_people(server, {"users": [{"username": "kim", "roles": ["reader"]}]}, actor=None)
    [kim] = [one for one in await _people(ward) if one.username == "kim"]
    asking = await ward.asking(await ward.client("app"), kim, "user/*.rs")
    await asking.read("Patient/zoe")

    await import_people(server, {"users": [{"username": "kim"}]}, actor=None)

    await asking.refused("GET", "Patient/zoe", 403)


async def test_a_role_that_is_not_there_gives_nothing(ward: Clinic) -> None:
    kim = await ward.person("kim", roles=("reader",))
    asking = await ward.asking(await ward.client("app"), kim, "user/*.rs")
    await asking.refused("GET", "Patient/zoe", 403)


class Counting:
    """Storage that counts what is read of it."""

    def __init__(self, storage: Any) -> None:
        self.storage, self.reads = storage, 0

    async def get(self, *asked: Any) -> Any:
        self.reads += 1
        return await self.storage.get(*asked)


async def test_who_holds_no_role_costs_no_read(ward: Clinic) -> None:
    await add_role(ward.application.server, READER, actor=None)
    storage: Any = Counting(ward.application.server.storage)
    await permissions_of(storage, Person("u-1", "lee", "lee"))
    await permissions_of(storage, Client("app", "App"))
    assert storage.reads == 0
    await permissions_of(storage, Person("u-1", "kim", "kim", roles=("reader",)))
    assert storage.reads == 1


async def test_a_rule_of_a_sign_in_module_gives_a_role(ward: Clinic) -> None:
    server = ward.application.server
    module = Mock("Mock", None, read_rules(["* => role:reader"]))
    arrival = await module.sign_in(server, "kim", "", NOBODY)
    assert isinstance(arrival, Arrival)
    assert arrival.roles == ("reader",)
    assert arrival.permissions == ()


async def _people(ward: Clinic) -> list[Person]:
    return await ward.application.server.storage.find(PEOPLE)
