"""From groups that a provider, a directory or a proxy names to permissions and roles here.

A rule is written `group => PERMISSION`, `group => PERMISSION:argument` or `group => role:NAME`; the group `*` is
everybody whom the module lets in. What no rule names gives nothing. Groups are compared without case, as directories
do.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from assent.spec.permissions import BadPermission, Permission, read_permission

EVERYBODY = "*"
_ROLE = "role"


class BadRule(ValueError):
    """A rule that cannot be read: which, and why."""


@dataclass(frozen=True, slots=True)
class PermissionRule:
    """Who is in the group has the permission, or holds the role of this name."""

    group: str
    gives: Permission | str


def read_rules(texts: Iterable[str]) -> tuple[PermissionRule, ...]:
    """The rules of a configuration. Raises `BadRule`."""
    return tuple(_read_rule(text) for text in texts)


def permissions_of(rules: Iterable[PermissionRule], groups: Iterable[str]) -> tuple[Permission, ...]:
    """What somebody in these groups may do, each permission once, in the order of the rules."""
    return tuple(gives for gives in _given(rules, groups) if isinstance(gives, Permission))


def roles_of(rules: Iterable[PermissionRule], groups: Iterable[str]) -> tuple[str, ...] | None:
    """The roles that somebody in these groups holds; None where no rule names one: an administrator gives them."""
    rules = tuple(rules)
    if not any(isinstance(rule.gives, str) for rule in rules):
        return None
    return tuple(gives for gives in _given(rules, groups) if isinstance(gives, str))


def _given(rules: Iterable[PermissionRule], groups: Iterable[str]) -> dict[Permission | str, None]:
    names = {EVERYBODY, *(group.strip().casefold() for group in groups)}
    return dict.fromkeys(rule.gives for rule in rules if rule.group.casefold() in names)


def _read_rule(text: str) -> PermissionRule:
    group, arrow, permission = (part.strip() for part in text.rpartition("=>"))
    if not arrow or not group or not permission:
        raise BadRule(
            f"{text!r} is not written group => PERMISSION, group => PERMISSION:argument or group => role:NAME"
        )
    name, _, argument = permission.partition(":")
    if name.strip().casefold() == _ROLE:
        if not argument.strip():
            raise BadRule(f"{text!r}: role: names no role")
        return PermissionRule(group, argument.strip())
    try:
        return PermissionRule(group, read_permission(name.strip(), argument.strip() or None))
    except BadPermission as error:
        raise BadRule(f"{text!r}: {error}") from error
