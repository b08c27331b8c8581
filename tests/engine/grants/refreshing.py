"""What tests of refreshing share: a grant with its first refresh token, and refreshing it."""

from typing import Any

from assent.engine.token_endpoint import respond
from assent.records.clients import Client
from assent.records.grants import Grant
from assent.storage.tables import GRANTS
from assent.testing.server import TestServer

SCOPE = "openid launch/patient patient/*.rs offline_access"


async def a_grant(
    served: TestServer, scope: str = SCOPE, grant: dict[str, Any] | None = None, **fields: Any
) -> tuple[Client, Grant, str]:
    """A client, what a person granted it, and its first refresh token."""
    client = await served.add_client(**fields)
    person = await served.add_person(fhir_user="Patient/p1")
    granted = await served.add_grant(client, person, scope, **(grant or {}))
    body = await served.redeem(client, granted)
    return client, granted, body["refresh_token"]


async def refresh(served: TestServer, client: Client, token: str, **fields: str | None) -> dict[str, Any]:
    return await respond(
        served.server, served.ask(client, grant_type="refresh_token", refresh_token=token, **fields)
    )


async def is_revoked(served: TestServer, grant: Grant) -> bool:
    stored = await served.server.storage.get(GRANTS, grant.grant_id)
    return stored is not None and stored.revoked_at > 0
