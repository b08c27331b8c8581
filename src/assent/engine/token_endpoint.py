"""The token endpoint: the steps that every grant type shares, in order.

1. who is the client (`client_auth`)                  invalid_client, invalid_request
2. is the grant type known, may this client use it,   unsupported_grant_type, unauthorized_client,
   and is it for our FHIR server                      invalid_target
3. what is to be given (`grants`)                     invalid_grant, invalid_scope …
4. what the tokens will say (`issue.draft`)           access_denied, from a hook
5. one commit: the client's evidence used up, the grant's own uses, the new tokens' rows, the audit row
6. only then are tokens signed (`issue.sign`)

A refusal at 1-4 is recorded, and uses up the evidence too. A use that comes second ends its grant.
Sources: RFC 6749 3.2, 4.1.3, 4.4.2, 5 and 6; SMART App Launch 2.2, app-launch and backend-services.
"""

from typing import Any

from assent.engine.authorize.request import is_our_fhir_base
from assent.engine.client_auth import Presented, authenticate
from assent.engine.events import commit
from assent.engine.grants import ByPerson, Given, GrantType, Reused
from assent.engine.issue import draft, sign
from assent.engine.refusals import record_refusal, replayed
from assent.engine.revocation import revoke_grant
from assent.engine.server import AuthorizationServer
from assent.records.clients import Client
from assent.spec.errors import (
    InvalidTarget,
    OAuthError,
    ServerError,
    UnauthorizedClient,
    UnsupportedGrantType,
)
from assent.storage.interface import Outcomes, Write

REFUSED = "token.refused"


async def respond(server: AuthorizationServer, presented: Presented) -> dict[str, Any]:
    """The token response (RFC 6749 5.1). Raises an `OAuthError`, recorded already."""
    client: Client | None = None
    evidence: tuple[Write, ...] = ()
    try:
        authenticated = await authenticate(server, presented)
        client, evidence = authenticated.client, authenticated.writes
        grant_type = _grant_type(server, client, presented)
        _check_resource(server, presented)
        given = await grant_type.authorize(server, client, presented.params)
        drafted = await draft(server, given, presented.caller)
        spent, evidence = evidence, ()
        outcomes = await commit(server, *spent, *drafted.writes, event=drafted.event)
        if not outcomes.all:
            raise _lost(outcomes, len(spent), given)
    except OAuthError as refusal:
        client_id = client.client_id if client else None
        if isinstance(refusal, Reused):
            because = refusal.detail or "used twice"
            await revoke_grant(
                server, refusal.grant_id, because=because, client_id=client_id, caller=presented.caller
            )
        await record_refusal(server, presented, refusal, REFUSED, client_id, evidence)
        raise
    return await sign(server, drafted)


def _grant_type(server: AuthorizationServer, client: Client, presented: Presented) -> GrantType:
    name = presented.params.required("grant_type")
    grant_type = next((one for one in server.grants if one.name == name), None)
    if grant_type is None:
        raise UnsupportedGrantType("grant_type is not supported here")
    if name not in client.grant_types:
        raise UnauthorizedClient(
            "this client may not use this grant_type", detail=f"it may use {client.grant_types}"
        )
    return grant_type


def _check_resource(server: AuthorizationServer, presented: Presented) -> None:
    """Raises `InvalidTarget` when a token is wanted for another place than the issuer's FHIR server (RFC 8707 2.2)."""
    if not all(is_our_fhir_base(server, resource) for resource in presented.params.many("resource")):
        raise InvalidTarget("resource is not a FHIR server of this issuer")


def _lost(outcomes: Outcomes, evidence: int, given: Given) -> OAuthError:
    """What the client is told when somebody else came first."""
    if outcomes.lost_at is not None and outcomes.lost_at < evidence:
        return replayed()
    if isinstance(given, ByPerson):
        return given.lost
    return ServerError("the token could not be recorded", detail=f"write {outcomes.lost_at} lost")
