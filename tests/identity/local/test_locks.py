"""What keeps somebody out after wrong passwords, and that all of it ends at once."""

import pytest

from assent.actions.accounts.locks import lock_end, unlock_person
from assent.actions.accounts.passwords import set_password
from assent.engine.server import Caller
from assent.engine.settings import EngineSettings
from assent.identity import Refused
from assent.identity.devices import new_device
from assent.identity.guarded import GuardedModule, account_of
from assent.identity.local.module import LocalModule
from assent.identity.locks import lift_locks, local_key
from assent.identity.throttle import account_limit, count_failure
from assent.records.identities import Arrival, Identity
from assent.records.people import Person
from assent.spec.errors import TooManyRequests
from assent.storage.interface import Add, act
from assent.storage.tables import AUDIT, IDENTITIES, THROTTLES
from assent.testing.server import TestServer, a_server

PASSWORD = "seven quiet otters"
HERE = Caller("192.0.2.7")


@pytest.fixture
async def served() -> TestServer:
    return await a_server(EngineSettings(login_delay_seconds=0, address_free_failures=0))


@pytest.fixture
async def amy(served: TestServer) -> Person:
    return await served.add_person("amy", password_hash=await served.passwords.hash(PASSWORD))


class Directory:
    """A module that asks elsewhere, where Amy has the names `amy` and `a.okafor`, and nobody knows her password."""

    name = "directory"
    title = "The directory"

    async def sign_in(
        self, server: object, username: str, password: str, caller: Caller
    ) -> Arrival | Refused:
        known = username.casefold() in ("amy", "a.okafor")
        return Refused(known_as=("ldap.example", "0815") if known else None)


async def guess(served: TestServer, module: GuardedModule, name: str, caller: Caller = HERE) -> bool:
    """Whether the next attempt has to wait, after ten wrong ones."""
    for _ in range(10):
        await module.sign_in(served.server, name, "wrong", caller)
    return await waits(served, module, name, caller)


async def waits(served: TestServer, module: GuardedModule, name: str, caller: Caller = HERE) -> bool:
    try:
        await module.sign_in(served.server, name, "wrong", caller)
    except TooManyRequests:
        return True
    return False


async def test_a_lock_at_a_directory_ends_whatever_name_was_typed_there(
    served: TestServer, amy: Person
) -> None:
    module = GuardedModule(Directory())
    identity = Identity("directory", "ldap.example", "0815", amy.person_id, 1)
    await served.server.storage.commit(act(Add(IDENTITIES, identity)))
    assert await guess(served, module, "amy")
    assert await guess(served, module, "A.Okafor")
    assert await guess(served, module, "somebody else")
    assert await lock_end(served.server, amy) == served.server.now() + 900
    assert await unlock_person(served.server, "amy", actor="admin") == (amy, True)
    assert not await waits(served, module, "amy")
    assert not await waits(served, module, "a.okafor")
    assert await waits(served, module, "somebody else")
    assert await lock_end(served.server, amy) == 0
    refused = await served.server.storage.find(AUDIT, {"type": "login.refused"})
    assert {event.person_id for event in refused} == {amy.person_id, None}
    [event] = await served.server.storage.find(AUDIT, {"type": "account.unlocked"})
    assert (event.person_id, event.actor) == (amy.person_id, "admin")


async def test_a_lock_in_her_own_browser_ends_too(served: TestServer, amy: Person) -> None:
    mine = Caller("192.0.2.7", device=new_device(served.server, account_of(served.server, "local", "amy")))
    module = GuardedModule(LocalModule())
    assert await guess(served, module, "amy", mine)
    assert not await waits(served, module, "amy")
    assert await lock_end(served.server, amy)
    assert await lift_locks(served.server, amy)
    assert not await waits(served, module, "amy", mine)
    assert not await lift_locks(served.server, amy)


async def test_a_lock_by_a_name_alone_ends_too(served: TestServer, amy: Person) -> None:
    for _ in range(10):  # as rows say that are older than the accounts they are about
        await count_failure(served.server, local_key(served.server, amy), account_limit(served.server))
    assert await lift_locks(served.server, amy)
    assert await lock_end(served.server, amy) == 0


async def test_another_persons_lock_stays(served: TestServer, amy: Person) -> None:
    await served.add_person("ben", password_hash=await served.passwords.hash(PASSWORD))
    module = GuardedModule(LocalModule())
    assert await guess(served, module, "amy")
    assert await guess(served, module, "ben")
    await lift_locks(served.server, amy)
    assert await waits(served, module, "ben")


async def test_a_password_that_is_set_ends_every_lock(served: TestServer, amy: Person) -> None:
    mine = Caller("192.0.2.7", device=new_device(served.server, account_of(served.server, "local", "amy")))
    module = GuardedModule(LocalModule())
    assert await guess(served, module, "amy", mine)
    assert await guess(served, module, "amy")
    await set_password(served.server, "amy", "another secret", actor="admin")
    assert await lock_end(served.server, amy) == 0
    assert not await waits(served, module, "amy", mine)


async def test_a_row_has_no_name_that_was_typed(served: TestServer, amy: Person) -> None:
    await guess(served, GuardedModule(LocalModule()), "amy")
    [row] = await served.server.storage.find(THROTTLES, {"person_id": amy.person_id})
    assert "amy" not in repr(row).replace(amy.person_id, "")
