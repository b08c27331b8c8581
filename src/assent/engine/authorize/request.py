"""Validating an authorization request: phase A decides where an answer may go, phase B everything else.

A failure of phase A (client or redirect URI not trusted) is an error page; one of phase B is a redirect to the
app. Sources: RFC 6749 4.1.2.1, RFC 7636 4.3, RFC 8707 2, OpenID Connect Core 3.1.2.1, SMART App Launch 2.2.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

import msgspec

from assent.engine.authorize.scope import candidate_scope
from assent.engine.handles import hash_handle
from assent.engine.id_token_hints import read_id_token_hint
from assent.engine.server import AuthorizationServer
from assent.records.clients import Client
from assent.spec.errors import (
    InvalidRequest,
    InvalidTarget,
    OAuthError,
    RequestNotSupported,
    RequestUriNotSupported,
    UnauthorizedClient,
    UnsupportedResponseType,
)
from assent.spec.params import Params, read_params
from assent.spec.pkce import check_challenge
from assent.spec.prompts import read_max_age, read_prompt
from assent.spec.redirects import is_registered
from assent.storage.tables import CLIENTS

RESPONSE_TYPES = ("code",)
RESPONSE_MODES = ("query",)
MAX_STATE = 8192
MAX_NONCE = 1024


class PageError(Exception):
    """A refusal that may not be redirected: the browser gets a page, the app nothing.

    `because` says whose turn it is: the app sent something wrong, this browser did not begin it (or keeps no
    cookies), the time is up, or it was answered already.
    """

    def __init__(
        self,
        error: OAuthError,
        client: Client | None = None,
        because: Literal["app", "browser", "expired", "used"] = "app",
    ) -> None:
        super().__init__(error.description)
        self.error = error
        self.client = client
        self.because = because


class RedirectError(Exception):
    """A refusal that the app is told at its redirect URI."""

    def __init__(self, error: OAuthError, redirect_uri: str, state: str | None, client_id: str) -> None:
        super().__init__(error.description)
        self.error = error
        self.redirect_uri = redirect_uri
        self.state = state
        self.client_id = client_id


@dataclass(frozen=True, slots=True)
class AuthorizeRequest:
    """A valid request. `scope` is what can be granted of what was asked, as wire text; `asked_scope` all of it.

    `launch_hash` (hex) stands for the launch handle, which is not kept, `hinted_subject` for the `id_token_hint`.
    `aud` is the FHIR base when one was named.
    """

    client_id: str
    redirect_uri: str
    state: str | None
    scope: str
    asked_scope: str
    aud: str | None
    launch_hash: str | None
    code_challenge: str | None
    nonce: str | None
    prompt: tuple[str, ...]
    max_age: int | None
    login_hint: str | None
    hinted_subject: str | None
    ui_locales: str | None
    acr_values: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As it is stored while its person is asked."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "AuthorizeRequest":
        """What `to_json` gave."""
        return msgspec.convert(stored, cls)


@dataclass(frozen=True, slots=True)
class Returnable:
    """Where an answer may go: phase A is passed."""

    client: Client
    redirect_uri: str
    state: str | None

    def refuse(self, error: OAuthError) -> RedirectError:
        """The refusal as a redirect to the app."""
        return RedirectError(error, self.redirect_uri, self.state, self.client.client_id)


async def read_authorize_request(
    server: AuthorizationServer, pairs: Iterable[tuple[str, str]]
) -> tuple[AuthorizeRequest, Client]:
    """The validated request and its client. Raises `PageError` in phase A, `RedirectError` in phase B."""
    pairs = list(pairs)
    returnable = await _read_returnable(server, pairs)
    try:
        params = read_params(pairs)
        hinted_subject = await _read_hinted_subject(server, params, returnable.client)
        return _read_request(server, params, returnable, hinted_subject), returnable.client
    except OAuthError as error:
        raise returnable.refuse(error) from error


async def _read_returnable(server: AuthorizationServer, pairs: list[tuple[str, str]]) -> Returnable:
    """Phase A. RFC 6749 4.1.2.1: no redirect unless client and redirect URI are known to be right."""
    client_id = _sole(pairs, "client_id")
    client = await server.storage.get(CLIENTS, client_id)
    if client is None:
        raise PageError(InvalidRequest("client_id is unknown here"))
    if not client.enabled:
        raise PageError(UnauthorizedClient("this client is switched off"), client)
    redirect_uri = _sole(pairs, "redirect_uri", client)
    if not is_registered(redirect_uri, client.redirect_uris):
        raise PageError(InvalidRequest("redirect_uri is not registered for this client"), client)
    states = [value for name, value in pairs if name == "state" and value]
    return Returnable(client, redirect_uri, states[0] if len(states) == 1 else None)


def _sole(pairs: list[tuple[str, str]], name: str, client: Client | None = None) -> str:
    values = [value for key, value in pairs if key == name and value]
    if len(values) != 1:
        rule = "is required" if not values else "is repeated"
        raise PageError(InvalidRequest(f"{name} {rule}"), client)
    return values[0]


async def _read_hinted_subject(server: AuthorizationServer, params: Params, client: Client) -> str | None:
    """Whom `id_token_hint` means, as this client knows her. OpenID Connect Core 3.1.2.1."""
    text = params.get("id_token_hint")
    if text is None:
        return None
    hint = await read_id_token_hint(server, text)
    if hint.client_id != client.client_id:
        raise InvalidRequest("id_token_hint was given to another client")
    return hint.subject


def _read_request(
    server: AuthorizationServer, params: Params, returnable: Returnable, hinted_subject: str | None
) -> AuthorizeRequest:
    """Phase B, check by check."""
    client = returnable.client
    if client.require_pushed_authorization_requests:
        raise InvalidRequest("this client has to push its requests (RFC 9126)")
    _check_unsupported(params)
    _check_response_type(params, client)
    _check_state(params)
    challenge = _read_challenge(params, client)
    prompt = read_prompt(params.get("prompt"))
    asked = params.required("scope")
    scope = candidate_scope(server.settings, client, asked, has_launch="launch" in params)
    aud = _read_audience(server, params)
    if aud is None and scope.resources:
        raise InvalidRequest("aud is required: the URL of the FHIR server")  # SMART 2.2 app-launch
    launch = params.get("launch")
    if launch is not None and not scope.has("launch"):
        raise InvalidRequest("scope launch is required with the parameter launch")
    return AuthorizeRequest(
        client_id=client.client_id,
        redirect_uri=returnable.redirect_uri,
        state=returnable.state,
        scope=scope.text,
        asked_scope=asked,
        aud=aud,
        launch_hash=hash_handle(launch).hex() if launch is not None else None,
        code_challenge=challenge,
        nonce=_bounded(params, "nonce", MAX_NONCE),
        prompt=tuple(sorted(prompt)),
        max_age=read_max_age(params.get("max_age")),
        login_hint=_bounded(params, "login_hint", 200),
        hinted_subject=hinted_subject,
        ui_locales=_bounded(params, "ui_locales", 200),
        acr_values=tuple((_bounded(params, "acr_values", 1000) or "").split()),
    )


def _check_unsupported(params: Params) -> None:
    if "request" in params:
        raise RequestNotSupported("request is not supported")
    if "request_uri" in params:
        raise RequestUriNotSupported("request_uri is not supported")
    if params.get("response_mode", "query") not in RESPONSE_MODES:
        raise InvalidRequest("response_mode must be query")


def _check_response_type(params: Params, client: Client) -> None:
    response_type = params.required("response_type")
    if response_type not in RESPONSE_TYPES:
        raise UnsupportedResponseType("response_type must be code")
    if "authorization_code" not in client.grant_types or response_type not in client.response_types:
        raise UnauthorizedClient("this client may not use the authorization code flow")


def _check_state(params: Params) -> None:
    state = params.required("state")  # SMART 2.2 app-launch: state is required
    if len(state) > MAX_STATE:
        raise InvalidRequest(f"state is longer than {MAX_STATE} characters")


def _read_challenge(params: Params, client: Client) -> str | None:
    """RFC 7636 4.4.1; `pkce: optional` only for confidential OpenID clients that send a nonce instead."""
    challenge = params.get("code_challenge")
    if challenge is not None or "code_challenge_method" in params:
        check_challenge(params.get("code_challenge_method"), challenge)
        return challenge
    if client.pkce == "optional" and client.token_endpoint_auth_method != "none" and "nonce" in params:
        return None
    raise InvalidRequest("code_challenge is required, with code_challenge_method S256")


def _read_audience(server: AuthorizationServer, params: Params) -> str | None:
    """SMART 2.2: `aud` names the FHIR server; RFC 8707: `resource` is its synonym. Each one named must be ours."""
    aud = params.get("aud")
    if aud is not None and not is_our_fhir_base(server, aud):
        raise InvalidRequest(
            "aud is not a FHIR server of this issuer", detail=f"expected {server.issuer.fhir_base}"
        )
    for resource in params.many("resource"):
        if not is_our_fhir_base(server, resource):
            raise InvalidTarget("resource is not a FHIR server of this issuer")
    named = aud is not None or bool(params.many("resource"))
    return server.issuer.fhir_base if named else None


def is_our_fhir_base(server: AuthorizationServer, url: str) -> bool:
    """Whether a URL is the issuer's FHIR base, but for one slash at its end where the settings tolerate it."""
    base = server.issuer.fhir_base
    return url == base or (server.settings.audience_slash and url == base + "/")


def _bounded(params: Params, name: str, most: int) -> str | None:
    value = params.get(name)
    if value is not None and len(value) > most:
        raise InvalidRequest(f"{name} is longer than {most} characters")
    return value
