"""A primary group in a real directory: OpenLDAP with the few attributes of Active Directory that it hangs on."""

import base64

import pytest

from assent.identity import Refused
from assent.records.identities import Arrival
from identity.ldap.active_directory import CAPABILITY, in_domain
from identity.ldap.conftest import SignIn
from identity.ldap.staff import group, person
from services.openldap import GROUPS, SUFFIX, OpenLdap, StartOpenLdap

SCHEMA = """
attributetype ( 1.2.840.113556.1.4.146 NAME 'objectSid' EQUALITY octetStringMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.98 NAME 'primaryGroupID' EQUALITY integerMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.1411 NAME 'supportedCapabilities' SYNTAX 1.3.6.1.4.1.1466.115.121.1.38 )
attributetype ( 1.2.840.113556.1.4.1412 NAME 'defaultNamingContext' EQUALITY distinguishedNameMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 SINGLE-VALUE )
objectclass ( 1.2.840.113556.1.5.6 NAME 'securityPrincipal' AUXILIARY MAY ( objectSid $ primaryGroupID ) )
"""
ROOT = f"dn:\nsupportedCapabilities: {CAPABILITY.decode()}\ndefaultNamingContext: {SUFFIX}\n"


def principal(entry: str, number: int, primary: int | None = None) -> str:
    """The entry as that of somebody, or a group, with this number in the domain."""
    kind = "objectClass: securityPrincipal\n"
    sid = f"objectSid:: {base64.b64encode(in_domain(number)).decode()}\n"
    group_of_hers = "" if primary is None else f"primaryGroupID: {primary}\n"
    dn, first, rest = entry.split("\n", 2)
    return f"{dn}\n{first}\n{kind}{sid}{group_of_hers}{rest}"


@pytest.fixture(scope="module")
def domain(start_openldap: StartOpenLdap) -> OpenLdap:
    """Nurses are Maria's primary group, and list nobody; the porters are Jonas'."""
    nobody = f"cn=nobody,{GROUPS}"
    entries = [
        principal(person("maria"), 1105, 1200),
        principal(person("jonas"), 1106, 1201),
        principal(group("nurses", nobody), 1200),
        principal(group("porters", nobody), 1201),
        group("staff", f"cn=nurses,{GROUPS}"),
    ]
    return start_openldap("".join(entries), schema=SCHEMA, root=ROOT)


async def test_who_has_it_as_primary_group_is_in_it(sign_in: SignIn, domain: OpenLdap) -> None:
    required = f"cn=nurses,{GROUPS}"
    assert isinstance(await sign_in("maria", directory=domain, required_group=required), Arrival)
    assert isinstance(await sign_in("jonas", directory=domain, required_group=required), Refused)
    assert isinstance(await sign_in("maria", directory=domain, required_group=f"cn=staff,{GROUPS}"), Refused)


async def test_it_gives_permissions(sign_in: SignIn, domain: OpenLdap) -> None:
    arrival = await sign_in("maria", directory=domain, permissions=("nurses => FHIR_ALL_READ",))
    assert isinstance(arrival, Arrival)
    assert [one.name for one in arrival.permissions or ()] == ["FHIR_ALL_READ"]
