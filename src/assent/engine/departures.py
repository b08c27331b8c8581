"""Browsers that are sent to a provider to sign in, and come back once, each to its own request.

The `state` (SAML: `RelayState`) is bound to the browser that left with it, so nobody is signed in by an answer that
somebody else began. Sources: RFC 6749 10.12, RFC 9700 4.7 (CSRF), SAML Core 3.2.2 (`InResponseTo`).
"""

from collections.abc import Mapping
from typing import Any

from assent.engine.handles import hash_handle
from assent.engine.server import AuthorizationServer
from assent.records.identities import Departure
from assent.storage.interface import Add, Change, Remove, act
from assent.storage.tables import DEPARTURES


async def depart(
    server: AuthorizationServer,
    state: str,
    browser: str,
    module: str,
    *,
    flow: str | None,
    to: str | None,
    kept: Mapping[str, Any],
) -> None:
    """Remembers a browser that is about to leave."""
    now = server.now()
    departure = Departure(
        hash_handle(state),
        hash_handle(browser),
        module,
        flow,
        to,
        dict(kept),
        now,
        now + server.settings.pending_seconds,
    )
    await server.storage.commit(act(Add(DEPARTURES, departure)))


async def keep_answer(
    server: AuthorizationServer, state: str, module: str, answer: Mapping[str, str]
) -> bool:
    """Keeps what was posted from elsewhere, without the browser's cookies, until the browser comes for it: once."""
    departure = await _find(server, state, module)
    if departure is None or departure.answer is not None:
        return False
    change = Change(
        DEPARTURES, (departure.state_hash,), {"answer": dict(answer)}, {"module": module, "answer": None}
    )
    return (await server.storage.commit(act(change))).all


async def come_back(
    server: AuthorizationServer, state: str, browser: str | None, module: str
) -> Departure | None:
    """The departure of this very browser, used up by this call; None when there is none."""
    departure = await _find(server, state, module)
    if departure is None or browser is None or departure.browser_hash != hash_handle(browser):
        return None
    removed = await server.storage.commit(act(Remove(DEPARTURES, (departure.state_hash,))))
    return departure if removed.all else None


async def _find(server: AuthorizationServer, state: str, module: str) -> Departure | None:
    departure = await server.storage.get(DEPARTURES, hash_handle(state))
    if departure is None or departure.module != module or departure.expires_at <= server.now():
        return None
    return departure
