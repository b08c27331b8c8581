"""A session on a proxy's word ends when the proxy says another, with the access that was to last as long as it."""

import pytest

from applications import Application, OpenWith
from assent.identity import Inbound
from assent.identity.trusted_header import HeaderNames, Proxies, TrustedHeader
from assent.storage.tables import SESSIONS
from assent.testing.browser import Browser

PROXY = "10.0.0.5"
SCOPE = "openid online_access launch/patient patient/*.rs"


async def at_the_workstation(open_with: OpenWith) -> tuple[Application, Browser, str]:
    """Amy is signed in by the proxy's word; an app has a refresh token for as long as she is there."""
    names = HeaderNames("X-User", fhir_user="X-Fhir")
    module = TrustedHeader(Proxies([PROXY]), names, (), "proxy")
    app = await open_with(inbound=Inbound(headers=(module,)))
    await app.add_client(auto_approve_scope=tuple(SCOPE.split()))
    browser = app.browser(PROXY)
    browser._client.headers.update({"X-User": "amy", "X-Fhir": "Patient/amy"})
    smart = app.smart_app()
    page = await smart.launch(browser, SCOPE)
    if page.left_to is None:
        page = await browser.approve()
    token = (await smart.redeem(app.http(), page)).json()["refresh_token"]
    return app, browser, token


async def refresh(app: Application, token: str) -> int:
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "app"}
    return (await app.http().post("/oauth/token", data=form)).status_code


async def why(app: Application) -> list[object]:
    return [event.detail["because"] for event in await app.audit("session.ended") if event.detail]


@pytest.mark.parametrize(
    ("now", "because"), [("ben", "the proxy names another"), ("", "the proxy names nobody")]
)
async def test_the_session_and_its_online_access_end(open_with: OpenWith, now: str, because: str) -> None:
    app, browser, token = await at_the_workstation(open_with)
    browser._client.headers.update({"X-User": now, "X-Fhir": f"Patient/{now}" if now else ""})
    await browser.open("/account")
    assert await refresh(app, token) == 400
    assert await why(app) == [because]
    assert [bool(one.ended_at) for one in await app.server.storage.find(SESSIONS)].count(True) == 1
    await browser.open("/account")
    assert await why(app) == [because]


async def test_it_goes_on_while_the_proxy_names_her_and_where_programs_ask(open_with: OpenWith) -> None:
    app, browser, token = await at_the_workstation(open_with)
    await browser.open("/account")
    del browser._client.headers["X-User"]
    for path in ("/.well-known/openid-configuration", "/fhir/metadata"):
        await browser._client.get(path)
    browser._client.headers["X-User"] = "amy"
    assert (await browser.open("/account")).path == "/account"
    assert await refresh(app, token) == 200
    assert await why(app) == []
