"""Two issuers in one database and one process: nothing of one works at the other."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from assent.spec.jose import Key
from e2e.processes import ServerProcess, run_assent
from e2e.programs import Programs, add_cast, code_in, connect, sign_in
from scripts.free_ports import free_port

SECOND = """
[issuers.second]
public_url = "{url}/second"
"""


@dataclass(frozen=True, slots=True)
class Issuers:
    """The URLs of the two, and the key of the service that each of them knows."""

    urls: tuple[str, str]
    keys: tuple[Key, Key]


@pytest.fixture(scope="module")
def issuers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuers]:
    """A running server with two issuers, whose people and clients have the same names."""
    folder = tmp_path_factory.mktemp("issuers")
    port, config = free_port(), folder / "assent.toml"
    server = ServerProcess(["--config", str(config), "serve"], port, folder / "log")
    run_assent(config, "init", "--public-url", server.url)
    with config.open("a", encoding="utf-8") as out:
        out.write(SECOND.format(url=server.url))
    keys = (add_cast(config), add_cast(config, issuer="second"))
    server.start()
    try:
        yield Issuers((server.url, f"{server.url}/second"), keys)
    finally:
        server.kill()


@pytest.fixture
async def pair(issuers: Issuers) -> AsyncIterator[tuple[Programs, Programs]]:
    """Programs of the one and of the other, in whose browsers lee is signed in."""
    async with AsyncExitStack() as stack:
        first, second = [
            Programs(await stack.enter_async_context(connect(url)), url, key, await sign_in(url, "lee"))
            for url, key in zip(issuers.urls, issuers.keys, strict=True)
        ]
        yield first, second


@pytest.mark.parametrize("home", [0, 1])
async def test_tokens_and_codes_are_worth_nothing_at_the_other(
    pair: tuple[Programs, Programs], home: int
) -> None:
    here, there = pair[home], pair[1 - home]
    tokens = await here.tokens()
    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert await here.is_active(token)
        assert not await there.is_active(token)
    assert await here.knows(tokens["access_token"])
    assert not await there.knows(tokens["access_token"])
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await there.http.get("/fhir/Patient/amy", headers=bearer)).status_code == 401
    assert (await there.refresh(tokens["refresh_token"])).status_code == 400
    code = await here.new_code()
    assert (await there.redeem(code)).status_code == 400
    assert (await here.redeem(code)).status_code == 200
    await there.revoke(tokens["refresh_token"])
    assert await here.is_active(tokens["refresh_token"])


@pytest.mark.parametrize("home", [0, 1])
async def test_a_sign_in_here_is_none_there(pair: tuple[Programs, Programs], home: int) -> None:
    here, there = pair[home], pair[1 - home]
    assert here.cookies.keys().isdisjoint(there.cookies)
    renamed = dict(
        zip(sorted(there.cookies), (here.cookies[name] for name in sorted(here.cookies)), strict=True)
    )
    foreign = Programs(there.http, there.issuer, there.key, renamed)
    assert code_in(await there.authorize())
    assert "/login?" in (await foreign.authorize()).headers["location"]


@pytest.mark.parametrize("home", [0, 1])
async def test_a_clients_key_and_assertion_are_for_one_issuer(
    pair: tuple[Programs, Programs], home: int
) -> None:
    here, there = pair[home], pair[1 - home]
    assert (await there.authenticate(here.new_assertion())).status_code == 401
    foreign = Programs(there.http, there.issuer, here.key, {})
    assert (await foreign.authenticate(foreign.new_assertion())).status_code == 401
    assert (await here.authenticate(here.new_assertion())).status_code == 200


@pytest.mark.parametrize("home", [0, 1])
async def test_a_launch_is_known_where_it_was_registered(pair: tuple[Programs, Programs], home: int) -> None:
    here, there = pair[home], pair[1 - home]
    launch = await here.register_launch()
    refused = await there.authorize(launch=launch, scope="openid launch")
    assert "error=invalid_request" in refused.headers["location"]
    assert code_in(await here.authorize(launch=launch, scope="openid launch"))


async def test_each_publishes_its_own_keys_and_name(pair: tuple[Programs, Programs]) -> None:
    published = []
    for programs in pair:
        configuration = (await programs.http.get("/.well-known/openid-configuration")).json()
        assert configuration["issuer"] == programs.issuer
        assert configuration["token_endpoint"] == f"{programs.issuer}/oauth/token"
        keys = (await programs.http.get("/.well-known/jwks.json")).json()["keys"]
        published.append({key["n"] for key in keys if key["kty"] == "RSA"})
    assert all(published)
    assert published[0].isdisjoint(published[1])
