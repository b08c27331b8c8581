"""JSON Web Keys in definitions, and sets of them: read alike wherever a definition has some.

Which keys are good is `spec.jose`'s business. Source: RFC 7517 4 and 5.
"""

from collections.abc import Callable
from typing import Any, Final

from assent.actions.definitions import Reader, Wrong, list_of, read_fields, wrong
from assent.spec.jose import BadKey

_MOST_KEYS: Final = 50


def jwk(check: Callable[[dict[str, Any]], object]) -> Reader:
    """A JWK as it stands, if `check` raises no `BadKey`."""

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise wrong("must be an object")
        try:
            check(value)
        except BadKey as error:
            raise wrong(str(error)) from error
        return value

    return read


def named(read_jwk: Reader) -> Reader:
    """The same, with the `kid` by which the other side knows it."""

    def read(value: Any) -> dict[str, Any]:
        found: dict[str, Any] = read_jwk(value)
        if not isinstance(found.get("kid"), str) or not found["kid"]:
            raise Wrong((".kid", "is required"))
        return found

    return read


def jwks_of(read_jwk: Reader) -> Reader:
    """A JWKS of such keys; other members of the set are refused."""
    readers = {"keys": list_of(read_jwk, _MOST_KEYS)}

    def read(value: Any) -> dict[str, Any]:
        found = read_fields(value, readers, required=("keys",))
        return {"keys": [dict(one) for one in found["keys"]]}

    return read
