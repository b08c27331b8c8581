"""What a person proves beside her password: one-time codes, recovery codes, passkeys, browsers that are remembered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OneTimeCodes:
    """An authenticator app's secret, sealed for this person. `last_step` is the newest time step that was used."""

    person_id: str
    secret_sealed: bytes
    last_step: int
    created_at: int
    last_used_at: int = 0


@dataclass(frozen=True, slots=True)
class CodesBeingSetUp:
    """An authenticator app's secret that was shown and not confirmed yet. It proves nothing."""

    person_id: str
    secret_sealed: bytes
    created_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class RecoveryCode:
    """One of the codes that a person keeps for the day on which she has nothing else. Removed when it is used.

    `code_hash` is of the person's id and the code: nobody else's code is found by it.
    """

    code_hash: bytes
    person_id: str
    created_at: int


@dataclass(frozen=True, slots=True)
class Passkey:
    """A WebAuthn credential, by the hash of its id: an id may be too long for a key.

    `sign_count` is the newest that was seen (0 where the authenticator counts nothing). `device_bound`: it cannot
    leave the authenticator that made it. `verifies_user`: it was made with user verification and can be found by the
    browser itself, so that it signs in on its own.
    """

    credential_hash: bytes
    person_id: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    name: str
    device_bound: bool
    verifies_user: bool
    created_at: int
    last_used_at: int = 0


@dataclass(frozen=True, slots=True)
class Challenge:
    """A WebAuthn challenge, by its hash: bound to one browser and one purpose. Removed when it is answered: once.

    `person_id` is None where the passkey says who it is.
    """

    challenge_hash: bytes
    browser_hash: bytes
    purpose: str
    person_id: str | None
    created_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class RememberedBrowser:
    """A browser that is not asked for this person's second factor again, by the hash of its cookie.

    One browser may be remembered for several people. `public_id` names the row on her account page.
    """

    cookie_hash: bytes
    person_id: str
    public_id: str
    user_agent: str | None
    created_at: int
    expires_at: int
