"""What only Active Directory does: a primary group that lists nobody, and memberships that come in parts."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from assent.identity import ModuleDown, Refused
from assent.records.identities import Arrival
from assent.spec.permissions import Permission
from identity.ldap.active_directory import (
    DOMAIN,
    ActiveDirectory,
    Attributes,
    a_group,
    a_person,
    in_domain,
    sid,
)
from identity.ldap.conftest import SignIn
from identity.ldap.doubles import serving

GROUPS = f"OU=Groups,{DOMAIN}"
USERS = f"CN=Domain Users,CN=Users,{DOMAIN}"
STAFF = f"CN=Staff,{GROUPS}"
READ, WRITE = Permission("FHIR_ALL_READ", None), Permission("FHIR_ALL_WRITE", None)


async def come(sign_in: SignIn, directory: ActiveDirectory, **changes: Any) -> Arrival | Refused:
    async with serving(directory.handle) as url:
        ours = {"servers": (url,), "start_tls": False, "base": DOMAIN, "group_base": GROUPS, **changes}
        return await sign_in("maria", **ours)


async def held(sign_in: SignIn, directory: ActiveDirectory, *rules: str, **changes: Any) -> Any:
    arrival = await come(sign_in, directory, permissions=rules, **changes)
    assert isinstance(arrival, Arrival)
    return arrival.permissions


# --- the primary group ------------------------------------------------------------------------------------------------


async def test_the_primary_group_may_be_the_required_one(sign_in: SignIn) -> None:
    directory = ActiveDirectory(a_person(), [a_group(USERS, 513), a_group(STAFF, 1200)])
    assert isinstance(await come(sign_in, directory, required_group=USERS), Arrival)
    assert await come(sign_in, directory, required_group=STAFF) == Refused("not in the required group")
    base, asked = directory.searches[2]  # after the person and the root: anywhere in the domain
    assert (base, asked.startswith("(objectSid=")) == (DOMAIN, True)


async def test_it_is_the_group_of_her_own_domain_with_her_number(sign_in: SignIn) -> None:
    another = (STAFF, {"cn": [b"Staff"], "objectSid": [sid(21, 1, 2, 3, 513)]})
    directory = ActiveDirectory(a_person(), [another, a_group(USERS, 514)])
    assert isinstance(await come(sign_in, directory, required_group=STAFF), Refused)
    assert isinstance(await come(sign_in, directory, required_group=USERS), Refused)


async def test_it_counts_by_its_dn_and_by_its_name_below_the_base_of_groups_alone(sign_in: SignIn) -> None:
    rules = ("Staff => FHIR_ALL_READ", "Domain Users => FHIR_ALL_WRITE", f"{USERS} => ROLE_FHIR_CLIENT")
    directory = ActiveDirectory(a_person(), [a_group(USERS, 513)])
    assert [one.name for one in await held(sign_in, directory, *rules)] == ["ROLE_FHIR_CLIENT"]
    directory = ActiveDirectory(a_person(primaryGroupID=[b"1200"]), [a_group(STAFF, 1200)])
    assert await held(sign_in, directory, *rules) == (READ,)


async def test_the_groups_that_it_is_in_count_where_groups_of_groups_do(sign_in: SignIn) -> None:
    directory = ActiveDirectory(a_person(), [a_group(USERS, 513), a_group(STAFF, 1200)], {USERS: [STAFF]})
    assert await held(sign_in, directory, "Staff => FHIR_ALL_READ") == ()
    assert await held(sign_in, directory, "Staff => FHIR_ALL_READ", nested_groups=True) == (READ,)


async def test_a_primary_group_that_cannot_be_seen_gives_nothing(sign_in: SignIn) -> None:
    directory = ActiveDirectory(a_person(), [])
    assert await held(sign_in, directory, "Domain Users => FHIR_ALL_READ", "* => FHIR_ALL_WRITE") == (WRITE,)
    assert isinstance(await come(sign_in, directory, required_group=USERS), Refused)


async def test_another_kind_of_server_is_not_asked_for_it(sign_in: SignIn) -> None:
    """Elsewhere, anybody may perhaps write such attributes into an entry of his own."""
    directory = ActiveDirectory(a_person(), [a_group(USERS, 513)], capabilities=[])
    assert isinstance(await come(sign_in, directory, required_group=USERS), Refused)
    assert not any("objectSid" in asked for _, asked in directory.searches)


async def test_somebody_without_a_number_is_not_asked_about(sign_in: SignIn) -> None:
    directory = ActiveDirectory(a_person(primaryGroupID=[]), [a_group(USERS, 513)])
    assert isinstance(await come(sign_in, directory, required_group=USERS), Refused)
    assert [base for base, _ in directory.searches if base == ""] == []


@pytest.mark.parametrize(
    "attributes",
    [
        {"objectSid": [b""]},
        {"objectSid": [b"S-1-5-21-1-2-3-1105"]},
        {"objectSid": [in_domain(1105)[:-1]]},
        {"objectSid": [in_domain(1105) + b"\0"]},
        {"objectSid": [b"\2" + in_domain(1105)[1:]]},
        {"objectSid": [sid(*range(16))]},
        {"objectSid": [sid(18)]},
        {"primaryGroupID": [b"many"]},
        {"primaryGroupID": [b"-1"]},
        {"primaryGroupID": [b"4294967296"]},
        {"primaryGroupID": ["٥١٣".encode()]},
    ],
)
async def test_what_is_no_sid_or_number_lets_nobody_in(
    sign_in: SignIn, attributes: dict[str, list[bytes]]
) -> None:
    directory = ActiveDirectory(a_person(**attributes), [a_group(USERS, 513)])
    with pytest.raises(ModuleDown, match=r"objectSid is no SID|primaryGroupID is no number"):
        await come(sign_in, directory, required_group=USERS)


async def test_two_groups_with_one_sid_let_nobody_in(sign_in: SignIn) -> None:
    directory = ActiveDirectory(a_person(), [a_group(USERS, 513), a_group(STAFF, 513)])
    with pytest.raises(ModuleDown, match="several groups have the SID"):
        await come(sign_in, directory, required_group=STAFF)


# --- memberships in parts ---------------------------------------------------------------------------------------------


def in_groups(count: int) -> dict[str, list[bytes]]:
    return {
        "memberOf": [f"CN=team{number},{GROUPS}".encode() for number in range(count)],
        "primaryGroupID": [],
    }


LISTED = {"member_of": "memberOf", "group_filter": None, "most_groups": 5000}


@pytest.mark.parametrize(("count", "asked"), [(1500, 1), (1501, 2), (3000, 2), (4000, 3)])
async def test_every_part_of_a_long_list_is_asked_for(sign_in: SignIn, count: int, asked: int) -> None:
    directory = ActiveDirectory(a_person(**in_groups(count)))
    last = f"team{count - 1}"
    assert await held(sign_in, directory, f"{last} => FHIR_ALL_READ", **LISTED) == (READ,)
    assert len(directory.searches) == asked


async def test_more_than_the_limit_let_nobody_in(sign_in: SignIn) -> None:
    for count in (1001, 4000):
        directory = ActiveDirectory(a_person(**in_groups(count)))
        with pytest.raises(ModuleDown, match="more than 1000 values of memberOf"):
            await held(sign_in, directory, "team1 => FHIR_ALL_READ", **{**LISTED, "most_groups": 1000})
        assert len(directory.searches) == 1  # what is too much already is not asked on for


@dataclass
class Wrong(ActiveDirectory):
    """One that answers the question for the rest with something else."""

    rest: Attributes = field(default_factory=dict)

    def given(self, attributes: Attributes, asked: list[str]) -> dict[str, list[bytes]]:
        if asked == ["memberOf;range=1500-*"]:
            return dict(self.rest)
        return super().given(attributes, asked)


@pytest.mark.parametrize(
    "rest",
    [
        {},
        {"memberOf": []},
        {"memberOf": [b"CN=admins"]},
        {"memberOf;range=1500-*": []},
        {"memberOf;range=0-*": [b"CN=x"]},
        {"memberOf;range=1501-*": [b"CN=x"]},
        {"memberOf;range=1500-1501": [b"CN=x"]},
        {"memberOf;range=1500-x": [b"CN=x"]},
        {"memberOf;range=1500": [b"CN=x"]},
        {"memberOf;lang-en": [b"CN=x"]},
    ],
)
async def test_a_rest_that_is_not_what_was_asked_for_lets_nobody_in(
    sign_in: SignIn, rest: dict[str, list[bytes]]
) -> None:
    directory = Wrong(a_person(**in_groups(1600)), rest=rest)
    with pytest.raises(ModuleDown, match="memberOf"):
        await held(sign_in, directory, "team1 => FHIR_ALL_READ", **LISTED)
