"""An authorization request between its pages: stored, found again, and settled field by field.

Nothing of the request is read from the browser again but an id and a cookie. What a page settles counts only
for the session that settled it: when somebody else signs in meanwhile, it has to be asked again.
"""

from dataclasses import dataclass, replace
from typing import Final

from assent.engine.authorize.answers import answered_already
from assent.engine.authorize.choices import narrow_encounters, narrow_patients
from assent.engine.authorize.complete import complete
from assent.engine.authorize.progress import Progress
from assent.engine.authorize.reach import may_open
from assent.engine.authorize.request import AuthorizeRequest, PageError
from assent.engine.events import audit_event, commit, record
from assent.engine.handles import hash_handle, new_handle
from assent.engine.server import AuthorizationServer, Caller
from assent.engine.sessions import HalfSignedIn, SignedIn, SomeSignIn, find_sign_in
from assent.records.clients import Client
from assent.records.sessions import Pending, Session
from assent.spec.errors import AccessDenied, InvalidRequest
from assent.spec.scope_sets import ScopeSet
from assent.storage.interface import Add, Change, act
from assent.storage.tables import CLIENTS, PENDING

NO_BROWSER = b""
_NOTHING_APPROVED: Final[dict[str, str | int | None]] = {"approved_scope": None, "keep_seconds": None}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A stored request and how far it is. `handle` is its id in URLs."""

    handle: str
    pending: Pending
    progress: Progress


async def begin(
    server: AuthorizationServer,
    request: AuthorizeRequest,
    client: Client,
    browser: str,
    session_cookie: str | None,
) -> Progress:
    """How far a request is when it arrives. Raises `RedirectError`."""
    progress = _progress(server, request, client, await find_sign_in(server, session_cookie))
    return await complete(server, progress, hash_handle(browser))


async def store(server: AuthorizationServer, progress: Progress, browser: str | None, caller: Caller) -> str:
    """Remembers a request while its person is asked; gives its id for URLs.

    `browser` None: a cross-site POST brought no cookie; the first browser that comes with the id takes it up.
    """
    handle = new_handle(server)
    now = server.now()
    pending = Pending(
        pending_hash=hash_handle(handle),
        browser_hash=hash_handle(browser) if browser else NO_BROWSER,
        client_id=progress.client.client_id,
        request=progress.request.to_json(),
        created_at=now,
        expires_at=now + server.settings.pending_seconds,
    )
    event = audit_event(server, "authorization.asked", caller=caller, client_id=pending.client_id)
    await commit(server, Add(PENDING, pending), event=event)
    return handle


async def take_up(server: AuthorizationServer, handle: str, browser: str) -> None:
    """Binds a stored request to the first browser that comes with its id; any other finds it taken."""
    change = Change(
        PENDING,
        (hash_handle(handle),),
        {"browser_hash": hash_handle(browser)},
        {"browser_hash": NO_BROWSER, "closed_at": 0},
    )
    await server.storage.commit(act(change))


async def find_waiting(
    server: AuthorizationServer, handle: str, browser: str | None, session_cookie: str | None
) -> Waiting:
    """The stored request of this browser. Raises `PageError` when there is none, `RedirectError` from its checks."""
    pending = await server.storage.get(PENDING, hash_handle(handle))
    if pending is None:
        raise PageError(_unknown(), because="expired")
    is_of_browser = browser is not None and pending.browser_hash == hash_handle(browser)
    client = await server.storage.get(CLIENTS, pending.client_id)
    is_known = client is not None and client.enabled
    if pending.expires_at <= server.now():
        raise PageError(_unknown(), client if is_of_browser and is_known else None, "expired")
    if not is_of_browser:
        raise PageError(InvalidRequest("this request was begun in another browser"), because="browser")
    if client is None or not is_known:
        raise PageError(InvalidRequest("this client is switched off"))
    if pending.closed_at:
        session_hash = hash_handle(session_cookie) if session_cookie else None
        raise await answered_already(server, pending, session_hash, client)
    found = await find_sign_in(server, session_cookie)
    progress = _progress(server, AuthorizeRequest.from_json(pending.request), client, found)
    if found is not None and pending.session_hash == found.session.session_hash:
        progress = replace(
            progress,
            reauthenticated_at=pending.reauthenticated_at,
            patient=pending.patient,
            encounter=pending.encounter or None,
            encounter_settled=pending.encounter is not None,
            approved_scope=pending.approved_scope,
            keep_seconds=pending.keep_seconds,
        )
    return Waiting(handle, pending, await complete(server, progress, pending.browser_hash))


async def settle_login(server: AuthorizationServer, waiting: Waiting, session: Session) -> None:
    """Notes that somebody signed in for this request; what another session settled is forgotten."""
    await _settle(
        server,
        waiting,
        session,
        reauthenticated_at=session.auth_time,
        patient=None,
        encounter=None,
        **_NOTHING_APPROVED,
    )


async def settle_second_factor(server: AuthorizationServer, waiting: Waiting, session: Session) -> None:
    """Goes on in the session that took the place of the one in which a second factor was still to be proven."""
    await _settle(server, waiting, session)


async def settle_patient(server: AuthorizationServer, waiting: Waiting, patient: str, caller: Caller) -> None:
    """Takes the patient that was chosen, once it is shown that the person may. Raises `AccessDenied`."""
    signed_in = _signed_in(waiting)
    person, client = signed_in.person, waiting.progress.client
    may = await may_open(server, person, patient)
    if not may or patient not in await narrow_patients(server, client, person, (patient,)):
        await _record_refused_choice(server, waiting, signed_in, "patient", caller)
        raise AccessDenied("this record is not yours to open", detail="patient outside the person's powers")
    await _settle(server, waiting, signed_in.session, patient=patient, encounter=None, **_NOTHING_APPROVED)


async def settle_encounter(
    server: AuthorizationServer, waiting: Waiting, encounter: str, caller: Caller
) -> None:
    """Takes the encounter that was chosen, once it is shown to be the patient's. Raises `AccessDenied`."""
    signed_in = _signed_in(waiting)
    patient, client = waiting.progress.patient_in_context, waiting.progress.client
    is_theirs = patient is not None and await server.records.patient_of_encounter(encounter) == patient
    if not is_theirs or encounter not in await narrow_encounters(
        server, client, signed_in.person, str(patient), (encounter,)
    ):
        await _record_refused_choice(server, waiting, signed_in, "encounter", caller)
        raise AccessDenied("this visit is not in the record that was chosen")
    await _settle(server, waiting, signed_in.session, encounter=encounter, **_NOTHING_APPROVED)


async def settle_approval(
    server: AuthorizationServer, waiting: Waiting, scope: ScopeSet, keep_seconds: int | None = None
) -> None:
    """Takes what was approved, and for how long where the client offers a choice (`lasting`)."""
    session = _signed_in(waiting).session
    await _settle(server, waiting, session, approved_scope=scope.text, keep_seconds=keep_seconds)


async def _settle(
    server: AuthorizationServer, waiting: Waiting, session: Session, **settled: str | int | None
) -> None:
    """Writes what this session has settled by now, all of it: nothing of another session is left beside it."""
    pending, progress = waiting.pending, waiting.progress
    known: dict[str, str | int | None] = {
        "reauthenticated_at": progress.reauthenticated_at,
        "patient": progress.patient,
        "encounter": (progress.encounter or "") if progress.encounter_settled else None,
        "approved_scope": progress.approved_scope,
        "keep_seconds": progress.keep_seconds,
    }
    change = Change(
        PENDING,
        (pending.pending_hash,),
        {"session_hash": session.session_hash, **known, **settled},
        {"closed_at": 0, "session_hash": pending.session_hash},
    )
    event = audit_event(
        server,
        "authorization.settled",
        client_id=pending.client_id,
        person_id=session.person_id,
        detail={"settled": sorted(name for name, value in settled.items() if value is not None)},
    )
    if not (await commit(server, change, event=event)).all:
        raise await answered_already(server, pending, session.session_hash, progress.client)


async def _record_refused_choice(
    server: AuthorizationServer, waiting: Waiting, signed_in: SignedIn, choice: str, caller: Caller
) -> None:
    """Somebody asked for a record that is not hers: whose it was is not written down."""
    event = audit_event(
        server,
        "context.refused",
        "refused",
        caller=caller,
        client_id=waiting.pending.client_id,
        person_id=signed_in.person.person_id,
        detail={"choice": choice},
    )
    await record(server, event)


def _unknown() -> InvalidRequest:
    return InvalidRequest("this request is unknown or has timed out")


def _progress(
    server: AuthorizationServer,
    request: AuthorizeRequest,
    client: Client,
    found: SomeSignIn | None,
) -> Progress:
    if isinstance(found, HalfSignedIn):
        return Progress(request, client, server.now(), half=found)
    return Progress(request, client, server.now(), found)


def _signed_in(waiting: Waiting) -> SignedIn:
    if waiting.progress.signed_in is None:
        raise PageError(InvalidRequest("nobody is signed in"), waiting.progress.client, "expired")
    return waiting.progress.signed_in
