"""Client secrets: made, hashed, and compared.

A secret of our own making has 256 random bits, so one SHA-256 keeps it safe. One that people chose or that was
imported has a slow hash; once compared it is remembered for a short time under a keyed hash, or every token request
would cost a tenth of a second. Sources: RFC 6749 2.3.1 and 10.1; OWASP Password Storage (slow hashes).
"""

import hashlib
import hmac
from asyncio import Task, create_task, shield
from collections import OrderedDict

from assent.engine.client_auth import FAILED
from assent.engine.client_auth.guesses import Guesses
from assent.engine.handles import new_handle
from assent.engine.rate_limits import RateLimit, count_place, forget_place
from assent.engine.server import AuthorizationServer, Caller, Passwords
from assent.records.clients import Client, ClientSecret
from assent.spec.errors import InvalidClient, TooManyRequests

_QUICK = "sha256$"
_REMEMBERED = 1000
RIGHT_SECONDS = 300
WRONG_SECONDS = 30
MOST_WAITING = 32


def new_secret(server: AuthorizationServer) -> tuple[str, str]:
    """A fresh secret and what is stored of it."""
    secret = new_handle(server)
    return secret, hash_secret(secret)


def hash_secret(secret: str) -> str:
    """What is stored of a secret with 256 random bits, and only of such."""
    return _QUICK + hashlib.sha256(secret.encode("utf-8")).hexdigest()


def is_active(secret: ClientSecret, now: int) -> bool:
    """Whether a secret is good at this time."""
    begun = secret.activates_at is None or secret.activates_at <= now
    return begun and (secret.expires_at is None or now < secret.expires_at)


class _Remembered:
    """Keyed hashes of a stored hash and a secret that were compared, until when; the oldest go first."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._until: OrderedDict[bytes, int] = OrderedDict()

    def add(self, mark: bytes, now: int) -> None:
        self._until[mark] = now + self._seconds
        self._until.move_to_end(mark)
        if len(self._until) > _REMEMBERED:
            self._until.popitem(last=False)

    def has(self, mark: bytes, now: int) -> bool:
        return self._until.get(mark, 0) > now


class ClientSecrets:
    """Compares secrets. `key` is random and lives as long as the process.

    `passwords` verifies slow hashes in threads that serve nothing else: anybody may send client secrets, and people
    are to sign in meanwhile. What waits there is bounded, and so is what one address may send there (`guesses`). A
    secret that was right lately is not held up by either, whatever strangers do.
    """

    def __init__(self, key: bytes, passwords: Passwords) -> None:
        self._key = key
        self._passwords = passwords
        self._right = _Remembered(RIGHT_SECONDS)
        self._wrong = _Remembered(WRONG_SECONDS)
        self._running: dict[bytes, Task[bool]] = {}
        self._guesses = Guesses()

    async def check(
        self, server: AuthorizationServer, client: Client, secret: str, address: str | None = None
    ) -> None:
        """Raises `InvalidClient` unless `secret` is one of the client's that are active now.

        `address`: where it comes from. Raises `TooManyRequests` when it would have to wait too long.
        """
        now = server.now()
        slow: dict[bytes, str] = {}
        for stored in client.secrets:
            if not stored.secret_hash.startswith(_QUICK):
                if is_active(stored, now):
                    slow[self._mark(stored.secret_hash, secret)] = stored.secret_hash
            elif hmac.compare_digest(stored.secret_hash, hash_secret(secret)):
                if is_active(stored, now):
                    return
                raise InvalidClient(FAILED, detail="the secret has expired or is not active yet")
        if any(self._right.has(mark, now) for mark in slow):
            return
        unknown = {mark: stored for mark, stored in slow.items() if not self._wrong.has(mark, now)}
        if unknown and not unknown.keys() <= self._running.keys():
            self._begin(client, address, now)
        for mark, secret_hash in unknown.items():
            if mark not in self._running:
                settle = self._settle(server, client, address, mark, secret_hash, secret)
                self._running[mark] = create_task(settle)
            # those who ask the same at once share one verification
            if await shield(self._running[mark]):
                self._guesses.forget(client.client_id, address)
                return
        raise InvalidClient(FAILED, detail="the secret is none of the client's")

    def _begin(self, client: Client, address: str | None, now: int) -> None:
        if len(self._running) >= MOST_WAITING:
            raise TooManyRequests("too many client secrets are being checked", retry_after_seconds=1)
        self._guesses.begin(client.client_id, address, now)

    async def _settle(
        self,
        server: AuthorizationServer,
        client: Client,
        address: str | None,
        mark: bytes,
        secret_hash: str,
        secret: str,
    ) -> bool:
        """Whether it is the one. Counted for all nodes before it is looked at; what was right is no guess."""
        limit = RateLimit("client_secret", server.settings.secret_guesses_per_hour, 3600)
        caller = Caller(address)
        try:
            await count_place(server, limit, client.client_id, caller=caller, client_id=client.client_id)
            is_right = await self._passwords.verify(secret_hash, secret)
        finally:
            del self._running[mark]
        (self._right if is_right else self._wrong).add(mark, server.now())
        if is_right:
            await forget_place(server, limit, client.client_id, caller=caller)
        return is_right

    def _mark(self, secret_hash: str, secret: str) -> bytes:
        return hmac.digest(self._key, f"{secret_hash}\0{secret}".encode(), "sha256")
