"""Password hashes that came with people from elsewhere: bcrypt, scrypt and PBKDF2, verified until they are made anew.

Written as PHC strings, `$scrypt$ln=16,r=8,p=1$salt$hash` and `$pbkdf2-sha256$i=600000$salt$hash`; passlib's spelling of
the latter (iterations alone, `.` for `+`) is read, too. What they cost is bounded where they are brought in.
Sources: RFC 7914 (scrypt), RFC 8018 5.2 (PBKDF2), the PHC string format.
"""

import hashlib
import hmac
import re
from base64 import b64decode
from dataclasses import dataclass, field
from typing import Final

MOST_ITERATIONS: Final = 3_000_000
MOST_SCRYPT_BYTES: Final = 256 * 2**20
MOST_LANES: Final = 16
_BCRYPT_BYTES: Final = 72
_FEWEST_BYTES: Final = 16
"""A shorter hash would be matched by many passwords."""

_PBKDF2: Final = re.compile(
    r"\$pbkdf2-(sha256|sha512)\$(?:i=)?([1-9][0-9]{0,7})(?:,l=[0-9]{1,3})?\$([A-Za-z0-9+/.]+)\$([A-Za-z0-9+/.]+)"
)
_SCRYPT: Final = re.compile(
    r"\$scrypt\$ln=([1-9][0-9]?),r=([1-9][0-9]?),p=([1-9][0-9]?)\$([A-Za-z0-9+/.]+)\$([A-Za-z0-9+/.]+)"
)


@dataclass(frozen=True, slots=True)
class Pbkdf2:
    """`digest`: `sha256` or `sha512`."""

    digest: str
    iterations: int
    salt: bytes
    made: bytes = field(repr=False)

    def matches(self, password: str) -> bool:
        """Whether it is the one."""
        encoded = password.encode("utf-8", "surrogatepass")
        found = hashlib.pbkdf2_hmac(self.digest, encoded, self.salt, self.iterations, len(self.made))
        return hmac.compare_digest(found, self.made)


@dataclass(frozen=True, slots=True)
class Scrypt:
    """`rounds` is the N of RFC 7914."""

    rounds: int
    block: int
    lanes: int
    salt: bytes
    made: bytes = field(repr=False)

    def matches(self, password: str) -> bool:
        """Whether it is the one."""
        found = hashlib.scrypt(
            password.encode("utf-8", "surrogatepass"),
            salt=self.salt,
            n=self.rounds,
            r=self.block,
            p=self.lanes,
            maxmem=2 * MOST_SCRYPT_BYTES,
            dklen=len(self.made),
        )
        return hmac.compare_digest(found, self.made)


def read_phc(text: str) -> Pbkdf2 | Scrypt | None:
    """A PBKDF2 or scrypt hash; None for what is neither. Raises ValueError where it costs too much or is too short."""
    if found := _PBKDF2.fullmatch(text):
        digest, iterations = found[1], int(found[2])
        if iterations > MOST_ITERATIONS:
            raise ValueError(f"must not need more than {MOST_ITERATIONS} iterations")
        return Pbkdf2(digest, iterations, _bytes(found[3]), _made(found[4]))
    if found := _SCRYPT.fullmatch(text):
        log, block, lanes = int(found[1]), int(found[2]), int(found[3])
        if log > 30 or 128 * block << log > MOST_SCRYPT_BYTES or lanes > MOST_LANES:
            raise ValueError(f"must not need more than 256 MiB of memory or {MOST_LANES} lanes")
        return Scrypt(1 << log, block, lanes, _bytes(found[4]), _made(found[5]))
    return None


def matches_bcrypt(password_hash: str, password: str) -> bool:
    """bcrypt knows 72 bytes of a password; a longer one matches none, after as long."""
    import bcrypt  # only imported accounts need it

    encoded = password.encode("utf-8", "surrogatepass")
    is_possible = len(encoded) <= _BCRYPT_BYTES and b"\0" not in encoded
    tried = encoded if is_possible else b"nobody has this password"
    try:
        return bcrypt.checkpw(tried, password_hash.encode()) and is_possible
    except ValueError:
        return False


def _bytes(text: str) -> bytes:
    """Base 64 without its padding."""
    return b64decode(text.replace(".", "+") + "=" * (-len(text) % 4), validate=True)


def _made(text: str) -> bytes:
    made = _bytes(text)
    if len(made) < _FEWEST_BYTES:
        raise ValueError(f"must be a hash of {_FEWEST_BYTES} bytes at least")
    return made
