"""Whose groups a person is in: those her entry names, those that name her, and the groups that these are in.

A group counts by its DN, and by its name where it is below `group_base`: elsewhere, somebody else may call a group so.
Active Directory finds nested groups itself; of other servers they are asked for, step by step, with an end to it.
Sources: RFC 4519 (groupOfNames, groupOfUniqueNames), MS-ADTS 3.1.1.3.4.4.3 (LDAP_MATCHING_RULE_IN_CHAIN).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from sansldap import FilterOr, FilterPresent, LDAPFilter, SearchScope

from assent.identity.ldap.entries import BadEntry
from assent.identity.ldap.filters import FilterTemplate, member_in_chain
from assent.identity.ldap.names import is_below, is_dn, same_dn
from assent.identity.ldap.settings import LdapSettings
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
        for dn in self._listed(entry):
            found[same_dn(dn)] = self._names_in(dn)
        new = [*self._listed(entry)]
        if self._settings.nested_groups and await _is_active_directory(connection):
            await self._search(connection, [member_in_chain(entry.dn)], found)
        else:
            if self._template is not None:
                filled = self._template.filled({"dn": entry.dn, "username": username})
                new += await self._search(connection, [filled], found)
            if self._settings.nested_groups:
                await self._search_above(connection, new, found)
        return frozenset(found) | {name for names in found.values() for name in names}

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
            values = group.attributes.get(self._settings.group_name.casefold(), ())
            found[same_dn(group.dn)] = tuple(_names(value.decode(errors="replace") for value in values))
        return [group.dn for group in new]

    def _listed(self, entry: Entry) -> list[str]:
        values = entry.attributes.get((self._settings.member_of or "").casefold(), ())
        dns = [value.decode(errors="replace") for value in values[: self._settings.most_groups]]
        return [dn for dn in dns if is_dn(dn)]

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


async def _is_active_directory(connection: Connection) -> bool:
    root = Search("", FilterPresent("objectClass"), ("supportedCapabilities",), SearchScope.BASE)
    answer = await connection.search(root)
    return any(
        _ACTIVE_DIRECTORY in entry.attributes.get("supportedcapabilities", ()) for entry in answer.entries
    )
