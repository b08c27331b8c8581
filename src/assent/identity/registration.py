"""Making accounts for people who ask for one themselves: the contract of a module that can.

Owns what a deployment decides about it; in which order it goes is `actions.accounts.sign_ups`' business. Which
modules there are stands in `app.inbound`.
"""

from dataclasses import dataclass
from typing import Protocol

from assent.engine.server import AuthorizationServer, Caller
from assent.identity.local.policy import Flaw
from assent.identity.mapping import PermissionRule
from assent.records.identities import Arrival
from assent.records.sign_ups import Newcomer
from assent.storage.interface import Write


class RegistrationModule(Protocol):
    """A module that can make accounts."""

    @property
    def name(self) -> str:
        """Its name in the configuration and in the audit log."""
        ...

    async def check_password(self, newcomer: Newcomer, password: str) -> Flaw | None:
        """The first thing that is wrong with a password that she chooses."""
        ...

    async def register(
        self,
        server: AuthorizationServer,
        newcomer: Newcomer,
        password: str,
        *,
        spending: tuple[Write, ...],
        caller: Caller,
    ) -> Arrival | int:
        """Makes the account, all or nothing, in one act with `spending`, which must win; signs her in.

        Gives the number of the write of `spending` that lost; their count when somebody else has the user name.
        """
        ...


@dataclass(frozen=True, slots=True)
class Registration:
    """How people may make accounts themselves. `rules`: what they may do then, each rule for everybody (`*`).

    `referrers`: the origins of the pages from which a sign-up may be begun, none for any. `from_address` (of who asks)
    and `to_address` (of mail) are limits for an hour.
    """

    module: RegistrationModule
    rules: tuple[PermissionRule, ...] = ()
    referrers: frozenset[str] = frozenset()
    from_address: int = 20
    to_address: int = 4
    code_seconds: int = 900
