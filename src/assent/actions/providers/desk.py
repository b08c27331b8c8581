"""What work on an issuer's providers begins with: those of the configuration, what a definition makes, our addresses.

Owns which names are free and which providers are changed in the configuration alone; what is done to those of the
database is `providers`'.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from assent.actions.definitions import Wrong
from assent.actions.providers.definition import ProviderDefinition, read_provider_definition
from assent.actions.providers.rules import provider_mistakes
from assent.actions.refusals import Refused
from assent.engine.sealing import Sealer
from assent.engine.server import AuthorizationServer
from assent.identity.oidc.credentials import Registered
from assent.records.providers import Provider

_NEEDED: Final = ("name", "iss", "client_id")
_WRITTEN: Final = {"iss": "issuer", "secret_sealed": "client_secret", "key_sealed": "client_key"}


@dataclass(frozen=True, slots=True)
class Desk:
    """What work on an issuer's providers needs. `configured` are those of the configuration: changed there alone.

    `taken`: names that other modules' providers have, so that an address and an identity is always one provider's.
    """

    server: AuthorizationServer
    sealer: Sealer
    configured: tuple[Registered, ...] = ()
    taken: frozenset[str] = frozenset()

    def configured_one(self, name: str) -> Registered | None:
        """The provider of the configuration with this name."""
        return next((one for one in self.configured if one.provider.name == name), None)

    def refuse_configured(self, name: str, path: str = "") -> None:
        """Raises `Refused` for a provider of the configuration."""
        if self.configured_one(name) is not None:
            place = f"{path}.name".lstrip(".")
            raise Refused([f"{place}: {name} is in the configuration: change it there"])

    def refuse_taken(self, name: str, path: str = "") -> None:
        """Raises `Refused` for the name of a new provider that another one has, outside the database."""
        self.refuse_configured(name, path)
        if name in self.taken:
            place = f"{path}.name".lstrip(".")
            raise Refused([f"{place}: {name} is a provider of another module: choose another name"])


@dataclass(frozen=True, slots=True)
class Addresses:
    """What is registered at the provider for us."""

    redirect_uri: str
    post_logout_redirect_uri: str
    backchannel_logout_uri: str
    frontchannel_logout_uri: str
    jwks_uri: str


PROVIDER_SHOWN: Final = ("defined_in", *(f"our_{one.name}" for one in fields(Addresses)))
"""What is shown beside a definition, and is passed over where it is brought back."""


def addresses_of(server: AuthorizationServer, name: str) -> Addresses:
    """What is registered at the provider of this name."""
    at = server.issuer.endpoint
    return Addresses(
        at(f"/login/{name}/callback"),
        at(f"/login/{name}/signed-out"),
        at(f"/login/{name}/backchannel-logout"),
        at(f"/login/{name}/frontchannel-logout"),
        at("/.well-known/jwks.json"),
    )


def configured_provider(name: str, table: Mapping[str, Any]) -> Registered:
    """The provider of `[providers.<name>]`. Raises `Wrong`, whose places are within the table."""
    if table.get("name", name) != name:
        raise Wrong((".name", "is that of the table"))
    definition = read_provider_definition({**table, "name": name})
    provider = defined_provider(definition, 0)
    has_secret = definition.client_secret is not None
    mistakes = provider_mistakes(provider, has_secret=has_secret)
    if mistakes:
        raise Wrong(*mistakes)
    return Registered(provider, definition.client_secret, definition.client_key)


def configured_providers(tables: Mapping[str, Any]) -> tuple[Registered, ...]:
    """The providers of a configuration, which was checked when it was read, in its order."""
    return tuple(configured_provider(name, table) for name, table in tables.items())


def defined_provider(definition: ProviderDefinition, now: int) -> Provider:
    """A provider as its definition says, every other field at its default; credentials are sealed apart.

    Raises `Wrong` when something that it needs is missing.
    """
    values = dict(definition.values)
    lacking = [(f".{written_as(field)}", "is required") for field in _NEEDED if values.get(field) is None]
    if lacking:
        raise Wrong(*lacking)
    if values.get("title") is None:
        values["title"] = values["name"]
    if "token_endpoint_auth_method" not in values:
        keyed = "private_key_jwt" if definition.client_key is not None else "none"
        method = "client_secret_basic" if definition.client_secret is not None else keyed
        values["token_endpoint_auth_method"] = method
    return Provider(**values, created_at=now, updated_at=now)


def written_as(field: str) -> str:
    """What a definition calls this field of a provider."""
    return _WRITTEN.get(field, field)
