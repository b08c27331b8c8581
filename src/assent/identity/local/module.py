"""Signing in with a password of our own.

Unknown names, wrong passwords and disabled accounts take as long and are answered alike. Sources: OWASP
Authentication, NIST SP 800-63B 5.1.1.
"""

from assent.engine.events import audit_event, commit, record
from assent.engine.people import find_person_by_name, name_key
from assent.engine.server import AuthorizationServer, Caller
from assent.identity.local.throttle import (
    account_key,
    account_limit,
    address_key,
    address_limit,
    check_throttle,
    count_failure,
    forget_failures,
)
from assent.records.people import Person
from assent.spec.errors import TooManyRequests
from assent.storage.interface import Change
from assent.storage.tables import PEOPLE


class LocalModule:
    """Fulfils `identity.PasswordModule` with the people of the storage."""

    name = "local"

    async def sign_in(
        self, server: AuthorizationServer, username: str, password: str, caller: Caller
    ) -> Person | None:
        """The person whose name and password these are, or None. Raises `TooManyRequests`."""
        account = account_key(server, name_key(server.settings, username))
        address = address_key(server, caller.address) if caller.address else None
        keys = [account, address] if address is not None else [account]
        await self._check_throttles(server, keys, caller)
        person = await find_person_by_name(server, username)
        right = await server.passwords.verify(person.password_hash if person else None, password)
        # guesses that waited for the pool together must not all count as before the lock
        await self._check_throttles(server, keys, caller)
        if person is None or not right or not person.enabled:
            await self._refuse(server, person, account, address, caller)
            return None
        await forget_failures(server, account)
        await self._upgrade(server, person, password)
        return person

    async def _check_throttles(self, server: AuthorizationServer, keys: list[str], caller: Caller) -> None:
        try:
            for key in keys:
                await check_throttle(server, key)
        except TooManyRequests:
            await record(server, audit_event(server, "login.throttled", "refused", caller=caller))
            raise

    async def _refuse(
        self,
        server: AuthorizationServer,
        person: Person | None,
        account: str,
        address: str | None,
        caller: Caller,
    ) -> None:
        locked = await count_failure(server, account, account_limit(server))
        if address is not None and server.settings.address_free_failures:
            await count_failure(server, address, address_limit(server))
        person_id = person.person_id if person else None
        reason = "disabled" if person and not person.enabled else "wrong name or password"
        event = audit_event(
            server, "login.refused", "refused", caller=caller, person_id=person_id, detail={"reason": reason}
        )
        await record(server, event)
        if locked:
            await record(server, audit_event(server, "account.locked", caller=caller, person_id=person_id))

    async def _upgrade(self, server: AuthorizationServer, person: Person, password: str) -> None:
        """A hash made otherwise than today's is made anew while the password is at hand."""
        if person.password_hash is None or not server.passwords.is_outdated(person.password_hash):
            return
        renewed = await server.passwords.hash(password)
        change = Change(
            PEOPLE, (person.person_id,), {"password_hash": renewed}, {"password_hash": person.password_hash}
        )
        await commit(
            server, change, event=audit_event(server, "password.rehashed", person_id=person.person_id)
        )
