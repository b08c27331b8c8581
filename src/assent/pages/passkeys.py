"""What pages say to browsers about passkeys: options for the script, where passkeys can be used at all."""

from starlette.requests import Request

from assent.engine.second_factors import Factors
from assent.engine.sessions import SomeSignIn
from assent.identity.second_factor.passkeys import (
    PasskeyRefused,
    RelyingParty,
    amr_of,
    creation_options,
    relying_party,
    request_options,
    sign_in_by_passkey,
    sign_in_options,
)
from assent.records.identities import Arrival
from assent.web.csrf import Browser
from assent.web.headers import allow_script
from assent.web.site import Site

MODULE = "passkey"
"""What the audit log and a session call a sign-in by a passkey alone."""


def party_of(site: Site) -> RelyingParty | None:
    """The relying party; None where passkeys are off or cannot work."""
    settings = site.server.settings
    if settings.second_factor == "off" or settings.passkeys == "off":
        return None
    return relying_party(site.server.issuer, site.organization)


def proving_options(
    site: Site, request: Request, browser: Browser, sign_in: SomeSignIn, factors: Factors
) -> str | None:
    """For showing one of her passkeys; None where there is none. Lets the page run script."""
    party = party_of(site)
    if party is None or not factors.passkeys:
        return None
    allow_script(request)
    return request_options(site.server, party, browser.id, sign_in.person, factors)


def making_options(
    site: Site, request: Request, browser: Browser, sign_in: SomeSignIn, factors: Factors
) -> str | None:
    """For making a passkey. Lets the page run script."""
    party = party_of(site)
    if party is None:
        return None
    allow_script(request)
    return creation_options(site.server, party, browser.id, sign_in.person, factors)


def arriving_options(site: Site, request: Request, browser: Browser) -> str | None:
    """For signing in by a passkey alone; None where the setting does not have it. Lets the page run script."""
    party = party_of(site)
    if party is None or site.server.settings.passkeys != "sign_in":
        return None
    allow_script(request)
    return sign_in_options(site.server, party, browser.id)


async def arrive_by_passkey(site: Site, browser: Browser, answer: str) -> Arrival:
    """Who signs in by a passkey alone: it is what she has, and it has verified her. Raises `PasskeyRefused`."""
    party = party_of(site)
    if party is None or site.server.settings.passkeys != "sign_in":
        raise PasskeyRefused("signing in by a passkey is switched off")
    passkey = await sign_in_by_passkey(site.server, party, browser.id, answer)
    return Arrival(
        MODULE,
        site.server.issuer.url,
        passkey.person_id,
        "",
        (*amr_of(passkey), "mfa"),
        person_id=passkey.person_id,
        is_two_factors=True,
        passkey=passkey.credential_hash,
    )
