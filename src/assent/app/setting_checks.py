"""Checks of single settings that several tables use. Each raises `BadSetting`."""

from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

Check = Callable[[Any], None]


class BadSetting(ValueError):
    """A setting breaks the rule that the text says."""


def between(least: int, most: int) -> Check:
    """A number's bounds."""

    def check(value: int) -> None:
        if not least <= value <= most:
            raise BadSetting(f"must be {least} to {most}")

    return check


def networks(values: tuple[str, ...]) -> None:
    """Addresses and networks."""
    for value in values:
        try:
            ip_network(value)
        except ValueError as error:
            raise BadSetting(f"{value!r} is no address or network such as 10.0.0.0/8: {error}") from error


def prefix(value: str) -> None:
    """What is put before user names."""
    if not value.isprintable() or len(value) > 40:
        raise BadSetting("must have at most 40 printable characters")


def filled(value: str) -> None:
    """A short text that is not empty."""
    if not value.strip() or not value.isprintable() or len(value) > 200:
        raise BadSetting("must have 1 to 200 printable characters")
