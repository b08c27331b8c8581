"""Key sets of clients and providers behind a `jwks_uri`: fetched, kept no longer than they
say, and joined when many ask at once.

Owns when a set is fetched again, and when not: anybody may send an assertion that names a client and a `kid`, and must
not make us ask the client's server each time. How a document is fetched safely is `server.fetch`'s business, which key
of it is right `spec.assertions`'.
Sources: SMART App Launch 2.2, client-confidential-asymmetric (K12, K13: Cache-Control is honoured); RFC 7517 5.
"""

from asyncio import Task, create_task, shield
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from assent.engine.server import AuthorizationServer, FetchFailed

REFETCH_SECONDS = 60
RETRY_SECONDS = 5
_KEPT_SETS = 1000
_Keys = tuple[dict[str, Any], ...]
_Kept = TypeVar("_Kept")


class NoKeys(Exception):
    """A JWKS cannot be had; the text says why, for the log and the app's own developer."""


class UnknownKey(NoKeys):
    """The JWKS was had a moment ago, and has no such key."""


@dataclass(frozen=True, slots=True)
class _KeySet:
    """What was fetched last. `keys` is empty where it may not be kept; which `kids` there were, is known still."""

    keys: _Keys
    kids: frozenset[str]
    fetched_at: float
    fresh_until: float


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why the last fetch brought nothing."""

    why: str
    at: float


class RemoteKeys:
    """Key sets by URL. `whose` stands in what is told; `refetch_seconds`: how often at most for an unknown key."""

    def __init__(self, whose: str = "the client's", refetch_seconds: int = REFETCH_SECONDS) -> None:
        self._whose = whose
        self._refetch_seconds = refetch_seconds
        self._sets: OrderedDict[str, _KeySet] = OrderedDict()
        self._failures: OrderedDict[str, _Failure] = OrderedDict()
        self._running: dict[str, Task[_Keys | _Failure]] = {}

    async def get(self, server: AuthorizationServer, url: str, kid: str | None) -> _Keys:
        """The JWKs at `url`. A set that lacks `kid` is fetched anew at most once a minute, also one that is not kept.

        `kid` None: whatever keys there are. Raises `NoKeys`: also for some seconds after a fetch that failed, without
        another one.
        """
        now = server.moment()
        known = self._sets.get(url)
        if known is not None and (kid is None or kid in known.kids) and now < known.fresh_until:
            return known.keys
        is_unknown = known is not None and kid is not None and kid not in known.kids
        if known is not None and is_unknown and now - known.fetched_at < self._refetch_seconds:
            raise UnknownKey(
                f"no key in {self._whose} JWKS has this kid; it is fetched anew every {self._refetch_seconds} s"
            )
        failure = self._failures.get(url)
        if failure is not None and now - failure.at < RETRY_SECONDS:
            raise NoKeys(failure.why)
        if url not in self._running:
            self._running[url] = create_task(self._settle(server, url))
        fetched = await shield(self._running[url])
        if isinstance(fetched, _Failure):
            raise NoKeys(fetched.why)
        return fetched

    async def _settle(self, server: AuthorizationServer, url: str) -> _Keys | _Failure:
        """Fetches, and remembers how it went."""
        try:
            keys, seconds = await _fetch(server, url)
        except NoKeys as error:
            failure = _Failure(str(error), server.moment())
            _keep(self._failures, url, failure)
            return failure
        finally:
            del self._running[url]
        now = server.moment()
        kids = frozenset(kid for key in keys if isinstance(kid := key.get("kid"), str))
        _keep(self._sets, url, _KeySet(keys if seconds else (), kids, now, now + seconds))
        return keys


async def _fetch(server: AuthorizationServer, url: str) -> tuple[_Keys, int]:
    """The keys, and for how many seconds they may be kept. Raises `NoKeys`."""
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
    seconds = min(fetched.max_age_seconds, server.settings.jwks_cache_seconds)
    return tuple(key for key in keys if isinstance(key, dict)), seconds


def _keep(kept: OrderedDict[str, _Kept], url: str, value: _Kept) -> None:
    kept[url] = value
    kept.move_to_end(url)
    if len(kept) > _KEPT_SETS:
        kept.popitem(last=False)
