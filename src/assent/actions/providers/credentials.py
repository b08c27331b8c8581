"""Our credentials at a provider: sealed when a definition brings them, kept when it does not."""

from dataclasses import replace
from typing import Final

import msgspec

from assent.actions.providers.definition import ProviderDefinition
from assent.actions.providers.desk import Desk
from assent.actions.providers.rules import SECRET_METHODS
from assent.identity.oidc.credentials import opened, provider_key_purpose, secret_purpose
from assent.records.providers import Provider

SEALED_AS: Final = {"client_secret": "secret_sealed", "client_key": "key_sealed"}
"""Where a provider keeps, sealed, what a definition calls so."""


def sealed(desk: Desk, definition: ProviderDefinition, provider: Provider) -> Provider:
    """The provider with the credentials that the definition brings; those that it had already stay as they are."""
    issuer_id, sealer = desk.server.issuer.id, desk.sealer
    known = opened(sealer, issuer_id, provider)
    secret, key = definition.client_secret, definition.client_key
    if secret is not None and secret != known.secret:
        purpose = secret_purpose(issuer_id, provider.name)
        provider = replace(provider, secret_sealed=sealer.seal(secret.encode(), purpose))
    if key is not None and key != known.key:
        purpose = provider_key_purpose(issuer_id, provider.name)
        provider = replace(provider, key_sealed=sealer.seal(msgspec.json.encode(key), purpose))
    return provider


def with_kept(definition: ProviderDefinition, provider: Provider, old: Provider | None) -> Provider:
    """The provider of an import with the credentials of the one that it replaces, where it can use them."""
    if old is None:
        return provider
    brings = definition.client_secret is not None or definition.client_key is not None
    is_said = brings or "token_endpoint_auth_method" in definition.values
    method = (provider if is_said else old).token_endpoint_auth_method
    return replace(
        provider,
        token_endpoint_auth_method=method,
        secret_sealed=old.secret_sealed if method in SECRET_METHODS else None,
        key_sealed=old.key_sealed if method == "private_key_jwt" else None,
    )
