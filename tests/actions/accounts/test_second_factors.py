"""Resetting second factors: everything goes, and everybody is signed out."""

import pytest

from applications import OpenWith
from assent.actions.accounts.people import disable_person, enable_person
from assent.actions.accounts.second_factors import list_factors, reset_second_factor
from assent.actions.refusals import Refused
from assent.engine.settings import EngineSettings
from assent.storage.tables import (
    CODES_BEING_SET_UP,
    ONE_TIME_CODES,
    PASSKEYS,
    PEOPLE,
    RECOVERY_CODES,
    SESSIONS,
)
from assent.testing.application import Application
from pages.factors import APP, OWN, half_signed_in, with_phone

TABLES = (ONE_TIME_CODES, CODES_BEING_SET_UP, PASSKEYS, RECOVERY_CODES)


async def test_a_reset_takes_everything_and_signs_her_out(application: Application) -> None:
    amy = await application.add_amy()
    await application.add_lee()
    _, _, browser = await with_phone(application, "amy")
    await with_phone(application, "lee")
    await browser.open(APP)  # another phone is being set up
    assert await list_factors(application.server, amy) == ("one-time codes", "recovery codes: 10")

    await reset_second_factor(application.server, "amy", actor="admin")

    for table in TABLES:
        rows = await application.server.storage.find(table)
        assert not [row for row in rows if row.person_id == amy.person_id]
    assert len(await application.server.storage.find(ONE_TIME_CODES)) == 1  # lee keeps hers
    assert (await browser.open("/account")).path == "/login"
    assert (await browser.sign_in("amy")).path == "/account"
    [event] = await application.audit("second_factor.reset")
    assert event.actor == "admin"
    assert event.detail == {"removed": ["one-time codes", "recovery codes: 10"]}


async def test_a_reset_ends_the_wait_for_wrong_codes(application: Application) -> None:
    await application.add_amy()
    await with_phone(application, "amy")
    browser = await half_signed_in(application, "amy")
    for _ in range(6):
        page = await browser.submit(code="000000")
    assert page.status == 429
    await reset_second_factor(application.server, "amy", actor="admin")
    phone, _, _ = await with_phone(application, "amy")
    browser = await half_signed_in(application, "amy")
    assert (await browser.submit(code=phone.next_code())).path == "/account"


async def test_there_must_be_something_to_reset(application: Application) -> None:
    await application.add_amy()
    with pytest.raises(Refused, match="amy has no second factor"):
        await reset_second_factor(application.server, "amy", actor="admin")
    with pytest.raises(Refused, match="there is no user"):
        await reset_second_factor(application.server, "may", actor="admin")


async def test_a_disabled_account_is_remembered_nowhere_when_it_is_back(open_with: OpenWith) -> None:
    application = await open_with(engine=EngineSettings(second_factor_remember_days=7))
    await application.add_amy()
    phone, _, _ = await with_phone(application, "amy")
    browser = await half_signed_in(application, "amy")
    await browser.submit(code=phone.next_code(), remember="yes")
    await disable_person(application.server, "amy", actor="admin")
    await enable_person(application.server, "amy", actor="admin")
    await browser.open("/login?to=/account")
    assert (await browser.sign_in("amy")).path == "/second-factor"


async def test_what_is_stored_of_a_factor_says_nothing_in_the_audit_log(application: Application) -> None:
    await application.add_amy()
    phone, codes, browser = await with_phone(application, "amy")
    await browser.open(OWN)
    await browser.submit("remove-app")
    events = str(await application.audit())
    people = str(await application.server.storage.find(PEOPLE)) + str(
        await application.server.storage.find(SESSIONS)
    )
    for secret in (phone.key, phone.code(), *codes):
        assert secret not in events + people
