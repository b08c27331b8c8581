"""The local accounts keep the contract of all modules that take passwords."""

import pytest

from assent.identity.local.module import LocalModule
from assent.testing.identity_suite import PasswordCase, PasswordModuleSuite
from assent.testing.server import a_server

PASSWORD = "open sesame"


@pytest.fixture
async def password_case() -> PasswordCase:
    served = await a_server()
    await served.add_person("amy", password_hash=await served.passwords.hash(PASSWORD))
    return PasswordCase(LocalModule(), served.server, "amy", PASSWORD)


class TestLocal(PasswordModuleSuite):
    pass
