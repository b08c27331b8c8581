"""An EHR: registers launches with its own token."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from assent.testing.application import SECRET, Application


@dataclass
class Ehr:
    """The EHR of the client `ehr` (`Application.add_ehr`)."""

    application: Application
    client_id: str = "ehr"
    http: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.http = self.application.http()

    async def token(self, scope: str = "launch:create") -> str:
        """An access token of the EHR's own."""
        answer = await self.http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials", "scope": scope},
            auth=(self.client_id, SECRET),
        )
        return str(answer.json()["access_token"])

    async def register(self, **members: Any) -> httpx.Response:
        """Registers a launch of the client `app`, or what the members say."""
        headers = {"Authorization": f"Bearer {await self.token()}"}
        return await self.http.post("/oauth/launch", json={"client_id": "app", **members}, headers=headers)

    async def handle(self, **members: Any) -> str:
        """The handle of such a launch."""
        return str((await self.register(**members)).json()["launch"])
