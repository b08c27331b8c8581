"""From groups that a provider, a directory or a proxy names to permissions here.

A rule is written `group => PERMISSION` or `group => PERMISSION:argument`; the group `*` is everybody whom the module
lets in. What no rule names gives nothing. Groups are compared without case, as directories do.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from assent.spec.permissions import BadPermission, Permission, read_permission

EVERYBODY = "*"


class BadRule(ValueError):
    """A rule that cannot be read: which, and why."""


@dataclass(frozen=True, slots=True)
class PermissionRule:
    """Who is in the group has the permission."""

    group: str
    permission: Permission


def read_rules(texts: Iterable[str]) -> tuple[PermissionRule, ...]:
    """The rules of a configuration. Raises `BadRule`."""
    return tuple(_read_rule(text) for text in texts)


def permissions_of(rules: Iterable[PermissionRule], groups: Iterable[str]) -> tuple[Permission, ...]:
    """What somebody in these groups may do, each permission once, in the order of the rules."""
    names = {EVERYBODY, *(group.strip().casefold() for group in groups)}
    return tuple(dict.fromkeys(rule.permission for rule in rules if rule.group.casefold() in names))


def _read_rule(text: str) -> PermissionRule:
    group, arrow, permission = (part.strip() for part in text.rpartition("=>"))
    if not arrow or not group or not permission:
        raise BadRule(f"{text!r} is not written group => PERMISSION or group => PERMISSION:argument")
    name, _, argument = permission.partition(":")
    try:
        return PermissionRule(group, read_permission(name.strip(), argument.strip() or None))
    except BadPermission as error:
        raise BadRule(f"{text!r}: {error}") from error
