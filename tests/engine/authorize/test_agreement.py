"""The answer to the terms of service: kept once, with what was read, and only while the request is open."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from assent.engine.authorize.agreement import ShownTerms, accept_terms, decline_terms
from assent.engine.authorize.request import AuthorizeRequest, PageError
from assent.engine.authorize.resume import Waiting, begin, find_waiting, store
from assent.engine.authorize.steps import TERMS, next_step
from assent.engine.handles import hash_handle, new_handle
from assent.engine.server import Caller
from assent.engine.settings import EngineSettings
from assent.records.people import Person
from assent.storage.interface import Change, act
from assent.storage.tables import AGREEMENTS, AUDIT, PENDING
from assent.testing.server import TestServer, a_server

CALLER = Caller("192.0.2.7", "tests", "7F3K-22")
BROWSER = "a-browser"
SHOWN = ShownTerms("1", "es", b"hash of the Spanish text")


def asked(**fields: Any) -> AuthorizeRequest:
    usual: dict[str, Any] = dict.fromkeys(
        (
            "aud",
            "launch_hash",
            "code_challenge",
            "nonce",
            "max_age",
            "login_hint",
            "hinted_subject",
            "ui_locales",
        )
    )
    says = {"client_id": "app", "redirect_uri": "https://app.example/done", "state": "s", "prompt": ()}
    return AuthorizeRequest(**{**usual, **says, "scope": "openid", "asked_scope": "openid", **fields})


@pytest.fixture
async def terms() -> Any:
    """A server whose terms are version 1."""
    served = await a_server(EngineSettings(terms_version="1"))
    yield served
    await served.close()


class Reader:
    """Somebody who is signed in and whose request waits."""

    def __init__(self, served: TestServer, person: Person, cookie: str, handle: str) -> None:
        self.served, self.person, self.cookie, self.handle = served, person, cookie, handle

    async def waiting(self) -> Waiting:
        return await find_waiting(self.served.server, self.handle, BROWSER, self.cookie)

    async def accept(self, shown: ShownTerms = SHOWN) -> bool:
        return await accept_terms(self.served.server, await self.waiting(), shown, CALLER)


async def a_reader(served: TestServer) -> Reader:
    client = await served.add_client("app")
    person = await served.add_person("amy")
    cookie = new_handle(served.server)
    await served.add_session(person, session_hash=hash_handle(cookie))
    progress = await begin(served.server, asked(), client, BROWSER, cookie)
    assert next_step(served.server.settings, progress) is TERMS
    return Reader(served, person, cookie, await store(served.server, progress, BROWSER, CALLER))


async def test_a_yes_is_kept_with_what_was_read(terms: TestServer) -> None:
    reader = await a_reader(terms)
    assert await reader.accept()
    agreement = await terms.server.storage.get(AGREEMENTS, reader.person.person_id, "app", "1")
    assert agreement is not None
    assert (agreement.language, agreement.text_hash) == ("es", b"hash of the Spanish text")
    waiting = await reader.waiting()
    assert next_step(terms.server.settings, waiting.progress) is not TERMS


async def test_a_version_that_is_not_wanted_is_not_kept(terms: TestServer) -> None:
    reader = await a_reader(terms)
    assert not await reader.accept(ShownTerms("2", "en", b"hash"))
    assert await terms.server.storage.find(AGREEMENTS) == []
    assert await terms.server.storage.find(AUDIT, {"type": "terms.accepted"}) == []


async def test_of_answers_at_once_one_is_kept_and_one_written_down(terms: TestServer) -> None:
    reader = await a_reader(terms)
    waiting = await reader.waiting()
    answers = (accept_terms(terms.server, waiting, SHOWN, CALLER) for _ in range(10))
    assert all(await asyncio.gather(*answers))
    assert len(await terms.server.storage.find(AGREEMENTS)) == 1
    assert len(await terms.server.storage.find(AUDIT, {"type": "terms.accepted"})) == 1


async def test_a_yes_comes_too_late_for_a_request_that_was_answered(terms: TestServer) -> None:
    reader = await a_reader(terms)
    waiting = await reader.waiting()
    await decline_terms(terms.server, waiting, CALLER)
    with pytest.raises(PageError, match="answered already"):
        await accept_terms(terms.server, waiting, SHOWN, CALLER)
    assert await terms.server.storage.find(AGREEMENTS) == []
    assert (await terms.server.storage.find(PENDING))[0].closed_at == terms.server.now()


async def test_who_agrees_again_takes_the_place_of_what_was_taken_back(terms: TestServer) -> None:
    reader = await a_reader(terms)
    await reader.accept()
    key = (reader.person.person_id, "app", "1")
    await terms.server.storage.commit(act(Change(AGREEMENTS, key, {"revoked_at": terms.server.now()})))
    assert next_step(terms.server.settings, (await reader.waiting()).progress) is TERMS
    terms.clock.advance(60)
    waiting = await reader.waiting()
    english = ShownTerms("1", "en", b"hash of the English text")
    answers = (accept_terms(terms.server, waiting, english, CALLER) for _ in range(2))
    assert all(await asyncio.gather(*answers))
    (agreement,) = await terms.server.storage.find(AGREEMENTS)
    assert (agreement.language, agreement.agreed_at) == ("en", terms.server.now())
    assert agreement.revoked_at == 0
    assert len(await terms.server.storage.find(AUDIT, {"type": "terms.accepted"})) == 2


class Reads:
    """A storage that counts which tables are asked for one row."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.tables: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def get(self, table: Any, *key: Any) -> Any:
        self.tables.append(table)
        return await self.inner.get(table, *key)


@pytest.mark.parametrize(("version", "looks"), [(None, 0), ("1", 1)])
async def test_nobody_looks_for_an_agreement_where_there_are_no_terms(
    version: str | None, looks: int
) -> None:
    served = await a_server(EngineSettings(terms_version=version))
    client, person = await served.add_client("app"), await served.add_person("amy")
    cookie = new_handle(served.server)
    await served.add_session(person, session_hash=hash_handle(cookie))
    storage = Reads(served.server.storage)
    await begin(replace(served.server, storage=storage), asked(), client, BROWSER, cookie)
    assert storage.tables.count(AGREEMENTS) == looks
    await served.close()
