"""What a provider says of an access token (RFC 7662), kept for a few seconds so that not every request costs a call.

Kept by a hash of the token, in this process alone, bounded, and never beyond the token's `exp`. Who asks at the same
time about the same token shares one call. A provider that fails to answer is asked again by the next request: only
answers are kept. What was kept is forgotten when the provider's definition changes.

Whoever makes up tokens keeps nobody out: there are only so many calls for each place, and tokens that were good when
they were asked about last have calls of their own.
Sources: RFC 7662 2.2, 4 (keeping answers makes a token that is taken back good for that much longer).
"""

from asyncio import Semaphore, Task, create_task, shield
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from assent.engine.rate_limits import RateLimit, check_place, count_place
from assent.engine.server import AuthorizationServer, Caller
from assent.engine.turns import Turns
from assent.identity import ModuleDown
from assent.identity.oidc.credentials import Registered, authenticated
from assent.identity.oidc.exchange import read_object, send
from assent.identity.oidc.metadata import Metadata
from assent.records.providers import Provider

MOST_ACTIVE: Final = 1000
MOST_OTHERS: Final = 200
"""Fewer, and apart: whoever sends tokens of his own making cannot push good ones out."""

MOST_AT_ONCE: Final = 64
"""Calls to one provider about tokens that nobody knows, and as many about those that were good."""

_OF_ONE_PLACE: Final = 8
_WAITING: Final = 32

_IN_VAIN: Final = RateLimit("unknown_tokens", 60, 60)

Claims = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Answer:
    """`claims` as they came; good while `moment` is before `fresh_until`, and `now` before `expires_at`."""

    claims: Claims
    fresh_until: float
    expires_at: float


class Introspection:
    """Asks providers about tokens."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Provider, _Answers]] = {}

    async def ask(
        self,
        server: AuthorizationServer,
        registered: Registered,
        metadata: Metadata,
        token: str,
        caller: Caller,
    ) -> Claims:
        """The members of the provider's answer, `active` among them. Raises `ModuleDown`, `TooManyRequests`.

        Who has shown too many tokens that nobody vouches for waits with those that are not known yet.
        """

        async def call() -> Claims:
            return await _ask(server, registered, metadata, token)

        return await self._answers_of(registered.provider).get(server, token, caller, call)

    def _answers_of(self, provider: Provider) -> "_Answers":
        known = self._kept.get(provider.name)
        if known is None or known[0] != provider:
            known = self._kept[provider.name] = (provider, _Answers(provider.name))
        return known[1]


class _Answers:
    """What one provider answered, as long as its definition stays the same."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._active: OrderedDict[bytes, _Answer] = OrderedDict()
        self._others: OrderedDict[bytes, _Answer] = OrderedDict()
        self._running: dict[bytes, Task[Claims]] = {}
        self._turns = Turns(_OF_ONE_PLACE, _WAITING)
        self._first = Semaphore(MOST_AT_ONCE)
        self._again = Semaphore(MOST_AT_ONCE)

    async def get(
        self,
        server: AuthorizationServer,
        token: str,
        caller: Caller,
        call: Callable[[], Awaitable[Claims]],
    ) -> Claims:
        """What is known of the token, or what `call` brings. Raises what `call` raises, `TooManyRequests`."""
        key = sha256(token.encode(errors="surrogatepass")).digest()
        known = self._active.get(key) or self._others.get(key)
        if known is not None and server.moment() < known.fresh_until and server.now() < known.expires_at:
            return known.claims
        if not server.settings.introspection_cache_seconds:
            return await self._ask(server, key, caller, call)
        if key not in self._running:
            task = self._running[key] = create_task(self._ask(server, key, caller, call))
            task.add_done_callback(lambda done: self._ended(key, done))
        return await shield(self._running[key])  # whoever gives up leaves the others their answer

    async def _ask(
        self,
        server: AuthorizationServer,
        key: bytes,
        caller: Caller,
        call: Callable[[], Awaitable[Claims]],
    ) -> Claims:
        known = self._active.get(key)
        if known is not None and server.now() < known.expires_at:
            claims = await _one_of(self._again, call)
        else:
            await check_place(server, _IN_VAIN, self._name, caller=caller)
            async with self._turns.take(caller):
                claims = await _one_of(self._first, call)
            if claims.get("active") is not True:
                await count_place(server, _IN_VAIN, self._name, caller=caller)
        self._keep(key, _answer(server, claims))
        return claims

    def _ended(self, key: bytes, done: Task[Claims]) -> None:
        del self._running[key]
        if not done.cancelled():
            done.exception()  # everybody who asked may have gone: then nobody else looks at it

    def _keep(self, key: bytes, answer: _Answer) -> None:
        self._active.pop(key, None)
        self._others.pop(key, None)
        is_active = answer.claims.get("active") is True
        kept, most = (self._active, MOST_ACTIVE) if is_active else (self._others, MOST_OTHERS)
        kept[key] = answer
        while len(kept) > most:
            kept.popitem(last=False)


async def _one_of(calls: Semaphore, call: Callable[[], Awaitable[Claims]]) -> Claims:
    """One of so many calls at once. Raises `ModuleDown` where all are under way."""
    if calls.locked():
        raise ModuleDown("too many tokens are asked about at once")
    async with calls:
        return await call()


def _answer(server: AuthorizationServer, claims: Claims) -> _Answer:
    exp = claims.get("exp")  # whether it is one that is good, the reader of the token decides
    expires_at = exp if isinstance(exp, int | float) else float("inf")
    return _Answer(claims, server.moment() + server.settings.introspection_cache_seconds, expires_at)


async def _ask(server: AuthorizationServer, registered: Registered, metadata: Metadata, token: str) -> Claims:
    url = metadata.needed("introspection_endpoint")
    form = {"token": token, "token_type_hint": "access_token"}
    request = await authenticated(server, registered, metadata, url, form)
    answer = await send(server, request, "introspection endpoint")
    claims = read_object(answer, "introspection endpoint")
    if answer.status != 200:
        raise ModuleDown(f"the introspection endpoint answered {answer.status}")
    return claims
