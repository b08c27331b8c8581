"""The approval page: what it asks, and what the answer grants."""

import pytest

from assent.storage.tables import CODES, GRANTS
from assent.testing.application import Application
from assent.testing.browser import Browser
from tests.pages.approval import SCOPE, asked, tokens


@pytest.fixture
async def amy(application: Application) -> Browser:
    """Amy's browser."""
    await application.add_amy()
    return application.browser()


@pytest.mark.row("A13", "S11")
async def test_every_asked_scope_is_a_ticked_box_and_all_are_granted_as_they_were_asked(
    application: Application, amy: Browser
) -> None:
    app = await asked(application, amy)
    form = amy.here.form()
    boxes = [one for one in form.fields if one.name == "scope"]
    assert {box.value for box in boxes} == set(SCOPE.split())
    assert all(box.is_checked and box.kind == "checkbox" for box in boxes)
    await amy.submit()
    assert (await tokens(application, app, amy))["scope"] == SCOPE


@pytest.mark.row("A13", "S11", "S10")
async def test_what_is_unticked_is_not_granted(application: Application, amy: Browser) -> None:
    app = await asked(application, amy)
    await amy.approve(untick=["patient/Condition.read", "offline_access"])
    told = await tokens(application, app, amy)
    assert told["scope"] == "openid fhirUser launch/patient patient/Observation.rs"
    assert "refresh_token" not in told


async def test_everything_unticked_is_a_no(application: Application, amy: Browser) -> None:
    await asked(application, amy)
    page = await amy.submit(scope=[])
    assert page.answered["error"] == "access_denied"
    assert await application.server.storage.find(CODES) == []


@pytest.mark.row("A11")
async def test_a_no_is_told_to_the_app_with_its_state(application: Application, amy: Browser) -> None:
    await asked(application, amy)
    page = await amy.deny()
    assert page.answered["error"] == "access_denied"
    assert page.answered["state"] == "a-state-that-nobody-guesses"
    assert page.answered["iss"] == application.origin
    assert await application.server.storage.find(GRANTS) == []


async def test_a_scope_that_only_the_form_names_is_not_granted(
    application: Application, amy: Browser
) -> None:
    app = await asked(application, amy, "openid patient/Observation.rs")
    extra = ["patient/*.cruds", "user/*.rs", "offline_access", "system/*.rs", "x"]
    await amy.submit(scope=["openid", "patient/Observation.rs", *extra])
    assert (await tokens(application, app, amy))["scope"] == "openid patient/Observation.rs"


async def test_a_required_scope_has_no_box_and_its_reason(application: Application, amy: Browser) -> None:
    app = await asked(
        application,
        amy,
        "openid patient/Observation.rs",
        required_scope=("patient/Observation.rs",),
        scope_reasons={"patient/Observation.rs": "to draw your chart"},
    )
    assert amy.here.form().values("scope") == ["openid"]
    assert "to draw your chart" in amy.here.text
    await amy.submit(scope=[])
    assert (await tokens(application, app, amy))["scope"] == "patient/Observation.rs"


async def test_an_auto_approved_scope_is_shown_as_given(application: Application, amy: Browser) -> None:
    app = await asked(application, amy, "openid patient/Observation.rs", auto_approve_scope=("openid",))
    assert amy.here.form().values("scope") == ["patient/Observation.rs"]
    await amy.approve()
    assert (await tokens(application, app, amy))["scope"] == "openid patient/Observation.rs"


async def test_an_auto_granted_scope_comes_unasked(application: Application, amy: Browser) -> None:
    app = await asked(application, amy, "openid", auto_grant_scope=("profile",))
    assert amy.here.form().values("scope") == ["openid"]
    await amy.approve()
    assert (await tokens(application, app, amy))["scope"] == "openid profile"


async def test_no_page_is_shown_where_all_is_approved_already(application: Application, amy: Browser) -> None:
    await application.add_client(auto_approve_scope=("openid", "fhirUser"))
    await application.smart_app().launch(amy, "openid fhirUser")
    assert "code" in (await amy.sign_in("amy")).answered


async def test_what_was_approved_is_remembered_for_the_same_record_where_the_client_says_so(
    application: Application, amy: Browser
) -> None:
    app = await asked(application, amy, "openid patient/*.rs", remember_approved_scopes=True)
    await amy.approve()
    assert "code" in (await app.launch(amy, "openid patient/*.rs")).answered
    assert "code" in (await app.launch(amy, "patient/Observation.rs")).answered
    page = await app.launch(amy, "openid patient/*.rs offline_access")
    assert page.form().values("scope") == ["offline_access"]
    page = await app.launch(amy, "openid patient/*.rs", prompt="consent")
    assert set(page.form().values("scope")) == {"openid", "patient/*.rs"}


async def test_what_was_approved_for_one_child_is_asked_again_for_the_other(
    application: Application,
) -> None:
    await application.add_client(remember_approved_scopes=True)
    await application.add_jonas()
    app, browser = application.smart_app(), application.browser()
    await app.launch(browser, "openid patient/*.rs")
    await browser.sign_in("jonas")
    await browser.choose("patient", "mia")
    await browser.approve()
    await app.launch(browser, "openid patient/*.rs")
    assert "code" in (await browser.choose("patient", "mia")).answered
    await app.launch(browser, "openid patient/*.rs")
    assert (await browser.choose("patient", "leo")).path == "/approve"


async def test_what_was_taken_back_is_asked_again(application: Application, amy: Browser) -> None:
    app = await asked(application, amy, "openid patient/*.rs", remember_approved_scopes=True)
    await amy.approve()
    await amy.open("/oauth/revoke")
    await amy.submit("revoke")
    assert (await app.launch(amy, "openid patient/*.rs")).path == "/approve"


async def test_without_that_setting_nothing_is_remembered(application: Application, amy: Browser) -> None:
    app = await asked(application, amy)
    await amy.approve()
    assert (await app.launch(amy, SCOPE)).path == "/approve"


async def test_an_app_on_the_persons_device_is_asked_about_each_time(
    application: Application, amy: Browser
) -> None:
    uri = "http://127.0.0.1/done"
    await application.add_client(
        redirect_uris=(uri,), remember_approved_scopes=True, auto_approve_scope=("openid",)
    )
    app = application.smart_app(redirect_uri="http://127.0.0.1:5001/done")
    await app.launch(amy, "openid")
    assert (await amy.sign_in("amy")).path == "/approve"
    page = await amy.approve()
    assert page.left_to is not None
    assert page.left_to.startswith("http://127.0.0.1:5001/done?code=")
    assert (await app.launch(amy, "openid")).path == "/approve"
    assert (await app.launch(amy, "openid", prompt="none")).answered["error"] == "consent_required"


@pytest.mark.row("O1", "O2")
async def test_fhir_user_is_not_offered_to_somebody_who_has_no_fhir_resource(
    application: Application,
) -> None:
    await application.add_client()
    await application.add_person("ada")
    app, browser = application.smart_app(), application.browser()
    await app.launch(browser, "openid fhirUser")
    page = await browser.sign_in("ada")
    assert page.form().values("scope") == ["openid"]
    await browser.approve()
    told = await tokens(application, app, browser)
    assert told["scope"] == "openid"
    claims = await application.server.keys.verify(told["id_token"], "JWT")
    assert "fhirUser" not in claims


@pytest.mark.row("T14")
@pytest.mark.parametrize(
    ("scope", "refreshable", "online"),
    [("openid", False, False), ("openid offline_access", True, False), ("openid online_access", True, True)],
)
async def test_only_lasting_access_brings_a_refresh_token(
    application: Application, amy: Browser, scope: str, refreshable: bool, online: bool
) -> None:
    app = await asked(application, amy, scope)
    await amy.approve()
    assert ("refresh_token" in await tokens(application, app, amy)) is refreshable
    (grant,) = await application.server.storage.find(GRANTS)
    assert (grant.online, bool(grant.expires_at)) == (online, refreshable)


async def test_how_long_access_lasts_is_said_before_it_is_given(
    application: Application, amy: Browser
) -> None:
    await asked(application, amy, "openid offline_access", refresh_token_seconds=3 * 86400)
    assert "3 days" in amy.here.text


async def test_what_an_app_calls_itself_is_shown_as_text(application: Application, amy: Browser) -> None:
    name = '<img src=x onerror=alert(1)>\u202eAssent"' + "x" * 200
    await asked(application, amy, client_name=name, policy_uri="javascript:alert(1)")
    assert "<img" not in amy.here.text
    assert "\u202e" not in amy.here.text
    assert "x" * 81 not in amy.here.text
    assert "javascript:" not in amy.here.text


@pytest.mark.parametrize("decision", [None, "", "perhaps", "APPROVE"])
async def test_a_form_without_a_decision_decides_nothing(
    application: Application, amy: Browser, decision: str | None
) -> None:
    await asked(application, amy)
    page = await amy.submit(decision=decision)
    assert page.status == 400
    assert await application.server.storage.find(CODES) == []


async def test_two_decisions_decide_nothing(application: Application, amy: Browser) -> None:
    await asked(application, amy)
    page = await amy.submit(decision=["approve", "deny"])
    assert page.status == 400
    assert await application.server.storage.find(CODES) == []
