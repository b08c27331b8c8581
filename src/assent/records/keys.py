"""A signing key of the issuer."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key pair: `public_jwk` is published, `private_sealed` is the private JWK encrypted under the master key.

    It signs from `activates_at` until `retires_at` (0 = no end), and is published until `removes_at` (0 = no end),
    so that what it signed can be verified meanwhile. Among the active keys of one `alg` the newest signs.
    """

    kid: str
    alg: str
    public_jwk: dict[str, Any]
    private_sealed: bytes
    created_at: int
    activates_at: int
    retires_at: int = 0
    removes_at: int = 0


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """A secret of the installation's own (cookie key …), encrypted under the master key."""

    name: str
    sealed: bytes
    created_at: int
