"""Codes that were mailed to people: what proves that somebody reads the mail of an account."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MailedCode:
    """One code. `request_hash` is that of the handle under which it is asked for, `code_hash` keyed.

    `purpose`: `reset` (a new password) or `unlock`. `person_id` is None where nobody was found: such a row costs the
    same and no code fits it. `browser_hash`: the browser that asked for it, None where an administrator did.
    """

    request_hash: bytes
    purpose: str
    person_id: str | None
    browser_hash: bytes | None
    code_hash: bytes
    tries: int
    created_at: int
    expires_at: int
    used_at: int = 0
