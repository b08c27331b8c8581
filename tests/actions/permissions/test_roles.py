"""Roles: added, edited, removed, brought in and taken out; who may hold which."""

from typing import Any

import pytest

from assent.actions.accounts.people import add_person, import_people
from assent.actions.apps.clients import add_client, edit_client, import_clients
from assent.actions.permissions.role_definition import role_definition
from assent.actions.permissions.roles import (
    add_role,
    edit_role,
    export_roles,
    find_holders,
    import_roles,
    list_roles,
    remove_role,
)
from assent.actions.refusals import Refused
from assent.engine.authority import permissions_of
from assent.spec.permissions import Permission
from assent.storage.tables import AUDIT
from assent.testing.server import TestServer

NURSE: dict[str, Any] = {
    "name": "nurse",
    "title": "Nurse",
    "description": "Who works on a ward",
    "permissions": [
        {"permission": "FHIR_ALL_READ"},
        {"permission": "FHIR_WRITE_ALL_OF_TYPE", "argument": "Observation"},
    ],
}


async def test_a_definition_comes_back_as_it_was_read(served: TestServer) -> None:
    role = await add_role(served.server, NURSE, actor="tests")

    assert role_definition(role) == NURSE
    assert await export_roles(served.server) == {"roles": [NURSE]}
    assert await list_roles(served.server) == (role,)


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        ({"name": None}, "name: is required"),
        ({"name": "a b"}, "name: must have 1 to 100"),
        ({"name": "FHIR_ALL_READ"}, "name: is the name of a permission"),
        ({"permissions": [{"permission": "FHIR_ALL_REED"}]}, "did you mean FHIR_ALL_READ?"),
        ({"permission": []}, "permission: unknown field; did you mean permissions?"),
    ],
)
async def test_a_wrong_definition_is_refused(
    served: TestServer, changes: dict[str, Any], mistake: str
) -> None:
    with pytest.raises(Refused, match=mistake.replace("?", r"\?")):
        await add_role(served.server, {**NURSE, **changes}, actor=None)
    assert await list_roles(served.server) == ()


async def test_a_name_is_taken_once(served: TestServer) -> None:
    await add_role(served.server, NURSE, actor=None)
    with pytest.raises(Refused, match="there is a role nurse already"):
        await add_role(served.server, NURSE, actor=None)


async def test_what_a_role_gives_changes_with_it_for_everybody_who_holds_it(served: TestServer) -> None:
    server = served.server
    await add_role(server, NURSE, actor=None)
    own = {"permission": "FHIR_READ_INSTANCE", "argument": "Group/1"}
    person = await add_person(
        server, {"username": "kim", "permissions": [own], "roles": ["nurse"]}, actor=None
    )

    held = await permissions_of(server.storage, person)
    assert [one.name for one in held] == ["FHIR_READ_INSTANCE", "FHIR_ALL_READ", "FHIR_WRITE_ALL_OF_TYPE"]

    await edit_role(server, "nurse", {"permissions": None}, actor=None)
    assert await permissions_of(server.storage, person) == (Permission("FHIR_READ_INSTANCE", "Group/1"),)


async def test_an_edit_changes_what_it_names_and_null_is_the_default(served: TestServer) -> None:
    await add_role(served.server, NURSE, actor=None)

    role = await edit_role(served.server, "nurse", {"title": None, "description": None}, actor="tests")

    assert (role.title, role.description, len(role.permissions)) == ("nurse", None, 2)
    with pytest.raises(Refused, match="name: cannot be changed"):
        await edit_role(served.server, "nurse", {"name": "nurses"}, actor=None)
    with pytest.raises(Refused, match="there is no role 'nurze'; did you mean nurse"):
        await edit_role(served.server, "nurze", {"title": "x"}, actor=None)


async def test_nobody_holds_a_role_that_is_not_there(served: TestServer) -> None:
    server = served.server
    await add_role(server, NURSE, actor=None)
    wrong = r"roles\[0\]: there is no role 'nurze'; did you mean nurse\?"

    with pytest.raises(Refused, match=f"^{wrong}"):
        await add_person(server, {"username": "kim", "roles": ["nurze"]}, actor=None)
    with pytest.raises(Refused, match=rf"users\[1\]\.{wrong}"):
        await import_people(
            server, {"users": [{"username": "a"}, {"username": "kim", "roles": ["nurze"]}]}, actor=None
        )
    with pytest.raises(Refused, match=wrong):
        await add_client(
            server, {"client_id": "c", "grant_types": ["client_credentials"], "roles": ["nurze"]}, actor=None
        )
    client = {"client_id": "c", "grant_types": ["client_credentials"], "roles": ["nurse"]}
    await import_clients(server, {"clients": [client]}, actor=None)
    with pytest.raises(Refused, match=wrong):
        await edit_client(server, "c", {"roles": ["nurze"]}, actor=None)
    assert (await find_holders(server, "nurse")).clients == ("c",)


async def test_a_role_that_is_held_is_not_removed_and_says_who_holds_it(served: TestServer) -> None:
    server = served.server
    await add_role(server, NURSE, actor=None)
    users = [{"username": f"kim{number}", "roles": ["nurse"]} for number in range(6)]
    await import_people(server, {"users": users}, actor=None)

    with pytest.raises(
        Refused, match="held by user kim0, user kim1, user kim2, user kim3, user kim4 and 1 more"
    ):
        await remove_role(server, "nurse", actor=None)

    await import_people(
        server, {"users": [{"username": one["username"], "enabled": False} for one in users]}, actor=None
    )
    await remove_role(server, "nurse", actor=None)
    assert await list_roles(server) == ()


async def test_an_import_is_all_or_nothing_and_the_same_again_changes_nothing(served: TestServer) -> None:
    server = served.server
    with pytest.raises(Refused) as refused:
        await import_roles(server, {"roles": [NURSE, {"title": "x"}, NURSE]}, actor=None)
    assert list(refused.value.mistakes) == [
        "roles[1].name: is required",
        "roles[2].name: nurse stands at roles[0] already",
    ]
    assert await list_roles(server) == ()

    assert (await import_roles(server, {"roles": [NURSE]}, actor=None)).added == ("nurse",)
    assert (await import_roles(server, {"roles": [NURSE]}, actor=None)).unchanged == ("nurse",)
    assert (await import_roles(server, {"roles": [{"name": "nurse"}]}, actor=None)).replaced == ("nurse",)
    assert (await list_roles(server))[0].permissions == ()


async def test_what_is_done_with_a_role_is_audited(served: TestServer) -> None:
    server = served.server
    await add_role(server, NURSE, actor="command:kim")
    await edit_role(server, "nurse", {"title": "Nurses"}, actor="command:kim")
    await remove_role(server, "nurse", actor="command:kim")

    rows = [row for row in await server.storage.find(AUDIT) if row.type.startswith("role.")]
    assert {row.type: (row.actor, row.detail) for row in rows} == {
        "role.added": ("command:kim", {"role": "nurse"}),
        "role.edited": ("command:kim", {"role": "nurse", "fields": ["title"]}),
        "role.removed": ("command:kim", {"role": "nurse"}),
    }
