"""Deleting a person: what ends, what is taken away, what is kept, and who comes after her."""

from typing import Any

import pytest

from assent.actions.accounts.delegations import add_delegation, list_delegations
from assent.actions.accounts.deletion import delete_person
from assent.actions.accounts.people import (
    add_person,
    export_people,
    export_people_with_hashes,
    get_person,
    import_people,
)
from assent.actions.refusals import Refused
from assent.engine.arrivals import welcome
from assent.engine.liveness import Ended, look_at_grant
from assent.engine.server import Caller
from assent.engine.sessions import begin_session, find_session
from assent.identity.local.module import LocalModule
from assent.records.identities import Arrival
from assent.records.recent import RecentPatients
from assent.storage.interface import Add, act
from assent.storage.tables import AUDIT, IDENTITIES, NAMES, PEOPLE, RECENT_PATIENTS
from assent.testing.server import TestServer

AMY: dict[str, Any] = {"username": "amy", "password": "a secret", "represents": ["2"]}


async def test_all_that_she_began_ends_at_once(served: TestServer) -> None:
    person = await add_person(served.server, AMY, actor=None)
    cookie, _ = await begin_session(served.server, person, ("pwd",), Caller(), None)
    grant = await served.add_grant(await served.add_client(), person, "openid offline_access")
    recent = RecentPatients(person.person_id, ("2",), served.server.now() + 60)
    await served.server.storage.commit(act(Add(RECENT_PATIENTS, recent)))
    await add_delegation(
        served.server, {"username": "amy", "patient": "9", "relationship": "carer"}, actor=None
    )

    await delete_person(served.server, "amy", actor="tests")

    assert await find_session(served.server, cookie) is None
    assert isinstance(await look_at_grant(served.server, grant.grant_id), Ended)
    assert await list_delegations(served.server) == ()
    for table in (PEOPLE, NAMES, RECENT_PATIENTS):
        assert await served.server.storage.find(table) == []


async def test_the_log_keeps_naming_her_and_the_next_of_her_name_is_another_person(
    served: TestServer,
) -> None:
    first = await add_person(served.server, AMY, actor=None)
    await delete_person(served.server, "amy", actor="tests")
    second = await add_person(served.server, {**AMY, "password": "another"}, actor=None)

    assert second.person_id != first.person_id
    log = await served.server.storage.find(AUDIT, {"person_id": first.person_id})
    assert {one.type for one in log} == {"user.added", "user.deleted"}
    answer = await LocalModule().sign_in(served.server, "amy", "another", Caller())
    assert isinstance(answer, Arrival)
    assert answer.person_id == second.person_id


async def test_who_comes_from_elsewhere_comes_back_as_a_new_person(served: TestServer) -> None:
    arrival = Arrival("clinic", "https://id.example", "s-1", "kim", ("pwd",))
    first = await welcome(served.server, arrival, Caller())
    await delete_person(served.server, "kim", actor="tests")
    assert await served.server.storage.find(IDENTITIES) == []

    assert (await welcome(served.server, arrival, Caller())).person_id != first.person_id


async def test_nobody_of_that_name_is_told(served: TestServer) -> None:
    await add_person(served.server, {**AMY, "username": "maria"}, actor=None)
    with pytest.raises(Refused, match="there is no user 'maria2'; did you mean maria\\?"):
        await delete_person(served.server, "maria2", actor="tests")


async def test_what_is_exported_is_imported_again_with_passwords_only_where_they_are_asked_for(
    served: TestServer,
) -> None:
    await add_person(served.server, {**AMY, "must_change_password": True}, actor=None)
    bare = await export_people(served.server)
    assert bare == {
        "users": [{"username": "amy", "enabled": True, "must_change_password": True, "represents": ["2"]}]
    }
    assert (await import_people(served.server, bare, actor=None)).unchanged == ("amy",)

    assert await served.server.storage.find(AUDIT, {"type": "password.hashes_exported"}) == []

    whole = await export_people_with_hashes(served.server, actor="root")
    [event] = await served.server.storage.find(AUDIT, {"type": "password.hashes_exported"})
    assert (event.actor, event.detail) == ("root", {"users": 1})
    assert (await import_people(served.server, whole, actor=None)).unchanged == ("amy",)
    await delete_person(served.server, "amy", actor=None)
    await import_people(served.server, whole, actor=None)
    assert (await get_person(served.server, "amy")).must_change_password
    answer = await LocalModule().sign_in(served.server, "amy", "a secret", Caller())
    assert isinstance(answer, Arrival)
