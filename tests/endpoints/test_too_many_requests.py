"""Those who ask too often are told to wait; those who ask rightly beside them notice nothing."""

from collections.abc import Awaitable, Callable

import httpx

from applications import OpenWith
from assent.engine.settings import EngineSettings
from assent.storage.tables import THROTTLES
from assent.testing.application import SECRET, Application
from assent.testing.server import basic

OpenBeside = Callable[[Application], Awaitable[Application]]
STRANGER, CLINIC = "203.0.113.66", "198.51.100.9"
FEW = EngineSettings(refusals_per_minute=5, authorizations_per_minute=4)


async def ask(
    application: Application, secret: str = SECRET, address: str = CLINIC, path: str = "/oauth/token"
) -> httpx.Response:
    fields = {"grant_type": "client_credentials"} if path == "/oauth/token" else {"token": "any"}
    async with application.http(address) as client:
        return await client.post(path, data=fields, headers={"Authorization": basic("ehr", secret)})


async def statuses(application: Application, tries: int, **asked: str) -> list[int]:
    return [(await ask(application, **asked)).status_code for _ in range(tries)]


async def test_whoever_is_refused_too_often_is_told_to_wait(open_with: OpenWith) -> None:
    application = await open_with(engine=FEW)
    await application.add_ehr()
    assert await statuses(application, 8, secret="wrong") == [401] * 5 + [429] * 3
    refused = await ask(application, secret="wrong")
    assert refused.headers["retry-after"] == "60"
    assert refused.headers["cache-control"] == "no-store"
    assert refused.json()["error"] == "temporarily_unavailable"
    application.clock.advance(60)
    assert await statuses(application, 2, secret="wrong") == [401] * 2


async def test_a_right_request_passes_whatever_was_wrong_before_it(open_with: OpenWith) -> None:
    application = await open_with(engine=FEW)
    await application.add_ehr(can_introspect="any")
    for address in (STRANGER, CLINIC):  # also from the very place of the client itself
        for path in ("/oauth/token", "/oauth/introspect"):
            await statuses(application, 20, secret="wrong", address=address, path=path)
    assert await statuses(application, 3) == [200] * 3
    assert await statuses(application, 3, path="/oauth/introspect") == [200] * 3


async def test_a_stranger_makes_no_refusal_of_others_slower(open_with: OpenWith) -> None:
    application = await open_with(engine=FEW)
    await application.add_ehr()
    await statuses(application, 20, secret="wrong", address=STRANGER)
    assert await statuses(application, 1, secret="wrong") == [401]


async def test_introspection_and_revocation_are_counted_too(open_with: OpenWith) -> None:
    application = await open_with(engine=FEW)
    await application.add_ehr()
    for path in ("/oauth/introspect", "/oauth/token/revoke"):
        assert await statuses(application, 7, secret="wrong", path=path) == [401] * 5 + [429] * 2


async def test_all_nodes_count_together(open_with: OpenWith, open_beside: OpenBeside) -> None:
    first = await open_with(engine=FEW)
    second = await open_beside(first)
    await first.add_ehr()
    answers = [await statuses((first, second)[number % 2], 1, secret="wrong") for number in range(8)]
    assert [status for one in answers for status in one] == [401] * 5 + [429] * 3


async def test_the_audit_log_is_not_filled(open_with: OpenWith) -> None:
    application = await open_with(engine=FEW)
    await application.add_ehr()
    await statuses(application, 50, secret="wrong")
    assert len(await application.audit("token.refused")) == 5
    [event] = await application.audit("rate.limited")
    assert event.detail is not None
    assert event.detail["limit"] == "token.refused"
    assert event.address == CLINIC


async def test_names_that_are_made_up_fill_no_table(open_with: OpenWith) -> None:
    application = await open_with(engine=FEW)
    async with application.http(STRANGER) as client:
        for number in range(200):
            fields = {"grant_type": "authorization_code", "client_id": f"app-{number}", "code": "x"}
            await client.post("/oauth/token", data=fields)
    assert len(await application.server.storage.find(THROTTLES)) <= 16
    assert len(await application.audit("token.refused")) <= 16 * 5


async def test_a_good_request_reads_and_writes_no_count(open_with: OpenWith) -> None:
    application = await open_with(engine=FEW)
    await application.add_ehr()
    assert await statuses(application, 20) == [200] * 20
    assert await application.server.storage.find(THROTTLES) == []


async def test_a_flood_of_authorization_requests_gets_a_page_that_says_wait(open_with: OpenWith) -> None:
    application = await open_with(engine=FEW)
    await application.add_client()
    app = application.smart_app()
    for _ in range(4):
        assert (await app.launch(application.browser(STRANGER), "openid")).status == 200
    page = await app.launch(application.browser(STRANGER), "openid")
    assert page.status == 429
    assert page.answer.headers["retry-after"] == "60"
    assert "Retry" not in page.text
    assert (await app.launch(application.browser(), "openid")).status == 200
    assert len(await application.audit("authorization.asked")) == 5


async def test_whoever_is_signed_in_goes_on_in_a_place_that_is_flooded(open_with: OpenWith) -> None:
    application = await open_with(engine=FEW)
    await application.add_client()
    await application.add_amy()
    app, amy = application.smart_app(), application.browser(STRANGER)
    await app.launch(amy, "openid")
    await amy.sign_in("amy")
    for _ in range(10):
        last = await app.launch(application.browser(STRANGER), "openid")
    assert last.status == 429
    assert (await app.launch(amy, "openid")).status == 200


async def test_what_a_page_posts_from_elsewhere_and_what_is_malformed_is_counted_too(
    open_with: OpenWith,
) -> None:
    application = await open_with(engine=FEW)
    await application.add_client()
    async with application.http(STRANGER) as client:
        answers = [
            await client.post("/oauth/authorize", data={"client_id": "nobody"}),
            await client.get("/oauth/authorize?client_id=nobody"),
            await client.get("/oauth/authorize"),
            await client.get("/oauth/authorize"),
            await client.get("/oauth/authorize"),
            await client.post("/oauth/authorize", data={"client_id": "app"}),
        ]
    assert [one.status_code for one in answers] == [400] * 4 + [429] * 2
