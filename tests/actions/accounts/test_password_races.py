"""What arrives while an account changes: sign-ins, second factors, apps' requests. On every backend."""

import asyncio

from assent.actions.accounts.passwords import set_password
from assent.actions.accounts.people import disable_person, enable_person
from assent.engine.arrivals import Unwelcome, welcome
from assent.engine.authorize.request import AuthorizeRequest
from assent.engine.authorize.respond import SessionEnded, respond
from assent.engine.authorize.resume import begin
from assent.engine.authorize.steps import next_step
from assent.engine.handles import hash_handle, new_handle
from assent.engine.server import Caller
from assent.engine.sessions import begin_session, find_sign_in, step_up
from assent.identity.local.module import LocalModule
from assent.records.clients import Client
from assent.records.identities import Arrival
from assent.storage.interface import Backend
from assent.storage.tables import GRANTS, SESSIONS
from assent.testing.server import TestServer, a_server

HERE = Caller("192.0.2.7")
OLD = "a password that is known"
RACERS = 12
LIMIT = 120  # seconds for one race; of no interest to what is proved, an end to what would hang


async def sign_in(served: TestServer, late: float) -> str | None:
    """The cookie of somebody who signs in with the old password; None where she is refused."""
    await asyncio.sleep(late)
    answer = await LocalModule().sign_in(served.server, "amy", OLD, HERE)
    if not isinstance(answer, Arrival):
        return None
    try:
        person = await welcome(served.server, answer, HERE)
        return (await begin_session(served.server, person, ("pwd",), HERE, None, answer))[0]
    except Unwelcome:
        return None


async def sign_in_and_step_up(served: TestServer, late: float) -> None:
    cookie = await sign_in(served, late)
    found = await find_sign_in(served.server, cookie)
    if found is not None:
        await step_up(served.server, found, ("otp",), HERE, detail={})


async def test_no_session_of_the_old_password_outlives_the_new_one(backend: Backend) -> None:
    served = await a_server(backend=backend)
    await served.add_person("amy", password_hash=await served.passwords.hash(OLD))
    for round_ in range(4):
        racers = [sign_in_and_step_up(served, number / 2000) for number in range(RACERS)]
        await asyncio.gather(*racers, set_password(served.server, "amy", f"new {round_}", actor="admin"))
        assert await served.server.storage.find(SESSIONS, {"ended_at": 0}) == []
        await set_password(served.server, "amy", OLD, actor="admin")
    assert await sign_in(served, 0) is not None


async def ask_for_access(served: TestServer, client: Client, cookie: str, granted: asyncio.Event) -> None:
    """An app asks, again and again, until its person is not signed in any more; `granted` once it was given access."""
    asked = AuthorizeRequest(
        client_id=client.client_id,
        redirect_uri=client.redirect_uris[0],
        state="s",
        scope="openid offline_access",
        asked_scope="openid offline_access",
        aud=None,
        launch_hash=None,
        code_challenge=None,
        nonce=None,
        prompt=("none",),
        max_age=None,
        login_hint=None,
        hinted_subject=None,
        ui_locales=None,
    )
    while True:
        progress = await begin(served.server, asked, client, "a-browser", cookie)
        if next_step(served.server.settings, progress) is not None:
            return
        try:
            await respond(served.server, progress, None, HERE)
        except SessionEnded:
            return
        granted.set()
        await asyncio.sleep(0)  # in memory nothing else would let the others in


async def switch_off(served: TestServer, granted: asyncio.Event, late: float) -> None:
    """Switch Amy's account off while the apps ask: not before one was given access, at another moment each time."""
    await granted.wait()
    await asyncio.sleep(late)
    await disable_person(served.server, "amy", actor="admin")


async def test_no_grant_outlives_an_account_that_is_switched_off(backend: Backend) -> None:
    served = await a_server(backend=backend)
    client = await served.add_client("app", auto_approve_scope=("openid", "offline_access"))
    person = await served.add_person("amy")
    for round_ in range(4):
        cookie = new_handle(served.server)
        await served.add_session(person, session_hash=hash_handle(cookie))
        granted = asyncio.Event()
        racers = [ask_for_access(served, client, cookie, granted) for _ in range(RACERS)]
        async with asyncio.timeout(LIMIT):
            await asyncio.gather(*racers, switch_off(served, granted, round_ / 200))
        assert await served.server.storage.find(GRANTS, {"revoked_at": 0}) == []
        await enable_person(served.server, "amy", actor="admin")
