"""Claims of tokens about a person: who she is to a client, and what its scopes let it know about her.

Owns names and shapes. Which person and which scopes is the engine's matter, signing is `jose`'s.
Sources: OpenID Connect Core 1.0 3.1.3.6 (`at_hash`), 5.1 and 5.4 (claims by scope), 8 (subject types);
SMART App Launch 2.2, scopes-and-launch-context (`fhirUser`).
"""

import hashlib
import hmac
from base64 import b32encode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from assent.spec.jose import ED25519_ALGS

CLAIMS_OF_SCOPE: Final[Mapping[str, tuple[str, ...]]] = {
    "openid": ("sub",),
    "profile": ("name", "given_name", "family_name", "preferred_username", "locale", "updated_at"),
    "email": ("email",),
    "fhirUser": ("fhirUser",),
}
"""The claims that a granted scope opens, as far as we know any."""


def fhir_user_url(fhir_base: str, reference: str) -> str:
    """`fhirUser` as an absolute URL: a relative reference is one of the FHIR server at `fhir_base`."""
    return reference if "://" in reference else f"{fhir_base}/{reference}"


def pairwise_subject(key: bytes, sector: str, person_id: str) -> str:
    """A `sub` that clients of different sectors cannot compare (OpenID Connect Core 8.1). Begins `u-`."""
    digest = hmac.digest(key, f"pairwise\0{sector}\0{person_id}".encode(), "sha256")
    return f"u-{b32encode(digest[:20]).decode('ascii').lower()}"


def sector_of(redirect_uris: Iterable[str], client_id: str) -> str:
    """The sector of a client: the one host of its redirect URIs; the client itself where there is not just one."""
    hosts = {urlsplit(uri).hostname for uri in redirect_uris}
    host = hosts.pop() if len(hosts) == 1 else None
    return host or client_id


def at_hash(access_token: str, alg: str) -> str:
    """The left half of the access token's hash, by the hash of the ID token's `alg`."""
    # Core 3.1.3.6; Ed25519 hashes with SHA-512 (RFC 8032 5.1)
    size = "512" if alg in ED25519_ALGS else alg[-3:]
    digest = hashlib.new(f"sha{size}", access_token.encode("ascii")).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode("ascii")


def opened_claims(scope_names: Iterable[str], known: Mapping[str, str | int | None]) -> dict[str, str | int]:
    """Of what is `known` about a person, what these scopes open; unknown claims are left out."""
    names = [claim for scope in scope_names for claim in CLAIMS_OF_SCOPE.get(scope, ())]
    return {name: value for name in names if (value := known.get(name)) is not None}
