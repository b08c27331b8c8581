"""Clients' key sets behind a `jwks_uri`: fetched, kept no longer than they say, and joined when many ask at once.

Owns when a set is fetched again. How a document is fetched safely is `server.fetch`'s business, which key of it is
right `spec.assertions`'.
Sources: SMART App Launch 2.2, client-confidential-asymmetric (K12, K13: Cache-Control is honoured); RFC 7517 5.
"""

from asyncio import Lock
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import msgspec

from assent.engine.server import AuthorizationServer, FetchFailed

REFETCH_SECONDS = 60
_KEPT_SETS = 1000


class NoKeys(Exception):
    """A client's JWKS cannot be had; the text says why, for the log and the app's own developer."""


@dataclass(frozen=True, slots=True)
class _KeySet:
    keys: tuple[dict[str, Any], ...]
    fetched_at: float
    fresh_until: float

    def has(self, kid: str) -> bool:
        return any(key.get("kid") == kid for key in self.keys)


class RemoteKeys:
    """The key sets of clients, by URL."""

    def __init__(self) -> None:
        self._sets: OrderedDict[str, _KeySet] = OrderedDict()
        self._locks: dict[str, Lock] = {}

    async def get(self, server: AuthorizationServer, url: str, kid: str) -> tuple[dict[str, Any], ...]:
        """The JWKs at `url`. One that is kept but lacks `kid` is fetched anew at most once a minute.

        Raises `NoKeys`.
        """
        asked_at = server.moment()
        known = self._usable(url, kid, asked_at)
        if known is not None:
            return known.keys
        async with self._locks.setdefault(url, Lock()):
            known = self._usable(url, kid, server.moment()) or self._fetched_since(url, asked_at)
            return (known or await self._fetch(server, url)).keys

    def _usable(self, url: str, kid: str, now: float) -> _KeySet | None:
        known = self._sets.get(url)
        if known is None or now >= known.fresh_until:
            return None
        if not known.has(kid) and now - known.fetched_at >= REFETCH_SECONDS:
            return None
        return known

    def _fetched_since(self, url: str, moment: float) -> _KeySet | None:
        """The set that another request fetched while this one waited for it."""
        known = self._sets.get(url)
        return known if known is not None and known.fetched_at >= moment else None

    async def _fetch(self, server: AuthorizationServer, url: str) -> _KeySet:
        try:
            fetched = await server.fetch(url, "application/json")
            document = msgspec.json.decode(fetched.body)
        except FetchFailed as error:
            raise NoKeys(f"the JWKS could not be fetched: {error}") from error
        except (ValueError, RecursionError) as error:
            raise NoKeys("the JWKS is no JSON") from error
        keys = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(keys, list):
            raise NoKeys("the JWKS has no list of keys")
        now = server.moment()
        seconds = min(fetched.max_age_seconds, server.settings.jwks_cache_seconds)
        known = _KeySet(tuple(key for key in keys if isinstance(key, dict)), now, now + seconds)
        self._sets[url] = known
        self._sets.move_to_end(url)
        if len(self._sets) > _KEPT_SETS:
            self._sets.popitem(last=False)
        return known
