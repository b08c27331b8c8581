"""What people agreed to: listed, taken back, and ended with the app's access."""

from typing import Any

import pytest

from assent.actions.access.grants import revoke_app
from assent.actions.access.terms import agreements_of, forget_agreements
from assent.actions.accounts.people import disable_person
from assent.actions.apps.clients import delete_client, disable_client
from assent.engine.server import Caller
from assent.records.people import Person
from assent.records.terms import Agreement
from assent.storage.interface import Add, act
from assent.storage.tables import AGREEMENTS, AUDIT
from assent.testing.server import START, TestServer

CALLER = Caller("192.0.2.7", "tests", "7F3K-22")


async def agree(served: TestServer, person: Person, version: str = "1", **fields: Any) -> Agreement:
    """The person's agreement, as the page keeps it."""
    usual: dict[str, Any] = {"client_id": "app", "agreed_at": START, "language": "en", "text_hash": b"hash"}
    agreement = Agreement(person_id=person.person_id, version=version, **{**usual, **fields})
    assert (await served.server.storage.commit(act(Add(AGREEMENTS, agreement)))).all
    return agreement


async def audit(served: TestServer, type_: str) -> list[Any]:
    return await served.server.storage.find(AUDIT, {"type": type_})


@pytest.fixture
async def amy(served: TestServer) -> Person:
    await served.add_client("app")
    return await served.add_person("amy")


async def test_a_person_sees_what_she_agreed_to_the_latest_first(served: TestServer, amy: Person) -> None:
    lee = await served.add_person("lee")
    first = await agree(served, amy)
    second = await agree(served, amy, "2", agreed_at=START + 5)
    third = await agree(served, amy, client_id="other", agreed_at=START + 9)
    await agree(served, amy, "3", revoked_at=START + 9)
    await agree(served, lee)
    assert await agreements_of(served.server, amy) == (third, second, first)


async def test_what_is_taken_back_is_every_version_of_this_app_alone(served: TestServer, amy: Person) -> None:
    await agree(served, amy)
    await agree(served, amy, "2")
    other = await agree(served, amy, client_id="other")
    grant = await served.add_grant(await served.add_client("third"), amy, "openid offline_access")

    done = await forget_agreements(served.server, amy, "app", caller=CALLER, actor=amy.person_id)

    assert done == 2
    assert await agreements_of(served.server, amy) == (other,)
    (event,) = await audit(served, "terms.revoked")
    assert (event.client_id, event.person_id, event.actor) == ("app", amy.person_id, amy.person_id)
    assert event.detail == {"versions": ["1", "2"]}
    assert await forget_agreements(served.server, amy, "app", caller=CALLER, actor=amy.person_id) == 0
    assert len(await audit(served, "terms.revoked")) == 1
    assert grant.revoked_at == 0


async def test_taking_an_app_back_ends_what_was_agreed_to_for_it(served: TestServer, amy: Person) -> None:
    await agree(served, amy)
    await agree(served, amy, client_id="other")
    client = await served.add_client("third")
    await served.add_grant(client, amy, "openid offline_access")
    await agree(served, amy, client_id="third")

    assert await revoke_app(served.server, amy, "third", caller=CALLER, actor=amy.person_id) == 1
    assert {one.client_id for one in await agreements_of(served.server, amy)} == {"app", "other"}
    assert await revoke_app(served.server, amy, "app", caller=CALLER, actor=amy.person_id) == 0
    assert {one.client_id for one in await agreements_of(served.server, amy)} == {"other"}


async def test_a_deleted_client_leaves_no_agreement_to_its_successor(served: TestServer, amy: Person) -> None:
    await agree(served, amy)
    await agree(served, amy, client_id="other")
    await delete_client(served.server, "app", actor="admin")
    assert [one.client_id for one in await agreements_of(served.server, amy)] == ["other"]


async def test_a_client_that_is_switched_off_keeps_its_agreements(served: TestServer, amy: Person) -> None:
    agreement = await agree(served, amy)
    await disable_client(served.server, "app", actor="admin")
    assert await agreements_of(served.server, amy) == (agreement,)


async def test_with_an_account_end_its_agreements(served: TestServer, amy: Person) -> None:
    lee = await served.add_person("lee")
    await agree(served, amy)
    kept = await agree(served, lee)
    await disable_person(served.server, "amy", actor="admin")
    assert await agreements_of(served.server, amy) == ()
    assert await agreements_of(served.server, lee) == (kept,)
