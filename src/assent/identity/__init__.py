"""Who is this person: the inbound security modules.

Owns finding out; what a sign-in leads to (sessions, steps) is `engine`'s business, how a page asks is `pages`'.
Three contracts: a module takes a password, sends the browser elsewhere, or trusts a header. One file a module.
"""

from typing import Protocol

from assent.engine.server import AuthorizationServer, Caller
from assent.records.people import Person


class PasswordModule(Protocol):
    """A module that takes a user name and a password."""

    @property
    def name(self) -> str:
        """Its name in the configuration and in the audit log."""
        ...

    async def sign_in(
        self, server: AuthorizationServer, username: str, password: str, caller: Caller
    ) -> Person | None:
        """The person, or None: unknown name, wrong password and disabled account look alike.

        Raises `TooManyRequests` when this account or address must wait.
        """
        ...
