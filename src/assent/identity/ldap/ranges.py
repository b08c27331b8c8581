"""Attributes of which a server gives a part at a time: `memberOf;range=0-1499`, then the rest of it.

Active Directory does so with more than 1,500 values, and the attribute itself is empty then: who did not ask on would
take somebody in many groups for somebody in none. Source: MS-ADTS 3.1.1.3.1.3.3 (Range Retrieval of Attribute Values).
"""

import re
from collections.abc import Iterator
from typing import Final

from sansldap import FilterPresent, SearchScope

from assent.identity.ldap.entries import BadEntry
from assent.identity.ldap.wire import Connection, Entry, Search

_RANGE: Final = re.compile(r";range=(\d{1,9})-(\d{1,9}|\*)")


async def all_values(connection: Connection, entry: Entry, attribute: str, most: int) -> tuple[bytes, ...]:
    """Every value of an attribute of an entry, asked for until there are no more.

    Raises `BadEntry` when there are more than `most`, or the server gives what was not asked for, and `ServerDown`.
    """
    part = _part(entry, attribute, 0)
    if part is None:
        values = entry.attributes.get(attribute.casefold(), ())
        return _checked(values, most, attribute)
    values, is_last = part
    while not is_last:
        _checked(values, most, attribute)
        asked = f"{attribute};range={len(values)}-*"
        search = Search(entry.dn, FilterPresent("objectClass"), (asked,), SearchScope.BASE)
        found = (await connection.search(search)).entries
        more = _part(found[0], attribute, len(values)) if found else None
        if more is None or not more[0]:
            raise BadEntry(f"the values of {attribute} from {len(values)} on are not given")
        values, is_last = values + more[0], more[1]
    return _checked(values, most, attribute)


def _part(entry: Entry, attribute: str, first: int) -> tuple[tuple[bytes, ...], bool] | None:
    """The values from number `first` on that an entry has as a range, and whether they are the last."""
    for values, begin, end in _ranges(entry, attribute):
        if begin != first:
            continue
        if end != "*" and len(values) != int(end) - begin + 1:
            raise BadEntry(f"a range of {attribute} has {len(values)} values")
        return values, end == "*"
    return None


def _ranges(entry: Entry, attribute: str) -> Iterator[tuple[tuple[bytes, ...], int, str]]:
    for name, values in entry.attributes.items():
        if name.startswith(f"{attribute.casefold()};"):
            found = _RANGE.fullmatch(name[len(attribute) :])
            if found is not None:
                yield values, int(found[1]), found[2]


def _checked(values: tuple[bytes, ...], most: int, attribute: str) -> tuple[bytes, ...]:
    if len(values) > most:
        raise BadEntry(f"more than {most} values of {attribute}")
    return values
