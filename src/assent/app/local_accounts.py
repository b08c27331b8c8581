"""What the settings of local accounts stand for: how passwords are hashed, and what people may choose."""

from contextlib import AsyncExitStack
from pathlib import Path

from assent.app.settings import LocalSettings
from assent.identity.local.breached import BreachedPasswords
from assent.identity.local.passwords import Argon2Passwords
from assent.identity.local.policy import PasswordPolicy


def open_passwords(settings: LocalSettings, stack: AsyncExitStack) -> Argon2Passwords:
    """What hashes passwords; `stack` ends its threads."""
    passwords = Argon2Passwords(
        settings.hash_threads,
        time_cost=settings.argon2_passes,
        memory_kib=settings.argon2_memory_kib,
        lanes=settings.argon2_lanes,
    )
    stack.callback(passwords.close)
    return passwords


def open_policy(settings: LocalSettings, folder: Path) -> PasswordPolicy:
    """What passwords that people choose have to be; `folder` is where the configuration lies. Raises `BadList`."""
    breached = None
    if settings.breached_passwords is not None:
        breached = BreachedPasswords(folder / settings.breached_passwords)
        breached.check()
    return PasswordPolicy(settings.password_length, settings.password_strength, breached)
