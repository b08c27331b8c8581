"""Where a provider's endpoints are: what its definition says, then what it publishes of itself.

Owns fetching and keeping the discovery document. Sources: OpenID Connect Discovery 1.0 4.2 and 4.3 (the document is
that of the very issuer), RFC 8414, RFC 9207 3 (`authorization_response_iss_parameter_supported`).
"""

from asyncio import Lock
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from assent.engine.server import AuthorizationServer, FetchFailed
from assent.identity import ModuleDown
from assent.records.providers import Provider
from assent.spec.redirects import BadUri, check_web_uri_definition
from assent.spec.tenants import is_template, is_template_of, issuer_for, issuer_of_tenant

DISCOVERY_PATH: Final = "/.well-known/openid-configuration"
RETRY_SECONDS: Final = 5
_ENDPOINTS: Final = (
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "introspection_endpoint",
    "end_session_endpoint",
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """A provider's endpoints. `issuer` is the exact `iss` of its tokens; `names_issuer`: its answers carry `iss`.

    With `tenants`, `issuer` is the template of theirs.
    """

    issuer: str
    authorization_endpoint: str | None = None
    token_endpoint: str | None = None
    userinfo_endpoint: str | None = None
    jwks_uri: str | None = None
    introspection_endpoint: str | None = None
    end_session_endpoint: str | None = None
    names_issuer: bool = False
    tenants: tuple[str, ...] = ()

    @property
    def issuers(self) -> tuple[str, ...]:
        """Whose tokens are good: the issuer alone, or that of each tenant."""
        return tuple(issuer_for(self.issuer, one) for one in self.tenants) or (self.issuer,)

    def issuer_of(self, claims: Mapping[str, Any]) -> str:
        """The exact `iss` that these claims must have. Raises `BadTenant`."""
        return issuer_of_tenant(self.issuer, self.tenants, claims) if self.tenants else self.issuer

    def needed(self, name: str) -> str:
        """The endpoint of this name. Raises `ModuleDown` when the provider has none."""
        url: str | None = getattr(self, name)
        if url is None:
            raise ModuleDown(f"the provider has no {name}")
        return url


@dataclass(frozen=True, slots=True)
class _Document:
    found: dict[str, Any] | str
    fresh_until: float


class Discovery:
    """The discovery documents of providers, kept as long as they say; a failure, for some seconds."""

    def __init__(self) -> None:
        self._documents: dict[str, _Document] = {}
        self._locks: dict[str, Lock] = {}

    async def metadata(self, server: AuthorizationServer, provider: Provider) -> Metadata:
        """The provider's endpoints. Raises `ModuleDown`."""
        said = {name: getattr(provider, name) for name in _ENDPOINTS if getattr(provider, name) is not None}
        if not provider.discovery:
            return Metadata(provider.iss, **said)
        document = await self.document(server, provider.iss)
        found = {name: document[name] for name in _ENDPOINTS if name in document and name not in said}
        for name, value in found.items():
            _check_endpoint(name, value)
        issuer: str = document["issuer"]
        if is_template(issuer) and not provider.allowed_tenants:
            raise ModuleDown(f"discovery: {issuer} is for any tenant: list yours in allowed_tenants")
        if provider.allowed_tenants and not is_template(issuer):
            raise ModuleDown(f"discovery: {issuer} has no place for the tenants of allowed_tenants")
        names_issuer = document.get("authorization_response_iss_parameter_supported") is True
        return Metadata(issuer, **said, **found, names_issuer=names_issuer, tenants=provider.allowed_tenants)

    async def document(self, server: AuthorizationServer, issuer: str) -> dict[str, Any]:
        """What the issuer publishes of itself. Raises `ModuleDown`."""
        async with self._locks.setdefault(issuer, Lock()):  # who asks at the same time asks once
            known = self._documents.get(issuer)
            if known is None or known.fresh_until <= server.moment():
                known = self._documents[issuer] = await _fetch(server, issuer)
        if isinstance(known.found, str):
            raise ModuleDown(known.found)
        return known.found


async def _fetch(server: AuthorizationServer, issuer: str) -> _Document:
    try:
        fetched = await server.fetch(issuer.rstrip("/") + DISCOVERY_PATH, "application/json")
        document = msgspec.json.decode(fetched.body, type=dict[str, Any])
    except FetchFailed as error:
        return _Document(f"discovery: {error}", server.moment() + RETRY_SECONDS)
    except (ValueError, RecursionError):
        return _Document("discovery: the document is no JSON object", server.moment() + RETRY_SECONDS)
    named = document.get("issuer")
    # the slash at the end is a matter of how it was written down here; the tokens' `iss` is the document's own
    if not isinstance(named, str) or not (
        named.rstrip("/") == issuer.rstrip("/") or is_template_of(named, issuer)
    ):
        return _Document("discovery: the document is another issuer's", server.moment() + RETRY_SECONDS)
    seconds = min(fetched.max_age_seconds, server.settings.jwks_cache_seconds)
    return _Document(document, server.moment() + max(seconds, RETRY_SECONDS))


def _check_endpoint(name: str, value: Any) -> None:
    try:
        check_web_uri_definition(value if isinstance(value, str) else "")
    except BadUri as error:
        raise ModuleDown(f"discovery: {name}: {error}") from error
