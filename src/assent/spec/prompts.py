"""`prompt` and `max_age`: when a person must be asked anew, and when nothing may be asked.

Owns reading the two parameters; the order of the steps is the engine's.

Sources: OpenID Connect Core 1.0 3.1.2.1; Initiating User Registration via OpenID Connect 1.0, 4.1 (a value
that is not supported is answered with invalid_request); RFC 6749 3.1 (a parameter without a value is as if
omitted).
"""

import re
from typing import Final

from assent.spec.errors import InvalidRequest

PROMPTS: Final = ("none", "login", "consent", "select_account")
"""The values that are understood, published as `prompt_values_supported`."""

_SECONDS: Final = re.compile(r"[0-9]{1,10}")


def read_prompt(text: str | None) -> frozenset[str]:
    """The values of `prompt`, none for an absent one.

    Raises InvalidRequest for an unknown value and for `none` beside others.
    """
    values = frozenset((text or "").split(" ")) - {""}
    if not values <= set(PROMPTS):
        raise InvalidRequest("prompt takes none, login, consent and select_account")
    if "none" in values and len(values) > 1:
        raise InvalidRequest("prompt=none may not be combined with other values")
    return values


def read_max_age(text: str | None) -> int | None:
    """The seconds of `max_age`, None for an absent one. Raises InvalidRequest when it is no plain number."""
    if not text:
        return None
    if _SECONDS.fullmatch(text) is None:
        raise InvalidRequest("max_age must be a number of seconds")
    return int(text)
