"""What a person agreed to before an app could ask for anything."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agreement:
    """One person's yes to one version of the terms of service, for one client.

    `language` is the language of the text that was shown, `text_hash` the SHA-256 of that text's bytes: what she read
    can be shown again. Taken back by `revoked_at`; agreeing again after that replaces the row, and the audit log keeps
    both.
    """

    person_id: str
    client_id: str
    version: str
    agreed_at: int
    language: str
    text_hash: bytes
    revoked_at: int = 0
