"""Signing in with a password of our own.

Unknown names, wrong passwords and disabled accounts take as long and are answered alike. While a flood of passwords
waits to be checked, strangers are sent away for a moment; who comes in a browser in which she has signed in before is
checked all the same. Sources: OWASP Authentication, NIST SP 800-63B 5.1.1.
"""

from typing import Final

from assent.engine.events import audit_event, commit
from assent.engine.people import find_person_by_name
from assent.engine.server import AuthorizationServer, Caller
from assent.identity import ModuleBusy, Refused
from assent.identity.devices import is_device_of
from assent.identity.guarded import LOCAL, account_of
from assent.records.identities import Arrival
from assent.records.people import Person
from assent.storage.interface import Change
from assent.storage.tables import PEOPLE

_BUSY_SECONDS: Final = 3


class LocalModule:
    """Fulfils `identity.PasswordModule` with the people of the storage."""

    name = LOCAL

    def __init__(self, title: str = "") -> None:
        self.title = title

    async def sign_in(
        self, server: AuthorizationServer, username: str, password: str, caller: Caller
    ) -> Arrival | Refused:
        """The person whose name and password these are. Raises `ModuleBusy`."""
        person = await find_person_by_name(server, username)
        if server.passwords.is_busy and not is_device_of(
            server, account_of(server, LOCAL, username), caller.device
        ):
            raise ModuleBusy("too many passwords wait to be checked", retry_after_seconds=_BUSY_SECONDS)
        right = await server.passwords.verify(person.password_hash if person else None, password)
        if person is None or not right:
            return Refused(person_id=person.person_id if person else None)
        if not person.enabled:
            return Refused("disabled", person.person_id)
        kept = await self._upgrade(server, person, password)
        return Arrival(
            self.name,
            server.issuer.url,
            person.person_id,
            person.username,
            ("pwd",),
            person_id=person.person_id,
            password_hash=kept,
        )

    async def _upgrade(self, server: AuthorizationServer, person: Person, password: str) -> str | None:
        """A hash made otherwise than today's is made anew while the password is at hand; gives the one that is kept."""
        if person.password_hash is None or not server.passwords.is_outdated(person.password_hash):
            return person.password_hash
        renewed = await server.passwords.hash(password)
        change = Change(
            PEOPLE, (person.person_id,), {"password_hash": renewed}, {"password_hash": person.password_hash}
        )
        event = audit_event(server, "password.rehashed", person_id=person.person_id)
        if (await commit(server, change, event=event)).all:
            return renewed
        now = await server.storage.get(PEOPLE, person.person_id)  # renewed by another sign-in, or changed
        kept = now.password_hash if now else None
        return kept if await server.passwords.verify(kept, password) else person.password_hash
