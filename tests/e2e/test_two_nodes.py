"""Two nodes on one PostgreSQL: what may happen once happens once, and what one is told the other knows."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from assent.spec.jose import Key
from e2e.processes import ServerProcess, run_assent
from e2e.programs import Programs, add_cast, connect, sign_in
from scripts.free_ports import free_port
from services.postgres import new_database

pytestmark = pytest.mark.postgres

AT_ONCE = 200
SEEN_SECONDS = 60.0  # of a busy machine; what is told by time alone is tested with a clock of its own


@dataclass(frozen=True, slots=True)
class Nodes:
    """The first node's URL is the issuer's."""

    config: Path
    key: Key
    urls: tuple[str, str]


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Iterator[Nodes]:
    """Two running servers, and what they share."""
    folder = tmp_path_factory.mktemp("nodes")
    config, ports = folder / "assent.toml", (free_port(), free_port())
    servers = [
        ServerProcess(["--config", str(config), "serve", "--port", str(port)], port, folder / f"{port}.log")
        for port in ports
    ]
    with new_database(postgres_server) as database:
        run_assent(config, "init", "--public-url", servers[0].url, "--database", database)
        key = add_cast(config)
        try:
            for server in servers:
                server.start()
            yield Nodes(config, key, (servers[0].url, servers[1].url))
        finally:
            for server in servers:
                server.kill()


@pytest.fixture
async def both(nodes: Nodes) -> AsyncIterator[tuple[Programs, Programs]]:
    """Programs at the one and at the other, in whose browser lee is signed in."""
    async with AsyncExitStack() as stack:
        cookies = await sign_in(nodes.urls[0], "lee")
        first, second = [
            Programs(await stack.enter_async_context(connect(url)), nodes.urls[0], nodes.key, cookies)
            for url in nodes.urls
        ]
        yield first, second


async def at_once(
    both: tuple[Programs, Programs], send: Callable[[Programs], Awaitable[httpx.Response]]
) -> list[httpx.Response]:
    """The answers to the same request, sent many times at once to both."""
    return await asyncio.gather(*(send(both[number % 2]) for number in range(AT_ONCE)))


async def becomes_true(question: Callable[[], Awaitable[bool]]) -> None:
    """Fails unless the answer is yes before long."""
    deadline = time.monotonic() + SEEN_SECONDS
    while not await question():
        assert time.monotonic() < deadline, "not seen"
        await asyncio.sleep(0.05)


@pytest.mark.row("A12")
async def test_a_code_is_redeemed_once(both: tuple[Programs, Programs]) -> None:
    code = await both[0].new_code()
    answers = await at_once(both, lambda programs: programs.redeem(code))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: AT_ONCE - 1}
    [tokens] = [answer.json() for answer in answers if answer.status_code == 200]
    assert not await both[1].is_active(tokens["access_token"])  # it was redeemed again: RFC 6749 4.1.2


@pytest.mark.row("T15")
async def test_a_refresh_token_is_used_once(both: tuple[Programs, Programs]) -> None:
    token = (await both[0].tokens())["refresh_token"]
    answers = await at_once(both, lambda programs: programs.refresh(token))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: AT_ONCE - 1}


@pytest.mark.row("K9")
async def test_an_assertion_is_good_once(both: tuple[Programs, Programs]) -> None:
    assertion = both[0].new_assertion()
    answers = await at_once(both, lambda programs: programs.authenticate(assertion))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 401: AT_ONCE - 1}


@pytest.mark.row("A9")
async def test_a_code_is_issued_once_on_a_launch(both: tuple[Programs, Programs]) -> None:
    launch = await both[0].register_launch()
    answers = await at_once(both, lambda programs: programs.authorize(launch=launch, scope="openid launch"))
    outcomes = Counter(
        "code" if "code" in answer.next_request.url.params else answer.next_request.url.params.get("error")
        for answer in answers
        if answer.next_request is not None
    )
    assert outcomes == {"code": 1, "invalid_request": AT_ONCE - 1}


async def test_a_token_of_one_node_is_good_at_the_other(both: tuple[Programs, Programs]) -> None:
    tokens = await both[0].tokens()
    assert await both[1].knows(tokens["access_token"])
    assert await both[1].is_active(tokens["refresh_token"])


async def test_what_is_revoked_at_one_node_is_dead_at_the_other(both: tuple[Programs, Programs]) -> None:
    tokens = await both[0].tokens()
    await both[0].revoke(tokens["refresh_token"])

    async def is_dead() -> bool:
        return not await both[1].is_active(tokens["access_token"]) and not await both[1].knows(
            tokens["access_token"]
        )

    await becomes_true(is_dead)
    assert (await both[1].refresh(tokens["refresh_token"])).status_code == 400


async def test_a_client_that_a_command_switches_off_is_off_at_both(
    both: tuple[Programs, Programs], nodes: Nodes
) -> None:
    async def both_answer(status: int) -> bool:
        answers = [await one.authenticate(one.new_assertion()) for one in both]
        return [answer.status_code for answer in answers] == [status, status]

    assert await both_answer(200)
    await asyncio.to_thread(run_assent, nodes.config, "client", "disable", "service")
    try:
        await becomes_true(lambda: both_answer(401))
    finally:
        await asyncio.to_thread(run_assent, nodes.config, "client", "enable", "service")
    await becomes_true(lambda: both_answer(200))


async def test_a_key_that_is_rotated_is_published_and_used_by_both(
    both: tuple[Programs, Programs], nodes: Nodes
) -> None:
    async def kids(programs: Programs) -> set[str]:
        found = (await programs.http.get("/.well-known/jwks.json")).json()["keys"]
        return {key["kid"] for key in found}

    before = await kids(both[0])
    await asyncio.to_thread(run_assent, nodes.config, "key", "rotate")

    async def both_publish() -> bool:
        published = [await kids(programs) for programs in both]
        return published[0] == published[1] > before

    await becomes_true(both_publish)
    for one, other in (both, both[::-1]):
        assert await other.knows((await one.tokens())["access_token"])
