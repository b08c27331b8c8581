"""A security key that Chromium makes up."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession, Page

INTERNAL = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class Authenticator:
    """Chromium's virtual authenticator of one page."""

    cdp: CDPSession
    id: str

    @classmethod
    def of(cls, page: Page) -> "Authenticator":
        """A fresh one."""
        cdp = page.context.new_cdp_session(page)
        cdp.send("WebAuthn.enable")
        made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": INTERNAL})
        return cls(cdp, made["authenticatorId"])

    def credentials(self) -> list[dict[str, Any]]:
        """What it holds."""
        found: list[dict[str, Any]] = self._send("getCredentials")["credentials"]
        return found

    def go_back(self, credential: dict[str, Any]) -> None:
        """As a copy of the authenticator would: what it held before, with the count of then."""
        self._send("removeCredential", credentialId=credential["credentialId"])
        self._send("addCredential", credential=credential)

    def verify(self, *, succeeds: bool) -> None:
        """Whether it recognises its user from now on."""
        self._send("setUserVerified", isUserVerified=succeeds)

    def _send(self, command: str, **given: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.cdp.send(f"WebAuthn.{command}", {"authenticatorId": self.id, **given})
        return answer
