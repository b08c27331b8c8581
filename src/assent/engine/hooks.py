"""The points at which a deployment may add to the server's own decisions.

Typed, so that a misspelt point is refused when it is filled, not silently never called. `Hooks` here does
nothing; scripts fill it later. A hook may narrow and add claims; it can never widen what was granted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assent.records.clients import Client
from assent.records.grants import Grant
from assent.records.people import Person


@dataclass(frozen=True, slots=True)
class TokenDraft:
    """What is about to be signed: `person` and `grant` are None for a client acting on its own."""

    client: Client
    person: Person | None
    grant: Grant | None
    scope: str


@dataclass(frozen=True, slots=True)
class TokenAdditions:
    """What a hook adds: claims of the access token that the server does not set itself."""

    access_token_claims: Mapping[str, Any] = field(default_factory=dict)


class Hooks:
    """The do-nothing default."""

    async def on_token(self, draft: TokenDraft) -> TokenAdditions:
        """Before an access token is signed. Raises `AccessDenied` to refuse it."""
        return TokenAdditions()
