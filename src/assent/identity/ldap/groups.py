"""Whose groups a person is in: those her entry names, those that name her, and the groups that these are in.

Of Active Directory her primary group is one more, which neither does. A group counts by its DN, and by its name where
it is below `group_base`: elsewhere, somebody else may call a group so.
Active Directory finds nested groups itself; of other servers they are asked for, step by step, with an end to it.
Sources: RFC 4519 (groupOfNames, groupOfUniqueNames), MS-ADTS 3.1.1.3.4.4.3 (LDAP_MATCHING_RULE_IN_CHAIN).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from sansldap import FilterEquality, FilterOr, FilterPresent, LDAPFilter, SearchScope

from assent.identity.ldap.entries import OBJECT_SID, PRIMARY_GROUP, BadEntry, first_value
from assent.identity.ldap.filters import FilterTemplate, member_in_chain
from assent.identity.ldap.names import is_below, is_dn, same_dn
from assent.identity.ldap.ranges import all_values
from assent.identity.ldap.settings import LdapSettings
from assent.identity.ldap.sids import primary_group_sid
from assent.identity.ldap.wire import Connection, Entry, Search
from assent.identity.mapping import PermissionRule

DEEPEST: Final = 20
_AT_ONCE: Final = 50
_ACTIVE_DIRECTORY: Final = b"1.2.840.113556.1.4.800"  # supportedCapabilities, MS-ADTS 3.1.1.3.4.3


class Groups:
    """How groups are found; `template` None: only those that the person's entry names."""

    def __init__(self, settings: LdapSettings, template: FilterTemplate | None) -> None:
        self._settings = settings
        self._template = template
        self._base = settings.group_base or settings.base

    async def find(self, connection: Connection, entry: Entry, username: str) -> frozenset[str]:
        """The DNs (all spelt alike) and names of a person's groups. Raises `ServerDown`, `BadEntry`."""
        found: dict[str, tuple[str, ...]] = {}
        new = await self._listed(connection, entry)
        for dn in new:
            found[same_dn(dn)] = self._names_in(dn)
        is_nested = self._settings.nested_groups
        is_asked = is_nested or first_value(entry, PRIMARY_GROUP) is not None
        domain = await _active_directory(connection) if is_asked else None
        primary = [] if domain is None else await self._primary(connection, entry, domain, found)
        if domain is not None and is_nested:
            for dn in (entry.dn, *primary):  # the chain of her memberships lacks the primary group
                await self._search(connection, [member_in_chain(dn)], found)
            return _dns_and_names(found)
        new += primary
        if self._template is not None:
            filled = self._template.filled({"dn": entry.dn, "username": username})
            new += await self._search(connection, [filled], found)
        if is_nested:
            await self._search_above(connection, new, found)
        return _dns_and_names(found)

    async def _primary(
        self, connection: Connection, entry: Entry, domain: str, found: dict[str, tuple[str, ...]]
    ) -> list[str]:
        """Adds the primary group, wherever in the domain it is; its DN, where it is new.

        One that the service account may not see, or of another domain, is not counted.
        """
        sid = primary_group_sid(entry)
        if sid is None:
            return []
        asked = FilterEquality(OBJECT_SID, sid)
        answer = await connection.search(Search(domain or self._base, asked, (self._settings.group_name,)))
        if not answer.is_whole:
            raise BadEntry("several groups have the SID of one primary group")
        new = [group for group in answer.entries if same_dn(group.dn) not in found]
        for group in new:
            found[same_dn(group.dn)] = self._names_of(group) if is_below(group.dn, self._base) else ()
        return [group.dn for group in new]

    async def _search_above(
        self, connection: Connection, new: Sequence[str], found: dict[str, tuple[str, ...]]
    ) -> None:
        """Adds the groups that groups are in, and those that these are in; circles end by themselves."""
        if self._template is None:
            return
        for _ in range(DEEPEST):
            if not new:
                return
            filters = [self._template.filled({"dn": dn, "username": ""}) for dn in new]
            new = []
            for start in range(0, len(filters), _AT_ONCE):
                new += await self._search(connection, filters[start : start + _AT_ONCE], found)
        raise BadEntry(f"groups are nested deeper than {DEEPEST}")

    async def _search(
        self, connection: Connection, filters: list[LDAPFilter], found: dict[str, tuple[str, ...]]
    ) -> list[str]:
        """Adds the groups that one of the filters fits; the DNs of those that are new."""
        most = self._settings.most_groups
        asked = filters[0] if len(filters) == 1 else FilterOr(filters)
        search = Search(self._base, asked, (self._settings.group_name,), most=most)
        answer = await connection.search(search)
        new = [group for group in answer.entries if same_dn(group.dn) not in found]
        if not answer.is_whole or len(found) + len(new) > most:
            raise BadEntry(f"more than {most} groups (sign_in.ldap.most_groups)")
        for group in new:
            found[same_dn(group.dn)] = self._names_of(group)
        return [group.dn for group in new]

    async def _listed(self, connection: Connection, entry: Entry) -> list[str]:
        if not self._settings.member_of:
            return []
        most = self._settings.most_groups
        values = await all_values(connection, entry, self._settings.member_of, most)
        return [dn for dn in (value.decode(errors="replace") for value in values) if is_dn(dn)]

    def _names_of(self, group: Entry) -> tuple[str, ...]:
        values = group.attributes.get(self._settings.group_name.casefold(), ())
        return tuple(_names(value.decode(errors="replace") for value in values))

    def _names_in(self, dn: str) -> tuple[str, ...]:
        """The name of a group of which only the DN is known."""
        first = same_dn(dn).split(",")[0]
        attribute, _, value = first.partition("=")
        if attribute != self._settings.group_name.casefold() or not is_below(dn, self._base):
            return ()
        return tuple(_names([value]))


def comparable(rules: Iterable[PermissionRule]) -> tuple[PermissionRule, ...]:
    """The rules with every DN spelt as `Groups.find` spells it."""
    return tuple(replace(rule, group=same_dn(rule.group)) if is_dn(rule.group) else rule for rule in rules)


def _names(texts: Iterable[str]) -> Iterable[str]:
    """Names as they are compared; one that reads as a DN is none, or a group could be called another's DN."""
    return (" ".join(text.split()).casefold() for text in texts if not is_dn(text))


def _dns_and_names(found: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    return frozenset(found) | {name for names in found.values() for name in names}


async def _active_directory(connection: Connection) -> str | None:
    """The DN of the domain that a server of Active Directory holds (empty, should it not say); None for any other."""
    attributes = ("supportedCapabilities", "defaultNamingContext")
    root = Search("", FilterPresent("objectClass"), attributes, SearchScope.BASE)
    for entry in (await connection.search(root)).entries:
        if _ACTIVE_DIRECTORY in entry.attributes.get("supportedcapabilities", ()):
            return (first_value(entry, "defaultNamingContext") or b"").decode(errors="replace")
    return None
