"""The clinic's directory, and the module that asks it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assent.app.directories import open_directory
from assent.engine.server import AuthorizationServer, Caller
from assent.identity import PasswordModule, Refused
from assent.identity.ldap.settings import LdapSettings
from assent.records.identities import Arrival
from assent.testing.server import a_server
from identity.ldap.staff import PASSWORD, STAFF
from services.openldap import OpenLdap, StartOpenLdap

SignIn = Callable[..., Awaitable[Arrival | Refused]]


@pytest.fixture(scope="session")
def clinic(start_openldap: StartOpenLdap) -> OpenLdap:
    """The directory with its staff; nobody changes it."""
    return start_openldap(STAFF)


@pytest.fixture
async def server() -> AuthorizationServer:
    """The authorization server that somebody signs in at."""
    return (await a_server()).server


@pytest.fixture
async def open_module() -> AsyncIterator[Callable[[LdapSettings], PasswordModule]]:
    """Opens the module with these settings, as the application does."""
    async with AsyncExitStack() as stack:
        yield lambda settings: open_directory(settings, Path(), stack)


@pytest.fixture
def sign_in(
    clinic: OpenLdap, server: AuthorizationServer, open_module: Callable[[LdapSettings], PasswordModule]
) -> SignIn:
    """Signs somebody in at the clinic's directory, with settings that differ by what is named.

    Of a refusal, without whom it is about (`known_as`): tests of their own are about that.
    """

    async def sign_in_(
        name: str, password: str = PASSWORD, /, directory: OpenLdap = clinic, **changes: Any
    ) -> Arrival | Refused:
        module = open_module(directory.settings(**changes))
        answer = await module.sign_in(server, name, password, Caller())
        return replace(answer, known_as=None) if isinstance(answer, Refused) else answer

    return sign_in_
