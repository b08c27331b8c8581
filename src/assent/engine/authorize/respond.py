"""Grant and code, once, and where the browser is sent.

Sources: RFC 6749 4.1.2, RFC 9207 (`iss`), SMART App Launch 2.2 (context belongs to the grant).
"""

from collections.abc import Mapping
from typing import Any

from assent.engine.authority import is_delegate
from assent.engine.authorize.answers import AnsweredAlready, answered_already, code_for, redirect_url
from assent.engine.authorize.progress import Progress
from assent.engine.authorize.recent import remember_patient
from assent.engine.authorize.request import PageError, RedirectError
from assent.engine.authorize.steps import context_needs
from assent.engine.consent import granted_scope
from assent.engine.events import audit_event, commit, record
from assent.engine.handles import hash_handle, new_id
from assent.engine.lasting import ends_with_session, refreshing_ends
from assent.engine.second_factors import acr_of, amr_of
from assent.engine.server import AuthorizationServer, Caller
from assent.records.grants import Code, Grant
from assent.records.people import Person
from assent.records.sessions import Pending
from assent.spec.errors import AccessDenied, InvalidRequest, OAuthError, ServerError
from assent.spec.scope_sets import ScopeSet
from assent.storage.interface import Add, Change, Write
from assent.storage.tables import CODES, GRANTS, LAUNCHES, PENDING, SESSIONS


class SessionEnded(Exception):
    """The session ended while the request was answered: nothing was granted, the request is still open."""


async def respond(
    server: AuthorizationServer, progress: Progress, pending: Pending | None, caller: Caller
) -> str:
    """Commits grant and code; gives the URL to send the browser to. Call only when no step is needed.

    Raises `SessionEnded` when the session ended meanwhile, `PageError` when the request was answered meanwhile,
    `RedirectError` when nothing was granted or the launch was used meanwhile.
    """
    if progress.signed_in is None:
        raise ServerError("nobody is signed in")
    session_hash = progress.signed_in.session.session_hash
    scope = granted_scope(progress)
    if not scope:
        raise refusal(progress, AccessDenied("nothing was allowed"))
    grant = await _grant(server, progress, scope)
    code_text = code_for(server, pending)
    code = Code(
        code_hash=hash_handle(code_text),
        grant_id=grant.grant_id,
        client_id=grant.client_id,
        redirect_uri=progress.request.redirect_uri,
        code_challenge=progress.request.code_challenge,
        expires_at=grant.created_at + server.settings.code_seconds,
    )
    # First: what ends somebody's grants (a disabled account, a new password) ends her sessions before them in the same
    # act, so that this grant is there for it to end, or is not made.
    still_open = Change(SESSIONS, (session_hash,), {}, {"ended_at": 0})
    closing = _closing(server, progress, pending)
    event = audit_event(
        server,
        "authorization.granted",
        caller=caller,
        client_id=grant.client_id,
        person_id=grant.person_id,
        grant_id=grant.grant_id,
        detail={
            "asked": progress.request.asked_scope[:2000],
            "scope": scope.text[:2000],
            **({"acting_for": grant.acting_for} if grant.acting_for else {}),
        },
    )
    opened = await remember_patient(server, progress.signed_in.person, grant.context.get("patient"))
    writes = (still_open, *closing, Add(GRANTS, grant), Add(CODES, code), *opened)
    outcomes = await commit(server, *writes, event=event)
    if not outcomes.all:
        if outcomes.lost_at == 0:
            raise SessionEnded
        if outcomes.lost_at == 1 and pending is not None:
            raise await answered_already(server, pending, session_hash, progress.client)
        raise refusal(progress, InvalidRequest("launch was used already"))
    return redirect_url(
        server, progress.request.redirect_uri, {"code": code_text, "state": progress.request.state}
    )


def _closing(server: AuthorizationServer, progress: Progress, pending: Pending | None) -> list[Write]:
    """What must happen once for a code to be issued: the request is closed, its launch handle spent."""
    now = server.now()
    writes: list[Write] = []
    if pending is not None:
        writes.append(_close(pending, now))
    if progress.launch is not None:
        writes.append(Change(LAUNCHES, (progress.launch.launch_hash,), {"spent_at": now}, {"spent_at": 0}))
    return writes


async def _grant(server: AuthorizationServer, progress: Progress, scope: ScopeSet) -> Grant:
    signed_in = progress.signed_in
    if signed_in is None:
        raise ServerError("nobody is signed in")
    context = _context(progress, scope)
    return Grant(
        grant_id=new_id(server, "g"),
        client_id=progress.client.client_id,
        person_id=signed_in.person.person_id,
        session_hash=signed_in.session.session_hash,
        scope=scope.text,
        context=context,
        aud=server.issuer.fhir_base,
        nonce=progress.request.nonce,
        auth_time=signed_in.session.auth_time,
        acr=acr_of(server.settings, signed_in.session),
        amr=amr_of(server.settings, signed_in.session),
        fhir_user=signed_in.person.fhir_user,
        online=ends_with_session(progress, scope),
        created_at=progress.now,
        expires_at=refreshing_ends(server.settings, progress, scope),
        acting_for=await _acting_for(server, signed_in.person, context.get("patient")),
    )


async def _acting_for(server: AuthorizationServer, person: Person, patient: Any) -> str | None:
    """The patient in context, as a reference, where the person is her delegate."""
    if not isinstance(patient, str) or not await is_delegate(server, person, patient):
        return None
    return f"Patient/{patient}"


def _context(progress: Progress, scope: ScopeSet) -> dict[str, Any]:
    """The launch context members of the token response: all of the EHR's launch, or what was asked for."""
    context: dict[str, Any] = {}
    if progress.launch is not None and scope.has("launch"):
        context.update(progress.launch.context)
    needs = context_needs(progress)
    if needs.patient and progress.patient_in_context is not None:
        context["patient"] = progress.patient_in_context
    if needs.encounter and progress.encounter_in_context is not None:
        context["encounter"] = progress.encounter_in_context
    return context


def refusal(progress: Progress, error: AccessDenied | InvalidRequest) -> RedirectError:
    """A refusal that goes back to the app."""
    request = progress.request
    return RedirectError(error, request.redirect_uri, request.state, request.client_id)


def _close(pending: Pending, now: int, **said: Any) -> Change:
    """Closes a request, once, and only as it was read: another session's answer is not ours."""
    where = {"closed_at": 0, "session_hash": pending.session_hash}
    return Change(PENDING, (pending.pending_hash,), {"closed_at": now, **said}, where)


async def deny(
    server: AuthorizationServer,
    progress: Progress,
    pending: Pending,
    caller: Caller,
    *,
    type: str = "authorization.denied",  # noqa: A002 - the audit record's own name
    detail: Mapping[str, Any] | None = None,
    told: str = "the person said no",
) -> str:
    """Closes a request with the person's no; gives the URL to send the browser to.

    `type` and `detail` are of the audit row, `told` is what the app is told.
    """
    error = AccessDenied(told)
    person_id, session_hash = None, pending.session_hash
    if progress.signed_in is not None:
        person_id = progress.signed_in.person.person_id
        session_hash = progress.signed_in.session.session_hash
    event = audit_event(
        server,
        type,
        "refused",
        caller=caller,
        client_id=pending.client_id,
        person_id=person_id,
        detail=detail,
    )
    closing = _close(pending, server.now(), session_hash=session_hash, refused=_described(error, caller))
    if not (await commit(server, closing, event=event)).all:
        raise await answered_already(server, pending, session_hash, progress.client)
    return error_url(server, refusal(progress, error), caller)


async def refuse(
    server: AuthorizationServer, refused: RedirectError, caller: Caller, handle: str | None = None
) -> str:
    """Records a refusal, closes the stored request if it is one's (`handle`), and gives the URL that tells the app."""
    event = audit_event(
        server,
        "authorization.refused",
        "refused",
        caller=caller,
        client_id=refused.client_id,
        detail=_said(refused.error),
    )
    writes: list[Write] = []
    if handle is not None:
        close = Change(PENDING, (hash_handle(handle),), {"closed_at": server.now()}, {"closed_at": 0})
        writes.append(close)
    if not (await commit(server, *writes, event=event)).all:
        raise AnsweredAlready(None)
    return error_url(server, refused, caller)


async def record_page_error(server: AuthorizationServer, refused: PageError, caller: Caller) -> None:
    """Records a refusal that the app is not told of."""
    event = audit_event(
        server,
        "authorization.refused",
        "refused",
        caller=caller,
        client_id=refused.client.client_id if refused.client else None,
        detail=_said(refused.error),
    )
    await record(server, event)


def _said(error: OAuthError) -> dict[str, str | None]:
    return {"error": error.code, "description": error.description, "detail": error.detail}


def error_url(server: AuthorizationServer, refused: RedirectError, caller: Caller) -> str:
    """The redirect that tells the app of a refusal (RFC 6749 4.1.2.1), with the id by which we find it again."""
    error = refused.error
    return redirect_url(
        server,
        refused.redirect_uri,
        {"error": error.code, "error_description": _described(error, caller), "state": refused.state},
    )


def _described(error: OAuthError, caller: Caller) -> str:
    reference = f" (reference {caller.reference})" if caller.reference else ""
    return error.description + reference
