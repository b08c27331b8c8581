"""Browsers in which a person's second factor is not asked for again, for as long as the setting says.

Bound to the person and to a cookie of the browser; ended by her, by time, and with her factors.
"""

from dataclasses import replace

from assent.engine.events import audit_event, commit
from assent.engine.handles import hash_handle, new_handle, new_id
from assent.engine.second_factors import is_proven
from assent.engine.server import AuthorizationServer, Caller
from assent.engine.sessions import SignedIn, end_session
from assent.records.people import Person
from assent.records.second_factors import RememberedBrowser
from assent.storage.interface import ChangeAll, Put, Remove, Scalar, Write
from assent.storage.tables import REMEMBERED_BROWSERS, SESSIONS

_DAY = 86400


async def is_remembered(server: AuthorizationServer, cookie: str | None, person: Person) -> bool:
    """Whether this browser is one of hers."""
    if not cookie or server.settings.second_factor_remember_days == 0:
        return False
    row = await server.storage.get(REMEMBERED_BROWSERS, hash_handle(cookie), person.person_id)
    if row is None:
        return False
    # the setting of today counts: days that were taken away are gone
    longest = row.created_at + server.settings.second_factor_remember_days * _DAY
    return min(row.expires_at, longest) > server.now()


async def remember_browser(
    server: AuthorizationServer, cookie: str | None, person: Person, caller: Caller
) -> str:
    """The value of the cookie by which the browser is known from now on.

    It is a new one each time, since somebody else may know the one that the browser has; whoever is remembered by that
    one is so by the new one.
    """
    value, now = new_handle(server), server.now()
    row = RememberedBrowser(
        cookie_hash=hash_handle(value),
        person_id=person.person_id,
        public_id=new_id(server, "b"),
        user_agent=(caller.user_agent or "")[:200] or None,
        created_at=now,
        expires_at=now + server.settings.second_factor_remember_days * _DAY,
    )
    event = audit_event(
        server,
        "browser.remembered",
        caller=caller,
        person_id=person.person_id,
        detail={"browser": row.public_id},
    )
    moved = await _moved(server, cookie, row)
    await commit(server, Put(REMEMBERED_BROWSERS, row), *moved, event=event)
    return value


async def _moved(server: AuthorizationServer, cookie: str | None, new: RememberedBrowser) -> list[Write]:
    """What takes the worth of a browser's old cookie, and gives that of other people in it to the new one."""
    if not cookie:
        return []
    writes: list[Write] = []
    for row in await server.storage.find(
        REMEMBERED_BROWSERS, {"cookie_hash": hash_handle(cookie)}, limit=100
    ):
        if row.person_id != new.person_id and row.expires_at > server.now():
            writes.append(Put(REMEMBERED_BROWSERS, replace(row, cookie_hash=new.cookie_hash)))
        where: dict[str, Scalar] = {"person_id": row.person_id, "cookie_hash": row.cookie_hash}
        writes.append(ChangeAll(REMEMBERED_BROWSERS, where, {"expires_at": 1}))
    return writes


async def remembered_browsers(server: AuthorizationServer, person: Person) -> tuple[RememberedBrowser, ...]:
    """Those of hers whose time is not over, the latest first."""
    where = {"person_id": person.person_id}
    rows = await server.storage.find(REMEMBERED_BROWSERS, where, limit=100)
    return tuple(
        sorted((row for row in rows if row.expires_at > server.now()), key=lambda row: -row.created_at)
    )


async def forget_browser(server: AuthorizationServer, own: SignedIn, public_id: str, caller: Caller) -> bool:
    """Asks again in one browser; False when it was forgotten already.

    It may have been stolen: what else is open of hers without a factor, because a browser was remembered, ends.
    """
    person = own.person
    for row in await remembered_browsers(server, person):
        if row.public_id == public_id:
            event = audit_event(
                server,
                "browser.forgotten",
                caller=caller,
                person_id=person.person_id,
                actor=person.person_id,
                detail={"browser": public_id},
            )
            key = (row.cookie_hash, row.person_id)
            is_forgotten = (await commit(server, Remove(REMEMBERED_BROWSERS, key), event=event)).all
            await _end_unproven(server, own, caller)
            return is_forgotten
    return False


async def _end_unproven(server: AuthorizationServer, own: SignedIn, caller: Caller) -> None:
    """A session does not say which of the remembered browsers it began in: so none is spared but the one that asks."""
    actor = own.person.person_id
    where: dict[str, Scalar] = {"person_id": actor, "ended_at": 0}
    for session in await server.storage.find(SESSIONS, where):
        is_other = session.session_hash != own.session.session_hash
        if is_other and session.browser_remembered and not is_proven(server.settings, session):
            because = "a remembered browser was forgotten"
            await end_session(server, session, because=because, actor=actor, caller=caller)
