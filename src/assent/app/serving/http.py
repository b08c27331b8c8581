"""The ASGI application: which routes there are, and what every request passes on its way to one.

Discovery is computed from the same lists, so what is routed is what is published.
"""

import os
from collections.abc import Iterable, Iterator
from functools import partial
from urllib.parse import urlsplit

from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp

from assent.app.inbound import registration_of
from assent.app.installation import Installation
from assent.app.looks import Skins, locales_of, looks_of, read_skins
from assent.app.outbound.issuer_post import IssuerPost
from assent.app.serving.operations import operation_routes
from assent.endpoints.discovery import capabilities_of, discovery_routes, inserted_discovery_routes
from assent.endpoints.introspect import introspection_routes
from assent.endpoints.jwks import jwks_routes
from assent.endpoints.launch import launch_routes
from assent.endpoints.revoke import revocation_routes
from assent.endpoints.token import token_routes
from assent.endpoints.userinfo import userinfo_routes
from assent.fhir.counts import RecordCounts
from assent.gateway.refusing import outcome_surface
from assent.gateway.routes import gateway_routes, path_of
from assent.identity.saml.settings import ANSWER_BYTES
from assent.spec.documents import Capabilities, Surface
from assent.web.apps import app_view
from assent.web.attestations import read_attestations
from assent.web.cookies import cookie_of
from assent.web.csrf import FormGuard
from assent.web.errors import ErrorAnswers, answer_json, page_surface
from assent.web.errors import Surface as Responder
from assent.web.exact import Later
from assent.web.limits import Limits
from assent.web.log import Log
from assent.web.logos import logo_routes
from assent.web.origins import origin_of
from assent.web.proxied_sessions import ProxiedSessions
from assent.web.site import Site
from assent.web.stack import build_stack
from assent.web.static import StaticFiles, read_static_files
from assent.web.terms import TermsTexts, read_terms

SURFACES: frozenset[Surface] = frozenset(
    {"authorize", "introspection", "revocation", "userinfo", "logout", "management", "launch"}
)
"""The endpoints and pages that every installation routes."""

FOR_PROGRAMS = (
    "/oauth/token",
    "/oauth/introspect",
    "/oauth/userinfo",
    "/oauth/launch",
    "/session/token/revoke",
    "/.well-known/",
    "/jwk",
    "/health/",
    "/metrics",
)
"""The beginnings of the paths that programs ask: their refusals are JSON, all others' are pages."""

FHIR_BODY_BYTES = 2 * 1024 * 1024


def build_app(installation: Installation, log: Log, extra: tuple[BaseRoute, ...] = ()) -> ASGIApp:
    """The application of an opened installation. `extra` routes come first (the demo's own pages).

    What people's browsers ask for is loaded once the process listens (`tasks`), or when somebody asks for it.
    """
    skins = read_skins(installation.settings)
    terms = read_terms(installation.settings.server.terms_folder)
    sites = {
        issuer_id: _site(installation, issuer_id, skins, terms, log) for issuer_id in installation.servers
    }
    default, *others = sites.values()
    routes: list[BaseRoute] = [*extra, *operation_routes(installation)]
    if default.path:
        others = [default, *others]  # a mount takes everything below its path, so it has to be whole
    else:
        routes += [*_inserted(default), *_for_programs(installation, default)]

    def later() -> list[BaseRoute]:
        from assent.app.serving.browsers import browser_routes

        def for_people(site: Site) -> list[BaseRoute]:
            return [*browser_routes(site, installation.inbound[site.server.issuer.id]), *_static(skins)]

        made = [] if default.path else for_people(default)
        for site in others:
            own = [*_for_programs(installation, site), *for_people(site)]
            made += _inserted(site)
            made += [Mount(site.path, Router(own, redirect_slashes=False))] if site.path else own
        return made

    prefixes = [site.path + prefix for site in sites.values() for prefix in FOR_PROGRAMS]
    pages = [(f"{site.path}/", _pages(site)) for site in sites.values() if site.path]
    pages.sort(key=lambda one: -len(one[0]))  # an issuer may be below another
    programs = tuple((prefix, answer_json) for prefix in prefixes)
    issuers = installation.settings.all_issuers()
    served = [issuer_id for issuer_id in sites if issuers[issuer_id].fhir.gateway]
    fhir = _fhir_paths(installation, served)
    app = _stack(installation, routes, programs, _pages(default), log, fhir, tuple(pages), later)
    for issuer_id, site in sites.items():
        inbound = installation.inbound[issuer_id]
        if inbound.headers:
            asked = (*(site.path + prefix for prefix in FOR_PROGRAMS), *fhir)
            app = ProxiedSessions(app, site.server, inbound, site.session_cookie, asked)
    return app


def _inserted(site: Site) -> list[BaseRoute]:
    """The documents that are found outside the issuer's path."""
    return [*inserted_discovery_routes(_capabilities(site))]


def _capabilities(site: Site) -> Capabilities:
    return capabilities_of(site.server, SURFACES, locales=site.looks.own.language.languages.tags)


def _for_programs(installation: Installation, site: Site) -> list[BaseRoute]:
    """What programs ask for, below the issuer's path."""
    capabilities = _capabilities(site)
    return [
        *token_routes(site.server),
        *introspection_routes(site.server),
        *revocation_routes(site.server),
        *userinfo_routes(site.server),
        *jwks_routes(site.server),
        *discovery_routes(capabilities),
        *launch_routes(site),
        *_gateway(installation, site, capabilities),
        *logo_routes(site.server),
    ]


def _pages(site: Site) -> Responder:
    """Answers people with the issuer's own page."""
    return page_surface(site.looks, lambda _request: site.view(), app_view)


def _static(skins: Skins) -> list[BaseRoute]:
    """Our style sheets and pictures, and those of skins below their names."""
    ours = Route("/static/{name}", StaticFiles(read_static_files()).respond, methods=["GET"])
    theirs = [
        Route(f"/static/{skin.name}/{{name:path}}", StaticFiles(skin.files).respond, methods=["GET"])
        for skin in skins.values()
    ]
    return [ours, *theirs]


def build_gateway_app(installation: Installation, log: Log) -> ASGIApp:
    """The gateway alone: FHIR, and what operators ask. The authorization server is another process."""
    routes = operation_routes(installation)
    settings = installation.settings
    skins, issuers = read_skins(settings), settings.all_issuers()
    for issuer_id, server in installation.servers.items():
        locales = locales_of(issuers[issuer_id].skin, skins, settings.server.messages_folder)
        capabilities = capabilities_of(server, SURFACES, locales=locales)
        path = path_of(server.issuer.fhir_base)
        routes += gateway_routes(
            server, installation.upstreams[issuer_id], capabilities, installation.foreign[issuer_id], path
        )
    programs = (("/health/", answer_json), ("/metrics", answer_json))
    return _stack(
        installation, routes, programs, outcome_surface, log, _fhir_paths(installation, installation.servers)
    )


def _fhir_paths(installation: Installation, issuer_ids: Iterable[str]) -> tuple[str, ...]:
    """The paths of the FHIR bases of these issuers."""
    return tuple(path_of(installation.servers[issuer_id].issuer.fhir_base) for issuer_id in issuer_ids)


def _stack(
    installation: Installation,
    routes: list[BaseRoute],
    programs: tuple[tuple[str, Responder], ...],
    otherwise: Responder,
    log: Log,
    fhir_paths: tuple[str, ...],
    pages: tuple[tuple[str, Responder], ...] = (),
    later: Later | None = None,
) -> ASGIApp:
    """The routes within the layers that every request passes. `fhir_paths`: where this process serves FHIR.

    `programs` and `pages` answer errors below their paths, `otherwise` those of all other paths.
    """
    fhir = tuple((path, outcome_surface) for path in fhir_paths)
    return build_stack(
        routes,
        answers=ErrorAnswers((*programs, *fhir, *pages), otherwise, log, private=fhir_paths),
        limits=Limits(
            bodies_by_prefix=(
                *_answer_sizes(installation),
                *((path, FHIR_BODY_BYTES) for path in fhir_paths),
            )
        ),
        random=os.urandom,
        https=installation.settings.server.public_url.startswith("https:"),
        frame_ancestors=installation.settings.server.frame_ancestors,
        loopback_origins=_origins(installation) if installation.is_loopback else (),
        later=later,
    )


def _answer_sizes(installation: Installation) -> Iterator[tuple[str, int]]:
    """Where SAML providers post what they say, and how long that may be."""
    for issuer_id, issuer in installation.settings.all_issuers().items():
        for name in issuer.sign_in.saml:
            for page in ("callback", "logout"):
                path = path_of(installation.servers[issuer_id].issuer.url)
                yield f"{path}/login/{name}/{page}", ANSWER_BYTES


def _origins(installation: Installation) -> tuple[str, ...]:
    """Where the issuers are, the default one first."""
    return tuple(str(origin_of(server.issuer.url)) for server in installation.servers.values())


def _counts(installation: Installation, issuer_id: str) -> RecordCounts:
    upstream, fhir_base = installation.upstreams[issuer_id], installation.servers[issuer_id].issuer.fhir_base
    milliseconds = installation.settings.all_issuers()[issuer_id].fhir.count_milliseconds
    bases = frozenset({fhir_base, upstream.base} - {""})
    return RecordCounts(upstream, installation.records[issuer_id], bases, milliseconds / 1000)


def _site(installation: Installation, issuer_id: str, skins: Skins, terms: TermsTexts, log: Log) -> Site:
    server = installation.servers[issuer_id]
    url = server.issuer.url
    https = url.startswith("https:")
    path = urlsplit(url).path.rstrip("/")
    settings = installation.settings
    cookie = cookie_of("language", issuer_id, https=https)
    messages = settings.server.messages_folder
    return Site(
        server=server,
        records=installation.records[issuer_id],
        guard=FormGuard(
            server.cookie_key, cookie_of("browser", issuer_id, https=https), frozenset({str(origin_of(url))})
        ),
        session_cookie=cookie_of("session", issuer_id, https=https),
        remembered_cookie=cookie_of("remembered", issuer_id, https=https),
        device_cookie=cookie_of("device", issuer_id, https=https),
        proven_cookie=cookie_of("proven", issuer_id, https=https),
        sealer=installation.sealer,
        looks=looks_of(settings.all_issuers()[issuer_id].skin, skins, messages, cookie, path, log),
        terms=terms,
        attestations=read_attestations(settings.server.attestation_folder),
        counts=_counts(installation, issuer_id),
        path=path,
        organization=settings.server.organization,
        is_demo=settings.demo,
        passwords=installation.policies[issuer_id],
        post=IssuerPost(installation.post, server) if installation.post is not None else None,
        reset_seconds=_reset_seconds(installation, issuer_id),
        registration=registration_of(settings.all_issuers()[issuer_id], installation.policies[issuer_id]),
        want_logo=partial(installation.logos.want, issuer_id),
    )


def _reset_seconds(installation: Installation, issuer_id: str) -> int | None:
    """How long a mailed code for a new password is good; None where none is mailed."""
    sign_in = installation.settings.all_issuers()[issuer_id].sign_in
    is_offered = sign_in.local.forgot_password and "local" in sign_in.modules
    return sign_in.local.code_seconds if is_offered and installation.post is not None else None


def _gateway(installation: Installation, site: Site, capabilities: Capabilities) -> list[BaseRoute]:
    """The gateway, where this process serves it; its path is relative to the issuer's."""
    issuer_id = site.server.issuer.id
    if not installation.settings.all_issuers()[issuer_id].fhir.gateway:
        return []
    path = path_of(site.server.issuer.fhir_base)
    upstream, foreign = installation.upstreams[issuer_id], installation.foreign[issuer_id]
    return [*gateway_routes(site.server, upstream, capabilities, foreign, path, mounted_at=site.path)]
