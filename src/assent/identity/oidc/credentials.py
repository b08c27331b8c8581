"""Our own credentials at a provider: kept sealed, opened here, shown to its token endpoint alone.

Sources: RFC 6749 2.3.1 (Basic, both parts form-encoded), OpenID Connect Core 1.0 9, RFC 7523 2.2 and 3 (assertions).
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote_plus

import msgspec

from assent.engine.handles import new_handle
from assent.engine.keys import NoSigningKey
from assent.engine.sealing import Sealer
from assent.engine.server import AuthorizationServer, Outgoing
from assent.identity import ModuleDown
from assent.identity.oidc.metadata import Metadata
from assent.records.providers import Provider
from assent.spec import jose
from assent.spec.assertions import ASSERTION_TYPE

ASSERTION_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Registered:
    """A provider with our credentials there. `key`: a private JWK; without one, the issuer's own keys sign."""

    provider: Provider
    secret: str | None = field(default=None, repr=False)
    key: dict[str, Any] | None = field(default=None, repr=False)


def secret_purpose(issuer_id: str, name: str) -> str:
    """What the sealed secret of a provider is bound to."""
    return f"secret at provider {name} of issuer {issuer_id}"


def provider_key_purpose(issuer_id: str, name: str) -> str:
    """What the sealed private key for a provider is bound to."""
    return f"key for provider {name} of issuer {issuer_id}"


def opened(sealer: Sealer, issuer_id: str, provider: Provider) -> Registered:
    """The provider with its credentials in clear. Raises `SealBroken`."""
    secret, key = provider.secret_sealed, provider.key_sealed
    return Registered(
        provider,
        None if secret is None else sealer.open(secret, secret_purpose(issuer_id, provider.name)).decode(),
        None
        if key is None
        else msgspec.json.decode(sealer.open(key, provider_key_purpose(issuer_id, provider.name))),
    )


async def authenticated(
    server: AuthorizationServer,
    registered: Registered,
    metadata: Metadata,
    url: str,
    form: Mapping[str, str],
) -> Outgoing:
    """The form to `url`, with our credentials by the method of the definition. Raises `ModuleDown`."""
    provider = registered.provider
    match provider.token_endpoint_auth_method:
        case "client_secret_basic":
            pair = f"{quote_plus(provider.client_id)}:{quote_plus(registered.secret or '')}"
            return Outgoing(url, form, f"Basic {b64encode(pair.encode()).decode()}")
        case "client_secret_post":
            own = {"client_id": provider.client_id, "client_secret": registered.secret or ""}
            return Outgoing(url, {**form, **own})
        case "private_key_jwt":
            assertion = await _assertion(server, registered, metadata)
            own = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
            return Outgoing(url, {**form, "client_id": provider.client_id, **own})
        case _:
            return Outgoing(url, {**form, "client_id": provider.client_id})


async def _assertion(server: AuthorizationServer, registered: Registered, metadata: Metadata) -> str:
    provider, now = registered.provider, server.now()
    is_issuer = provider.assertion_audience == "issuer"
    claims = {
        "iss": provider.client_id,
        "sub": provider.client_id,
        "aud": metadata.issuer if is_issuer else metadata.needed("token_endpoint"),
        "iat": now,
        "exp": now + ASSERTION_SECONDS,
        "jti": new_handle(server),
    }
    if registered.key is None:
        try:
            return await server.keys.sign(provider.assertion_alg, "JWT", claims)
        except NoSigningKey as error:
            raise ModuleDown(f"assertion_alg: {error}: run assent key rotate --alg") from error
    key = jose.read_private_key(registered.key)
    return jose.sign(key, registered.key["alg"], registered.key["kid"], "JWT", claims)
