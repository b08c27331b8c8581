"""What a server has answered, kept by those who asked: afterwards each answer must still hold.

What was sent and not answered is in doubt: it may have happened or not, but not twice.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import httpx

from e2e.programs import Programs

APPS, SERVICES = 6, 3
LOOKED_AT = 30


@dataclass
class Ledger:
    """By kind: what is good, what is spent, what is in doubt, each as the text that is sent."""

    codes: set[str] = field(default_factory=set)
    refresh_tokens: set[str] = field(default_factory=set)
    access_tokens: list[str] = field(default_factory=list)
    spent_codes: set[str] = field(default_factory=set)
    spent_refresh_tokens: set[str] = field(default_factory=set)
    spent_assertions: set[str] = field(default_factory=set)
    in_doubt: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    has_everything: asyncio.Event = field(default_factory=asyncio.Event)

    async def load(self, programs: Programs) -> None:
        """Apps and services at work until the server is gone or the task is cancelled."""
        workers = [self._work(self._app, programs) for _ in range(APPS)]
        workers += [self._work(self._service, programs) for _ in range(SERVICES)]
        await asyncio.gather(*workers)

    async def _work(self, work: Callable[[Programs], Coroutine[Any, Any, None]], programs: Programs) -> None:
        try:
            while True:
                await work(programs)
        except httpx.TransportError:
            return

    async def _app(self, programs: Programs) -> None:
        """A code that is kept, a code that is redeemed, and what it gave refreshed three times."""
        self.codes.add(await programs.new_code())
        code = await programs.new_code()
        tokens = await self._spend(code, programs.redeem, self.spent_codes)
        for _ in range(3):
            tokens = await self._spend(tokens["refresh_token"], programs.refresh, self.spent_refresh_tokens)

    async def _service(self, programs: Programs) -> None:
        await self._spend(programs.new_assertion(), programs.authenticate, self.spent_assertions)

    async def _spend(
        self, text: str, send: Callable[[str], Coroutine[Any, Any, httpx.Response]], spent: set[str]
    ) -> dict[str, Any]:
        self.in_doubt.add(text)
        self.refresh_tokens.discard(text)
        answer = await send(text)
        if answer.status_code != 200:
            self.refused.append(answer.text)
        tokens: dict[str, Any] = answer.raise_for_status().json()
        self.in_doubt.discard(text)
        spent.add(text)
        self.access_tokens.append(tokens["access_token"])
        if "refresh_token" in tokens:
            self.refresh_tokens.add(tokens["refresh_token"])
        if self.codes and self.spent_refresh_tokens and self.spent_assertions:
            self.has_everything.set()
        return tokens

    async def check(self, programs: Programs) -> None:
        """What is good works once, what is spent works no more. In this order: a spent thing ends its grant."""
        assert self.refused == []
        assert all(await asyncio.gather(*map(programs.is_active, self.access_tokens[-LOOKED_AT:])))
        for good, send in ((self.refresh_tokens, programs.refresh), (self.codes, programs.redeem)):
            assert await _statuses(good, send) == dict.fromkeys(good, 200)
            assert await _statuses(good, send) == dict.fromkeys(good, 400)
        for spent, send, status in (
            (self.spent_assertions, programs.authenticate, 401),
            (self.spent_refresh_tokens, programs.refresh, 400),
            (self.spent_codes, programs.redeem, 400),
        ):
            assert await _statuses(spent, send) == dict.fromkeys(spent, status)


async def _statuses(
    texts: set[str], send: Callable[[str], Coroutine[Any, Any, httpx.Response]]
) -> dict[str, int]:
    answers = await asyncio.gather(*map(send, texts))
    return {text: answer.status_code for text, answer in zip(texts, answers, strict=True)}
