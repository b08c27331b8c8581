"""Passkeys (WebAuthn): registered, shown as a second factor, or signing in on their own.

The relying party is the host of the issuer's URL, and answers are taken from its origin alone. Attestation is neither
asked for nor looked at. Source: Web Authentication Level 2, 7.1 and 7.2.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from assent.engine.second_factors import MOST_PASSKEYS, Factors
from assent.engine.server import AuthorizationServer, Issuer
from assent.identity.second_factor.challenges import Purpose, new_challenge, use_challenge
from assent.records.people import Person
from assent.records.second_factors import Passkey
from assent.spec.redirects import origin_of
from assent.storage.interface import Change, act
from assent.storage.tables import IDENTITIES, PASSKEYS

LONGEST_NAME: Final = 60
LONGEST_ANSWER: Final = 32_768
_TIMEOUT_MILLISECONDS: Final = 300_000


class PasskeyRefused(Exception):
    """What the browser sent proves nothing. The text is for the log."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who asks: `id` is the host, `origin` where our pages are."""

    id: str
    origin: str
    name: str


def relying_party(issuer: Issuer, name: str) -> RelyingParty | None:
    """The issuer as browsers know it; None where passkeys cannot work: on an address, or without TLS off localhost."""
    parts = urlsplit(issuer.url)
    host = parts.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        is_secure = parts.scheme == "https" or host == "localhost"
        return RelyingParty(host, str(origin_of(issuer.url)), name) if is_secure else None
    return None


def creation_options(
    server: AuthorizationServer, party: RelyingParty, browser: str, person: Person, factors: Factors
) -> str:
    """What the browser needs to make a passkey, as JSON."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    signs_in = server.settings.passkeys == "sign_in"
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=person.person_id.encode(),
        user_name=person.username,
        user_display_name=" ".join(filter(None, (person.given_name, person.family_name))) or person.username,
        challenge=new_challenge(server, browser, "add", person.person_id),
        timeout=_TIMEOUT_MILLISECONDS,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in factors.passkeys],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED if signs_in else ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.REQUIRED
            if signs_in
            else UserVerificationRequirement.PREFERRED,
        ),
    )
    return options_to_json(options)


def request_options(
    server: AuthorizationServer, party: RelyingParty, browser: str, person: Person, factors: Factors
) -> str:
    """What the browser needs to show one of these passkeys as a second factor, as JSON."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=party.id,
        challenge=new_challenge(server, browser, "prove", person.person_id),
        timeout=_TIMEOUT_MILLISECONDS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in factors.passkeys],
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return options_to_json(options)


def sign_in_options(server: AuthorizationServer, party: RelyingParty, browser: str) -> str:
    """What the browser needs to sign in by a passkey that it finds itself, as JSON. It verifies its user."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=party.id,
        challenge=new_challenge(server, browser, "sign in", None),
        timeout=_TIMEOUT_MILLISECONDS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


async def read_new_passkey(
    server: AuthorizationServer, party: RelyingParty, browser: str, person: Person, answer: str, name: str
) -> Passkey:
    """The passkey that the browser made, not kept yet. Raises `PasskeyRefused`."""
    from webauthn import verify_registration_response
    from webauthn.helpers import parse_registration_credential_json
    from webauthn.helpers.structs import CredentialDeviceType

    async def check() -> Passkey:
        credential = parse_registration_credential_json(answer)
        challenge = await _used_challenge(
            server, credential.response.client_data_json, browser, "add", person.person_id
        )
        made = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=server.settings.passkeys == "sign_in",
        )
        return Passkey(
            credential_hash=credential_hash(made.credential_id),
            person_id=person.person_id,
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=_shown_name(name),
            device_bound=made.credential_device_type == CredentialDeviceType.SINGLE_DEVICE,
            created_at=server.now(),
        )

    factors = await server.storage.find(PASSKEYS, {"person_id": person.person_id}, limit=MOST_PASSKEYS)
    if len(factors) >= MOST_PASSKEYS:
        raise PasskeyRefused("she has as many passkeys as one may have")
    return await _checked(answer, check)


async def prove_passkey(
    server: AuthorizationServer, party: RelyingParty, browser: str, person: Person, answer: str
) -> Passkey:
    """The passkey of this person that answered. Raises `PasskeyRefused`."""
    return await _answered(server, party, browser, answer, "prove", person.person_id)


async def sign_in_by_passkey(
    server: AuthorizationServer, party: RelyingParty, browser: str, answer: str
) -> Passkey:
    """The passkey that answered, having verified its user; it says who she is. Raises `PasskeyRefused`.

    Who is kept elsewhere has to be asked for there, unless the setting says otherwise: only there is known whether she
    still may.
    """
    passkey = await _answered(server, party, browser, answer, "sign in", None)
    if not server.settings.passkeys_stand_for_modules:
        elsewhere = await server.storage.find(IDENTITIES, {"person_id": passkey.person_id}, limit=1)
        if elsewhere:
            raise PasskeyRefused(
                f"she signs in by {elsewhere[0].module}: her passkey is a second factor only"
            )
    return passkey


async def _answered(
    server: AuthorizationServer,
    party: RelyingParty,
    browser: str,
    answer: str,
    purpose: Purpose,
    person_id: str | None,
) -> Passkey:
    from webauthn import verify_authentication_response
    from webauthn.helpers import parse_authentication_credential_json

    async def check() -> Passkey:
        credential = parse_authentication_credential_json(answer)
        response = credential.response
        challenge = await _used_challenge(server, response.client_data_json, browser, purpose, person_id)
        passkey = await server.storage.get(PASSKEYS, credential_hash(credential.raw_id))
        if passkey is None or person_id not in (None, passkey.person_id):
            raise PasskeyRefused("the passkey is not known, or another person's")
        # 7.2 step 6: whom the passkey names, if it names somebody, owns it; it has to where nobody is known yet
        handle = response.user_handle
        if (handle is None and person_id is None) or handle not in (None, passkey.person_id.encode()):
            raise PasskeyRefused("the passkey names another person")
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=purpose == "sign in",
        )
        counted = Change(
            PASSKEYS,
            (passkey.credential_hash,),
            {"sign_count": verified.new_sign_count, "last_used_at": server.now()},
            {"sign_count": passkey.sign_count},
        )
        if not (await server.storage.commit(act(counted))).all:
            raise PasskeyRefused("the passkey was used or removed meanwhile")
        return passkey

    return await _checked(answer, check)


def credential_hash(credential_id: bytes) -> bytes:
    """The key of a passkey's row."""
    return hashlib.sha256(credential_id).digest()


def amr_of(passkey: Passkey) -> tuple[str, ...]:
    """RFC 8176: a key that stays in its hardware, or one that is copied between devices."""
    return ("hwk",) if passkey.device_bound else ("swk",)


async def _used_challenge(
    server: AuthorizationServer, client_data: bytes, browser: str, purpose: Purpose, person_id: str | None
) -> bytes:
    from webauthn.helpers import parse_client_data_json

    said = parse_client_data_json(client_data)
    if said.cross_origin:
        raise PasskeyRefused("the passkey was asked for from within another site's page")
    if not await use_challenge(server, said.challenge, browser, purpose, person_id):
        raise PasskeyRefused("the challenge is not this browser's, too old, or was answered before")
    return said.challenge


async def _checked(answer: str, check: Callable[[], Awaitable[Passkey]]) -> Passkey:
    from webauthn.helpers.exceptions import WebAuthnException

    if len(answer) > LONGEST_ANSWER:
        raise PasskeyRefused("the answer is longer than any that a browser sends")
    try:
        return await check()
    except (WebAuthnException, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        # the library reads what a browser may send with no type at all; whatever it stumbles over proves nothing
        raise PasskeyRefused(f"{type(error).__name__}: {error}"[:300]) from error


def _shown_name(name: str) -> str:
    printable = "".join(character for character in name if character.isprintable())
    return " ".join(printable.split())[:LONGEST_NAME]
