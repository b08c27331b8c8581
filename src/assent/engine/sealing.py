"""Sealing what must be read back: private keys and the installation's own secrets, under the master key.

AES-256-GCM with a fresh nonce; what a sealed value is for is bound to it as additional data, so that one cannot be
put in another's place. Source: NIST SP 800-38D. Where the master key lies is the composition root's matter.
"""

from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MASTER_KEY_BYTES = 32
_NONCE_BYTES = 12


class SealBroken(ValueError):
    """A sealed value was changed, moved, or sealed under another master key."""


class Sealer:
    """Seals and opens under one master key. `random(n)` gives n random bytes."""

    def __init__(self, master_key: bytes, random: Callable[[int], bytes]) -> None:
        if len(master_key) != MASTER_KEY_BYTES:
            raise ValueError(f"a master key has {MASTER_KEY_BYTES} bytes")
        self._cipher = AESGCM(master_key)
        self._random = random

    def seal(self, plain: bytes, purpose: str) -> bytes:
        """The sealed value; only the same `purpose` opens it."""
        nonce = self._random(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """What was sealed for `purpose`. Raises `SealBroken`."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"cannot open what was sealed for {purpose}: another master key?") from error
