"""`authorization_code`: what a person granted, redeemed once by the client that it was granted to.

A second use ends the grant and all that hangs on it, whoever comes: one of the two has stolen the code.
Sources: RFC 6749 4.1.2 and 4.1.3, RFC 7636 4.6, RFC 9700 2.1.1, SMART App Launch 2.2 (T1, T2).
"""

from assent.engine.authorize.scope import cached_scopes
from assent.engine.grants import ByPerson, Reused
from assent.engine.handles import hash_handle
from assent.engine.liveness import Ended, look_at_grant
from assent.engine.refresh_tokens import may_refresh, new_refresh_token
from assent.engine.server import AuthorizationServer
from assent.records.clients import Client
from assent.records.grants import Code
from assent.spec.errors import InvalidGrant
from assent.spec.params import Params
from assent.spec.pkce import verify
from assent.storage.interface import Change
from assent.storage.tables import CODES

_BAD = "code is unknown, expired, used or somebody else's"


class AuthorizationCode:
    """The grant of the authorization code flow."""

    name = "authorization_code"

    async def authorize(self, server: AuthorizationServer, client: Client, params: Params) -> ByPerson:
        """What the code's grant gives. Raises `InvalidRequest`, `InvalidGrant`, and `Reused` on a replay."""
        code_text = params.required("code")
        redirect_uri = params.required("redirect_uri")
        code = await server.storage.get(CODES, hash_handle(code_text))
        if code is None:
            raise InvalidGrant(_BAD, detail="the code is unknown, or expired long ago")
        if code.client_id != client.client_id:
            raise InvalidGrant(_BAD, detail="the code was issued to another client")
        if code.used_at:
            raise _reused(code)
        if code.expires_at <= server.now():
            raise InvalidGrant(_BAD, detail="the code has expired")
        if code.redirect_uri != redirect_uri:  # RFC 6749 4.1.3: identical
            raise InvalidGrant("redirect_uri is not the one of the authorization request")
        verify(code.code_challenge, params.get("code_verifier"))
        live = await look_at_grant(server, code.grant_id)
        if isinstance(live, Ended):
            raise InvalidGrant(_BAD, detail=live.because)
        scope = cached_scopes(live.grant.scope).scopes
        return ByPerson(
            client=client,
            person=live.person,
            grant=live.grant,
            scope=scope,
            refresh_token=new_refresh_token(server, live.grant, live.grant.scope)
            if may_refresh(server, client, live.grant, scope)
            else None,
            is_first=True,
            uses=(Change(CODES, (code.code_hash,), {"used_at": server.now()}, {"used_at": 0}),),
            lost=_reused(code),
        )


def _reused(code: Code) -> Reused:
    return Reused(_BAD, grant_id=code.grant_id, detail="the code was used before: its grant is revoked")
