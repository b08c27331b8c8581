"""What a setting may be, and how settings have to agree.

Every number has bounds, so that a slip of a digit is found at start; a test holds that none is forgotten.
Sources: RFC 8414 2 (the issuer's URL), RFC 9700 2.6 and SMART App Launch 2.2 (TLS), CSP 3 frame-ancestors.
"""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from assent.actions.definitions import Wrong, nearest, refused
from assent.actions.providers.desk import configured_provider
from assent.app.outbound.private_hosts import check_private_hosts
from assent.app.rules.representation import REPRESENTATION_CHECKS, representation_agreements
from assent.app.rules.sign_in import SIGN_IN_CHECKS, mail_agreements, sign_in_agreements
from assent.app.rules.sign_up import SIGN_UP_CHECKS, sign_up_agreements
from assent.app.setting_checks import BadSetting, Check
from assent.app.setting_checks import between as _between
from assent.app.setting_checks import filled as _filled
from assent.app.setting_checks import networks as _networks
from assent.app.settings import (
    DEFAULT_ISSUER,
    DatabaseSettings,
    FhirSettings,
    IssuerSettings,
    OutboundSettings,
    SecretsSettings,
    ServerSettings,
    Settings,
    SkinSettings,
)
from assent.app.sign_in_settings import SignUpSettings
from assent.engine.settings import EngineSettings
from assent.spec.networks import LOOPBACK_HOSTS, is_loopback_url
from assent.spec.permission_names import PERMISSIONS
from assent.spec.permissions import is_partition
from assent.spec.redirects import BadUri, check_web_uri_definition, origin_of

_HEADER: Final = re.compile(
    r"x-(?!forwarded|provenance|cascade|rewrite-history|request-id$)[a-z0-9-]{1,98}", re.IGNORECASE
)
_ISSUER_ID: Final = re.compile(r"[a-z0-9-]{1,40}")
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_SCHEMES: Final = ("sqlite", "postgresql", "postgres")
_DAY: Final = 86400


def check_setting(kind: type[Any], name: str, value: Any) -> None:
    """Raises `BadSetting` when the field `name` of the settings `kind` may not be `value`."""
    check = CHECKS.get((kind, name))
    if check is not None:
        check(value)


def agreements(settings: Settings) -> Iterator[str]:
    """Where settings that are fine by themselves do not agree, each by its dotted path."""
    server = settings.server
    if (server.tls_certificate is None) != (server.tls_key is None):
        yield "server.tls_certificate, server.tls_key: are needed both, or none"
    if server.tls_certificate is not None and not server.public_url.startswith("https:"):
        yield "server.public_url: must be https when there is a certificate"
    if settings.demo and not (server.host in LOOPBACK_HOSTS and is_loopback_url(server.public_url)):
        yield "demo: is for this machine only: server.host and server.public_url must be on loopback"
    yield from mail_agreements(settings.mail)
    yield from _issuer_agreements(settings)


def _issuer_agreements(settings: Settings) -> Iterator[str]:
    urls: dict[str, str] = {}
    bases: dict[str, str] = {}
    for issuer_id, issuer in settings.all_issuers().items():
        is_default = issuer_id == DEFAULT_ISSUER and issuer_id not in settings.issuers
        place = "server" if is_default else f"issuers.{issuer_id}"
        if not is_default and (_ISSUER_ID.fullmatch(issuer_id) is None or issuer_id == DEFAULT_ISSUER):
            yield f"{place}: an issuer's id is 1 to 40 of a-z, 0-9 and -, and not {DEFAULT_ISSUER}"
        url = issuer.public_url.rstrip("/")
        if url in urls:
            yield f"{place}.public_url: is that of {urls[url]} already"
        urls.setdefault(url, place)
        base = (issuer.fhir.base or f"{url}/fhir").rstrip("/")
        fhir_place = "fhir" if is_default else f"{place}.fhir"
        if base in bases:
            yield f"{fhir_place}.base: is that of {bases[base]} already"
        bases.setdefault(base, fhir_place)
        path = urlsplit(url).path.rstrip("/") + "/"
        if issuer.fhir.gateway and not urlsplit(base).path.startswith(path):
            # one process, one host: the FHIR base is told from the issuer's own pages by its path
            yield f"{fhir_place}.base: must have a path below {path} while {fhir_place}.gateway is on"
        yield from _provider_mistakes(issuer, "providers" if is_default else f"{place}.providers")
        if issuer.fhir.upstream is not None and issuer.fhir.upstream.rstrip("/") == base:
            yield f"{fhir_place}.upstream: must not be the FHIR base that apps use: the gateway would ask itself"
        within = "" if is_default else f"{place}."
        yield from sign_in_agreements(issuer, within)
        yield from sign_up_agreements(issuer, settings.mail, within)
        yield from representation_agreements(issuer.representation, within)


def _provider_mistakes(issuer: IssuerSettings, place: str) -> Iterator[str]:
    for name, table in issuer.providers.items():
        try:
            configured_provider(name, table)
        except Wrong as error:
            yield from refused(f"{place}.{name}", error)


def _public_url(value: str) -> None:
    """https, or http where only this machine can reach it; a URL that an issuer may have (RFC 8414 2)."""
    try:
        check_web_uri_definition(value)
    except BadUri as error:
        raise BadSetting(f"must be an https URL (http on loopback only): {error}") from error
    if "?" in value:
        raise BadSetting("must have no query (RFC 8414 2)")
    if value != value.lower() and origin_of(value) != _origin_text(value):
        raise BadSetting("scheme and host must be in lower case")


def _upstream(value: str) -> None:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadSetting("must be an http or https URL")
    if parts.username is not None or parts.query or parts.fragment:
        raise BadSetting(
            "must have no user, query or fragment; credentials come from the environment (fhir.auth)"
        )


def _header_name(value: str) -> None:
    if _HEADER.fullmatch(value) is None:
        raise BadSetting("must be the name of a header of its own, such as X-Request-Partition-IDs")


def _partition(value: str) -> None:
    if not is_partition(value):
        raise BadSetting("must have letters, digits, - and _ alone, such as DEFAULT")


def _origins(values: tuple[str, ...]) -> None:
    for value in values:
        try:
            check_web_uri_definition(value)
        except BadUri as error:
            raise BadSetting(f"{value!r} is no origin such as https://ehr.example: {error}") from error
        if origin_of(value) != value:
            raise BadSetting(f"{value!r} must be an origin alone, such as {origin_of(value)}")


def _host(value: str) -> None:
    try:
        ip_address(value)
    except ValueError as error:
        if _HOST.fullmatch(value) is None:
            raise BadSetting("must be an address or a host name") from error


def _database_url(value: str) -> None:
    scheme, colon, rest = value.partition(":")
    if not colon or scheme not in _SCHEMES:
        raise BadSetting(f"must begin with sqlite:/// or postgresql://{nearest(scheme, _SCHEMES)}")
    if scheme == "sqlite" and (not rest.startswith("///") or rest.endswith("/")):
        raise BadSetting("is written sqlite:///file.db, or sqlite:////folder/file.db for an absolute path")
    if scheme != "sqlite" and not rest.startswith("//"):
        raise BadSetting("is written postgresql://user@host/database")


def _auth_methods(values: tuple[str, ...]) -> None:
    known = EngineSettings().token_endpoint_auth_methods
    if not values:
        raise BadSetting("must name at least one method")
    for value in values:
        if value not in known:
            raise BadSetting(f"{value!r} is none of {', '.join(known)}{nearest(value, known)}")


def _permission_names(values: tuple[str, ...]) -> None:
    for value in values:
        if value not in PERMISSIONS:
            raise BadSetting(f"{value!r} is no permission{nearest(value, PERMISSIONS)}")


def _client_skins(values: dict[str, str]) -> None:
    for client_id, folder in values.items():
        if not client_id.strip() or not client_id.isprintable() or len(client_id) > 200:
            raise BadSetting(f"{client_id!r} is no client_id: 1 to 200 printable characters")
        try:
            _filled(folder)
        except BadSetting as error:
            raise BadSetting(f"the folder of {client_id} {error}") from error


def _terms_version(value: str) -> None:
    if not value.strip() or not value.isprintable() or len(value) > 100:
        raise BadSetting("must have 1 to 100 printable characters, such as 2026-05")


def _origin_text(url: str) -> str:
    return "/".join(url.split("/")[:3])


CHECKS: Final[dict[tuple[type[Any], str], Check]] = {
    (ServerSettings, "public_url"): _public_url,
    **SIGN_IN_CHECKS,
    **SIGN_UP_CHECKS,
    (SignUpSettings, "referrers"): _origins,
    **REPRESENTATION_CHECKS,
    (ServerSettings, "host"): _host,
    (ServerSettings, "port"): _between(1, 65535),
    (ServerSettings, "workers"): _between(1, 64),
    (ServerSettings, "trusted_proxies"): _networks,
    (ServerSettings, "tls_certificate"): _filled,
    (ServerSettings, "tls_key"): _filled,
    (ServerSettings, "frame_ancestors"): _origins,
    (ServerSettings, "organization"): _filled,
    (ServerSettings, "messages"): _filled,
    (ServerSettings, "terms"): _filled,
    (ServerSettings, "attestation"): _filled,
    (ServerSettings, "metrics_from"): _networks,
    (ServerSettings, "signing_threads"): _between(0, 64),
    (DatabaseSettings, "url"): _database_url,
    (DatabaseSettings, "connections"): _between(1, 200),
    (SecretsSettings, "master_key_file"): _filled,
    (OutboundSettings, "private_hosts"): check_private_hosts,
    (SkinSettings, "folder"): _filled,
    (SkinSettings, "clients"): _client_skins,
    (FhirSettings, "upstream"): _upstream,
    (FhirSettings, "partition_header"): _header_name,
    (FhirSettings, "partition"): _partition,
    (FhirSettings, "base"): _public_url,
    (FhirSettings, "timeout_seconds"): _between(1, 600),
    (FhirSettings, "count_milliseconds"): _between(0, 5000),
    (IssuerSettings, "public_url"): _public_url,
    (EngineSettings, "token_endpoint_auth_methods"): _auth_methods,
    (EngineSettings, "terms_version"): _terms_version,
    (EngineSettings, "second_factor_permissions"): _permission_names,
    (EngineSettings, "second_factor_remember_days"): _between(0, 365),
    (EngineSettings, "access_token_seconds"): _between(1, _DAY),
    (EngineSettings, "client_credentials_token_seconds"): _between(1, _DAY),
    (EngineSettings, "code_seconds"): _between(1, 600),
    (EngineSettings, "id_token_seconds"): _between(1, _DAY),
    (EngineSettings, "refresh_idle_seconds"): _between(1, 3660 * _DAY),
    (EngineSettings, "refresh_absolute_seconds"): _between(1, 3660 * _DAY),
    (EngineSettings, "session_idle_seconds"): _between(1, 30 * _DAY),
    (EngineSettings, "session_absolute_seconds"): _between(1, 90 * _DAY),
    (EngineSettings, "pending_seconds"): _between(1, _DAY),
    (EngineSettings, "launch_seconds"): _between(1, _DAY),
    (EngineSettings, "login_max_failures"): _between(0, 1000),
    (EngineSettings, "login_lock_seconds"): _between(1, _DAY),
    (EngineSettings, "login_lock_max_seconds"): _between(1, 7 * _DAY),
    (EngineSettings, "login_delay_seconds"): _between(0, 3600),
    (EngineSettings, "login_delay_max_seconds"): _between(0, 3600),
    (EngineSettings, "login_free_failures"): _between(0, 1000),
    (EngineSettings, "address_free_failures"): _between(0, 100_000),
    (EngineSettings, "authorizations_per_minute"): _between(0, 1_000_000),
    (EngineSettings, "refusals_per_minute"): _between(0, 100_000),
    (EngineSettings, "secret_guesses_per_hour"): _between(0, 100_000),
    (EngineSettings, "jwks_cache_seconds"): _between(1, _DAY),
    (EngineSettings, "introspection_cache_seconds"): _between(0, 300),
    (EngineSettings, "assertion_leeway_seconds"): _between(0, 60),
    (EngineSettings, "picker_lists_up_to"): _between(0, 200),
    (EngineSettings, "picker_results"): _between(1, 200),
    (EngineSettings, "picker_searches"): _between(1, 10_000),
    (EngineSettings, "picker_search_seconds"): _between(1, _DAY),
    (EngineSettings, "picker_recent"): _between(0, 20),
}
"""The check of each setting that its type does not say already, by settings class and field."""
