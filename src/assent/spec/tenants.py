"""Issuers that sign for many tenants: one discovery document, whose `issuer` has a place for the tenant of a token.

A template says nothing of who may come in: anybody can have a tenant. So tenants are always those of a list, and what
is trusted is the issuer that the template gives for one of them. Sources: OpenID Connect Core 1.0 3.1.3.7 (`iss`);
Microsoft identity platform, "Validate tokens" (`{tenantid}`, the claim `tid`, the member `issuer` of a key).
"""

from collections.abc import Collection, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

TENANT: Final = "{tenantid}"
_MICROSOFT: Final = frozenset(
    {
        "login.microsoftonline.com",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
    }
)
_OF_MANY: Final = frozenset({"common", "organizations", "consumers"})


class BadTenant(ValueError):
    """A token of a tenant that is not listed, or of none; the text says which rule it breaks."""


def is_for_many(issuer: str) -> bool:
    """Whether this is one of the addresses whose discovery documents are known to be templates."""
    parts = urlsplit(issuer)
    return parts.hostname in _MICROSOFT and parts.path.lstrip("/").split("/")[0].lower() in _OF_MANY


def is_template(issuer: str) -> bool:
    """Whether it has a place for a tenant."""
    return TENANT in issuer.split("/")


def is_template_of(template: str, issuer: str) -> bool:
    """Whether `template` is that of `issuer`: the same address, but for the one part that is the tenant's."""
    ours, theirs = issuer.rstrip("/").split("/"), template.rstrip("/").split("/")
    if len(ours) != len(theirs) or theirs.count(TENANT) != 1:
        return False
    at = theirs.index(TENANT)
    is_in_the_path = at > 2  # scheme and host are nobody's to choose
    return is_in_the_path and ours[at] != "" and [*ours[:at], TENANT, *ours[at + 1 :]] == theirs


def issuer_of_tenant(template: str, tenants: Collection[str], claims: Mapping[str, Any]) -> str:
    """The issuer that these claims have to be of, by their `tid`. Raises `BadTenant` on a tenant that is not listed."""
    tenant = claims.get("tid")
    if not isinstance(tenant, str) or tenant not in tenants:
        raise BadTenant("tid is none of allowed_tenants")
    return issuer_for(template, tenant)


def issuer_for(template: str, tenant: str) -> str:
    """The exact `iss` of a tenant's tokens."""
    return template.replace(TENANT, tenant)


def is_key_of(jwk: Mapping[str, Any], claims: Mapping[str, Any]) -> bool:
    """Whether a key of the issuer's set may sign for the tenant of these claims: a key may be one tenant's alone."""
    named = jwk.get("issuer")
    if named is None:
        return True
    return isinstance(named, str) and named.replace(TENANT, str(claims.get("tid"))) == claims.get("iss")
