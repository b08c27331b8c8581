"""Who is asked for a second factor, and what a session must have proven to pass for signed in."""

from typing import Any

import pytest

from assent.engine.handles import hash_handle
from assent.engine.second_factors import MFA_ACR, acr_of, is_proven, is_required, steps_up
from assent.engine.server import Caller
from assent.engine.sessions import HalfSignedIn, SignedIn, begin_session, find_session, find_sign_in, step_up
from assent.engine.settings import EngineSettings
from assent.records.people import Person
from assent.records.roles import Role
from assent.records.second_factors import OneTimeCodes
from assent.records.sessions import Session
from assent.spec.permissions import Permission
from assent.storage.interface import Add, Change, act
from assent.storage.tables import GRANTS, ONE_TIME_CODES, PEOPLE, ROLES, SESSIONS
from assent.testing.server import TestServer, a_server

COOKIE = "c" * 43
ALL_READ = (Permission("FHIR_ALL_READ"),)


async def served_with(**settings: Any) -> TestServer:
    return await a_server(settings=EngineSettings(**settings))


async def signed_in(served: TestServer, person: Person, **fields: Any) -> object:
    await served.add_session(person, session_hash=hash_handle(COOKIE), **fields)
    return await find_sign_in(served.server, COOKIE)


async def set_up(served: TestServer, person: Person) -> None:
    codes = OneTimeCodes(person.person_id, b"sealed", 0, served.server.now())
    noting = Change(PEOPLE, (person.person_id,), {"has_factors": True})
    await served.server.storage.commit(act(Add(ONE_TIME_CODES, codes), noting))


@pytest.mark.parametrize(
    ("settings", "has_one", "fields", "passes"),
    [
        ({}, False, {}, True),
        ({}, True, {}, False),
        ({}, True, {"factor_at": 1}, True),
        ({}, True, {"browser_remembered": True}, True),
        ({"second_factor": "off"}, True, {}, True),
        ({"second_factor": "required"}, False, {}, False),
        ({"second_factor": "required"}, False, {"factor_at": 1}, True),
        # a provider's word counts where it is trusted, and where it says it
        ({"second_factor": "required"}, False, {"module": "clinic", "amr": ("mfa",)}, False),
        (
            {"second_factor": "required", "second_factor_trusts": ("clinic",)},
            True,
            {"module": "clinic", "amr": ("pwd", "mfa")},
            True,
        ),
        (
            {"second_factor": "required", "second_factor_trusts": ("clinic",)},
            False,
            {"module": "clinic", "amr": ("pwd",)},
            False,
        ),
        (
            {"second_factor": "required", "second_factor_trusts": ("clinic",)},
            False,
            {"module": "other", "amr": ("mfa",)},
            False,
        ),
    ],
)
async def test_who_passes_for_signed_in(
    settings: dict[str, Any], has_one: bool, fields: dict[str, Any], passes: bool
) -> None:
    served = await served_with(**settings)
    person = await served.add_person()
    if has_one:
        await set_up(served, person)
    found = await signed_in(served, person, **fields)
    assert isinstance(found, SignedIn if passes else HalfSignedIn)
    assert (await find_session(served.server, COOKIE) is not None) is passes
    await served.close()


@pytest.mark.parametrize(
    ("settings", "is_holder", "required"),
    [
        ({}, True, False),
        ({"second_factor_permissions": ("FHIR_ALL_READ",)}, True, True),
        ({"second_factor_permissions": ("FHIR_ALL_READ",)}, False, False),
        ({"second_factor_permissions": ("FHIR_ALL_READ",), "second_factor": "off"}, True, False),
        ({"second_factor": "required"}, False, True),
    ],
)
@pytest.mark.parametrize("by_role", [False, True])
async def test_whether_she_must_have_one(
    settings: dict[str, Any], is_holder: bool, required: bool, by_role: bool
) -> None:
    served = await served_with(**settings)
    await served.server.storage.commit(act(Add(ROLES, Role("doctor", "Doctors", permissions=ALL_READ))))
    held: dict[str, Any] = {"roles": ("doctor",)} if by_role else {"permissions": ALL_READ}
    person = await served.add_person(**(held if is_holder else {}))
    assert await is_required(served.server, person) is required
    await served.close()


def test_what_tokens_say_and_apps_may_ask() -> None:
    plain = Session(b"s", "s-1", "u-1", 0, ("pwd",), 0, 0, 99)
    proven = Session(b"s", "s-1", "u-1", 0, ("pwd", "otp", "mfa"), 0, 0, 99, factor_at=5)
    settings, off = EngineSettings(), EngineSettings(second_factor="off")
    assert (acr_of(settings, plain), acr_of(settings, proven)) == (None, MFA_ACR)
    assert not is_proven(settings, plain)
    assert steps_up(settings, (MFA_ACR,), plain)
    assert not steps_up(settings, (MFA_ACR,), proven)
    assert not steps_up(settings, ("urn:other",), plain)
    assert not steps_up(off, (MFA_ACR,), plain)


async def test_stepping_up_takes_the_place_of_the_session_once(served: TestServer) -> None:
    person = await served.add_person()
    client = await served.add_client()
    cookie, session = await begin_session(served.server, person, ("pwd",), Caller(), None)
    grant = await served.add_grant(
        client, person, "openid online_access", session_hash=session.session_hash, online=True
    )
    found = await find_sign_in(served.server, cookie)
    assert found is not None
    served.clock.advance(60)
    stepped = await step_up(served.server, found, ("otp",), Caller(), detail={})
    assert stepped is not None
    _, new = stepped
    assert new.amr == ("pwd", "otp", "mfa")
    assert (new.auth_time, new.factor_at) == (session.auth_time, served.server.now())
    assert new.expires_at == session.expires_at
    assert await find_session(served.server, cookie) is None
    assert await step_up(served.server, found, ("otp",), Caller(), detail={}) is None
    assert len(await served.server.storage.find(SESSIONS)) == 2
    kept = await served.server.storage.get(GRANTS, grant.grant_id)
    assert kept is not None
    assert (kept.session_hash, kept.revoked_at) == (new.session_hash, 0)
