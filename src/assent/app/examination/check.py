"""`assent check`: everything that is wrong with an installation, at once, without changing anything.

Mistakes keep a server from starting or make it unsafe; warnings are allowed and probably not meant.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assent.actions.apps.rules import client_warnings
from assent.actions.changes import every
from assent.actions.permissions.grounds import role_warnings
from assent.app.configuration import ConfigurationError, read_settings
from assent.app.examination.providers import provider_reports
from assent.app.local_accounts import local_warnings
from assent.app.looks import skin_places
from assent.app.registry import open_backend
from assent.app.rules.files import file_mistakes
from assent.app.rules.ldap import ldap_warnings
from assent.app.rules.proxies import is_wide, name_warnings, proxy_warnings
from assent.app.settings import DEFAULT_ISSUER, IssuerSettings, Settings
from assent.engine.authorize.scope import ALL_AUTHORITIES
from assent.records.clients import Client
from assent.spec.networks import is_loopback_url
from assent.spec.scope_sets import read_scope_definition
from assent.spec.scopes import wire_text
from assent.storage.interface import Backend, StorageError
from assent.storage.tables import CLIENTS
from assent.web.languages import Languages, read_languages
from assent.web.message_rules import folder_warnings
from assent.web.skin_check.check import check_skin
from assent.web.terms import TermsTexts, read_terms
from assent.web.words import has_name


@dataclass(frozen=True, slots=True)
class Report:
    """What was found. An installation without mistakes can serve."""

    mistakes: tuple[str, ...]
    warnings: tuple[str, ...]


async def check_installation(path: Path) -> Report:
    """Looks at a configuration file and everything that it names."""
    try:
        settings = read_settings(path)
    except ConfigurationError as error:
        return Report(tuple(error.mistakes), ())
    folder = path.parent
    mistakes = file_mistakes(settings, folder)
    warnings = _settings_warnings(settings)
    for place, skin in skin_places(settings):
        report = check_skin(Path(skin))
        mistakes += [text for one in report.mistakes if (text := f"{place}: {one}") not in mistakes]
        warnings += [f"{place}: {one}" for one in report.warnings]
    try:
        backend = open_backend(settings.database.url, folder, settings.database.connections)
    except ValueError as error:
        return Report((*mistakes, f"database.url: {error}"), tuple(warnings))
    try:
        mistakes += await _database_mistakes(backend)
        if not mistakes:
            warnings += await _client_warnings(backend, settings)
    except StorageError as error:
        mistakes.append(f"database.url: {error}")
    return Report(tuple(mistakes), tuple(warnings))


def _settings_warnings(settings: Settings) -> list[str]:
    warnings = []
    server = settings.server
    terms = read_terms(server.terms_folder)
    for issuer_id, issuer in settings.all_issuers().items():
        place = "" if issuer_id == DEFAULT_ISSUER else f"issuers.{issuer_id}."
        upstream = issuer.fhir.upstream
        if upstream is None and not settings.demo:
            warnings.append(
                f"{place}fhir.upstream: no FHIR server is named, so that nobody has a record to show"
            )
        if upstream is not None and upstream.startswith("http:") and not is_loopback_url(upstream):
            warnings.append(
                f"{place}fhir.upstream: plain http: records and credentials cross the network unprotected"
            )
        version = issuer.engine.terms_version
        if version is not None and _shows_sample(terms, issuer, version):
            warnings.append(f"{place}engine.terms_version: {_SAMPLE.format(version)}")
        if issuer.sign_in.ldap is not None:
            warnings += ldap_warnings(issuer.sign_in.ldap, f"{place}sign_in.ldap")
        warnings += local_warnings(issuer, place)
        warnings += [*proxy_warnings(issuer, place), *name_warnings(issuer, place)]
        if "mock" in issuer.sign_in.modules:
            warnings.append(
                f"{place}sign_in.modules: mock lets anybody in under any name, without a password"
            )
        if issuer.engine.cdr_all_user_authorities:
            warnings.append(
                f"{place}engine.cdr_all_user_authorities: an app that asks for this scope may do all that its"
                " person may, whatever else it asks for"
            )
        if issuer.engine.login_max_failures == 0:
            warnings.append(
                f"{place}engine.login_max_failures: accounts are never locked, however often one guesses"
            )
    if settings.demo:
        warnings.append("demo: this is a demo: well-known passwords, made-up records; never for real ones")
    if settings.outbound.allow_private:
        warnings.append(
            "outbound.allow_private: clients' addresses may lead into your own network; to open single hosts of it,"
            " outbound.private_hosts names them"
        )
    if settings.outbound.allow_http and not is_loopback_url(server.public_url):
        warnings.append("outbound.allow_http: clients' keys may be fetched over plain http")
    if server.messages_folder is not None:
        warnings += [f"server.messages: {warning}" for warning in folder_warnings(server.messages_folder)]
    warnings += [
        f"server.trusted_proxies: whoever comes from {network} may say to come from anywhere else"
        for network in server.trusted_proxies
        if is_wide(network)
    ]
    is_behind_proxy = server.public_url.startswith("https:") and server.tls_certificate is None
    if is_behind_proxy and not server.trusted_proxies:
        warnings.append(
            "server.trusted_proxies: https is someone else's work here, and no proxy is trusted, so that every"
            " sign-in seems to come from the proxy's address"
        )
    return warnings


_SAMPLE = "{!r} has no text in server.terms, so that people are shown the sample terms of service"


def _shows_sample(terms: TermsTexts, issuer: IssuerSettings, version: str) -> bool:
    """Whether people from outside this machine are shown the sample for a version."""
    return not terms.has(version) and not is_loopback_url(issuer.public_url)


async def _database_mistakes(backend: Backend) -> list[str]:
    problems = [f"database.url: {problem}" for problem in await backend.problems()]
    if problems:
        return problems
    pending = await backend.pending_migrations()
    if pending:
        return [f"database.url: the schema is not the newest ({', '.join(pending)}): run assent migrate"]
    return []


def _unnamed(client: Client, languages: Languages) -> Iterator[str]:
    """The custom scopes of a client that people would be shown by their technical name."""
    listed = read_scope_definition(client.scope).join(read_scope_definition(client.auto_grant_scope))
    for scope in listed:
        lacking = [tag for tag, messages in languages.by_tag.items() if not has_name(scope, messages)]
        if lacking:
            yield f"custom scope {wire_text(scope)} has no name in the messages ({', '.join(lacking)})"


async def _client_warnings(backend: Backend, settings: Settings) -> list[str]:
    languages = read_languages(settings.server.messages_folder)
    terms = read_terms(settings.server.terms_folder)
    await backend.open()
    try:
        warnings = []
        for issuer_id, issuer in settings.all_issuers().items():
            place = "" if issuer_id == DEFAULT_ISSUER else f"issuer {issuer_id}, "
            storage = backend.scoped(issuer_id)
            warnings += [f"{place}{warning}" for warning in await role_warnings(storage)]
            clients = await every(storage, CLIENTS)
            for client in clients:
                found = [*client_warnings(client), *_unnamed(client, languages)] if client.enabled else []
                if ALL_AUTHORITIES in client.scope and not issuer.engine.cdr_all_user_authorities:
                    found.append(
                        f"lists {ALL_AUTHORITIES}, which has no effect: engine.{ALL_AUTHORITIES} is off"
                    )
                if client.token_endpoint_auth_method not in issuer.engine.token_endpoint_auth_methods:
                    found.append(f"signs in by {client.token_endpoint_auth_method}, which is not on here")
                if client.terms_version is not None and _shows_sample(terms, issuer, client.terms_version):
                    found.append(f"terms_version {_SAMPLE.format(client.terms_version)}")
                warnings += [f"{place}client {client.client_id}: {warning}" for warning in found]
            dressed = sorted(set(issuer.skin.clients) - {client.client_id for client in clients})
            warnings += [f"{place}skin.clients: there is no client {client_id}" for client_id in dressed]
            reports = await provider_reports(backend.scoped(issuer_id), issuer)
            warnings += [f"{place}{warning}" for warning in reports]
        return warnings
    finally:
        await backend.close()
