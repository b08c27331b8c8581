"""Wrong passwords of somebody whom a directory knows: her account here is locked, and unlocked with all her names."""

from collections.abc import Callable

from assent.actions.accounts.locks import lock_end, unlock_person
from assent.engine.arrivals import welcome
from assent.engine.server import AuthorizationServer, Caller
from assent.engine.settings import EngineSettings
from assent.identity import PasswordModule
from assent.identity.guarded import GuardedModule
from assent.identity.ldap.settings import LdapSettings
from assent.records.identities import Arrival
from assent.spec.errors import TooManyRequests
from assent.storage.tables import AUDIT
from assent.testing.server import a_server
from identity.ldap.staff import PASSWORD
from services.openldap import OpenLdap

HERE = Caller("192.0.2.7")
BY_EITHER = "(|(uid={username})(mail={username}))"


async def is_locked(guarded: GuardedModule, server: AuthorizationServer, name: str) -> bool:
    try:
        await guarded.sign_in(server, name, "wrong", HERE)
    except TooManyRequests:
        return True
    return False


async def test_unlocking_somebody_lifts_the_locks_of_all_names_that_she_has_in_the_directory(
    clinic: OpenLdap, open_module: Callable[[LdapSettings], PasswordModule]
) -> None:
    server = (await a_server(EngineSettings(login_delay_seconds=0, address_free_failures=0))).server
    guarded = GuardedModule(open_module(clinic.settings(person_filter=BY_EITHER)))
    arrival = await guarded.sign_in(server, "maria", PASSWORD, HERE)
    assert isinstance(arrival, Arrival)
    maria = await welcome(server, arrival, HERE)
    assert maria.email
    for name in ("Maria", maria.email, "nobody-here"):
        for _ in range(10):
            await guarded.sign_in(server, name, "wrong", HERE)
        assert await is_locked(guarded, server, name)
    assert await lock_end(server, maria) == server.now() + 900
    locked = await server.storage.find(AUDIT, {"type": "account.locked"})
    assert sorted(str(event.person_id) for event in locked) == ["None", maria.person_id, maria.person_id]
    assert (await unlock_person(server, maria.username, actor=None))[1]
    assert isinstance(await guarded.sign_in(server, "maria", PASSWORD, HERE), Arrival)
    assert isinstance(await guarded.sign_in(server, maria.email, PASSWORD, HERE), Arrival)
    assert await is_locked(guarded, server, "nobody-here")
