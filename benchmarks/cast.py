"""Who takes part in every workload, at every peer alike: four clients, one person, their secrets and keys."""

import base64
import secrets
from dataclasses import dataclass, field
from typing import Any

from assent.spec.jose import new_private_jwk
from assent.spec.pkce import challenge_of

SERVICE = "bench-service"
WEB = "bench-web"
RESOURCE_SERVER = "bench-resource-server"
KEYED = {"ES384": "bench-es384", "RS384": "bench-rs384"}

REDIRECT_URI = "http://127.0.0.1:9999/callback"
SERVICE_SCOPE = "system/Patient.rs system/Observation.rs"
PERSON_SCOPE = "openid fhirUser offline_access user/Patient.rs user/Observation.rs"
VERIFIER = "a-code-verifier-that-is-longer-than-forty-three-characters"
CHALLENGE = challenge_of(VERIFIER)


@dataclass(frozen=True, slots=True)
class Cast:
    """`secret`: of every client that has one. `keys`: the private JWK of each client in `KEYED`, by algorithm."""

    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    keys: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {alg: new_private_jwk(alg, f"bench-{alg.lower()}") for alg in KEYED},
        repr=False,
    )

    def basic(self, client_id: str) -> str:
        """The `Authorization` header's value of a client with a secret."""
        return "Basic " + base64.b64encode(f"{client_id}:{self.secret}".encode()).decode()
