"""A real OpenID provider that is not ours: `oidc-provider` on Node, with sign-in pages of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assent.spec.jose import new_private_jwk
from services.processes import listening

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "tests" / "upstream" / "oidc_provider.mjs"


@dataclass(frozen=True, slots=True)
class OidcProvider:
    """The running provider."""

    issuer: str


StartProvider = Callable[..., OidcProvider]


@pytest.fixture
def start_oidc_provider() -> Iterator[StartProvider]:
    """Starts a provider with these clients (RFC 7591), claims by user name, and configuration of its own."""
    with ExitStack() as stack:

        def start(
            *clients: dict[str, Any], claims: dict[str, Any] | None = None, **configuration: Any
        ) -> OidcProvider:
            command = [str(ROOT / "scripts" / "node.sh"), "node", str(PROGRAM)]
            keys = {"keys": [new_private_jwk("RS256", "node-1")]}
            given = {
                "clients": clients,
                "claims": claims or {},
                "configuration": {"jwks": keys, **configuration},
            }
            port = stack.enter_context(listening(command, given))
            if port is None:
                pytest.fail(
                    "the Node OpenID provider did not start: run `make test`, or `make services` first"
                )
            return OidcProvider(f"http://localhost:{port}")

        yield start
