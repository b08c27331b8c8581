"""A launch from an EHR: whose the handle is, who may use it, and how often."""

import asyncio

import pytest

from assent.actions.accounts.deletion import delete_person
from assent.storage.interface import Change, act
from assent.storage.tables import CODES, GRANTS, LAUNCHES, PEOPLE
from assent.testing.application import LAUNCH_URI, Application
from assent.testing.browser import Browser, Page
from assent.testing.ehr import Ehr
from assent.testing.smart_app import SmartApp

SCOPE = "openid fhirUser launch patient/*.rs"


@pytest.fixture
async def ehr(application: Application) -> Ehr:
    """An EHR beside the app, Amy and Lee."""
    await application.add_client()
    await application.add_ehr()
    await application.add_amy()
    await application.add_lee()
    return Ehr(application)


@pytest.fixture
def app(application: Application) -> SmartApp:
    return application.smart_app()


@pytest.fixture
def browser(application: Application) -> Browser:
    return application.browser()


async def launched(app: SmartApp, browser: Browser, handle: str, **changes: str | None) -> Page:
    return await app.launch(browser, SCOPE, **{"launch": handle, **changes})


@pytest.mark.row("A3", "A9", "L1", "L5", "L6", "L7", "L8", "L9")
async def test_the_app_gets_the_context_that_the_ehr_registered(
    application: Application, ehr: Ehr, app: SmartApp, browser: Browser
) -> None:
    told = {
        "patient": "amy",
        "encounter": "amy-2",
        "fhirContext": [{"reference": "Observation/o1"}],
        "intent": "reconcile",
        "need_patient_banner": False,
        "tenant": "ward-7",
        "smart_style_url": "https://ehr.example/style-1.json",
    }
    handle = await ehr.handle(user="lee", **told)
    await launched(app, browser, handle)
    await browser.sign_in("lee")
    page = await browser.approve()
    tokens = (await app.redeem(application.http(), page)).json()
    assert {name: tokens[name] for name in told} == told


async def test_a_launch_brings_no_page_for_its_patient(ehr: Ehr, app: SmartApp, browser: Browser) -> None:
    await launched(app, browser, await ehr.handle(user="lee", patient="zoe"))
    page = await browser.sign_in("lee")
    assert page.path == "/approve"
    assert "Zoe Ames" in page.text


@pytest.mark.row("L3")
async def test_beside_a_handle_the_other_launch_scopes_are_hints(
    application: Application, ehr: Ehr, app: SmartApp, browser: Browser
) -> None:
    handle = await ehr.handle(user="lee", patient="amy", encounter="amy-1")
    await app.launch(browser, "launch launch/patient launch/encounter patient/*.rs", launch=handle)
    assert (await browser.sign_in("lee")).path == "/approve"
    tokens = (await app.redeem(application.http(), await browser.approve())).json()
    assert (tokens["patient"], tokens["encounter"]) == ("amy", "amy-1")


@pytest.mark.row("A9")
async def test_a_handle_is_spent_when_a_code_is_issued_on_it(
    application: Application, ehr: Ehr, app: SmartApp, browser: Browser
) -> None:
    handle = await ehr.handle(user="lee", patient="amy")
    await launched(app, browser, handle)
    await browser.sign_in("lee")
    assert "code" in (await browser.approve()).answered
    page = await launched(app, browser, handle)
    assert page.answered["error"] == "invalid_request"
    assert len(await application.server.storage.find(CODES)) == 1


async def test_a_handle_is_not_spent_by_a_request_that_is_left_unfinished(
    ehr: Ehr, app: SmartApp, browser: Browser
) -> None:
    handle = await ehr.handle(user="lee", patient="amy")
    await launched(app, browser, handle)
    await launched(app, browser, handle)
    await browser.sign_in("lee")
    assert "code" in (await browser.approve()).answered


@pytest.mark.row("A9")
async def test_a_handle_belongs_to_the_first_browser_that_brings_it(
    application: Application, ehr: Ehr, app: SmartApp, browser: Browser
) -> None:
    handle = await ehr.handle(user="lee", patient="amy")
    await launched(app, browser, handle)
    thief = application.browser()
    assert (await launched(app, thief, handle)).answered["error"] == "invalid_request"
    await browser.sign_in("lee")
    assert "code" in (await browser.approve()).answered


async def test_of_twenty_browsers_that_bring_a_handle_at_once_one_goes_on(
    application: Application, ehr: Ehr, app: SmartApp
) -> None:
    handle = await ehr.handle(user="lee", patient="amy")
    browsers = [application.browser() for _ in range(20)]
    pages = await asyncio.gather(*(launched(app, browser, handle) for browser in browsers))
    assert sorted(page.path for page in pages if page.left_to is None) == ["/login"]
    assert {page.answered["error"] for page in pages if page.left_to} == {"invalid_request"}


async def test_a_handle_in_two_tabs_of_one_browser_gives_one_code(
    application: Application, ehr: Ehr, app: SmartApp, browser: Browser
) -> None:
    handle = await ehr.handle(user="lee", patient="amy")
    await launched(app, browser, handle)
    await browser.sign_in("lee")
    tabs = [await launched(app, browser, handle) for _ in range(5)]
    answers = await asyncio.gather(*(browser.submit_on(tab) for tab in tabs))
    assert sum("code" in page.answered for page in answers) == 1
    assert len(await application.server.storage.find(GRANTS)) == 1


@pytest.mark.row("A9")
async def test_a_handle_of_another_client_is_refused(
    application: Application, ehr: Ehr, browser: Browser
) -> None:
    await application.add_client("other")
    handle = await ehr.handle(user="lee", patient="amy")
    page = await launched(application.smart_app("other"), browser, handle)
    assert page.answered["error"] == "invalid_request"
    (launch,) = await application.server.storage.find(LAUNCHES)
    assert launch.browser_hash is None


@pytest.mark.row("A9")
async def test_a_handle_that_nobody_made_is_refused(ehr: Ehr, app: SmartApp, browser: Browser) -> None:
    page = await launched(app, browser, "x" * 43)
    assert page.answered["error"] == "invalid_request"


@pytest.mark.row("A9")
async def test_a_handle_that_was_not_brought_in_time_is_refused(
    application: Application, ehr: Ehr, app: SmartApp, browser: Browser
) -> None:
    handle = await ehr.handle(user="lee", patient="amy")
    application.clock.advance(application.server.settings.launch_seconds)
    assert (await launched(app, browser, handle)).answered["error"] == "invalid_request"


async def test_a_person_who_takes_her_time_on_the_pages_does_not_lose_the_launch(
    application: Application, ehr: Ehr, app: SmartApp, browser: Browser
) -> None:
    await launched(app, browser, await ehr.handle(user="lee", patient="amy"))
    application.clock.advance(application.server.settings.launch_seconds + 60)
    await browser.sign_in("lee")
    assert "code" in (await browser.approve()).answered


@pytest.mark.row("A9")
async def test_a_handle_is_good_for_the_person_it_names_and_nobody_else(
    application: Application, ehr: Ehr, app: SmartApp, browser: Browser
) -> None:
    await launched(app, browser, await ehr.handle(user="lee", patient="amy"))
    page = await browser.sign_in("amy")
    assert page.answered["error"] == "access_denied"
    assert await application.server.storage.find(CODES) == []


async def test_a_handle_is_not_for_who_has_the_user_name_of_somebody_deleted(
    application: Application, ehr: Ehr, app: SmartApp, browser: Browser
) -> None:
    handle = await ehr.handle(user="lee", patient="amy")
    await delete_person(application.server, "lee", actor="admin")
    await application.add_lee()
    await launched(app, browser, handle)
    assert (await browser.sign_in("lee")).answered["error"] == "access_denied"
    assert await application.server.storage.find(GRANTS) == []


async def test_a_handle_may_name_its_person_by_fhir_user(ehr: Ehr, app: SmartApp, browser: Browser) -> None:
    await launched(app, browser, await ehr.handle(user="Practitioner/lee", patient="amy"))
    assert (await browser.sign_in("lee")).path == "/approve"
    await launched(app, browser, await ehr.handle(user="Practitioner/somebody", patient="amy"))
    assert (await browser.sign_in("lee")).answered["error"] == "access_denied"


async def test_a_refused_launch_leaves_nothing_to_go_back_to(
    ehr: Ehr, app: SmartApp, browser: Browser
) -> None:
    login = await launched(app, browser, await ehr.handle(user="lee", patient="amy"))
    await browser.sign_in("amy")
    page = await browser.open(login.url)
    assert page.status == 400


async def test_whoever_is_signed_in_as_somebody_else_is_asked_to_sign_in_as_the_right_one(
    ehr: Ehr, app: SmartApp, browser: Browser
) -> None:
    await app.launch(browser, "openid fhirUser launch/patient patient/*.rs")
    await browser.sign_in("amy")
    page = await launched(app, browser, await ehr.handle(user="lee", patient="amy"))
    assert page.path == "/login"
    assert (await browser.sign_in("lee")).path == "/approve"


async def test_a_session_of_another_person_counts_as_none_where_nothing_may_be_asked(
    ehr: Ehr, app: SmartApp, browser: Browser
) -> None:
    await app.launch(browser, "openid fhirUser launch/patient patient/*.rs")
    await browser.sign_in("amy")
    handle = await ehr.handle(user="lee", patient="amy")
    assert (await launched(app, browser, handle, prompt="none")).answered["error"] == "login_required"


async def test_a_handle_signs_nobody_in(ehr: Ehr, app: SmartApp, browser: Browser) -> None:
    handle = await ehr.handle(user="lee", patient="amy")
    assert (await launched(app, browser, handle)).path == "/login"


async def test_a_handle_opens_no_record_that_its_person_may_not_open(
    application: Application, ehr: Ehr, app: SmartApp, browser: Browser
) -> None:
    await launched(app, browser, await ehr.handle(user="amy", patient="zoe"))
    page = await browser.sign_in("amy")
    assert page.answered["error"] == "access_denied"
    assert await application.server.storage.find(CODES) == []


async def test_a_person_who_lost_her_permission_meanwhile_gets_no_code(
    application: Application, ehr: Ehr, app: SmartApp, browser: Browser
) -> None:
    await launched(app, browser, await ehr.handle(user="lee", patient="amy"))
    await browser.sign_in("lee")
    (lee,) = [one for one in await application.server.storage.find(PEOPLE) if one.username == "lee"]
    await application.server.storage.commit(act(Change(PEOPLE, (lee.person_id,), {"permissions": ()})))
    assert (await browser.submit()).answered["error"] == "access_denied"


@pytest.mark.row("A5")
async def test_a_handle_without_the_scope_launch_is_refused(
    ehr: Ehr, app: SmartApp, browser: Browser
) -> None:
    handle = await ehr.handle(user="lee", patient="amy")
    page = await app.launch(browser, "openid launch/patient patient/*.rs", launch=handle)
    assert page.answered["error"] == "invalid_request"
    assert "scope launch" in page.answered["error_description"]


async def test_the_scope_launch_without_a_handle_counts_for_nothing(
    application: Application, ehr: Ehr, app: SmartApp, browser: Browser
) -> None:
    await app.launch(browser, "openid launch launch/patient patient/*.rs")
    await browser.sign_in("amy")
    assert "launch" not in browser.here.form().values("scope")
    tokens = (await app.redeem(application.http(), await browser.approve())).json()
    assert "launch" not in tokens["scope"].split()


@pytest.mark.row("A4")
async def test_a_handle_comes_by_post_as_well(
    application: Application, ehr: Ehr, app: SmartApp, browser: Browser
) -> None:
    handle = await ehr.handle(user="lee", patient="amy")
    page = await browser.post_from_elsewhere("/oauth/authorize", app.parameters(SCOPE, launch=handle))
    assert page.path == "/login"
    await browser.sign_in("lee")
    tokens = (await app.redeem(application.http(), await browser.approve())).json()
    assert tokens["patient"] == "amy"


async def test_a_post_that_no_browser_follows_binds_no_handle(
    application: Application, ehr: Ehr, app: SmartApp, browser: Browser
) -> None:
    handle = await ehr.handle(user="lee", patient="amy")
    posted = await application.http().post(
        "/oauth/authorize", data=dict(app.parameters(SCOPE, launch=handle))
    )
    assert posted.status_code == 303
    assert (await launched(app, browser, handle)).path == "/login"


async def test_nobody_is_asked_when_the_right_person_is_signed_in_and_all_is_approved(
    application: Application, ehr: Ehr, browser: Browser
) -> None:
    await application.add_client(
        "silent", auto_approve_scope=("openid", "fhirUser", "launch", "patient/*.rs")
    )
    silent = application.smart_app("silent")
    await silent.launch(browser, "openid fhirUser", aud=None)
    await browser.sign_in("lee")
    handle = await ehr.handle(client_id="silent", launch_uri=LAUNCH_URI, user="lee", patient="amy")
    page = await launched(silent, browser, handle, prompt="none")
    tokens = (await silent.redeem(application.http(), page)).json()
    assert tokens["patient"] == "amy"


async def test_the_handle_itself_is_not_kept(application: Application, ehr: Ehr, app: SmartApp) -> None:
    handle = await ehr.handle(user="lee", patient="amy")
    await launched(app, application.browser(), handle)
    database = application.installation.folder / "assent.db"
    kept = b"".join(file.read_bytes() for file in database.parent.glob("assent.db*"))
    assert handle.encode() not in kept


@pytest.mark.parametrize("encounter", ["mia-1", "nobodys"])
async def test_an_encounter_of_another_patient_is_refused(
    ehr: Ehr, app: SmartApp, browser: Browser, encounter: str
) -> None:
    handle = await ehr.handle(user="lee", patient="amy", encounter=encounter)
    await launched(app, browser, handle)
    page = await browser.sign_in("lee")
    assert page.answered["error"] == "access_denied"


async def test_an_encounter_alone_is_refused_to_somebody_who_may_not_open_its_record(
    ehr: Ehr, app: SmartApp, browser: Browser
) -> None:
    handle = await ehr.handle(user="amy", encounter="mia-1")
    await app.launch(browser, "openid launch", launch=handle)
    page = await browser.sign_in("amy")
    assert page.answered["error"] == "access_denied"


async def test_a_launch_for_a_patient_who_does_not_exist_is_refused(
    ehr: Ehr, app: SmartApp, browser: Browser
) -> None:
    await launched(app, browser, await ehr.handle(user="lee", patient="nobody"))
    page = await browser.sign_in("lee")
    assert page.answered["error"] == "access_denied"
