"""Apps' logos: fetched by us, made into a picture of our own, kept. No page and no browser asks the app's host.

Owns when a logo is fetched, and that one node does it: a claim is written before, and the outcome only while the claim
still stands. A logo is fetched once; again when its address changes, an hour after a failure, and on demand. How it is
fetched safely is `server.fetch`'s business, how a picture is made of bytes that a stranger sent `MakePicture`'s.
"""

from dataclasses import fields, replace
from hashlib import sha256
from typing import Final, Literal, Protocol

from assent.actions.changes import every
from assent.engine.events import audit_event
from assent.engine.handles import new_id
from assent.engine.server import AuthorizationServer, FetchFailed
from assent.records.clients import Client
from assent.records.logos import Logo, Picture
from assent.storage.interface import Act, Add, Change, Put, Remove, Write, act
from assent.storage.tables import AUDIT, CLIENTS, LOGOS, PICTURES

MOST_BYTES: Final = 512 * 1024
RETRY_SECONDS: Final = 3600
CLAIM_SECONDS: Final = 60
"""How long an attempt may take; after that its node is taken for dead."""

ACCEPTED: Final = "image/png, image/jpeg, image/webp, image/gif"


class BadPicture(Exception):
    """No picture can be made of these bytes; the text says why, for the administrator."""


class MakePicture(Protocol):
    """Makes a small PNG of a picture that a stranger sent, within limits of size, memory and time."""

    async def __call__(self, content: bytes) -> bytes:
        """The PNG. Raises `BadPicture`."""
        ...


async def logo_of(server: AuthorizationServer, client: Client) -> Logo | None:
    """What is known of the client's logo, as its address is now; None where nothing is."""
    logo = await server.storage.get(LOGOS, client.client_id)
    return _current(client, logo)


def is_due(client: Client, logo: Logo | None, now: int) -> bool:
    """Whether the client's logo should be fetched. `logo` is what `logo_of` gives."""
    if client.logo_uri is None or not client.enabled:
        return False
    if logo is None:
        return True
    if logo.state == "fetching":
        return not _is_running(logo, now)
    return logo.state == "failed" and now - logo.tried_at >= RETRY_SECONDS


async def fetch_logo(
    server: AuthorizationServer, client: Client, make_picture: MakePicture, *, actor: str | None = None
) -> Logo | None:
    """Fetches the client's logo now; gives what came of it, or None when somebody else is at it (or it has none)."""
    if client.logo_uri is None:
        return None
    before = await server.storage.get(LOGOS, client.client_id)
    claimed = await _claim(server, client.client_id, client.logo_uri, before)
    if claimed is None:
        return None
    try:
        fetched = await server.fetch(client.logo_uri, ACCEPTED, MOST_BYTES)
        png = await make_picture(fetched.body)
    except FetchFailed as error:
        # a picture of this very address that we have is better than none
        state: Literal["kept", "failed"] = "kept" if claimed.picture_hash else "failed"
        return await _settle(server, replace(claimed, state=state, reason=str(error)), None, before, actor)
    except BadPicture as error:
        failed = replace(claimed, state="failed", picture_hash=None, reason=str(error))
        return await _settle(server, failed, None, before, actor)
    picture = Picture(sha256(png).hexdigest(), client.client_id, png)
    kept = replace(claimed, state="kept", picture_hash=picture.picture_hash, reason=None)
    return await _settle(server, kept, picture, before, actor)


async def due_logos(server: AuthorizationServer) -> list[str]:
    """The clients whose logo should be fetched, by client_id. Drops what is left of logos that nobody has any more."""
    clients = {client.client_id: client for client in await every(server.storage, CLIENTS)}
    logos = {logo.client_id: logo for logo in await every(server.storage, LOGOS)}
    for logo in logos.values():
        owner = clients.get(logo.client_id)
        if owner is None or owner.logo_uri is None:
            await server.storage.commit(act(Remove(LOGOS, (logo.client_id,)), *_dropping(logo)))
    return [
        client_id
        for client_id, client in clients.items()
        if is_due(client, _current(client, logos.get(client_id)), server.now())
    ]


async def picture(server: AuthorizationServer, picture_hash: str) -> Picture | None:
    """The picture of this hash, whichever client has it."""
    found = await server.storage.find(PICTURES, {"picture_hash": picture_hash}, limit=1)
    return found[0] if found else None


def _current(client: Client, logo: Logo | None) -> Logo | None:
    return logo if logo is not None and logo.uri == client.logo_uri else None


def _is_running(logo: Logo, now: int) -> bool:
    return logo.state == "fetching" and now - logo.tried_at < CLAIM_SECONDS


async def _claim(server: AuthorizationServer, client_id: str, uri: str, before: Logo | None) -> Logo | None:
    """The attempt, once it is ours alone; until it is settled, a picture of the same address is still shown."""
    if before is not None and before.uri == uri and _is_running(before, server.now()):
        return None
    shown = before.picture_hash if before is not None and before.uri == uri else None
    mine = Logo(client_id, uri, "fetching", server.now(), new_id(server, "l"), shown)
    write: Write = Add(LOGOS, mine)
    if before is not None:
        write = Change(LOGOS, (client_id,), _fields(mine), {"claim": before.claim})
    return mine if (await server.storage.commit(act(write))).all else None


async def _settle(
    server: AuthorizationServer, logo: Logo, made: Picture | None, before: Logo | None, actor: str | None
) -> Logo | None:
    """Writes what came of an attempt, its picture, and the audit row; drops the picture of before. None: too late."""
    outcome = "ok" if made is not None else "refused"
    detail = {"reason": logo.reason} if logo.reason else None
    event = audit_event(
        server, "client.logo_fetched", outcome, client_id=logo.client_id, actor=actor, detail=detail
    )
    writes: list[Write] = [Change(LOGOS, (logo.client_id,), _fields(logo), {"claim": logo.claim})]
    writes += [Put(PICTURES, made)] if made is not None else []
    writes += [Add(AUDIT, event)]
    settled = len(writes)
    if before is not None and before.picture_hash != logo.picture_hash:
        writes += _dropping(before)
    outcomes = await server.storage.commit(Act(tuple(writes)))
    if not all(outcomes.won[:settled]):
        return None
    server.observe(event)
    return logo


def _dropping(logo: Logo) -> list[Write]:
    return [Remove(PICTURES, (logo.picture_hash, logo.client_id))] if logo.picture_hash else []


def _fields(logo: Logo) -> dict[str, str | int | None]:
    """What a `Change` sets: all but the key."""
    return {one.name: getattr(logo, one.name) for one in fields(logo) if one.name != "client_id"}
