"""What directories say of accounts that are locked, expired or disabled, and how long each refusal takes."""

from pathlib import Path

import pytest
from sansldap import BindRequest, LDAPControl, LDAPResultCode, SearchRequest

from assent.app.directories import read_access
from assent.engine.server import AuthorizationServer, Caller
from assent.identity import ModuleDown, Refused
from assent.identity.ldap.module import LdapModule
from assent.identity.ldap.servers import Servers
from assent.identity.ldap.wire import BindAnswer
from assent.records.identities import Arrival
from identity.clocks import WorkClock
from identity.ldap.conftest import SignIn
from identity.ldap.doubles import Answer, serving
from identity.ldap.staff import PASSWORD, dn, person
from services.openldap import PEOPLE, POLICY, OpenLdap, StartOpenLdap

# objectGUID as Active Directory stores it: little-endian in its first three parts (MS-DTYP 2.3.4.2)
GUID = "MyIRAFVEd2aImaq7zN3u/w=="
GOVERNED = f"pwdPolicySubentry: {POLICY}"


def windows_account(name: str, control: int) -> str:
    """An entry as Active Directory has it."""
    return f"""\
dn: cn={name},{PEOPLE}
objectClass: user
objectClass: extensibleObject
cn: {name}
sn: {name.title()}
uid: {name}
sAMAccountName: {name.upper()}
userAccountControl: {control}
objectGUID:: {GUID}
instanceType: 4
nTSecurityDescriptor:: AA==
objectCategory: cn=person,{PEOPLE}
objectSid:: AQ==
userPassword: {PASSWORD}

"""


@pytest.fixture(scope="module")
def ministry(start_openldap: StartOpenLdap) -> OpenLdap:
    """A directory with a password policy, and with entries as Active Directory has them."""
    return start_openldap(
        person("guessed", PASSWORD, GOVERNED)
        + person("new", PASSWORD, GOVERNED, "pwdReset: TRUE")
        + person("locked", PASSWORD, GOVERNED, "pwdAccountLockedTime: 000001010000Z")
        + windows_account("ada", 0x200)
        + windows_account("gone", 0x202).replace(GUID, "AAAAAAAAAAAAAAAAAAAAAA==")
    )


WINDOWS = {
    "person_filter": "(&(objectClass=user)(uid={username}))",  # sAMAccountName cannot be searched for in OpenLDAP
    "subject": "objectGUID",
    "username": "sAMAccountName",
}


async def test_the_directory_locks_whom_it_locks(sign_in: SignIn, ministry: OpenLdap) -> None:
    for _ in range(5):
        assert await sign_in("guessed", "wrong", ministry) == Refused("wrong name or password")
    assert isinstance(await sign_in("guessed", PASSWORD, ministry), Refused)
    assert isinstance(await sign_in("locked", PASSWORD, ministry), Refused)


async def test_who_has_to_change_the_password_first_does_so_elsewhere(
    sign_in: SignIn, ministry: OpenLdap
) -> None:
    """The bind succeeds, and the directory allows nothing after it but a change of password."""
    assert await sign_in("new", PASSWORD, ministry) == Refused("the password has to be changed first")


async def test_entries_of_active_directory(sign_in: SignIn, ministry: OpenLdap) -> None:
    arrival = await sign_in("ada", PASSWORD, ministry, **WINDOWS)
    assert isinstance(arrival, Arrival)
    assert (arrival.subject, arrival.username) == ("00112233-4455-6677-8899-aabbccddeeff", "ADA")


async def test_an_account_with_the_flag_disabled_is_refused(sign_in: SignIn, ministry: OpenLdap) -> None:
    assert await sign_in("gone", PASSWORD, ministry, **WINDOWS) == Refused("disabled in the directory")
    assert await sign_in("gone", "wrong", ministry, **WINDOWS) == Refused("wrong name or password")


async def test_who_has_nothing_that_identifies_her_for_ever_does_not_come_in(sign_in: SignIn) -> None:
    with pytest.raises(ModuleDown, match="0 values of employeeType"):
        await sign_in("maria", subject="employeeType")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("52e", "wrong name or password"),
        ("525", "wrong name or password"),
        ("530", "not at this hour"),
        ("532", "the password has expired"),
        ("533", "disabled in the directory"),
        ("701", "the account has expired"),
        ("773", "the password has to be changed first"),
        ("775", "locked in the directory"),
        ("99f", "the directory says 99f"),
    ],
)
async def test_what_active_directory_says_is_in_the_log(sign_in: SignIn, words: str, reason: str) -> None:
    said = f"80090308: LdapErr: DSID-0C090446, comment: AcceptSecurityContext error, data {words}, v4563"
    answer = (LDAPResultCode.INVALID_CREDENTIALS, said, None)
    assert await _refused_with(sign_in, *answer) == Refused(reason)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (b"\x30\x03\x81\x01\x00", "the password has expired"),
        (b"\x30\x03\x81\x01\x01", "locked in the directory"),
        (b"\x30\x08\xa0\x03\x80\x01\x05\x81\x01\x02", "the password has to be changed first"),
        (b"\x30\x05\xa0\x03\x81\x01\x05", "wrong name or password"),
        (b"\x30\x03\x81\x01\x63", "wrong name or password"),
        (b"rubbish", "wrong name or password"),
        (b"\x30\x09", "wrong name or password"),
    ],
)
async def test_what_a_password_policy_says_is_in_the_log(sign_in: SignIn, error: bytes, reason: str) -> None:
    control = LDAPControl("1.3.6.1.4.1.42.2.27.8.5.1", False, error)
    assert await _refused_with(sign_in, LDAPResultCode.INVALID_CREDENTIALS, "", control) == Refused(reason)


async def _refused_with(
    sign_in: SignIn, code: LDAPResultCode, words: str, control: LDAPControl | None
) -> Arrival | Refused:
    async def answer_with(answer: Answer) -> None:
        match answer.message:
            case BindRequest(name=name) if name.startswith("cn=assent"):
                answer.bind(answer.SUCCESS)
            case BindRequest():
                answer.bind(code, words, control=control)
            case SearchRequest():
                answer.entry(dn("maria"), entryUUID=[b"1"], uid=[b"maria"])
                answer.done()

    async with serving(answer_with) as url:
        return await sign_in("maria", servers=(url,), start_tls=False)


async def test_a_name_that_nobody_has_is_refused_no_sooner_than_a_wrong_password(
    clinic: OpenLdap, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The directory checks a slow hash of a person it knows, and none of one it does not."""
    clock = WorkClock()
    monkeypatch.setattr("assent.identity.ldap.pace.asyncio", clock)

    class Slow(Servers):
        async def prove(self, dn: str, password: str) -> BindAnswer:
            clock.moment += 2.0 if dn.startswith("uid=maria,") else 0.5
            return await super().prove(dn, password)

    servers = Slow(read_access(clinic.settings(), Path()))
    module = LdapModule(clinic.settings(), servers, clock)

    async def seconds_for(username: str) -> float:
        begun = clock.moment
        refused = await module.sign_in(server, username, "wrong", Caller())
        assert isinstance(refused, Refused)
        assert refused.reason == "wrong name or password"
        return clock.moment - begun

    try:
        assert [await seconds_for(name) for name in ("maria", "nobody", "nobody2")] == [2.0, 2.0, 2.0]
    finally:
        await servers.close()
