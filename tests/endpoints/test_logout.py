"""`/oauth/logout`: who may sign a person out, and where she may be sent then."""

from typing import Any
from urllib.parse import urlencode

import pytest

from assent.storage.tables import GRANTS, SESSIONS
from assent.testing.application import Application
from assent.testing.browser import Browser, Page

BACK = "https://app.example/bye"


@pytest.fixture
async def browser(application: Application) -> Browser:
    """Amy's browser, signed in for the app."""
    await application.add_client(post_logout_redirect_uris=(BACK,))
    await application.add_client("other", post_logout_redirect_uris=("https://other.example/bye",))
    await application.add_amy()
    await application.add_lee()
    browser = application.browser()
    await application.smart_app().launch(browser, "openid fhirUser online_access")
    await browser.sign_in("amy")
    await browser.approve()
    return browser


@pytest.fixture
async def hint(application: Application, browser: Browser) -> str:
    """The ID token that the app got."""
    answer = await application.smart_app().redeem(application.http(), browser.here)
    return str(answer.json()["id_token"])


async def ask(browser: Browser, **params: str) -> Page:
    return await browser.open(f"/oauth/logout?{urlencode(params)}")


async def is_signed_in(application: Application) -> bool:
    return any(not session.ended_at for session in await application.server.storage.find(SESSIONS))


@pytest.mark.parametrize("path", ["/oauth/logout", "/logout"])
async def test_a_person_is_asked_before_she_is_signed_out(
    application: Application, browser: Browser, path: str
) -> None:
    page = await browser.open(path)
    assert page.form().buttons.keys() == {"deny", "submit"}
    assert await is_signed_in(application)
    page = await browser.submit()
    assert page.left_to is None
    assert not await is_signed_in(application)
    assert "assent-session" not in browser.cookies


async def test_she_may_stay(application: Application, browser: Browser) -> None:
    await browser.open("/oauth/logout")
    assert (await browser.submit("deny")).path == "/oauth/revoke"
    assert await is_signed_in(application)


async def test_an_app_that_shows_her_id_token_signs_her_out_and_gets_her_back(
    application: Application, browser: Browser, hint: str
) -> None:
    application.clock.advance(2 * 3600 // 5)
    page = await ask(browser, id_token_hint=hint, post_logout_redirect_uri=BACK, state="a b&c")
    assert page.left_to == f"{BACK}?state=a%20b%26c"
    assert not await is_signed_in(application)
    (event,) = await application.audit("session.ended")
    assert event.detail is not None
    assert event.detail["because"] == "signed out by an app"
    assert (event.actor, event.address) == (event.person_id, "192.0.2.7")  # never her name


async def test_signing_out_ends_online_access(application: Application, browser: Browser, hint: str) -> None:
    await ask(browser, id_token_hint=hint)
    (grant,) = await application.server.storage.find(GRANTS)
    assert grant.revoked_because == "the session ended"


async def test_an_app_without_her_id_token_only_asks(application: Application, browser: Browser) -> None:
    page = await ask(browser, client_id="app", post_logout_redirect_uri=BACK)
    assert page.status == 200
    assert "Chart App" in page.text
    assert "form-action 'self' https://app.example" in page.answer.headers["content-security-policy"]
    assert await is_signed_in(application)
    assert (await browser.submit()).left_to == BACK


async def test_somebody_elses_id_token_only_asks(
    application: Application, browser: Browser, hint: str
) -> None:
    other = application.browser()
    await other.open("/login")
    await other.sign_in("lee")
    page = await ask(other, id_token_hint=hint)
    assert page.status == 200
    assert "deny" in page.form().buttons


@pytest.mark.parametrize(
    "params",
    [
        {"post_logout_redirect_uri": BACK},
        {"client_id": "app", "post_logout_redirect_uri": "https://evil.example/"},
        {"client_id": "app", "post_logout_redirect_uri": BACK + "/"},
        {"client_id": "app", "post_logout_redirect_uri": BACK + "?x=1"},
        {"client_id": "app", "post_logout_redirect_uri": "https://other.example/bye"},
        {"client_id": "app", "post_logout_redirect_uri": "https://app.example/done"},
        {"client_id": "nobody", "post_logout_redirect_uri": BACK},
        {"id_token_hint": "a.b.c", "post_logout_redirect_uri": BACK},
    ],
)
@pytest.mark.parametrize("signed_in", [True, False])
async def test_nobody_is_sent_to_a_uri_that_is_not_registered(
    application: Application, browser: Browser, params: dict[str, str], signed_in: bool
) -> None:
    page = await ask(browser if signed_in else application.browser(), **params)
    assert page.status == 400
    assert page.left_to is None
    assert await is_signed_in(application)


async def test_two_clients_in_one_request_are_refused(browser: Browser, hint: str) -> None:
    assert (await ask(browser, id_token_hint=hint, client_id="other")).status == 400
    assert (await browser.open("/oauth/logout?client_id=app&client_id=other")).status == 400


@pytest.mark.parametrize("typ", ["at+jwt"])
async def test_an_access_token_is_no_hint(application: Application, browser: Browser, typ: str) -> None:
    claims = {"iss": application.origin, "sub": "u-1", "aud": "app"}
    token = await application.server.keys.sign("RS256", typ, claims)
    assert (await ask(browser, id_token_hint=token)).status == 400


async def test_a_post_of_an_app_signs_nobody_out_without_asking(
    application: Application, browser: Browser
) -> None:
    """It brings no cookie of ours, being cross-site; the GET that it is answered with does."""
    page = await browser.post_from_elsewhere(
        "/oauth/logout", [("client_id", "app"), ("post_logout_redirect_uri", BACK)]
    )
    assert [answer.status_code for answer in page.trail] == [303, 200]
    assert "assent-session" in browser.cookies
    assert await is_signed_in(application)
    assert (await browser.submit()).left_to == BACK


async def test_a_post_with_her_id_token_signs_her_out(
    application: Application, browser: Browser, hint: str
) -> None:
    fields = [("id_token_hint", hint), ("post_logout_redirect_uri", BACK), ("state", "s")]
    page = await browser.post_from_elsewhere("/oauth/logout", fields)
    assert page.left_to == f"{BACK}?state=s"
    assert not await is_signed_in(application)


async def test_the_hidden_fields_are_checked_again(application: Application, browser: Browser) -> None:
    await ask(browser, client_id="app", post_logout_redirect_uri=BACK)
    page = await browser.submit(post_logout_redirect_uri="https://evil.example/")
    assert page.status == 400
    assert await is_signed_in(application)


async def test_who_is_not_signed_in_is_told_so(application: Application) -> None:
    page = await application.browser().open("/oauth/logout")
    assert page.status == 200
    assert not page.forms


async def test_the_cookie_is_taken_away_as_it_was_set(application: Application, browser: Browser) -> None:
    await browser.open("/oauth/logout")
    page = await browser.submit()
    cleared: list[Any] = page.trail[0].headers.get_list("set-cookie")
    assert cleared == ["assent-session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"]
