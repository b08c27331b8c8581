"""The account that stands for somebody who signs in elsewhere."""

import asyncio
from typing import Any

import pytest

from assent.engine.arrivals import Unwelcome, welcome
from assent.engine.hooks import Hooks
from assent.engine.server import Caller
from assent.records.identities import Arrival
from assent.records.people import Person
from assent.spec.errors import AccessDenied
from assent.spec.permissions import Permission
from assent.storage.interface import Change, act
from assent.storage.tables import IDENTITIES, NAMES, PEOPLE
from assent.testing.server import TestServer, a_server

HERE = Caller("192.0.2.7", "a browser", "7F3K-22")


@pytest.fixture
async def served() -> TestServer:
    return await a_server()


def arrival(subject: str = "1", username: str = "maria", **more: Any) -> Arrival:
    return Arrival("clinic", "https://id.clinic.example", subject, username, ("pwd",), **more)


async def people(served: TestServer) -> list[Person]:
    return await served.server.storage.find(PEOPLE)


async def test_the_first_arrival_makes_an_account_and_the_next_finds_it(served: TestServer) -> None:
    first = await welcome(served.server, arrival(given_name="Maria", fhir_user="Patient/maria"), HERE)
    again = await welcome(served.server, arrival(fhir_user="Patient/maria"), HERE)
    assert again.person_id == first.person_id
    assert (again.given_name, again.fhir_user) == ("Maria", "Patient/maria")
    assert again.password_hash is None
    assert [event.type for event in served.events] == ["user.added"]


async def test_what_is_said_replaces_what_was_said_and_what_is_not_said_stays(served: TestServer) -> None:
    reading = (Permission("FHIR_ALL_READ"),)
    said = arrival(email="old@mail.example", given_name="Maria", permissions=reading)
    await welcome(served.server, said, HERE)
    person = await welcome(served.server, arrival(email="new@mail.example", permissions=reading), HERE)
    assert (person.email, person.given_name) == ("new@mail.example", "Maria")
    assert person.permissions == reading
    person = await welcome(served.server, arrival(permissions=()), HERE)
    assert person.permissions == ()
    assert served.events[-1].detail == {"fields": ["permissions"], "module": "clinic"}


@pytest.mark.parametrize(
    "other",
    [
        Arrival("clinic", "https://id.clinic.example", "2", "maria", ("pwd",)),
        Arrival("clinic", "https://other.example", "1", "MARIA", ("pwd",)),
        Arrival("elsewhere", "https://id.clinic.example", "1", " maria ", ("pwd",)),
    ],
    ids=["another subject", "another provider", "another module"],
)
async def test_a_name_that_somebody_else_has_is_refused(served: TestServer, other: Arrival) -> None:
    await welcome(served.server, arrival(), HERE)
    with pytest.raises(Unwelcome) as refused:
        await welcome(served.server, other, HERE)
    assert refused.value.words == "name_taken"
    assert len(await people(served)) == 1
    assert served.events[-1].type == "login.refused"


async def test_the_name_of_a_local_account_is_refused_too(served: TestServer) -> None:
    await served.add_person("maria")
    with pytest.raises(Unwelcome):
        await welcome(served.server, arrival(), HERE)


async def test_a_new_name_is_taken_when_it_is_free_and_the_old_one_is_given_back(served: TestServer) -> None:
    before = await welcome(served.server, arrival(username="maria"), HERE)
    after = await welcome(served.server, arrival(username="m.keller"), HERE)
    assert (after.person_id, after.username) == (before.person_id, "m.keller")
    assert await served.server.storage.get(NAMES, "maria") is None
    await served.add_person("maria")
    still = await welcome(served.server, arrival(username="maria"), HERE)
    assert still.username == "m.keller"


async def test_a_disabled_account_stays_out_and_stays_as_it_was(served: TestServer) -> None:
    person = await welcome(served.server, arrival(), HERE)
    await served.server.storage.commit(act(Change(PEOPLE, (person.person_id,), {"enabled": False})))
    with pytest.raises(Unwelcome) as refused:
        await welcome(served.server, arrival(email="new@mail.example"), HERE)
    assert refused.value.words == "account_off"
    assert (await people(served))[0].email is None


@pytest.mark.parametrize("username", ["", "  ", "x" * 201, "two\nlines", "bell\a"])
async def test_a_name_that_no_account_can_have_is_refused(served: TestServer, username: str) -> None:
    with pytest.raises(Unwelcome):
        await welcome(served.server, arrival(username=username), HERE)


async def test_what_cannot_be_kept_is_a_refusal_and_not_a_fault(served: TestServer) -> None:
    for subject in ("x" * 5000, "nul\0"):
        with pytest.raises(Unwelcome):
            await welcome(served.server, arrival(subject), HERE)
    assert await people(served) == []


async def test_sign_ins_at_the_same_time_make_one_account(served: TestServer) -> None:
    arrived = await asyncio.gather(*(welcome(served.server, arrival(), HERE) for _ in range(8)))
    assert len({person.person_id for person in arrived}) == 1
    assert len(await people(served)) == 1


async def test_the_first_of_two_who_wish_the_same_name_at_once_has_it(served: TestServer) -> None:
    both = await asyncio.gather(
        *(welcome(served.server, arrival(subject), HERE) for subject in ("1", "2")), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in both) == ["Person", "Unwelcome"]
    assert len(await served.server.storage.find(IDENTITIES)) == 1


class Renaming(Hooks):
    """Says that everybody is the administrator."""

    async def on_sign_in(self, arrival: Arrival) -> Arrival:
        return Arrival("local", "https://auth.example", "admin", "admin", ("pwd",), person_id="u-admin")


class Refusing(Hooks):
    """Lets nobody in."""

    async def on_sign_in(self, arrival: Arrival) -> Arrival:
        raise AccessDenied("the deployment says no")


async def test_a_hook_may_wish_for_another_name_but_not_for_another_identity(served: TestServer) -> None:
    admin = await served.add_person("admin")
    object.__setattr__(served.server, "hooks", Renaming())
    with pytest.raises(Unwelcome) as refused:
        await welcome(served.server, arrival(), HERE)
    assert refused.value.words == "name_taken"
    assert [person.person_id for person in await people(served)] == [admin.person_id]


async def test_a_hook_may_refuse(served: TestServer) -> None:
    object.__setattr__(served.server, "hooks", Refusing())
    with pytest.raises(Unwelcome) as refused:
        await welcome(served.server, arrival(), HERE)
    assert refused.value.words == "arrival"


async def test_a_hook_may_refuse_somebody_whose_account_is_ours(served: TestServer) -> None:
    amy = await served.add_person("amy")
    object.__setattr__(served.server, "hooks", Refusing())
    mine = Arrival("local", "https://auth.example", amy.person_id, "amy", ("pwd",), person_id=amy.person_id)
    with pytest.raises(Unwelcome) as refused:
        await welcome(served.server, mine, HERE)
    assert refused.value.words == "arrival"


async def test_a_hook_changes_nothing_of_an_account_of_ours(served: TestServer) -> None:
    amy = await served.add_person("amy")
    object.__setattr__(served.server, "hooks", Renaming())
    mine = Arrival("local", "https://auth.example", amy.person_id, "amy", ("pwd",), person_id=amy.person_id)
    assert await welcome(served.server, mine, HERE) == amy
