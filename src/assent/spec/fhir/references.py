"""Which resource of our own server a reference in a resource names.

Owns literal references only: an `identifier`, a contained resource (`#…`), `urn:uuid:…` and another server's
URL name nothing here, so that they never grant anything.

Source: FHIR R4, References between resources (2.3.0.1 literal references).
"""

from collections.abc import Mapping
from typing import Any

from assent.spec.identifiers import Reference, read_reference

Bases = frozenset[str]
"""URLs, without a slash at the end, at which the one FHIR server in question answers: the gateway's and its own."""


def target_of(value: Any, bases: Bases) -> Reference | None:
    """The resource that the Reference element `value` names, relative or absolute to one of `bases`, or None."""
    if not isinstance(value, Mapping):
        return None
    text = value.get("reference")
    return local_reference(text, bases) if isinstance(text, str) else None


def local_reference(text: str, bases: Bases) -> Reference | None:
    """The resource that the literal reference `text` names on our server, its version set aside, or None."""
    relative = relative_to(text, bases)
    current, history, version = relative.partition("/_history/")
    if history and not version:
        return None
    try:
        return read_reference(current)
    except ValueError:
        return None


def relative_to(url: str, bases: Bases) -> str:
    """`url` without the base it begins with; as it is where it begins with none of `bases`."""
    for base in bases:
        if url.startswith(f"{base}/"):
            return url[len(base) + 1 :]
    return url


def moved(value: Any, bases: Bases, public_base: str) -> Any:
    """A JSON value in which the URLs that begin with one of `bases` begin with `public_base`."""
    whole = [value]
    copies: list[Any] = [whole]  # a loop: what somebody stored may be nested deeper than calls can be
    while copies:
        copy = copies.pop()
        for key, one in list(copy.items() if isinstance(copy, dict) else enumerate(copy)):
            if isinstance(one, str):
                copy[key] = _moved_text(one, bases, public_base)
            elif isinstance(one, list | dict):
                copy[key] = one.copy()
                copies.append(copy[key])
    return whole[0]


def _moved_text(text: str, bases: Bases, public_base: str) -> str:
    relative = relative_to(text, bases)
    return f"{public_base}/{relative}" if relative != text else public_base if text in bases else text
