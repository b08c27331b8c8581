"""Groups of a directory: who has to be in one, what each may do here, and groups that are in groups."""

import pytest

from assent.identity import ModuleDown, Refused
from assent.records.identities import Arrival
from assent.spec.permissions import Permission
from identity.ldap.conftest import SignIn
from identity.ldap.doubles import polite, serving
from identity.ldap.staff import dn, group, person
from services.openldap import GROUPS, PEOPLE, SUFFIX, OpenLdap, StartOpenLdap

READ = Permission("FHIR_ALL_READ", None)
WRITE = Permission("FHIR_ALL_WRITE", None)
NOT_IN = Refused("not in the required group")


async def permissions(
    sign_in: SignIn, username: str, *rules: str, **changes: object
) -> tuple[Permission, ...]:
    arrival = await sign_in(username, permissions=rules, **changes)
    assert isinstance(arrival, Arrival)
    assert arrival.permissions is not None
    return arrival.permissions


async def test_who_is_in_the_required_group_is_let_in(sign_in: SignIn) -> None:
    assert isinstance(await sign_in("maria", required_group=f"cn=doctors,{GROUPS}"), Arrival)
    assert await sign_in("outsider", required_group=f"cn=doctors,{GROUPS}") == NOT_IN


async def test_a_dn_may_be_spelt_otherwise(sign_in: SignIn) -> None:
    assert isinstance(
        await sign_in("maria", required_group="CN=Doctors, ou=Groups, DC=clinic,dc=EXAMPLE"), Arrival
    )


async def test_a_wrong_password_is_not_told_from_a_missing_group(sign_in: SignIn) -> None:
    assert await sign_in("outsider", "wrong", required_group=f"cn=doctors,{GROUPS}") == Refused(
        "wrong name or password"
    )


async def test_a_required_group_that_does_not_exist_lets_nobody_in(sign_in: SignIn) -> None:
    assert await sign_in("maria", required_group=f"cn=nobody,{GROUPS}") == NOT_IN


async def test_groups_give_permissions_by_name_and_by_dn(sign_in: SignIn) -> None:
    assert await permissions(sign_in, "maria", "Doctors => FHIR_ALL_READ") == (READ,)
    assert await permissions(sign_in, "maria", f"cn=doctors, {GROUPS} => FHIR_ALL_WRITE") == (WRITE,)
    assert await permissions(sign_in, "outsider", "doctors => FHIR_ALL_READ") == ()
    assert await permissions(sign_in, "outsider", "* => FHIR_ALL_READ") == (READ,)


async def test_without_rules_the_directory_says_nothing_of_permissions(sign_in: SignIn) -> None:
    arrival = await sign_in("maria")
    assert isinstance(arrival, Arrival)
    assert arrival.permissions is None


async def test_a_group_elsewhere_in_the_tree_does_not_count(sign_in: SignIn) -> None:
    assert await permissions(sign_in, "maria", "administrators => FHIR_ALL_WRITE") == ()


async def test_groups_of_groups_count_only_where_the_settings_say_so(sign_in: SignIn) -> None:
    rules = ("staff => FHIR_ALL_READ", "house => FHIR_ALL_WRITE")
    assert await permissions(sign_in, "maria", *rules) == ()
    assert await permissions(sign_in, "maria", *rules, nested_groups=True) == (READ, WRITE)
    assert await permissions(sign_in, "outsider", *rules, nested_groups=True) == ()


@pytest.fixture(scope="module")
def hospital(start_openldap: StartOpenLdap) -> OpenLdap:
    """A directory with many groups, some in circles, and some deep."""
    chain = [group(f"deep{number}", f"cn=deep{number - 1},{GROUPS}") for number in range(1, 31)]
    circle = [group("chicken", f"cn=egg,{GROUPS}", dn("ana")), group("egg", f"cn=chicken,{GROUPS}")]
    crowd = [group(f"team{number:04}", dn("busy")) for number in range(1200)]
    elsewhere = f"dn: ou=elsewhere,{SUFFIX}\nobjectClass: organizationalUnit\nou: elsewhere\n\n"
    return start_openldap(
        "".join(
            [
                person("ana"),
                person("busy"),
                person("deep"),
                group("deep0", dn("deep")),
                *chain,
                *circle,
                *crowd,
                elsewhere,
                group("chicken", dn("busy"), base=f"ou=elsewhere,{SUFFIX}"),
            ]
        )
    )


async def test_groups_in_a_circle_are_found_once(sign_in: SignIn, hospital: OpenLdap) -> None:
    rules = ("egg => FHIR_ALL_READ", "chicken => FHIR_ALL_WRITE")
    found = await permissions(sign_in, "ana", *rules, directory=hospital, nested_groups=True)
    assert found == (READ, WRITE)


async def test_groups_are_not_followed_without_an_end(sign_in: SignIn, hospital: OpenLdap) -> None:
    with pytest.raises(ModuleDown, match="nested deeper than 20"):
        await permissions(sign_in, "deep", "deep30 => FHIR_ALL_READ", directory=hospital, nested_groups=True)


async def test_more_groups_than_the_server_gives_at_once_come_in_pages(
    sign_in: SignIn, hospital: OpenLdap
) -> None:
    """The directory gives 100 entries to a search, and any number in pages (RFC 2696)."""
    rule = "team1199 => FHIR_ALL_READ"
    found = await permissions(sign_in, "busy", rule, directory=hospital, most_groups=2000)
    assert found == (READ,)


async def test_more_groups_than_the_limit_let_nobody_in(sign_in: SignIn, hospital: OpenLdap) -> None:
    with pytest.raises(ModuleDown, match="more than 1000 groups"):
        await permissions(sign_in, "busy", "team1199 => FHIR_ALL_READ", directory=hospital)
    with pytest.raises(ModuleDown, match="more than 50 groups"):
        await permissions(sign_in, "busy", "x => FHIR_ALL_READ", directory=hospital, most_groups=50)


async def test_groups_that_the_entry_lists_need_no_search(sign_in: SignIn) -> None:
    entry = (
        f"uid=maria,{PEOPLE}",
        {
            "entryUUID": [b"1"],
            "uid": [b"maria"],
            "memberOf": [
                f"cn=doctors,{GROUPS}".encode(),
                f"cn=administrators,ou=elsewhere,{SUFFIX}".encode(),
                b"no dn",
            ],
        },
    )
    handle, searches = polite(entry)
    async with serving(handle) as url:
        changes = {"servers": (url,), "start_tls": False, "member_of": "memberOf", "group_filter": None}
        rules = (
            "doctors => FHIR_ALL_READ",
            "administrators => FHIR_ALL_WRITE",
            f"cn=administrators,ou=elsewhere,{SUFFIX} => ROLE_FHIR_CLIENT",
        )
        found = await permissions(sign_in, "maria", *rules, **changes)
    assert [permission.name for permission in found] == ["FHIR_ALL_READ", "ROLE_FHIR_CLIENT"]
    assert len(searches) == 1


async def test_active_directory_finds_nested_groups_itself(sign_in: SignIn) -> None:
    """MS-ADTS 3.1.1.3.4.4.3: one search, with LDAP_MATCHING_RULE_IN_CHAIN."""
    entry = (dn("maria"), {"entryUUID": [b"1"], "uid": [b"maria"], "cn": [b"house"]})
    handle, searches = polite(entry, capabilities=(b"1.2.840.113556.1.4.800",))
    async with serving(handle) as url:
        changes = {"servers": (url,), "start_tls": False, "nested_groups": True}
        assert await permissions(sign_in, "maria", "house => FHIR_ALL_READ", **changes) == (READ,)
    assert [str(search.filter) for search in searches] == [
        "(&(objectClass=person)(uid=maria))",
        f"(member:1.2.840.113556.1.4.1941:={dn('maria')})",
    ]


async def test_a_group_cannot_be_named_like_anothers_dn(sign_in: SignIn) -> None:
    entry = (dn("maria"), {"entryUUID": [b"1"], "uid": [b"maria"], "cn": [f"cn=admins,{GROUPS}".encode()]})
    handle, _ = polite(entry)
    async with serving(handle) as url:
        changes = {"servers": (url,), "start_tls": False}
        assert await permissions(sign_in, "maria", f"cn=admins,{GROUPS} => FHIR_ALL_WRITE", **changes) == ()
