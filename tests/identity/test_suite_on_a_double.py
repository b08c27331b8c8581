"""The suite of modules that take passwords, on the least that keeps their contract: a table of names."""

import hmac

import pytest

from assent.engine.server import AuthorizationServer, Caller
from assent.identity import ModuleDown, Refused
from assent.records.identities import Arrival
from assent.testing.identity_suite import PasswordCase, PasswordModuleSuite
from assent.testing.server import a_server

PEOPLE = {"amy": "open sesame"}


class Table:
    """Knows `PEOPLE`, unless it is down."""

    name = "table"
    title = "Table"

    def __init__(self, is_down: bool) -> None:
        self._is_down = is_down

    async def sign_in(
        self, server: AuthorizationServer, username: str, password: str, caller: Caller
    ) -> Arrival | Refused:
        if self._is_down:
            raise ModuleDown("the table is gone")
        known = PEOPLE.get(username, "")
        is_right = hmac.compare_digest(known.encode(), password.encode())
        return Arrival(self.name, "table", username, username, ("pwd",)) if known and is_right else Refused()


@pytest.fixture
async def password_case() -> PasswordCase:
    served = await a_server()
    return PasswordCase(Table(False), served.server, "amy", PEOPLE["amy"], Table(True))


class TestTable(PasswordModuleSuite):
    pass
