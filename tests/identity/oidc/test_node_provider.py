"""Signing in at a provider that is not ours: `oidc-provider` on Node, by its own pages, with real time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from applications import OpenWith
from assent.actions.keys import rotate_keys
from assent.actions.providers.providers import try_provider
from assent.app.outbound import fetch
from assent.storage.tables import PEOPLE, SESSIONS
from assent.testing.application import SECRET, Application
from assent.testing.browser import Browser, Page
from identity.oidc.pair import SCOPE, define_clinic, desk_of, listen, served, settings
from services.oidc_provider import StartProvider

pytestmark = pytest.mark.node

MARIA = {
    "given_name": "Maria",
    "family_name": "Silva",
    "locale": "es",
    "email": "maria@clinic.example",
    "email_verified": True,
    "groups": ["doctors"],
    "fhirUser": "Practitioner/maria",
}
MAPPING = {
    "claims": {"groups": "groups", "fhir_user": "fhirUser"},
    "permission_rules": ["doctors => FHIR_ALL_READ"],
}


def a_client(origin: str, **fields: Any) -> dict[str, Any]:
    """Home as it is registered there."""
    return {
        "client_id": "home",
        "client_secret": SECRET,
        "redirect_uris": [f"{origin}/login/clinic/callback"],
        "post_logout_redirect_uris": [f"{origin}/login/clinic/signed-out"],
        "backchannel_logout_uri": f"{origin}/login/clinic/backchannel-logout",
        "backchannel_logout_session_required": True,
        **fields,
    }


@pytest.fixture(autouse=True)
def has_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a real provider may need longer than anybody is waited for by default."""
    monkeypatch.setattr(fetch, "TIMEOUT_SECONDS", 60.0)


@asynccontextmanager
async def a_home(open_with: OpenWith) -> AsyncIterator[Application]:
    """Home at a real socket, so that the provider can ask it too, with the real time."""
    listener, url = listen()
    home = await open_with(settings=settings(url, "oidc"))
    home.clock.run()
    await rotate_keys(home.server, home.installation.sealer, actor=None)  # the template's are of another time
    await home.add_client(auto_approve_scope=("openid", "fhirUser"))
    async with served(home.app, listener):
        yield home


async def sign_in_there(there: Browser, url: str, username: str = "maria") -> Page:
    """Through the provider's own pages: who is it, and may home know it."""
    page = await there.open(url)
    while page.left_to is None:
        [form] = page.forms
        given = [(one.name, one.value) for one in form.fields if one.name not in ("login", "password")]
        if any(one.name == "login" for one in form.fields):
            given += [("login", username), ("password", "any")]
        page = await there.post(form.action, given)
    return page


async def arrive(home: Application, issuer: str) -> tuple[Page, Browser, Browser]:
    """From the app to the provider and back into the app; the browser at home, and the same one there."""
    browser, there = home.browser(), Browser(None, issuer)
    page = await home.smart_app().launch(browser, SCOPE)
    page = await sign_in_there(there, str(page.left_to))
    return await browser.open(str(page.left_to)), browser, there


async def test_somebody_signs_in_and_is_known_by_her_claims(
    open_with: OpenWith, start_oidc_provider: StartProvider
) -> None:
    async with a_home(open_with) as home:
        node = start_oidc_provider(a_client(home.origin), claims={"maria": MARIA})
        await define_clinic(home, node.issuer, **MAPPING)
        page, _, there = await arrive(home, node.issuer)
        await there.close()
        tokens = (await home.smart_app().redeem(home.http(), page)).json()
        assert "id_token" in tokens, tokens
        [person] = await home.server.storage.find(PEOPLE)
        assert (person.username, person.given_name, person.family_name) == ("maria", "Maria", "Silva")
        assert (person.email, person.locale, person.fhir_user) == (
            "maria@clinic.example",
            "es",
            "Practitioner/maria",
        )
        assert [one.name for one in person.permissions] == ["FHIR_ALL_READ"]
        steps = await try_provider(desk_of(home), "clinic")
        assert {step.status for step in steps} == {"ok"}


async def test_signing_out_goes_round(open_with: OpenWith, start_oidc_provider: StartProvider) -> None:
    async with a_home(open_with) as home:
        node = start_oidc_provider(a_client(home.origin))
        await define_clinic(home, node.issuer)
        _, browser, there = await arrive(home, node.issuer)
        [session] = await home.server.storage.find(SESSIONS)
        assert session.provider_session  # backchannel_logout_session_required
        await browser.open("/oauth/logout")
        page = await there.open(str((await browser.submit()).left_to))
        [form] = page.forms
        page = await there.post(
            form.action, [(one.name, one.value) for one in form.fields] + [("logout", "yes")]
        )
        assert str(page.left_to).startswith(f"{home.origin}/login/clinic/signed-out")
        assert "signed out" in (await browser.open(str(page.left_to))).text
        await there.close()


async def test_the_provider_ends_the_session_here(
    open_with: OpenWith, start_oidc_provider: StartProvider
) -> None:
    async with a_home(open_with) as home:
        node = start_oidc_provider(a_client(home.origin))
        await define_clinic(home, node.issuer)
        _, _, there = await arrive(home, node.issuer)
        page = await there.open("/session/end")
        [form] = page.forms
        await there.post(form.action, [(one.name, one.value) for one in form.fields] + [("logout", "yes")])
        await there.close()
        [session] = await home.server.storage.find(SESSIONS)
        assert session.ended_at
        [row] = await home.audit("session.ended")
        assert (row.detail or {})["because"] == "signed out at the provider"


@pytest.mark.parametrize(
    ("registered", "defined"),
    [
        ({"token_endpoint_auth_method": "client_secret_post"}, {}),
        ({"token_endpoint_auth_method": "none", "client_secret": None}, {"client_secret": None}),
        ({"token_endpoint_auth_method": "private_key_jwt", "client_secret": None}, {"client_secret": None}),
        (
            {"token_endpoint_auth_method": "private_key_jwt", "client_secret": None},
            {"client_secret": None, "assertion_audience": "issuer"},
        ),
    ],
)
async def test_every_way_of_saying_who_we_are(
    open_with: OpenWith,
    start_oidc_provider: StartProvider,
    registered: dict[str, Any],
    defined: dict[str, Any],
) -> None:
    async with a_home(open_with) as home:
        client = {name: value for name, value in a_client(home.origin, **registered).items() if value}
        if "private_key_jwt" in registered.values():
            client["jwks_uri"] = f"{home.origin}/.well-known/jwks.json"
            client["token_endpoint_auth_signing_alg"] = "RS256"
        method = registered["token_endpoint_auth_method"]
        node = start_oidc_provider(client)
        await define_clinic(home, node.issuer, token_endpoint_auth_method=method, **defined)
        page, _, there = await arrive(home, node.issuer)
        assert "code" in page.answered
        await there.close()
        steps = await try_provider(desk_of(home), "clinic")
        assert steps[-1].status == "ok", steps


async def test_a_wrong_secret_is_our_fault_and_said_by_the_test(
    open_with: OpenWith, start_oidc_provider: StartProvider
) -> None:
    async with a_home(open_with) as home:
        node = start_oidc_provider(a_client(home.origin))
        await define_clinic(home, node.issuer, client_secret="another-secret")
        page, _, there = await arrive(home, node.issuer)
        await there.close()
        assert page.status == 503
        [row] = await home.audit("login.unavailable")
        assert "refuses this installation" in str(row.detail)
        steps = await try_provider(desk_of(home), "clinic")
        assert (steps[-1].status, steps[-1].name) == ("fail", "token endpoint")


async def test_somebody_who_says_no_there_is_not_let_in(
    open_with: OpenWith, start_oidc_provider: StartProvider
) -> None:
    async with a_home(open_with) as home:
        node = start_oidc_provider(a_client(home.origin))
        await define_clinic(home, node.issuer)
        browser, there = home.browser(), Browser(None, node.issuer)
        page = await there.open(str((await home.smart_app().launch(browser, SCOPE)).left_to))
        page = await there.open(f"{page.url}/abort")
        await there.close()
        page = await browser.open(str(page.left_to))
        assert page.status == 403
        [row] = await home.audit("login.refused")
        assert (row.detail or {})["reason"] == "the provider answered access_denied"
