"""What the settings of `[sign_in.ldap]` may be, how they have to agree, and what is allowed and probably not meant.

Sources: RFC 4512 2.5 (attributes), RFC 4514 (distinguished names), RFC 4515 (filters), RFC 4516 (URLs), RFC 4513 5.1
(a password goes over a secured connection only).
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from assent.app.setting_checks import BadSetting, Check, between, filled, prefix
from assent.identity.ldap.names import is_dn
from assent.identity.ldap.settings import LdapSettings
from assent.identity.ldap.urls import BadUrl, read_server_url
from assent.identity.mapping import BadRule, read_rules

_ATTRIBUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}|[0-2](\.(0|[1-9][0-9]*))+")
_NAMES_OF_PLACES: Final = ("dn", "entrydn", "distinguishedname", "cn", "name")


def ldap_agreements(settings: LdapSettings, place: str) -> Iterator[str]:
    """Where the settings do not agree. `place`: their dotted path."""
    names_groups = any(not rule.startswith("*") for rule in settings.permissions)
    finds_groups = settings.member_of or settings.group_filter
    if (settings.required_group or names_groups) and not finds_groups:
        yield f"{place}.group_filter, {place}.member_of: one is needed to find the groups that are named"
    if settings.answer_seconds > settings.timeout_seconds:
        yield f"{place}.answer_seconds: must not be more than {place}.timeout_seconds"


def ldap_warnings(settings: LdapSettings, place: str) -> Iterator[str]:
    """What is allowed and probably not meant."""
    urls = [read_server_url(text) for text in settings.servers]
    for url in urls:
        if not (url.is_tls or settings.start_tls or url.is_loopback):
            yield f"{place}.start_tls: is off, so that passwords cross the network to {url} unprotected"
    if len({(url.host, url.port) for url in urls}) < len(urls):
        yield f"{place}.servers: names a server twice"
    if settings.base.count(",") == 0:
        yield f"{place}.base: is a whole tree; searches are quicker and safer below a smaller subtree"


def _servers(values: tuple[str, ...]) -> None:
    if not values:
        raise BadSetting("must name at least one server")
    for value in values:
        try:
            read_server_url(value)
        except BadUrl as error:
            raise BadSetting(str(error)) from error


def _dn(value: str) -> None:
    if not is_dn(value):
        raise BadSetting("must be a DN, such as ou=people,dc=clinic,dc=example")


def _attribute(value: str) -> None:
    if _ATTRIBUTE.fullmatch(value) is None:
        raise BadSetting("must be the name of an attribute")


def _subject(value: str) -> None:
    _attribute(value)
    if value.casefold() in _NAMES_OF_PLACES:
        raise BadSetting(
            f"{value} changes when somebody is moved or marries, and may be given to somebody else:"
            " name an attribute that does not, such as entryUUID or objectGUID"
        )


def _password(value: str) -> None:
    if not value:
        raise BadSetting("must not be empty: a bind without a password proves nothing (RFC 4513 5.1.2)")


def _person_filter(value: str) -> None:
    _filter(value, ("username",))


def _group_filter(value: str) -> None:
    if value:
        _filter(value, ("dn", "username"))


def _filter(value: str, needed: tuple[str, ...]) -> None:
    from assent.identity.ldap.filters import BadFilter, FilterTemplate

    try:
        FilterTemplate(value, needed)
    except BadFilter as error:
        raise BadSetting(str(error)) from error


def _rules(values: tuple[str, ...]) -> None:
    try:
        read_rules(values)
    except BadRule as error:
        raise BadSetting(str(error)) from error


LDAP_CHECKS: Final[dict[tuple[type[Any], str], Check]] = {
    (LdapSettings, "servers"): _servers,
    (LdapSettings, "base"): _dn,
    (LdapSettings, "bind_dn"): filled,
    (LdapSettings, "bind_password"): _password,
    (LdapSettings, "title"): filled,
    (LdapSettings, "provider"): filled,
    (LdapSettings, "authorities"): filled,
    (LdapSettings, "person_filter"): _person_filter,
    (LdapSettings, "subject"): _subject,
    (LdapSettings, "username"): _attribute,
    (LdapSettings, "username_prefix"): prefix,
    (LdapSettings, "given_name"): _attribute,
    (LdapSettings, "family_name"): _attribute,
    (LdapSettings, "email"): _attribute,
    (LdapSettings, "locale"): _attribute,
    (LdapSettings, "fhir_user"): _attribute,
    (LdapSettings, "permissions"): _rules,
    (LdapSettings, "required_group"): _dn,
    (LdapSettings, "member_of"): _attribute,
    (LdapSettings, "group_filter"): _group_filter,
    (LdapSettings, "group_base"): _dn,
    (LdapSettings, "group_name"): _attribute,
    (LdapSettings, "most_groups"): between(1, 10_000),
    (LdapSettings, "timeout_seconds"): between(1, 60),
    (LdapSettings, "answer_seconds"): between(1, 60),
    (LdapSettings, "connections"): between(1, 100),
}
"""The check of each setting that its type does not say already."""
