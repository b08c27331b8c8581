"""`client_secret_basic`: HTTP Basic with form-encoded name and password. Source: RFC 6749 2.3.1, RFC 7617."""

import base64
import binascii

from assent.engine.client_auth import FAILED, Evidence, Presented
from assent.engine.client_auth.secrets import ClientSecrets
from assent.engine.server import AuthorizationServer
from assent.records.clients import Client
from assent.spec.errors import InvalidClient
from assent.spec.params import form_decoded
from assent.storage.interface import Write


class ClientSecretBasic:
    """The secret in the `Authorization` header."""

    name = "client_secret_basic"

    def __init__(self, secrets: ClientSecrets) -> None:
        self._secrets = secrets

    def evidence(self, presented: Presented) -> Evidence | None:
        """Client id and secret of a Basic header. Raises `InvalidClient` on a malformed one and on other schemes."""
        if presented.authorization is None:
            return None
        scheme, _, encoded = presented.authorization.partition(" ")
        if scheme.lower() != "basic":
            raise InvalidClient(FAILED, detail="the Authorization header is not Basic")
        try:
            name, colon, password = (
                base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
            )
            # RFC 6749 2.3.1: both parts are form-encoded before they are joined
            client_id, secret = form_decoded(name), form_decoded(password)
        except (binascii.Error, UnicodeError, ValueError) as error:
            raise InvalidClient(FAILED, detail="the Basic header is malformed") from error
        if not colon or not client_id or not secret:
            raise InvalidClient(FAILED, detail="the Basic header has no client_id or no secret")
        return Evidence(client_id, secret, presented.caller.address)

    async def prove(
        self, server: AuthorizationServer, client: Client, evidence: Evidence
    ) -> tuple[Write, ...]:
        """Whether it is one of the client's secrets."""
        await self._secrets.check(server, client, evidence.proof or "", evidence.address)
        return ()
