"""A SMART app: sends a browser to the authorization endpoint, and redeems the code that comes back."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from assent.spec.pkce import challenge_of
from assent.testing.browser import Browser, Page

VERIFIER = "a-verifier-of-at-least-forty-three-characters"
STATE = "a-state-that-nobody-guesses"


@dataclass(frozen=True)
class SmartApp:
    """An app as its developer would write it. `secret` None: a public client."""

    origin: str
    fhir_base: str
    client_id: str
    redirect_uri: str
    secret: str | None = None

    def parameters(self, scope: str, **changes: str | None) -> list[tuple[str, str]]:
        """An authorization request; `changes` replaces parameters, None leaves one out."""
        usual: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": scope,
            "state": STATE,
            "aud": self.fhir_base,
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }
        return [(name, value) for name, value in {**usual, **changes}.items() if value is not None]

    def url(self, scope: str, **changes: str | None) -> str:
        """The request as an address."""
        return f"{self.origin}/oauth/authorize?{urlencode(self.parameters(scope, **changes))}"

    async def launch(self, browser: Browser, scope: str, **changes: str | None) -> Page:
        """Sends a browser to ask."""
        return await browser.open(self.url(scope, **changes))

    async def redeem(self, client: httpx.AsyncClient, page: Page, **changes: str) -> httpx.Response:
        """Redeems the code that the browser brought back."""
        fields: dict[str, Any] = {
            "grant_type": "authorization_code",
            "code": page.answered["code"],
            "redirect_uri": self.redirect_uri,
            "code_verifier": VERIFIER,
        }
        return await self.ask_token(client, {**fields, **changes})

    async def ask_token(self, client: httpx.AsyncClient, fields: dict[str, str]) -> httpx.Response:
        """A token request of this app."""
        url = f"{self.origin}/oauth/token"
        if self.secret is None:
            return await client.post(url, data={"client_id": self.client_id, **fields})
        return await client.post(url, data=fields, auth=(self.client_id, self.secret))
