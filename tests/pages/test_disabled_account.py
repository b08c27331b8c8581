"""An account that is switched off is off everywhere at the next request: pages, tokens, gateway, another node."""

from collections.abc import Awaitable, Callable

import pytest

from applications import OpenWith
from assent.actions.accounts.people import disable_person, edit_person
from assent.app.settings import ServerSettings, Settings
from assent.app.sign_in_settings import LocalSettings, SignInSettings
from assent.storage.interface import Change, act
from assent.storage.tables import PEOPLE
from assent.testing.application import PUBLIC_URL, Application

SCOPE = "openid launch/patient patient/Observation.rs offline_access"


@pytest.mark.parametrize("way", ["disable", "edit"])
async def test_sessions_grants_and_tokens_end_at_once_on_every_node(
    application: Application, open_beside: Callable[[Application], Awaitable[Application]], way: str
) -> None:
    other = await open_beside(application)
    await application.add_client()
    await application.add_amy()
    app, browser = application.smart_app(), application.browser()
    await app.launch(browser, SCOPE)
    await browser.sign_in("amy")
    tokens = (await app.redeem(application.http(), await browser.approve())).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    for node in (application, other):
        async with node.http() as http:
            assert (await http.get("/fhir/Observation", headers=headers)).status_code == 200

    if way == "disable":
        await disable_person(application.server, "amy", actor="root")
    else:
        await edit_person(application.server, "amy", {"enabled": False}, actor="root")

    for node in (other, application):
        async with node.http() as http:
            assert (await http.get("/fhir/Observation", headers=headers)).status_code == 401
            assert (await http.get("/oauth/userinfo", headers=headers)).status_code == 401
        refused = await app.ask_token(
            node.http(), {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        )
        assert refused.json()["error"] == "invalid_grant"
    assert (await browser.open("/account")).path == "/login"
    assert (await browser.sign_in("amy")).path == "/login"


async def test_the_parameters_of_hashes_are_settings_and_older_hashes_follow(open_with: OpenWith) -> None:
    local = LocalSettings(argon2_memory_kib=8192, argon2_passes=3, argon2_lanes=2, hash_threads=1)
    server = ServerSettings(public_url=PUBLIC_URL, log_format="json")
    application = await open_with(settings=Settings(server=server, sign_in=SignInSettings(local=local)))
    older = await open_with()
    person = await application.add_person(
        "amy", given_name="Amy", family_name="Okafor", fhir_user="Patient/amy"
    )
    assert person.password_hash is not None
    assert person.password_hash.startswith("$argon2id$v=19$m=8192,t=3,p=2$")
    of_before = await older.server.passwords.hash("demo")
    await edit_hash(application, of_before)
    browser = application.browser()
    await browser.open("/login?to=/account")
    assert (await browser.sign_in("amy")).path == "/account"
    [amy] = await application.server.storage.find(PEOPLE)
    assert (amy.password_hash or "").startswith("$argon2id$v=19$m=8192,t=3,p=2$")


async def edit_hash(application: Application, password_hash: str) -> None:
    [amy] = await application.server.storage.find(PEOPLE)
    change = Change(PEOPLE, (amy.person_id,), {"password_hash": password_hash})
    await application.server.storage.commit(act(change))
