"""For how long an app keeps access, where its client lets the person choose."""

import pytest

from assent.storage.tables import GRANTS, PENDING
from assent.testing.application import START, Application
from assent.testing.browser import Browser
from assent.testing.smart_app import SmartApp
from tests.pages.approval import asked, tokens

SCOPE = "openid offline_access"
HOUR, YEAR, FOR_EVER = 3600, 31_536_000, 316_224_000


@pytest.fixture
async def amy(application: Application) -> Browser:
    """Amy's browser."""
    await application.add_amy()
    return application.browser()


async def refresh(application: Application, app: SmartApp, token: str) -> int:
    async with application.http() as http:
        fields = {"grant_type": "refresh_token", "refresh_token": token}
        return (await app.ask_token(http, fields)).status_code


async def test_the_choices_are_said_in_words_and_the_first_is_chosen(
    application: Application, amy: Browser
) -> None:
    await asked(application, amy, SCOPE, offline_choices=(YEAR, HOUR, 0, FOR_EVER))
    text = amy.here.text
    assert f'<option value="{YEAR}" selected>1 year</option>' in text
    for option in (">1 hour<", ">this visit only<", ">until I take it back<"):
        assert option in text
    assert "at most" not in text


async def test_without_choices_there_is_nothing_to_choose(application: Application, amy: Browser) -> None:
    await asked(application, amy, SCOPE)
    assert "keep_for" not in amy.here.text
    await amy.submit(keep_for=str(HOUR))
    (grant,) = await application.server.storage.find(GRANTS)
    assert grant.expires_at == START + application.server.settings.refresh_absolute_seconds


@pytest.mark.row("T14")
async def test_the_grant_and_its_refresh_tokens_end_when_the_person_said(
    application: Application, amy: Browser
) -> None:
    app = await asked(application, amy, SCOPE, offline_choices=(YEAR, HOUR))
    await amy.submit(keep_for=str(HOUR))
    told = await tokens(application, app, amy)
    (grant,) = await application.server.storage.find(GRANTS)
    assert grant.expires_at == START + HOUR
    assert not grant.online
    application.clock.advance(HOUR - 1)
    async with application.http() as http:
        fields = {"grant_type": "refresh_token", "refresh_token": told["refresh_token"]}
        newer = (await app.ask_token(http, fields)).json()["refresh_token"]
    application.clock.advance(1)
    assert await refresh(application, app, newer) == 400


async def test_until_it_is_taken_back_is_as_long_as_the_definition_says(
    application: Application, amy: Browser
) -> None:
    await asked(application, amy, SCOPE, offline_choices=(HOUR, FOR_EVER))
    await amy.submit(keep_for=str(FOR_EVER))
    (grant,) = await application.server.storage.find(GRANTS)
    assert grant.expires_at == START + FOR_EVER


async def test_this_visit_ends_when_the_person_signs_out(application: Application, amy: Browser) -> None:
    app = await asked(application, amy, SCOPE, offline_choices=(0, YEAR))
    await amy.submit(keep_for="0")
    told = await tokens(application, app, amy)
    assert told["scope"] == SCOPE
    await amy.open("/oauth/logout")
    if amy.here.forms:
        await amy.submit(decision="logout")
    assert await refresh(application, app, told["refresh_token"]) == 400


@pytest.mark.parametrize("forged", ["1", "315360000", "-1", "", "year", "3600.0", " 3600"])
async def test_a_time_that_is_not_offered_is_refused(
    application: Application, amy: Browser, forged: str
) -> None:
    await asked(application, amy, SCOPE, offline_choices=(YEAR, HOUR))
    page = await amy.submit(keep_for=forged)
    assert page.status == 400
    assert await application.server.storage.find(GRANTS) == []


async def test_two_times_are_refused(application: Application, amy: Browser) -> None:
    await asked(application, amy, SCOPE, offline_choices=(YEAR, HOUR))
    assert (await amy.submit(keep_for=[str(YEAR), str(HOUR)])).status == 400


async def test_a_form_that_names_no_time_gets_the_first(application: Application, amy: Browser) -> None:
    await asked(application, amy, SCOPE, offline_choices=(HOUR, YEAR))
    await amy.submit(keep_for=None)
    (grant,) = await application.server.storage.find(GRANTS)
    assert grant.expires_at == START + HOUR


async def test_what_was_chosen_is_settled_with_the_approval(application: Application, amy: Browser) -> None:
    await asked(application, amy, SCOPE, offline_choices=(HOUR, YEAR))
    await amy.submit(keep_for=str(YEAR))
    (pending,) = await application.server.storage.find(PENDING)
    assert (pending.approved_scope, pending.keep_seconds) == (SCOPE, YEAR)


async def test_an_hour_that_was_given_is_not_made_longer_without_a_question(
    application: Application, amy: Browser
) -> None:
    app = await asked(application, amy, SCOPE, offline_choices=(HOUR, YEAR), remember_approved_scopes=True)
    await amy.submit(keep_for=str(HOUR))
    application.clock.advance(600)
    page = await app.launch(amy, SCOPE)
    assert "code" in page.answered
    ends = {grant.expires_at for grant in await application.server.storage.find(GRANTS)}
    assert ends == {START + HOUR}
    application.clock.advance(1700)
    await app.launch(amy, SCOPE)  # the session is kept alive
    application.clock.advance(1700)
    page = await app.launch(amy, SCOPE)
    assert page.path == "/approve"
    assert page.form().values("scope") == ["offline_access"]


async def test_a_visit_is_asked_about_each_time(application: Application, amy: Browser) -> None:
    app = await asked(application, amy, SCOPE, offline_choices=(0, YEAR), remember_approved_scopes=True)
    await amy.submit(keep_for="0")
    page = await app.launch(amy, SCOPE)
    assert page.form().values("scope") == ["offline_access"]
