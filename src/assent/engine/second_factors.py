"""Whether a second factor is asked of somebody, and whether a session has shown one.

Owns the rule. How a factor is set up and proven is `identity.second_factor`'s business, when a page asks for it
`engine.authorize.steps`', and that nobody passes for signed in without it `engine.sessions`'.
Sources: NIST SP 800-63B 4.2, OpenID Connect Core 3.1.2.1 (`acr_values`), RFC 9470, RFC 8176.
"""

from dataclasses import dataclass
from typing import Final

from assent.engine.authority import permissions_of
from assent.engine.server import AuthorizationServer
from assent.engine.settings import EngineSettings
from assent.records.people import Person
from assent.records.second_factors import OneTimeCodes, Passkey, RecoveryCodes
from assent.records.sessions import Session
from assent.storage.interface import ChangeAll, Write
from assent.storage.tables import ONE_TIME_CODES, PASSKEYS, RECOVERY_CODES, REMEMBERED_BROWSERS

MFA_ACR: Final = "urn:assent:acr:mfa"
"""What an app names in `acr_values` to have two factors proven, and what the ID token says where they were."""

MOST_PASSKEYS: Final = 20

FRESH_SECONDS: Final = 600
"""How long what was proven counts for changing factors."""


@dataclass(frozen=True, slots=True)
class Factors:
    """What somebody has set up. Recovery codes stand in for the others and are no factor by themselves."""

    one_time_codes: OneTimeCodes | None = None
    passkeys: tuple[Passkey, ...] = ()
    recovery_codes: RecoveryCodes | None = None

    @property
    def has_any(self) -> bool:
        """Whether there is something to ask for."""
        return self.one_time_codes is not None or bool(self.passkeys)


async def find_factors(server: AuthorizationServer, person_id: str) -> Factors:
    """All that somebody has set up."""
    where = {"person_id": person_id}
    one_time_codes = await server.storage.get(ONE_TIME_CODES, person_id)
    recovery_codes = await server.storage.get(RECOVERY_CODES, person_id)
    passkeys = await server.storage.find(PASSKEYS, where, limit=MOST_PASSKEYS)
    return Factors(one_time_codes, tuple(passkeys), recovery_codes)


async def has_factor(server: AuthorizationServer, person: Person) -> bool:
    """Whether somebody has set up anything. Who never has costs no look at the storage."""
    if not person.has_factors:
        return False
    if await server.storage.get(ONE_TIME_CODES, person.person_id) is not None:
        return True
    return bool(await server.storage.find(PASSKEYS, {"person_id": person.person_id}, limit=1))


async def is_required(server: AuthorizationServer, person: Person) -> bool:
    """Whether she has to have a second factor, be it for everybody or for what she may do, roles included."""
    settings = server.settings
    if settings.second_factor != "offered":
        return settings.second_factor == "required"
    named = settings.second_factor_permissions
    if not named:
        return False
    return any(one.name in named for one in await permissions_of(server.storage, person))


def is_proven(settings: EngineSettings, session: Session) -> bool:
    """Whether two factors were proven in a session: to us, or to a module whose word is taken for it."""
    if session.factor_at:
        return True
    return session.module in settings.second_factor_trusts and "mfa" in session.amr


async def lacks_factor(server: AuthorizationServer, session: Session, person: Person) -> bool:
    """Whether a session may do nothing yet: its person has, or must have, a second factor that it has not shown."""
    settings = server.settings
    if settings.second_factor == "off" or session.browser_remembered or is_proven(settings, session):
        return False
    return await is_required(server, person) or await has_factor(server, person)


def amr_of(settings: EngineSettings, session: Session) -> tuple[str, ...]:
    """How she proved herself, as tokens say it: `mfa` only where we know it, or take a module's word for it."""
    return session.amr if is_proven(settings, session) else tuple(one for one in session.amr if one != "mfa")


def acr_of(settings: EngineSettings, session: Session) -> str | None:
    """What a token says of how she proved herself; None where there is nothing to boast of."""
    return MFA_ACR if is_proven(settings, session) else None


def steps_up(settings: EngineSettings, acr_values: tuple[str, ...], session: Session) -> bool:
    """Whether a request wants more than its session has proven."""
    return settings.second_factor != "off" and MFA_ACR in acr_values and not is_proven(settings, session)


def is_fresh(server: AuthorizationServer, session: Session, factors: Factors) -> bool:
    """Whether a session proved a factor of hers lately; that it began lately, where she has none."""
    since = session.factor_at if factors.has_any else session.created_at
    return server.now() - since <= FRESH_SECONDS


def forgetting_browsers(person_id: str) -> Write:
    """The write by which no browser is remembered for somebody any more."""
    return ChangeAll(REMEMBERED_BROWSERS, {"person_id": person_id}, {"expires_at": 1})
