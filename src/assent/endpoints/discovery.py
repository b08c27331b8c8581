"""The discovery documents at their well-known places, and for an issuer with a path at both forms of them.

Computed once from the server's registries and served as the same bytes, as JSON whatever `Accept` says (D2).
Sources: SMART App Launch 2.2, conformance; RFC 8414 3.1 (inserted), OpenID Connect Discovery 1.0 4 (appended).
"""

import hashlib
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.endpoints.launch import LAUNCH_SCOPE
from assent.engine.introspection import INTROSPECT_SCOPE
from assent.engine.issue import ID_TOKEN_ALG
from assent.engine.second_factors import MFA_ACR
from assent.engine.server import AuthorizationServer
from assent.spec.assertions import PROFILES
from assent.spec.documents import DOCUMENT_PATHS, Capabilities, Surface, discovery_document
from assent.web.cors import answer_preflight, public_headers

KEPT_SECONDS = 300


def capabilities_of(
    server: AuthorizationServer,
    surfaces: frozenset[Surface],
    locales: tuple[str, ...] = (),
    custom_scopes: tuple[str, ...] = (),
) -> Capabilities:
    """What a server does, from its registries; `surfaces` are the endpoints and pages that are routed."""
    enabled = server.settings.token_endpoint_auth_methods
    own_scopes = {"introspection": INTROSPECT_SCOPE, "launch": LAUNCH_SCOPE}
    return Capabilities(
        issuer=server.issuer.url,
        surfaces=surfaces,
        grant_types=tuple(grant.name for grant in server.grants),
        auth_methods=tuple(method.name for method in server.client_auth if method.name in enabled),
        assertion_algs=tuple(dict.fromkeys(alg for profile in PROFILES.values() for alg in profile.algs)),
        id_token_algs=(ID_TOKEN_ALG,),
        locales=locales,
        acr_values=(MFA_ACR,) if server.settings.second_factor != "off" else (),
        custom_scopes=(*(scope for on, scope in own_scopes.items() if on in surfaces), *custom_scopes),
    )


def discovery_routes(capabilities: Capabilities) -> list[Route]:
    """The documents below the issuer's path, where OpenID Connect and SMART look."""
    return [_document_route(capabilities, path) for path in DOCUMENT_PATHS]


def inserted_discovery_routes(capabilities: Capabilities) -> list[Route]:
    """For an issuer with a path: the documents at the host's root, the path behind (RFC 8414 3.1). Else none."""
    issuer_path = urlsplit(capabilities.issuer).path
    if not issuer_path:
        return []
    return [_document_route(capabilities, path + issuer_path) for path in DOCUMENT_PATHS]


def _document_route(capabilities: Capabilities, path: str) -> Route:
    body = msgspec.json.encode(discovery_document(capabilities))
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"cache-control": f"public, max-age={KEPT_SECONDS}", "etag": tag, **dict(public_headers())}

    async def get(request: Request) -> Response:
        if request.method == "OPTIONS":
            return answer_preflight("GET")
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, 200, headers, "application/json")

    return Route(path, get, methods=["GET", "OPTIONS"])
