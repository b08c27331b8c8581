"""Apps' logos are fetched here, beside the pages: what pages have asked for at once, what is due once in a while.

Owns the queue and the rounds of one process. Which logo is due, and that one node fetches it, is `actions.apps.logos`'.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

from assent.actions.apps.logos import MakePicture, due_logos, fetch_logo, is_due, logo_of
from assent.engine.server import AuthorizationServer
from assent.storage.interface import StorageError
from assent.storage.tables import CLIENTS
from assent.web.log import Log

ROUND_SECONDS: Final = 300.0
AT_ONCE: Final = 4
_MOST_WAITING: Final = 1000
_Wanted = tuple[str, str]


class LogoFetcher:
    """`servers` by issuer id. Nothing happens before `work` is run."""

    def __init__(self, servers: Mapping[str, AuthorizationServer], make_picture: MakePicture) -> None:
        self._servers = servers
        self.make_picture = make_picture
        self._queue: asyncio.Queue[_Wanted] = asyncio.Queue(_MOST_WAITING)
        self._waiting: set[_Wanted] = set()

    def want(self, issuer_id: str, client_id: str) -> None:
        """Asks for a client's logo. Never waits; when too many are asked for, a later round finds the rest."""
        wanted = issuer_id, client_id
        if wanted not in self._waiting and not self._queue.full():
            self._waiting.add(wanted)
            self._queue.put_nowait(wanted)

    async def work(self, log: Log) -> None:
        """Fetches until it is cancelled."""
        await asyncio.gather(self._rounds(log), *(self._fetch_wanted(log) for _ in range(AT_ONCE)))

    async def fetch_waiting(self) -> None:
        """Fetches what is asked for now, one after the other, and ends."""
        while not self._queue.empty():
            await self._fetch(self._queue.get_nowait())

    async def look_round(self) -> None:
        """Asks for every logo that is due."""
        for issuer_id, server in self._servers.items():
            for client_id in await due_logos(server):
                self.want(issuer_id, client_id)

    async def _rounds(self, log: Log) -> None:
        while True:
            try:
                await self.look_round()
            except StorageError as error:
                log.warning("logos_not_looked_for", cause=str(error))
            await asyncio.sleep(ROUND_SECONDS)

    async def _fetch_wanted(self, log: Log) -> None:
        while True:
            wanted = await self._queue.get()
            try:
                await self._fetch(wanted)
            except StorageError as error:
                log.warning("logo_not_fetched", client_id=wanted[1], cause=str(error))

    async def _fetch(self, wanted: _Wanted) -> None:
        issuer_id, client_id = wanted
        server = self._servers[issuer_id]
        try:
            client = await server.storage.get(CLIENTS, client_id)
            if client is not None and is_due(client, await logo_of(server, client), server.now()):
                await fetch_logo(server, client, self.make_picture)
        finally:
            self._waiting.discard(wanted)
