"""Search filters with places for values, filled in so that no value can be more than a value.

A filter is parsed once, from the configuration; values are put into the parsed filter as octets and never into its
text, so that there is nothing to escape (RFC 4515 3). Places are `{username}` and `{dn}`, each a whole value or a part
of one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any, Final

from sansldap import FilterExtensibleMatch, LDAPFilter

_IN_CHAIN: Final = "1.2.840.113556.1.4.1941"


class BadFilter(ValueError):
    """A filter that cannot be read, or without the place it needs."""


class FilterTemplate:
    """A filter with places."""

    def __init__(self, text: str, needed: Iterable[str]) -> None:
        """Reads it. At least one of `needed` has to have a place in it. Raises `BadFilter`."""
        try:
            self._filter = LDAPFilter.from_string(text)
        except ValueError as error:
            raise BadFilter(f"is no LDAP filter (RFC 4515): {error}") from error
        names = tuple(needed)
        if not any(_has_place(self._filter, _place(name)) for name in names):
            raise BadFilter(f"has no {' or '.join('{' + name + '}' for name in names)} as a value")

    def filled(self, values: Mapping[str, str]) -> LDAPFilter:
        """The filter with these values."""
        places = {_place(name): value.encode() for name, value in values.items()}
        filled: LDAPFilter = _filled(self._filter, places)
        return filled


def member_in_chain(dn: str) -> LDAPFilter:
    """The groups of somebody, and the groups that these are in (MS-ADTS 3.1.1.3.4.4.3)."""
    return FilterExtensibleMatch(rule=_IN_CHAIN, attribute="member", value=dn.encode(), dn_attributes=False)


def _place(name: str) -> bytes:
    return b"{" + name.encode() + b"}"


def _has_place(part: Any, place: bytes) -> bool:
    if isinstance(part, bytes):
        return place in part
    if isinstance(part, list):
        return any(_has_place(one, place) for one in part)
    if isinstance(part, LDAPFilter):
        return any(_has_place(getattr(part, one.name), place) for one in fields(part))
    return False


def _filled(part: Any, places: Mapping[bytes, bytes]) -> Any:
    """A filter, or a part of one, with every place replaced; values are not looked through again."""
    if isinstance(part, bytes):
        return _filled_value(part, places)
    if isinstance(part, list):
        return [_filled(one, places) for one in part]
    if isinstance(part, LDAPFilter):
        changed = {one.name: _filled(getattr(part, one.name), places) for one in fields(part) if one.init}
        return replace(part, **changed)
    return part


def _filled_value(value: bytes, places: Mapping[bytes, bytes]) -> bytes:
    found = [(value.index(place), place) for place in places if place in value]
    if not found:
        return value
    at, place = min(found)
    return value[:at] + places[place] + _filled_value(value[at + len(place) :], places)
