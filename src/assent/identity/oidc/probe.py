"""A provider tried out, step by step, as `assent provider test` shows it: what works, what does not, what to do.

Nobody signs in: the token endpoint is asked with a code that it never gave, so that what it refuses tells whether our
credentials are good (RFC 6749 5.2: `invalid_client` comes before `invalid_grant`).
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from assent.engine.handles import new_handle
from assent.engine.server import AuthorizationServer
from assent.identity import ModuleDown
from assent.identity.oidc.credentials import Registered, authenticated
from assent.identity.oidc.exchange import error_code, read_object, send
from assent.identity.oidc.keys import ProviderKeys
from assent.identity.oidc.metadata import DISCOVERY_PATH, Discovery, Metadata
from assent.identity.probing import Step
from assent.records.providers import Provider
from assent.spec.id_tokens import BadIdToken
from assent.spec.jose import BadKey, read_verifying_key

_SUPPORTED: Final = (
    ("code_challenge_methods_supported", "S256", "PKCE with S256"),
    ("response_types_supported", "code", "the response type code"),
)


async def probe(server: AuthorizationServer, registered: Registered, return_url: str) -> AsyncIterator[Step]:
    """The steps, in order; the last one is the first that fails, where nothing can be tried behind it."""
    provider, discovery = registered.provider, Discovery()
    try:
        metadata = await discovery.metadata(server, provider)
        if provider.discovery:
            yield Step("ok", "discovery", f"{provider.iss.rstrip('/')}{DISCOVERY_PATH} is that of the issuer")
            document = await discovery.document(server, provider.iss)
            for step in _promises(provider, document):
                yield step
        else:
            yield Step("ok", "discovery", "is off: the endpoints are those of the definition")
        yield await _keys(server, provider, metadata)
        yield await _token_endpoint(server, registered, metadata, return_url)
    except ModuleDown as error:
        yield Step("fail", "the provider", str(error))


def _promises(provider: Provider, document: Mapping[str, Any]) -> list[Step]:
    """What the document says that the provider can, against what we shall ask of it."""
    wanted = [
        *_SUPPORTED,
        (
            "token_endpoint_auth_methods_supported",
            provider.token_endpoint_auth_method,
            f"token_endpoint_auth_method {provider.token_endpoint_auth_method}",
        ),
        *(("scopes_supported", scope, f"the scope {scope}") for scope in provider.scope),
    ]
    steps = []
    for member, value, words in wanted:
        listed = document.get(member)
        if isinstance(listed, list) and value not in listed:
            steps.append(Step("warn", member, f"the provider does not list {words}"))
    algs = document.get("id_token_signing_alg_values_supported")
    if isinstance(algs, list) and not set(algs) & set(provider.id_token_algs):
        steps.append(Step("fail", "id_token_algs", f"the provider signs with {', '.join(map(str, algs))}"))
    return steps


async def _keys(server: AuthorizationServer, provider: Provider, metadata: Metadata) -> Step:
    try:
        keys = await ProviderKeys().keys(server, provider, metadata, None)
    except BadIdToken as error:
        return Step("fail", "keys", str(error))
    usable = [str(key.get("kid", "without kid")) for key in keys if _is_usable(key)]
    if not usable:
        return Step("fail", "keys", "the JWKS has no RSA, EC or Ed25519 key for signatures")
    return Step("ok", "keys", f"{len(usable)} for signatures: {', '.join(usable)}")


def _is_usable(key: Mapping[str, Any]) -> bool:
    try:
        read_verifying_key(key)
    except BadKey:
        return False
    return bool(key.get("use", "sig") == "sig")


async def _token_endpoint(
    server: AuthorizationServer, registered: Registered, metadata: Metadata, return_url: str
) -> Step:
    form = {
        "grant_type": "authorization_code",
        "code": new_handle(server),
        "redirect_uri": return_url,
        "code_verifier": new_handle(server),
    }
    url = metadata.needed("token_endpoint")
    request = await authenticated(server, registered, metadata, url, form)
    answer = await send(server, request, "token endpoint")
    error = error_code(read_object(answer, "token endpoint").get("error"))
    if error == "invalid_grant":
        return Step("ok", "token endpoint", "knows this installation, and refuses a code that it never gave")
    if error in ("invalid_client", "unauthorized_client"):
        return Step("fail", "token endpoint", f"refuses our client_id or credentials: {error}")
    return Step(
        "warn", "token endpoint", f"answered {answer.status} {error}, where invalid_grant is expected"
    )
