"""The code for tokens: what a provider answers over the back channel, read strictly.

A provider that is slow, down or answers nonsense is `ModuleDown`; one that says no to the code, `ArrivalRefused`.
Sources: RFC 6749 4.1.3, 4.1.4, 5.2; RFC 7636 4.5; OpenID Connect Core 1.0 3.1.3.3.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from assent.engine.server import Answered, AuthorizationServer, FetchFailed, Outgoing
from assent.identity import ArrivalRefused, ModuleDown
from assent.identity.oidc.credentials import Registered, authenticated
from assent.identity.oidc.metadata import Metadata

_CODE: Final = re.compile(r"[a-zA-Z0-9_.-]{1,60}")
_NOT_OURS: Final = ("invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope")


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code brought."""

    id_token: str = field(repr=False)
    access_token: str | None = field(default=None, repr=False)


async def redeem(
    server: AuthorizationServer,
    registered: Registered,
    metadata: Metadata,
    *,
    code: str,
    verifier: str,
    return_url: str,
) -> Tokens:
    """The tokens for a code. Raises `ArrivalRefused`, `ModuleDown`."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": return_url,
        "code_verifier": verifier,
    }
    url = metadata.needed("token_endpoint")
    answer = await send(
        server, await authenticated(server, registered, metadata, url, form), "token endpoint"
    )
    document = read_object(answer, "token endpoint")
    if answer.status != 200:
        raise _refusal(answer, document)
    id_token, access_token = document.get("id_token"), document.get("access_token")
    if not isinstance(id_token, str):
        raise ModuleDown("the token endpoint gave no ID token: scope openid must be asked for")
    if access_token is not None and not isinstance(access_token, str):
        raise ModuleDown("the token endpoint gave an access token that is no text")
    return Tokens(id_token, access_token)


async def send(server: AuthorizationServer, request: Outgoing, place: str) -> Answered:
    """The answer. Raises `ModuleDown`, naming the place."""
    try:
        return await server.fetch.send(request)
    except FetchFailed as error:
        raise ModuleDown(f"the {place}: {error}") from error


def read_object(answer: Answered, place: str) -> dict[str, Any]:
    """The JSON object of an answer. Raises `ModuleDown`."""
    try:
        document = msgspec.json.decode(answer.body)
    except (ValueError, RecursionError) as error:
        raise ModuleDown(f"the {place} answered {answer.status} and no JSON ({answer.media_type})") from error
    if not isinstance(document, dict):
        raise ModuleDown(f"the {place} answered {answer.status} and no JSON object")
    return document


def error_code(value: Any) -> str:
    """An error code as it may stand in a log; whatever a provider made of it."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else "an error without a code"


def _refusal(answer: Answered, document: dict[str, Any]) -> Exception:
    error = error_code(document.get("error"))
    if answer.status >= 500 or answer.status == 429 or answer.status < 400:
        return ModuleDown(f"the token endpoint answered {answer.status}: {error}")
    if error in _NOT_OURS:
        return ModuleDown(f"the token endpoint refuses this installation, not the person: {error}")
    return ArrivalRefused(f"the token endpoint refuses the code: {error}")
