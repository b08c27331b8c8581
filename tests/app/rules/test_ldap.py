"""The settings of `[sign_in.ldap]`: what is refused, what is warned of, and what `assent doctor` finds."""

from dataclasses import replace
from pathlib import Path

import pytest

from assent.app.configuration import ConfigurationError, read_settings_text
from assent.app.directories import BadDirectory, directory_problems, read_access
from assent.app.rules.ldap import ldap_warnings
from assent.identity.ldap.settings import LdapSettings
from identity.ldap.staff import STAFF
from services.openldap import OpenLdap, StartOpenLdap

GOOD = {
    "servers": '["ldaps://ldap.clinic.example"]',
    "base": '"ou=people,dc=clinic,dc=example"',
    "bind_dn": '"cn=assent,dc=clinic,dc=example"',
    "bind_password": '{ env = "ASSENT_LDAP_PASSWORD" }',
}
SECRET = "the service account's own"


def text_of(**changes: str | None) -> str:
    lines = "".join(f"{name} = {value}\n" for name, value in {**GOOD, **changes}.items() if value is not None)
    return f'[sign_in]\nmodules = ["ldap"]\n[sign_in.ldap]\n{lines}'


def read(**changes: str | None) -> LdapSettings:
    settings = read_settings_text(text_of(**changes), {"ASSENT_LDAP_PASSWORD": SECRET}).sign_in.ldap
    assert settings is not None
    return settings


def test_four_settings_are_enough_and_the_password_is_not_printed() -> None:
    settings = read()
    assert settings.bind_password == SECRET
    assert SECRET not in repr(settings)
    assert list(ldap_warnings(settings, "sign_in.ldap")) == []


def test_the_module_needs_its_table() -> None:
    with pytest.raises(ConfigurationError, match=r"sign_in\.ldap: is needed"):
        read_settings_text('[sign_in]\nmodules = ["ldap"]\n', {})


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        ({"servers": "[]"}, "at least one server"),
        ({"servers": '["ldap.clinic.example"]'}, "ldaps://host"),
        ({"servers": '["https://clinic.example"]'}, "ldaps://host"),
        ({"servers": '["ldaps://clinic.example/dc=x"]'}, "host and port alone"),
        ({"servers": '["ldaps://clinic.example:x"]'}, "no URL"),
        ({"base": '"clinic.example"'}, "must be a DN"),
        ({"base": None}, "is required"),
        ({"bind_password": '""'}, "must not be empty"),
        ({"bind_password": '{ env = "NOT_SET" }'}, "NOT_SET is not set"),
        ({"person_filter": '"(uid=maria)"'}, "has no {username}"),
        ({"person_filter": '"({username}=x)"'}, "no LDAP filter|has no {username}"),
        ({"person_filter": '"(uid={username}"'}, "no LDAP filter"),
        ({"group_filter": '"(member=x)"'}, "has no {dn} or {username}"),
        ({"subject": '"distinguishedName"'}, "changes when somebody is moved"),
        ({"subject": '"entryDN"'}, "changes when somebody is moved"),
        ({"email": '"mail)(x"'}, "name of an attribute"),
        ({"required_group": '"staff"'}, "must be a DN"),
        ({"permissions": '["doctors"]'}, "not written group"),
        ({"permissions": '["doctors => FHIR_ALL"]'}, "FHIR_ALL"),
        ({"group_filter": '""', "required_group": '"cn=a,dc=b"'}, "one is needed"),
        ({"group_filter": '""', "permissions": '["doctors => FHIR_ALL_READ"]'}, "one is needed"),
        ({"answer_seconds": "20"}, "must not be more than"),
        ({"connections": "0"}, "1 to 100"),
        ({"scope": '"tree"'}, "one of subtree, one"),
        ({"bind": '"x"'}, "unknown setting"),
    ],
)
def test_a_mistake_in_the_settings_is_named(changes: dict[str, str | None], mistake: str) -> None:
    with pytest.raises(ConfigurationError, match=mistake):
        read(**changes)


def test_passwords_in_the_clear_are_warned_of_unless_they_stay_on_this_machine() -> None:
    [warning] = ldap_warnings(read(servers='["ldap://ldap.clinic.example"]', start_tls="false"), "here")
    assert "unprotected" in warning
    for servers in ('["ldap://127.0.0.1"]', '["ldap://localhost"]', '["ldaps://ldap.clinic.example"]'):
        assert list(ldap_warnings(read(servers=servers, start_tls="false"), "here")) == []


def test_a_whole_tree_and_a_server_named_twice_are_warned_of() -> None:
    twice = '["ldaps://ldap.clinic.example", "ldaps://ldap.clinic.example:636"]'
    assert len(list(ldap_warnings(read(base='"o=clinic"', servers=twice), "here"))) == 2


def test_authorities_that_are_not_there_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("no certificate")
    for file in ("nowhere.pem", "empty.pem"):
        with pytest.raises(BadDirectory, match=rf"authorities: .*{file} cannot be read"):
            read_access(replace(read(), authorities=file), tmp_path)


async def test_the_doctor_goes_to_every_server(start_openldap: StartOpenLdap, tmp_path: Path) -> None:
    directory: OpenLdap = start_openldap(STAFF)
    servers = (directory.tls_url, directory.url, "ldap://127.0.0.1:1")
    found = await directory_problems(directory.settings(servers=servers), tmp_path)
    assert [problem is None for _, problem in found] == [True, True, False]
    [(_, refused)] = await directory_problems(directory.settings(bind_password="wrong"), tmp_path)
    assert refused == "the service account is refused: invalid credentials (49)"
    [(_, hidden)] = await directory_problems(
        directory.settings(group_base="ou=x,dc=clinic,dc=example"), tmp_path
    )
    assert hidden is not None
    assert "(32)" in hidden
