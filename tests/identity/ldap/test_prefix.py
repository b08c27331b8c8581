"""User names of a directory that are kept apart from those that people choose here."""

from collections.abc import Callable

from assent.engine.server import Caller
from assent.identity import PasswordModule
from assent.identity.ldap.settings import LdapSettings
from assent.records.identities import Arrival
from assent.testing.server import a_server
from identity.ldap.staff import PASSWORD
from services.openldap import OpenLdap


async def test_people_sign_in_without_the_prefix_and_their_accounts_have_it(
    clinic: OpenLdap, open_module: Callable[[LdapSettings], PasswordModule]
) -> None:
    module = open_module(clinic.settings(username_prefix="staff."))
    arrival = await module.sign_in((await a_server()).server, "maria", PASSWORD, Caller("192.0.2.7"))
    assert isinstance(arrival, Arrival)
    assert arrival.username == "staff.maria"
    plain = await open_module(clinic.settings()).sign_in(
        (await a_server()).server, "maria", PASSWORD, Caller("192.0.2.7")
    )
    assert isinstance(plain, Arrival)
    assert (plain.username, plain.subject) == ("maria", arrival.subject)
