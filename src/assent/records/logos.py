"""An app's logo: what came of fetching it, and the picture that was made of it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Logo:
    """The last attempt at a client's `logo_uri`, by its client_id.

    `claim` names whoever makes the attempt, so that one node does; `tried_at` is when it began. A logo that is
    `kept` has a picture, one that `failed` a reason.
    """

    client_id: str
    uri: str
    state: Literal["fetching", "kept", "failed"]
    tried_at: int
    claim: str
    picture_hash: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG of our own making, under the SHA-256 of its bytes (hexadecimal), once for each client that has it."""

    picture_hash: str
    client_id: str
    png: bytes
