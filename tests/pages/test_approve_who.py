"""Who asks, who is asked, and what is new: the approval page beside its boxes."""

from pathlib import Path
from typing import Any

import pytest

from assent.app.settings import ServerSettings
from assent.storage.tables import SESSIONS
from assent.testing.application import PUBLIC_URL, Application
from assent.testing.browser import Browser
from tests.applications import OpenWith
from tests.pages.approval import asked

NOT_YOU = "not-you"


@pytest.fixture
async def amy(application: Application) -> Browser:
    """Amy's browser."""
    await application.add_amy()
    await application.add_jonas()
    return application.browser()


async def test_somebody_else_signs_in_for_the_same_request(application: Application, amy: Browser) -> None:
    app = await asked(application, amy, "openid fhirUser")
    page = await amy.submit(NOT_YOU)
    assert page.path == "/login"
    page = await amy.sign_in("jonas")
    assert page.path == "/approve"
    assert "Jonas Weber" in page.text
    await amy.approve()
    answer = await app.redeem(application.http(), amy.here)
    claims = await application.server.keys.verify(answer.json()["id_token"], "JWT")
    assert claims["fhirUser"].endswith("/Person/jonas")


async def test_the_session_of_the_other_person_is_over(application: Application, amy: Browser) -> None:
    await asked(application, amy, "openid")
    cookies = dict(amy.cookies)
    await amy.submit(NOT_YOU)
    (session,) = await application.server.storage.find(SESSIONS)
    assert session.ended_at
    assert "assent-session" in cookies
    assert "assent-session" not in amy.cookies
    (event,) = await application.audit("session.ended")
    assert event.detail is not None
    assert event.detail["because"] == "not the person"


@pytest.mark.parametrize("csrf", [None, "", "x" * 43])
async def test_nobody_is_signed_out_by_a_form_of_another_site(
    application: Application, amy: Browser, csrf: str | None
) -> None:
    await asked(application, amy, "openid")
    assert (await amy.submit(NOT_YOU, csrf=csrf)).status == 403
    (session,) = await application.server.storage.find(SESSIONS)
    assert session.ended_at == 0


async def test_a_visit_to_that_address_signs_nobody_out(application: Application, amy: Browser) -> None:
    await asked(application, amy, "openid")
    page = await amy.open(amy.here.form(NOT_YOU).action)
    assert page.status == 405
    (session,) = await application.server.storage.find(SESSIONS)
    assert session.ended_at == 0


async def test_what_is_new_stands_apart_from_what_was_allowed_before(
    application: Application, amy: Browser
) -> None:
    app = await asked(application, amy, "openid patient/Encounter.rs", remember_approved_scopes=True)
    assert 'class="news"' not in amy.here.text
    await amy.approve()
    page = await app.launch(amy, "openid patient/Encounter.rs patient/Condition.rs")
    assert "You allowed Chart App some of this before. Now it asks for more." in page.text
    before = page.text.index("You allowed this before</h2>")
    assert page.text.index('<em class="news">New</em>') < before
    assert page.text.index("Know that it is you") > before
    assert page.form().values("scope") == ["patient/Condition.rs"]


async def test_what_is_asked_again_is_marked_as_allowed_before(
    application: Application, amy: Browser
) -> None:
    client: dict[str, Any] = {"remember_approved_scopes": True, "always_require_approval": True}
    app = await asked(application, amy, "openid", **client)
    await amy.approve()
    page = await app.launch(amy, "openid")
    assert page.path == "/approve"
    assert "You allowed Chart App this before. You are asked again." in page.text
    assert '<em class="news">Allowed before</em>' in page.text


async def test_what_is_given_anyway_is_said_to_be(application: Application, amy: Browser) -> None:
    client: dict[str, Any] = {"auto_grant_scope": ("profile",), "remember_approved_scopes": True}
    app = await asked(application, amy, "openid", **client)
    assert "Given without asking you" in amy.here.text
    await amy.approve()
    page = await app.launch(amy, "openid patient/Condition.rs")
    assert page.text.index("Know that it is you") < page.text.index("Given without asking you")
    assert page.text.index("Given without asking you") < page.text.index("Your name")


@pytest.mark.parametrize(
    ("accepted", "words"),
    [(True, "The maker promised."), (False, "The maker said no."), (None, "The maker has not answered.")],
)
async def test_what_the_maker_of_a_portals_app_answered_is_said(
    application: Application, amy: Browser, accepted: bool | None, words: str
) -> None:
    await asked(application, amy, "openid", managed_by_portal=True, attestation_accepted=accepted)
    assert words in amy.here.text
    assert 'href="/attestation"' in amy.here.text


async def test_the_maker_of_another_app_was_not_asked(application: Application, amy: Browser) -> None:
    await asked(application, amy, "openid", attestation_accepted=True)
    assert "promise" not in amy.here.text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "What a maker promises"),
        ("es", "Lo que promete"),
        ("fr", "Ce que promet"),
        ("de", "Was ein Hersteller"),
        ("ar", "بماذا يعد"),
    ],
)
async def test_what_makers_promise_is_there_for_anybody_in_her_language(
    application: Application, language: str, words: str
) -> None:
    page = await application.browser().open(f"/attestation?language={language}")
    assert page.status == 200
    assert words in page.text
    assert f'<html lang="{language}"' in page.text


async def test_a_deployment_has_its_own_rules_in_place_of_ours(open_with: OpenWith, tmp_path: Path) -> None:
    (tmp_path / "en.md").write_text("Our own <b>rules</b>.")
    server = ServerSettings(public_url=PUBLIC_URL, attestation=str(tmp_path))
    application = await open_with(server=server)
    page = await application.browser().open("/attestation?language=de")
    assert '<article class="prose" lang="en" dir="ltr">' in page.text
    assert "Our own &lt;b&gt;rules&lt;/b&gt;." in page.text
    assert "Hersteller verspricht" not in page.text
