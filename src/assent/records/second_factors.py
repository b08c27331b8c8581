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
    """An authenticator app's secret that was shown and not confirmed yet. It proves nothing.

    Bound to the session in which it was shown: nobody else who knows the password has seen it.
    """

    person_id: str
    session_hash: bytes
    secret_sealed: bytes
    created_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class RecoveryCodes:
    """The codes that a person keeps for the day on which she has nothing else, by their hashes (hexadecimal).

    A code is taken out when it is used; `changes` counts that, so that each is used once.
    """

    person_id: str
    code_hashes: tuple[str, ...]
    created_at: int
    changes: int = 0


@dataclass(frozen=True, slots=True)
class Passkey:
    """A WebAuthn credential, by the hash of its id: an id may be too long for a key.

    `sign_count` is the newest that was seen (0 where the authenticator counts nothing). `device_bound`: it cannot
    leave the authenticator that made it.
    """

    credential_hash: bytes
    person_id: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    name: str
    device_bound: bool
    created_at: int
    last_used_at: int = 0


@dataclass(frozen=True, slots=True)
class AnsweredChallenge:
    """A WebAuthn challenge that was answered, by its hash, while it would still be good: it is answered once."""

    challenge_hash: bytes
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
