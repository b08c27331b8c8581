"""The guard before every module that takes passwords: guessing costs time, by account and by address.

Whatever module is asked, unknown names, wrong passwords and disabled accounts are counted and answered alike.
Sources: OWASP Authentication, NIST SP 800-63B 5.2.2.
"""

import unicodedata
from dataclasses import replace

from assent.engine.events import audit_event, record
from assent.engine.people import name_key
from assent.engine.rate_limits import note_once
from assent.engine.server import AuthorizationServer, Caller
from assent.identity import PasswordModule, Refused
from assent.identity.devices import is_device_by, is_device_of, new_device
from assent.identity.throttle import (
    account_key,
    account_limit,
    address_limit,
    check_throttle,
    count_failure,
    forget_failures,
    keyed,
    locked_until,
    place_key,
)
from assent.records.identities import Arrival
from assent.spec.errors import TooManyRequests
from assent.storage.tables import IDENTITIES

LOCAL = "local"
_DEVICE = "device"


class GuardedModule:
    """Fulfils `PasswordModule` by another one. Throttle rows of accounts of our own are shared by all nodes."""

    def __init__(self, module: PasswordModule) -> None:
        self._module = module

    @property
    def name(self) -> str:
        """The module's own."""
        return self._module.name

    @property
    def title(self) -> str:
        """The module's own."""
        return self._module.title

    async def sign_in(
        self, server: AuthorizationServer, username: str, password: str, caller: Caller
    ) -> Arrival | Refused:
        """What the module says. Raises `TooManyRequests` while this account or address has to wait."""
        account = self._key(server, username, caller)
        # who shares her address does not keep her out of a browser of hers, which is counted by itself
        address = None if account.startswith(_DEVICE) else place_key(server, caller.address)
        keys = [account, address] if address is not None else [account]
        await self._check_throttles(server, keys, caller)
        answer = await self._module.sign_in(server, username, password, caller)
        # guesses that waited together must not all count as before the lock
        await self._check_throttles(server, keys, caller)
        meant = self._meant(server, answer, account, caller)
        if meant is not None and await locked_until(server, meant):
            # guessed at under another spelling: refused like a wrong password, so that nobody learns whom it means
            known_as = (answer.provider, answer.subject) if isinstance(answer, Arrival) else answer.known_as
            answer = Refused(
                "has to wait: wrong passwords under another spelling of the name", known_as=known_as
            )
        if isinstance(answer, Refused):
            return await self._note(server, answer, account, meant, address, caller)
        for key in (account, meant):
            if key is not None:
                await forget_failures(server, key)
        return answer

    def _meant(
        self, server: AuthorizationServer, answer: Arrival | Refused, account: str, caller: Caller
    ) -> str | None:
        """What is counted besides the name that was typed: whom a directory means by it, however it is spelt.

        Not in a browser of that very person; one that another got under a name like hers counts.
        """
        named = answer.known_as if isinstance(answer, Refused) else (answer.provider, answer.subject)
        if self.name == LOCAL or named is None:
            return None
        subject = subject_of(self.name, *named)
        if account.startswith(_DEVICE) and is_device_by(server, subject, caller.device):
            return None
        return account_key(server, subject)

    def _key(self, server: AuthorizationServer, username: str, caller: Caller) -> str:
        """What is counted: the account, or the browser where it has been signed in to before."""
        account = account_of(server, self.name, username)
        if caller.device is not None and is_device_of(server, account, caller.device):
            return keyed(server, _DEVICE, caller.device)
        return account_key(server, account)

    async def _check_throttles(self, server: AuthorizationServer, keys: list[str], caller: Caller) -> None:
        try:
            for key in keys:
                await check_throttle(server, key)
        except TooManyRequests:
            detail = {"module": self.name}
            await note_once(server, "login.throttled", self.name, caller=caller, detail=detail)
            raise

    async def _note(
        self,
        server: AuthorizationServer,
        refused: Refused,
        account: str,
        meant: str | None,
        address: str | None,
        caller: Caller,
    ) -> Refused:
        person_id = await self._person_meant(server, refused)
        if meant is not None:  # first, so that it holds no longer than the other
            await count_failure(server, meant, account_limit(server), person_id)
        locked = await count_failure(server, account, account_limit(server), person_id)
        if address is not None and server.settings.address_free_failures:
            await count_failure(server, address, address_limit(server))
        detail = {"reason": refused.reason, "module": self.name}
        event = audit_event(
            server, "login.refused", "refused", caller=caller, person_id=person_id, detail=detail
        )
        await record(server, event)
        if locked:
            await record(server, audit_event(server, "account.locked", caller=caller, person_id=person_id))
        return replace(refused, person_id=person_id, is_locked=locked)

    async def _person_meant(self, server: AuthorizationServer, refused: Refused) -> str | None:
        """Whose account the module means; as much work where it means nobody."""
        if refused.person_id is not None or self.name == LOCAL:
            return refused.person_id
        identity = await server.storage.get(IDENTITIES, self.name, *(refused.known_as or ("", "")))
        return identity.person_id if identity is not None else None


def mark_device(server: AuthorizationServer, arrival: Arrival, username: str) -> str:
    """The mark for the browser in which a password module just let somebody in by this name."""
    subject = subject_of(arrival.module, arrival.provider, arrival.subject)
    return new_device(server, account_of(server, arrival.module, username), subject)


def subject_of(module: str, provider: str, subject: str) -> str:
    """Whom a module means, as one text."""
    return f"known\0{module}\0{provider}\0{subject}"


def account_of(server: AuthorizationServer, module: str, username: str) -> str:
    """The account that a user name stands for at a module, however it is written."""
    if module == LOCAL:
        return name_key(server.settings, username)
    # elsewhere, names may be compared more loosely than here: without case, width, double spaces (RFC 4518 2), accents
    apart = unicodedata.normalize("NFKD", username.casefold())
    folded = " ".join("".join(one for one in apart if not unicodedata.combining(one)).split())
    return f"{module}\0{folded}"
