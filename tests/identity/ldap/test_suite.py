"""The directory keeps the contract of all modules that take passwords."""

from collections.abc import Callable

import pytest

from assent.engine.server import AuthorizationServer
from assent.identity import PasswordModule
from assent.identity.ldap.settings import LdapSettings
from assent.testing.identity_suite import PasswordCase, PasswordModuleSuite
from identity.ldap.staff import PASSWORD
from services.openldap import OpenLdap


@pytest.fixture
def password_case(
    clinic: OpenLdap, server: AuthorizationServer, open_module: Callable[[LdapSettings], PasswordModule]
) -> PasswordCase:
    module = open_module(clinic.settings())
    down = open_module(clinic.settings(servers=("ldap://127.0.0.1:1",)))
    return PasswordCase(module, server, "maria", PASSWORD, down)


class TestLdap(PasswordModuleSuite):
    pass
