"""Slow password hashes in a bounded pool, so that guessing costs the guesser and not the server.

Sources: RFC 9106 (argon2id), OWASP Password Storage (19 MiB, 2 passes, 1 lane).
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from assent.identity.local.imported_hashes import matches_bcrypt, read_phc
from assent.identity.local.pace import HashPace

MAX_PASSWORD: Final = 1024
MOST_WAITING: Final = 64
"""For each thread: some two seconds of work."""

_OURS: Final = "ours"
Done = TypeVar("Done")


class Argon2Passwords:
    """Hashes and verifies in `threads` threads at most; fulfils `engine.server.Passwords`.

    A name that nobody has costs a verification too, against a hash that no password has. So does a password that is too
    long to be anybody's. Where hashes from elsewhere are dearer, every refusal takes as long as theirs (`pace`).
    """

    def __init__(
        self,
        threads: int = 2,
        *,
        time_cost: int = 2,
        memory_kib: int = 19456,
        lanes: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hasher = PasswordHasher(
            time_cost=time_cost, memory_cost=memory_kib, parallelism=lanes, hash_len=32, type=Type.ID
        )
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._most_waiting = MOST_WAITING * threads
        self._waiting = 0
        self._pace = HashPace(clock)
        self._nobody: str | None = None

    @property
    def is_busy(self) -> bool:
        """Whether as many wait, or are looked at, as strangers may be kept waiting by."""
        return self._waiting >= self._most_waiting

    async def hash(self, password: str) -> str:
        """A PHC string of the password. Raises ValueError when it is longer than `MAX_PASSWORD`."""
        if len(password) > MAX_PASSWORD:
            raise ValueError(f"a password has at most {MAX_PASSWORD} characters")
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether it is the one. None: false, after as long."""
        kind = self._kind(password_hash) if password_hash and len(password) <= MAX_PASSWORD else _OURS
        begun = self._pace.begin()
        is_right = await self._run(lambda: self._verify(password_hash, password))
        self._pace.note(kind, begun)
        if not is_right:
            await self._pace.keep(kind, begun)
        return is_right

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made by another scheme, or with other parameters than today's."""
        try:
            return self._hasher.check_needs_rehash(password_hash)
        except InvalidHashError:
            return True

    def close(self) -> None:
        """Ends the pool's threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], Done]) -> Done:
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1

    def _verify(self, password_hash: str | None, password: str) -> bool:
        if password_hash is None or len(password) > MAX_PASSWORD:
            if self._nobody is None:
                self._nobody = self._hasher.hash("nobody has this password")
            self._matches(self._nobody, password[:MAX_PASSWORD])
            return False
        return self._matches(password_hash, password)

    def _matches(self, password_hash: str, password: str) -> bool:
        if password_hash.startswith("$2"):
            return matches_bcrypt(password_hash, password)
        try:
            if (imported := read_phc(password_hash)) is not None:
                return imported.matches(password)
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError, ValueError):
            return False

    def _kind(self, password_hash: str) -> str:
        """The scheme and parameters of a hash: those of a kind cost alike."""
        if not self.is_outdated(password_hash):
            return _OURS
        parts = password_hash.split("$")
        return "$".join(parts[:4] if parts[1:2] == ["argon2id"] else parts[:3])
