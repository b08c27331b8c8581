"""Slow password hashes in a bounded pool, so that guessing costs the guesser and not the server.

Sources: RFC 9106 (argon2id), OWASP Password Storage (19 MiB, 2 passes, 1 lane).
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

MAX_PASSWORD: Final = 1024


class Argon2Passwords:
    """Hashes and verifies in `threads` threads at most; fulfils `engine.server.Passwords`.

    A name that nobody has costs a verification too, against a hash that no password has. So does a password that is too
    long to be anybody's.
    """

    def __init__(
        self, threads: int = 2, *, time_cost: int = 2, memory_kib: int = 19456, lanes: int = 1
    ) -> None:
        self._hasher = PasswordHasher(
            time_cost=time_cost, memory_cost=memory_kib, parallelism=lanes, hash_len=32, type=Type.ID
        )
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """A PHC string of the password. Raises ValueError when it is longer than `MAX_PASSWORD`."""
        if len(password) > MAX_PASSWORD:
            raise ValueError(f"a password has at most {MAX_PASSWORD} characters")
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._hasher.hash, password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether it is the one. None: false, after as long."""
        return await asyncio.get_running_loop().run_in_executor(
            self._pool, self._verify, password_hash, password
        )

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made by another scheme, or with other parameters than today's."""
        try:
            return self._hasher.check_needs_rehash(password_hash)
        except InvalidHashError:
            return True

    def close(self) -> None:
        """Ends the pool's threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password_hash: str | None, password: str) -> bool:
        if password_hash is None or len(password) > MAX_PASSWORD:
            if self._nobody is None:
                self._nobody = self._hasher.hash("nobody has this password")
            self._matches(self._nobody, password[:MAX_PASSWORD])
            return False
        return self._matches(password_hash, password)

    def _matches(self, password_hash: str, password: str) -> bool:
        if password_hash.startswith("$2"):
            return _matches_bcrypt(password_hash, password)
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


def _matches_bcrypt(password_hash: str, password: str) -> bool:
    """Imported hashes; bcrypt knows 72 bytes of a password, longer ones match none."""
    import bcrypt  # only imported accounts need it

    encoded = password.encode()
    if len(encoded) > 72 or b"\0" in encoded:
        return False
    try:
        return bcrypt.checkpw(encoded, password_hash.encode())
    except ValueError:
        return False
