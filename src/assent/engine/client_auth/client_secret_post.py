"""`client_secret_post`: the secret among the form's parameters. Source: RFC 6749 2.3.1."""

from assent.engine.client_auth import Evidence, Presented
from assent.engine.client_auth.secrets import ClientSecrets
from assent.engine.server import AuthorizationServer
from assent.records.clients import Client
from assent.storage.interface import Write


class ClientSecretPost:
    """`client_id` and `client_secret` in the body."""

    name = "client_secret_post"

    def __init__(self, secrets: ClientSecrets) -> None:
        self._secrets = secrets

    def evidence(self, presented: Presented) -> Evidence | None:
        """The two parameters; a secret without `client_id` is a stranger's."""
        secret = presented.params.get("client_secret")
        if secret is None:
            return None
        return Evidence(presented.params.get("client_id", ""), secret, presented.caller.address)

    async def prove(
        self, server: AuthorizationServer, client: Client, evidence: Evidence
    ) -> tuple[Write, ...]:
        """Whether it is one of the client's secrets."""
        await self._secrets.check(server, client, evidence.proof or "", evidence.address)
        return ()
