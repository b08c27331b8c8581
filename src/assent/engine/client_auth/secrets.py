"""Client secrets: made, hashed, and compared.

A secret of our own making has 256 random bits, so one SHA-256 keeps it safe. One that people chose or that was
imported has a slow hash; once verified it is remembered for a short time under a keyed hash, or every token request
would cost a tenth of a second. Sources: RFC 6749 2.3.1 and 10.1; OWASP Password Storage (slow hashes).
"""

import hashlib
import hmac
from collections import OrderedDict

from assent.engine.client_auth import FAILED
from assent.engine.handles import new_handle
from assent.engine.server import AuthorizationServer
from assent.records.clients import Client, ClientSecret
from assent.spec.errors import InvalidClient

_QUICK = "sha256$"
_REMEMBERED = 1000
_REMEMBERED_SECONDS = 300


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


class ClientSecrets:
    """Compares secrets. `key` is random and lives as long as the process."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._verified: OrderedDict[bytes, int] = OrderedDict()

    async def check(self, server: AuthorizationServer, client: Client, secret: str) -> None:
        """Raises `InvalidClient` unless `secret` is one of the client's that are active now."""
        now = server.now()
        quick = hash_secret(secret)
        slow = [stored for stored in client.secrets if not stored.secret_hash.startswith(_QUICK)]
        for stored in client.secrets:
            if hmac.compare_digest(stored.secret_hash, quick):
                if is_active(stored, now):
                    return
                raise InvalidClient(FAILED, detail="the secret has expired or is not active yet")
        for stored in slow:
            if is_active(stored, now) and await self._is_right(server, stored, secret, now):
                return
        raise InvalidClient(FAILED, detail="the secret is none of the client's")

    async def _is_right(
        self, server: AuthorizationServer, stored: ClientSecret, secret: str, now: int
    ) -> bool:
        mark = hmac.digest(self._key, f"{stored.secret_hash}\0{secret}".encode(), "sha256")
        if self._verified.get(mark, 0) > now:
            return True
        if not await server.passwords.verify(stored.secret_hash, secret):
            return False
        self._verified[mark] = now + _REMEMBERED_SECONDS
        if len(self._verified) > _REMEMBERED:
            self._verified.popitem(last=False)
        return True
