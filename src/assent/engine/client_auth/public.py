"""`none`: a public client says its `client_id` and can prove nothing. Source: RFC 6749 3.2.1, OpenID Connect Core 9."""

from assent.engine.client_auth import Evidence, Presented
from assent.engine.server import AuthorizationServer
from assent.records.clients import Client
from assent.storage.interface import Write


class Public:
    """The method of clients that can keep no secret."""

    name = "none"

    def evidence(self, presented: Presented) -> Evidence | None:
        """The `client_id` parameter. It counts only where no other method has a proof."""
        client_id = presented.params.get("client_id")
        return Evidence(client_id) if client_id is not None else None

    async def prove(
        self, server: AuthorizationServer, client: Client, evidence: Evidence
    ) -> tuple[Write, ...]:
        """Nothing to prove."""
        return ()
