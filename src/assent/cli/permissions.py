"""Permissions as commands take them, and what they tell of those that have no effect."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from assent.cli.output import remark

if TYPE_CHECKING:
    from assent.spec.permissions import Permission


def read_permission_option(text: str) -> dict[str, str]:
    """The definition of a permission that is written NAME or NAME=ARGUMENT."""
    name, equals, argument = text.partition("=")
    return {"permission": name, "argument": argument} if equals else {"permission": name}


def read_permission_options(texts: list[str] | None) -> list[dict[str, str]] | None:
    """The definitions of all of them; None where there is none."""
    return [read_permission_option(text) for text in texts] if texts else None


def remark_idle(permissions: "Iterable[Permission]") -> None:
    """Tells, beside what a command prints, which of these permissions are kept and have no effect here."""
    from assent.actions.permissions.grounds import without_effect

    for name in without_effect(permissions):
        remark(f"{name} is kept, and has no effect here")
