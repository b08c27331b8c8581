"""An authorization request between its pages: stored, found again, and settled field by field.

Nothing of the request is read from the browser again but an id and a cookie. What a page settles counts only
for the session that settled it: when somebody else signs in meanwhile, it has to be asked again.
"""

from dataclasses import dataclass, replace

from assent.engine.authorize.progress import Progress
from assent.engine.authorize.request import AuthorizeRequest, PageError, RedirectError
from assent.engine.authorize.steps import context_needs
from assent.engine.events import audit_event, commit
from assent.engine.handles import hash_handle, new_handle
from assent.engine.launch import find_launch, is_for
from assent.engine.server import AuthorizationServer, Caller
from assent.engine.sessions import SignedIn, find_session
from assent.records.clients import Client
from assent.records.people import Person
from assent.records.sessions import Pending, Session
from assent.spec.errors import AccessDenied, InvalidRequest, OAuthError
from assent.spec.permissions import Power
from assent.spec.scope_sets import ScopeSet, read_scopes
from assent.storage.interface import Add, Change, act
from assent.storage.tables import CLIENTS, GRANTS, PENDING

NO_BROWSER = b""


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
    signed_in = await find_session(server, session_cookie)
    progress = Progress(request, client, server.now(), signed_in)
    return await _complete(server, progress, hash_handle(browser))


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
    if pending is None or pending.expires_at <= server.now():
        raise PageError(InvalidRequest("this request is unknown or has timed out"), because="expired")
    if browser is None or pending.browser_hash != hash_handle(browser):
        raise PageError(InvalidRequest("this request was begun in another browser"), because="expired")
    client = await server.storage.get(CLIENTS, pending.client_id)
    if client is None or not client.enabled:
        raise PageError(InvalidRequest("this client is switched off"))
    if pending.closed_at:
        raise PageError(InvalidRequest("this request was answered already"), client, "used")
    signed_in = await find_session(server, session_cookie)
    progress = Progress(AuthorizeRequest.from_json(pending.request), client, server.now(), signed_in)
    if signed_in is not None and pending.session_hash == signed_in.session.session_hash:
        progress = replace(
            progress,
            reauthenticated_at=pending.reauthenticated_at,
            patient=pending.patient,
            encounter=pending.encounter or None,
            encounter_settled=pending.encounter is not None,
            approved_scope=pending.approved_scope,
        )
    return Waiting(handle, pending, await _complete(server, progress, pending.browser_hash))


async def settle_login(server: AuthorizationServer, waiting: Waiting, session: Session) -> None:
    """Notes that somebody signed in for this request; what another session settled is forgotten."""
    await _settle(
        server,
        waiting,
        session_hash=session.session_hash,
        reauthenticated_at=session.auth_time,
        patient=None,
        encounter=None,
        approved_scope=None,
    )


async def settle_patient(server: AuthorizationServer, waiting: Waiting, patient: str) -> None:
    """Takes the patient that was chosen, once it is shown that the person may. Raises `AccessDenied`."""
    signed_in = _signed_in(waiting)
    if not await may_open(server, signed_in.person, patient):
        raise AccessDenied("this record is not yours to open", detail="patient outside the person's powers")
    await _settle(
        server, waiting, session_hash=signed_in.session.session_hash, patient=patient, encounter=None
    )


async def settle_encounter(server: AuthorizationServer, waiting: Waiting, encounter: str) -> None:
    """Takes the encounter that was chosen, once it is shown to be the patient's. Raises `AccessDenied`."""
    signed_in = _signed_in(waiting)
    patient = waiting.progress.patient_in_context
    if patient is None or encounter not in await server.records.encounters(patient):
        raise AccessDenied("this visit is not in the record that was chosen")
    await _settle(server, waiting, session_hash=signed_in.session.session_hash, encounter=encounter)


async def settle_approval(server: AuthorizationServer, waiting: Waiting, scope: ScopeSet) -> None:
    """Takes what was approved."""
    session_hash = _signed_in(waiting).session.session_hash
    await _settle(server, waiting, session_hash=session_hash, approved_scope=scope.text)


async def _settle(server: AuthorizationServer, waiting: Waiting, **fields: object) -> None:
    settled = {name: value for name, value in fields.items() if name != "session_hash"}
    change = Change(PENDING, (waiting.pending.pending_hash,), fields, {"closed_at": 0})
    progress = waiting.progress
    event = audit_event(
        server,
        "authorization.settled",
        client_id=waiting.pending.client_id,
        person_id=progress.signed_in.person.person_id if progress.signed_in else None,
        detail={"settled": sorted(name for name, value in settled.items() if value is not None)},
    )
    if not (await commit(server, change, event=event)).all:
        raise PageError(InvalidRequest("this request was answered already"), progress.client, "used")


def _signed_in(waiting: Waiting) -> SignedIn:
    if waiting.progress.signed_in is None:
        raise PageError(InvalidRequest("nobody is signed in"), waiting.progress.client, "expired")
    return waiting.progress.signed_in


async def may_open(server: AuthorizationServer, person: Person, patient: str) -> bool:
    """Whether the person may read this patient's record at all."""
    powers = await server.records.powers(person)
    return any(reaches(power, patient) for power in powers)


def reaches(power: Power, patient: str) -> bool:
    """Whether a power reads the patient of this bare id."""
    reference = f"Patient/{patient}"
    return (
        power.verb == "read"
        and power.resource_type in ("*", "Patient")
        and power.within in (None, reference)
        and power.instance in (None, reference)
    )


def may_search_patients(powers: tuple[Power, ...]) -> bool:
    """Whether these powers read every patient: then there is a search, not a list."""
    return any(
        power.verb == "read"
        and power.resource_type in ("*", "Patient")
        and power.within is None
        and power.instance is None
        for power in powers
    )


async def _complete(server: AuthorizationServer, progress: Progress, browser_hash: bytes) -> Progress:
    """Adds what is known without asking: the launch, what was given before, and a choice that is none."""
    try:
        progress = await _add_launch(server, progress, browser_hash)
        if progress.signed_in is None:
            return progress
        progress = await _add_remembered(server, progress)
        return await _add_sole_choice(server, progress)
    except OAuthError as error:
        request = progress.request
        raise RedirectError(error, request.redirect_uri, request.state, request.client_id) from error


async def _add_launch(server: AuthorizationServer, progress: Progress, browser_hash: bytes) -> Progress:
    if progress.request.launch_hash is None:
        return progress
    launch_hash = bytes.fromhex(progress.request.launch_hash)
    launch = await find_launch(server, launch_hash, progress.client.client_id, browser_hash)
    progress = replace(progress, launch=launch)
    if progress.signed_in is None:
        return progress
    person = progress.signed_in.person
    if not is_for(server, launch, person):
        if progress.reauthenticated_at:
            raise AccessDenied("the app was launched for somebody else")
        return replace(progress, signed_in=None)  # somebody else's browser session: the right person signs in
    patient = progress.patient_in_context
    if patient is not None and not await may_open(server, person, patient):
        raise AccessDenied("the person may not open the record of this launch")
    return progress


async def _add_remembered(server: AuthorizationServer, progress: Progress) -> Progress:
    client, signed_in = progress.client, progress.signed_in
    if signed_in is None or not client.remember_approved_scopes:
        return progress
    where = {"person_id": signed_in.person.person_id, "client_id": client.client_id}
    grants = await server.storage.find(GRANTS, where, limit=100)
    remembered = ScopeSet()
    for grant in grants:
        if not grant.revoked_at and grant.context.get("patient") == progress.patient_in_context:
            remembered = remembered.join(read_scopes(grant.scope).scopes)
    return replace(progress, remembered=remembered)


async def _add_sole_choice(server: AuthorizationServer, progress: Progress) -> Progress:
    """No page where there is one choice: the only patient, the only encounter, or none."""
    signed_in = progress.signed_in
    if signed_in is None:
        return progress
    needs = context_needs(progress)
    if needs.patient and progress.patient_in_context is None:
        patients = await server.records.patients(signed_in.person)
        if len(patients) == 1 and not may_search_patients(await server.records.powers(signed_in.person)):
            progress = replace(progress, patient=patients[0])
    patient = progress.patient_in_context
    if needs.encounter and patient and not progress.encounter_settled and not progress.encounter_in_context:
        encounters = await server.records.encounters(patient)
        if len(encounters) < 2:
            sole = encounters[0] if encounters else None
            progress = replace(progress, encounter=sole, encounter_settled=True)
    return progress
