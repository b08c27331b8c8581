"""What is wrong with somebody's entry is said without saying whose it is: the audit log has no names of people."""

from dataclasses import replace

import pytest

from assent.identity.ldap.entries import BadEntry, read_entry
from assent.identity.ldap.settings import LdapSettings
from assent.identity.ldap.sids import primary_group_sid
from assent.identity.ldap.wire import Entry

DN = "cn=Maria Keller,ou=people,dc=clinic,dc=example"
SETTINGS = LdapSettings(("ldaps://ldap.example",), "ou=people,dc=clinic,dc=example", "cn=assent", "secret")
GOOD = {"entryuuid": (b"1",), "uid": (b"maria",)}


@pytest.mark.parametrize(
    ("settings", "attributes"),
    [
        (SETTINGS, {"entryuuid": ()}),
        (SETTINGS, {"entryuuid": (b"1", b"2")}),
        (SETTINGS, {"entryuuid": (b"\xff",)}),
        (SETTINGS, {"uid": ()}),
        (replace(SETTINGS, subject="objectGUID"), {"objectguid": (b"short",)}),
        (replace(SETTINGS, fhir_user="employeeNumber"), {"employeenumber": (b"Maria Keller",)}),
    ],
)
def test_an_entry_that_is_nobodys_is_not_named(
    settings: LdapSettings, attributes: dict[str, tuple[bytes, ...]]
) -> None:
    with pytest.raises(BadEntry) as refused:
        read_entry(settings, Entry(DN, {**GOOD, **attributes}))
    assert "Maria" not in str(refused.value)


def test_nor_whose_primary_group_is_none() -> None:
    with pytest.raises(BadEntry) as refused:
        primary_group_sid(Entry(DN, {"objectsid": (b"x",), "primarygroupid": (b"513",)}))
    assert "Maria" not in str(refused.value)
