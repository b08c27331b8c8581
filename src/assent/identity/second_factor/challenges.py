"""Challenges for passkeys: made from a key of ours, bound to browser, purpose and person, and answered once.

Nothing is written when a page is shown, so that showing pages fills no table; what is written is that a challenge was
answered. Source: Web Authentication Level 2, 13.4.3 (cryptographic challenges).
"""

import hashlib
import hmac
from typing import Final, Literal

from assent.engine.server import AuthorizationServer
from assent.records.second_factors import AnsweredChallenge
from assent.storage.interface import Add, act
from assent.storage.tables import ANSWERED_CHALLENGES

Purpose = Literal["add", "prove", "sign in"]

CHALLENGE_SECONDS: Final = 900
_RANDOM: Final = 16
_EXPIRY: Final = 8


def new_challenge(
    server: AuthorizationServer, browser: str, purpose: Purpose, person_id: str | None
) -> bytes:
    """A challenge for this browser. `person_id` is None where the passkey says who it is."""
    expires_at = server.now() + CHALLENGE_SECONDS
    head = server.random(_RANDOM) + expires_at.to_bytes(_EXPIRY)
    return head + _mac(server, head, browser, purpose, person_id)


async def use_challenge(
    server: AuthorizationServer, challenge: bytes, browser: str, purpose: Purpose, person_id: str | None
) -> bool:
    """Whether it is one of ours for this browser, purpose and person, in time and answered for the first time."""
    head = challenge[: _RANDOM + _EXPIRY]
    wanted = _mac(server, head, browser, purpose, person_id)
    if not hmac.compare_digest(challenge[len(head) :], wanted):
        return False
    expires_at = int.from_bytes(head[_RANDOM:])
    if expires_at <= server.now():
        return False
    answered = AnsweredChallenge(hashlib.sha256(challenge).digest(), expires_at)
    return (await server.storage.commit(act(Add(ANSWERED_CHALLENGES, answered)))).all


def _mac(
    server: AuthorizationServer, head: bytes, browser: str, purpose: Purpose, person_id: str | None
) -> bytes:
    bound = f"passkey challenge|{browser}|{purpose}|{person_id or ''}|".encode()
    return hmac.digest(server.cookie_key, bound + head, "sha256")
