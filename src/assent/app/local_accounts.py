"""What the settings of local accounts stand for: how passwords are hashed, and what people may choose."""

from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from assent.app.outbound.mail import tls_of
from assent.app.settings import IssuerSettings, MailSettings
from assent.app.sign_in_settings import LocalSettings
from assent.identity.local.breached import BadList, BreachedPasswords
from assent.identity.local.passwords import Argon2Passwords
from assent.identity.local.policy import PasswordPolicy

SHORTEST_SANE: Final = 8
"""NIST SP 800-63B 5.1.1.1."""


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


def local_file_mistakes(issuer: IssuerSettings, place: str, folder: Path) -> Iterator[str]:
    """What is wrong with the files that an issuer's local accounts need. `place`: what its dotted paths begin with."""
    try:
        open_policy(issuer.sign_in.local, folder)
    except BadList as error:
        yield f"{place}sign_in.local.breached_passwords: {error}"


def mail_file_mistakes(mail: MailSettings, folder: Path) -> Iterator[str]:
    """What is wrong with the files that mail needs."""
    if mail.authorities is None:
        return
    try:
        tls_of(mail, folder)
    except OSError as error:
        yield f"mail.authorities: cannot be read: {error}"


def local_warnings(issuer: IssuerSettings, place: str) -> Iterator[str]:
    """What is allowed for local accounts, and probably not meant."""
    if issuer.sign_in.local.password_length < SHORTEST_SANE:
        yield f"{place}sign_in.local.password_length: passwords of under {SHORTEST_SANE} characters are soon guessed"
