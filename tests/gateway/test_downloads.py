"""The files of an export on their way: how they end, to whom they go, and how many at once."""

import asyncio
import json

import pytest

from assent.fhir.upstream import UpstreamResponse
from assent.gateway import downloads
from gateway.bulk_server import BASE, BulkServer, Json, passing, unfinished
from gateway.clinic import Asking
from gateway.test_bulk import AMY, EXPORT, backend, below, manifest_of, server_behind


async def a_file(ward) -> tuple[Asking, BulkServer, str]:
    clinic, server = await server_behind(ward)
    asking = await backend(clinic, "system/*.rs", "FHIR_ALL_READ", EXPORT)
    return asking, server, below(asking, (await manifest_of(asking))["output"][0]["url"])


@pytest.mark.parametrize(("status", "told"), [(404, 404), (410, 404), (500, 502), (401, 502), (302, 502)])
async def test_a_file_that_is_not_given_is_told(ward, status, told):
    clinic, server = await server_behind(ward)
    asking = await backend(clinic, "system/*.rs", "FHIR_ALL_READ", EXPORT)
    file = (await manifest_of(asking))["output"][0]
    server.answers["Binary/Patient"] = UpstreamResponse(status, {}, b"Amy")
    outcome = await asking.refused("GET", below(asking, file["url"]), told)
    assert "Amy" not in json.dumps(outcome)
    assert server.is_open == 0


async def test_a_file_that_breaks_off_does_not_look_whole(ward):
    clinic, server = await server_behind(ward)
    asking = await backend(clinic, "system/*.rs", "FHIR_ALL_READ", EXPORT)
    file = below(asking, (await manifest_of(asking))["output"][0]["url"])
    server.broken_after = 50
    await unfinished(asking, file)
    assert server.is_open == 0


async def test_who_leaves_is_not_sent_the_rest(ward):
    asking, server, file = await a_file(ward)
    server.file_lines["Binary/Patient"] = [json.dumps(AMY).encode() + b"\n"] * 1000
    gone, pieces = asyncio.Event(), 0

    async def send(message):
        nonlocal pieces
        pieces += 1
        if pieces == 5:
            gone.set()

    await passing(file, asking, send, gone=gone)
    assert pieces < 20
    assert server.is_open == 0


async def test_who_does_not_read_is_left(ward, monkeypatch):
    monkeypatch.setattr(downloads, "PATIENCE_SECONDS", 0.05)
    asking, server, file = await a_file(ward)

    async def send(message):
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    await asyncio.wait_for(passing(file, asking, send), 30)
    assert server.is_open == 0


async def test_nobody_has_many_files_on_their_way_at_once(ward):
    asking, _, file = await a_file(ward)
    goes_on, begun_to_send = asyncio.Event(), asyncio.Semaphore(0)

    async def send(message):
        begun_to_send.release()
        await goes_on.wait()

    waiting = [asyncio.create_task(passing(file, asking, send)) for _ in range(downloads.MOST_OF_ONE)]
    for _ in waiting:
        await begun_to_send.acquire()
    answer = await asking.get(file)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")
    goes_on.set()
    await asyncio.gather(*waiting)
    assert (await asking.get(file)).status_code == 200


@pytest.mark.parametrize(
    "media_type", ["text/html", "application/fhir+json; charset=utf-8", "application/xml"]
)
async def test_what_is_no_file_of_lines_is_not_taken_for_one(ward, media_type):
    asking, server, file = await a_file(ward)
    server.answers["Binary/Patient"] = UpstreamResponse(200, {"content-type": media_type}, b"{}")
    await asking.refused("GET", file, 502)
    assert server.is_open == 0


async def test_a_line_that_is_no_resource_breaks_the_file_off(ward):
    asking, server, file = await a_file(ward)
    server.file_lines["Binary/Patient"] = [b'{"resourceType":"Patient"}\r\n', b"<html>\n", b"{}"]
    assert await unfinished(asking, file) == b'{"resourceType":"Patient"}\n'


async def test_the_servers_address_is_not_told_by_escapes(ward):
    asking, server, file = await a_file(ward)
    server.file_lines["Binary/Patient"] = [json.dumps(AMY).replace("/", "\\/").encode()]
    answer = await asking.get(file)
    assert "fhir.internal" not in answer.text
    assert answer.json()["photo"] == [{"url": f"{asking.base}/Binary/1"}]


async def test_what_is_nested_deep_breaks_no_file(ward):
    deep: Json = {"url": f"{BASE}/x"}
    for _ in range(400):
        deep = {"url": "x", "extension": [deep]}
    asking, server, file = await a_file(ward)
    server.file_lines["Binary/Patient"] = [json.dumps({**AMY, "extension": [deep]}).encode()]
    assert (await asking.get(file)).text.count("extension") == 401
