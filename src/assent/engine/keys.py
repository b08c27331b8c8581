"""The issuer's signing keys, as a provider: they rotate, also by another process, and are read again each second.

Owns choosing the key that signs, verifying our own tokens, and the published JWKS. How keys come to be is
`key_changes`' business. Each key is imported once; a verified signature is remembered too, since the same access token
comes again and again. What its claims mean now (expiry, revocation) is for the caller to look at each time.

Sources: RFC 7517, RFC 7515; SMART App Launch 2.2 (O3: keys published as bare JWKs).
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import msgspec

from assent.engine.sealing import Sealer
from assent.records.keys import SigningKey
from assent.spec import jose
from assent.storage.interface import Storage
from assent.storage.tables import SIGNING_KEYS

RELOAD_SECONDS = 1.0
UNKNOWN_KEY_SECONDS = 0.1
_REMEMBERED_TOKENS = 2000
_T = TypeVar("_T")


class NoSigningKey(Exception):
    """No active key of the algorithm: the installation was not set up, or a key was retired without a successor."""


class Run(Protocol):
    """Runs work somewhere and waits for it: in place, or in a thread (signing lets other threads run)."""

    def __call__(self, work: Callable[[], _T]) -> Awaitable[_T]:
        """What `work` gives."""
        ...


async def in_place(work: Callable[[], _T]) -> _T:
    """Runs the work here and now."""
    return work()


@dataclass(frozen=True, slots=True)
class _Loaded:
    record: SigningKey
    public: jose.Key
    private: jose.Key


def key_purpose(issuer: str, kid: str) -> str:
    """What a sealed private key is bound to."""
    return f"signing key {kid} of issuer {issuer}"


class KeyRing:
    """`engine.server.Keys` over the stored keys of one issuer. `moment` gives epoch seconds."""

    def __init__(
        self, storage: Storage, sealer: Sealer, moment: Callable[[], float], run: Run = in_place
    ) -> None:
        self._storage = storage
        self._sealer = sealer
        self._moment = moment
        self._run = run
        self._loaded: dict[str, _Loaded] = {}
        self._loaded_at = float("-inf")
        self._verified: OrderedDict[str, tuple[str, dict[str, Any]]] = OrderedDict()

    async def sign(self, alg: str, typ: str, claims: Mapping[str, Any]) -> str:
        """A compact JWS by the newest active key of `alg`. Raises `NoSigningKey`."""
        await self._reload()
        signer = self._signer(alg)
        return await self._run(lambda: jose.sign(signer.private, alg, signer.record.kid, typ, claims))

    async def verify(self, token: str, typ: str) -> dict[str, Any]:
        """The claims of a JWS that a published key signed as `typ`; not to be changed. Raises `BadToken`."""
        await self._reload()
        known = self._verified.get(token)
        if known is not None and known[0] == typ:
            self._verified.move_to_end(token)
            return known[1]
        unverified = jose.read_unverified(token)
        if unverified.header.get("typ") != typ:
            raise jose.BadToken(f"header typ is not {typ}")  # RFC 8725 3.11: no token passes for another kind
        kid = unverified.header.get("kid")
        if isinstance(kid, str) and kid not in self._loaded:
            await self._reload(UNKNOWN_KEY_SECONDS)  # another node may have just begun to sign with a new key
        key = self._loaded.get(kid) if isinstance(kid, str) else None
        if key is None or not self._is_published(key.record):
            raise jose.BadToken("no key of ours has this kid")
        algs = (key.record.alg,)
        claims = await self._run(lambda: jose.verify(unverified, key.public, algs))
        self._verified[token] = (typ, claims)
        if len(self._verified) > _REMEMBERED_TOKENS:
            self._verified.popitem(last=False)
        return claims

    async def published(self) -> dict[str, Any]:
        """The JWKS: every key that signs, will sign, or whose signatures may still be about."""
        await self._reload()
        keys = [
            loaded.record.public_jwk for loaded in self._loaded.values() if self._is_published(loaded.record)
        ]
        return {"keys": keys}

    def _signer(self, alg: str) -> _Loaded:
        now = self._moment()
        active = [
            loaded
            for loaded in self._loaded.values()
            if loaded.record.alg == alg
            and loaded.record.activates_at <= now
            and (loaded.record.retires_at == 0 or now < loaded.record.retires_at)
        ]
        if not active:
            raise NoSigningKey(f"no active signing key for {alg}")
        return max(active, key=lambda one: (one.record.activates_at, one.record.created_at, one.record.kid))

    def _is_published(self, record: SigningKey) -> bool:
        return record.removes_at == 0 or self._moment() < record.removes_at

    async def _reload(self, seconds: float = RELOAD_SECONDS) -> None:
        now = self._moment()
        if 0 <= now - self._loaded_at < seconds:
            return
        records = await self._storage.find(SIGNING_KEYS)
        loaded = {record.kid: self._load(record) for record in records}
        gone = [
            kid for kid, one in self._loaded.items() if kid not in loaded or one.record != loaded[kid].record
        ]
        if gone:
            self._verified.clear()  # what a removed key signed is no longer good
        self._loaded = loaded
        self._loaded_at = now

    def _load(self, record: SigningKey) -> _Loaded:
        known = self._loaded.get(record.kid)
        if known is not None and known.record.private_sealed == record.private_sealed:
            return _Loaded(record, known.public, known.private)
        private_jwk = msgspec.json.decode(
            self._sealer.open(record.private_sealed, key_purpose(self._storage.issuer, record.kid))
        )
        return _Loaded(record, jose.read_public_key(record.public_jwk), jose.read_kept_key(private_jwk))
