"""How the fields of a provider have to agree, whichever way they came in.

Sources: OpenID Connect Core 1.0 3.1.2.1 (openid), 3.1.3.7, 9; OpenID Connect Discovery 1.0 3; RFC 8414 2 (issuer).
"""

from collections.abc import Iterator

from assent.records.providers import Provider
from assent.spec.tenants import is_for_many

SECRET_METHODS = ("client_secret_basic", "client_secret_post")


_FOR_ANYBODY = (
    "is for people of any tenant: enter that of yours (…/<tenant id>/v2.0), or list in allowed_tenants whose people are"
    " let in"
)


def provider_mistakes(provider: Provider, *, has_secret: bool) -> list[tuple[str, str]]:
    """Every disagreement, as the place of a field (`.jwks`) and the rule; empty when all is well."""
    return [
        *_endpoints(provider),
        *_tenants(provider),
        *_credentials(provider, has_secret),
        *_rights(provider),
        *_tokens(provider),
    ]


def provider_warnings(provider: Provider) -> list[str]:
    """What is allowed and probably not meant, for `assent check`."""
    found = []
    if provider.token_endpoint_auth_method == "none":
        found.append("is asked without credentials: anybody may redeem a code that leaks")
    has_groups = any(not rule.lstrip().startswith("*") for rule in provider.permission_rules)
    if has_groups and not provider.claims.groups:
        found.append("has permission_rules for groups, and no claims.groups to read them from")
    return found


def _endpoints(provider: Provider) -> Iterator[tuple[str, str]]:
    if "?" in provider.iss:
        yield ".issuer", "must have no query (OpenID Connect Discovery 3)"
    if provider.jwks is not None and provider.jwks_uri is not None:
        yield ".jwks_uri", "must not be there together with jwks"
    if not provider.trusted_for:
        yield ".trusted_for", "must name at least one"
    if provider.discovery:
        return
    signs_in = "sign_in" in provider.trusted_for
    if signs_in and provider.authorization_endpoint is None:
        yield ".authorization_endpoint", "is required without discovery"
    if signs_in and provider.token_endpoint is None:
        yield ".token_endpoint", "is required without discovery"
    needs_keys = signs_in or provider.token_validation == "jwt"
    if needs_keys and provider.jwks is None and provider.jwks_uri is None:
        yield ".jwks_uri", "is required without discovery, or jwks in its place"
    if _introspects(provider) and provider.introspection_endpoint is None:
        yield ".introspection_endpoint", "is required for token_validation introspection without discovery"


def _tenants(provider: Provider) -> Iterator[tuple[str, str]]:
    """Anybody can have a tenant: an issuer of many is never trusted as a whole."""
    if not provider.allowed_tenants:
        if is_for_many(provider.iss):
            yield ".issuer", _FOR_ANYBODY
        return
    if not provider.discovery:
        yield ".allowed_tenants", "needs discovery, whose document has the place for a tenant"
    if "resource_server" in provider.trusted_for:
        yield (
            ".trusted_for",
            "must not have resource_server with allowed_tenants: add a provider for each tenant",
        )
    if provider.assertion_audience == "issuer":
        yield ".assertion_audience", "must be token_endpoint with allowed_tenants"


def _credentials(provider: Provider, has_secret: bool) -> Iterator[tuple[str, str]]:
    method = provider.token_endpoint_auth_method
    if method in SECRET_METHODS and not has_secret:
        yield ".client_secret", f"is required for {method}"
    if method not in SECRET_METHODS and has_secret:
        yield ".client_secret", f"has no use with token_endpoint_auth_method {method}"
    if method != "private_key_jwt" and provider.key_sealed is not None:
        yield ".client_key", "has no use without token_endpoint_auth_method private_key_jwt"
    if _introspects(provider) and method == "none":
        yield (
            ".token_endpoint_auth_method",
            "must not be none for token_validation introspection (RFC 7662 2.1)",
        )


def _rights(provider: Provider) -> Iterator[tuple[str, str]]:
    if "sign_in" in provider.trusted_for and "openid" not in provider.scope:
        yield ".scope", "must have openid in it"
    if not provider.id_token_algs:
        yield ".id_token_algs", "must name at least one algorithm"
    if provider.claims.groups and not provider.permission_rules:
        yield ".claims.groups", "has no effect without permission_rules"


def _tokens(provider: Provider) -> Iterator[tuple[str, str]]:
    if "resource_server" not in provider.trusted_for:
        if provider.allowed_origins:
            yield ".allowed_origins", "has no effect without trusted_for resource_server"
        return
    if provider.token_audience == provider.client_id:
        yield ".token_audience", "must not be the client_id: ID tokens would pass for access tokens"
    if provider.token_rights == "provider" and not provider.permission_rules:
        yield ".permission_rules", "is required for token_rights provider"


def _introspects(provider: Provider) -> bool:
    return "resource_server" in provider.trusted_for and provider.token_validation == "introspection"
