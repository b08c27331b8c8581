"""What is known of a request without asking anybody: the launch, whose it is, the only choice, what was given or agreed
to before.

Sources: SMART App Launch 2.2 app-launch; OpenID Connect Core 3.1.2.1 (`id_token_hint`).
"""

from dataclasses import replace

from assent.engine.authorize.choices import (
    listed_patients,
    may_search,
    narrow_encounters,
    narrow_patients,
)
from assent.engine.authorize.progress import Progress
from assent.engine.authorize.reach import may_open
from assent.engine.authorize.request import RedirectError
from assent.engine.authorize.steps import context_needs
from assent.engine.issue import subject_of
from assent.engine.launch import find_launch, is_for
from assent.engine.server import AuthorizationServer, RecordSystemDown
from assent.engine.terms import wanted_version
from assent.records.clients import Client
from assent.records.people import Person
from assent.spec.errors import AccessDenied, LoginRequired, OAuthError, TemporarilyUnavailable
from assent.spec.scope_sets import ScopeSet, read_scopes
from assent.spec.scopes import NamedScope
from assent.storage.interface import Scalar
from assent.storage.tables import AGREEMENTS, GRANTS

_LASTING = ScopeSet.of([NamedScope("offline_access")])


async def complete(server: AuthorizationServer, progress: Progress, browser_hash: bytes) -> Progress:
    """Adds what needs no question. Raises `RedirectError`, and `RecordSystemDown` where a page can say so."""
    try:
        progress = await _add_launch(server, progress, browser_hash)
        progress = _leave_out_another_person(server, progress)
        if progress.signed_in is None:
            return progress
        person = progress.signed_in.person
        progress = await _add_agreement(server, progress, person)
        await _check_launch_patient(server, progress, person)
        progress = await _add_sole_choices(server, progress, person)
        await _check_launch_encounter(server, progress, person)
        return await _add_remembered(server, progress, person)
    except OAuthError as error:
        raise _told(progress, error) from error
    except RecordSystemDown as down:
        if "none" in progress.request.prompt:  # nobody sees a page that says so
            raise _told(progress, TemporarilyUnavailable("the record system did not answer")) from down
        raise


def _told(progress: Progress, error: OAuthError) -> RedirectError:
    request = progress.request
    return RedirectError(error, request.redirect_uri, request.state, request.client_id)


async def _add_launch(server: AuthorizationServer, progress: Progress, browser_hash: bytes) -> Progress:
    if progress.request.launch_hash is None:
        return progress
    launch_hash = bytes.fromhex(progress.request.launch_hash)
    launch = await find_launch(server, launch_hash, progress.client.client_id, browser_hash)
    return replace(progress, launch=launch)


def _leave_out_another_person(server: AuthorizationServer, progress: Progress) -> Progress:
    """The right person is asked to sign in; who signed in for this very request and is another is refused."""
    found = progress.signed_in or progress.half
    if found is None:
        return progress
    refusal = _is_another(server, progress, found.person)
    if refusal is None:
        return progress
    if progress.reauthenticated_at:
        raise refusal
    return replace(progress, signed_in=None, half=None)


def _is_another(server: AuthorizationServer, progress: Progress, person: Person) -> OAuthError | None:
    """The refusal when the EHR's launch or the ID token names somebody else than who is signed in."""
    if progress.launch is not None and not is_for(progress.launch, person):
        return AccessDenied("the app was launched for somebody else")
    meant = progress.request.hinted_subject
    if meant is not None and meant != subject_of(server, progress.client, person.person_id):
        # OpenID Connect Core 3.1.2.1: anybody else than the hinted person ends in an error, such as this one
        return LoginRequired("id_token_hint names somebody else than who signed in")
    return None


async def _check_launch_patient(server: AuthorizationServer, progress: Progress, person: Person) -> None:
    if progress.launch is None or progress.patient_in_context is None:
        return
    if not await may_open(server, person, progress.patient_in_context):
        raise AccessDenied("the person may not open the record of this launch")


async def _check_launch_encounter(server: AuthorizationServer, progress: Progress, person: Person) -> None:
    """The EHR's encounter is one of the patient in context; without a patient, of one that the person may open."""
    encounter = progress.launch.context.get("encounter") if progress.launch else None
    if encounter is None:
        return
    owner = await server.records.patient_of_encounter(str(encounter))
    patient = progress.patient_in_context
    if owner is None or (patient is not None and owner != patient):
        raise AccessDenied("the visit of this launch is not in the patient's record")
    if patient is None and not await may_open(server, person, owner):
        raise AccessDenied("the person may not open the record of this launch")


async def _add_sole_choices(server: AuthorizationServer, progress: Progress, person: Person) -> Progress:
    """No page where there is one choice: the person's default, the only patient, the only encounter, or none."""
    needs = context_needs(progress)
    if needs.patient and progress.patient_in_context is None:
        progress = replace(progress, patient=await _sole_patient(server, progress.client, person))
    patient = progress.patient_in_context
    if needs.encounter and patient and not progress.encounter_settled and not progress.encounter_in_context:
        theirs = await server.records.encounters(patient)
        encounters = await narrow_encounters(server, progress.client, person, patient, theirs)
        default = _default(person, "encounter")
        if default in encounters:
            progress = replace(progress, encounter=default, encounter_settled=True)
        elif len(encounters) < 2:
            sole = encounters[0] if encounters else None
            progress = replace(progress, encounter=sole, encounter_settled=True)
    return progress


async def _sole_patient(server: AuthorizationServer, client: Client, person: Person) -> str | None:
    default = _default(person, "patient")
    if default is not None and await may_open(server, person, default):
        kept = await narrow_patients(server, client, person, (default,))
        if default in kept:
            return default
    listed = await listed_patients(server, client, person)
    return listed[0] if len(listed) == 1 and not await may_search(server, person) else None


async def _add_agreement(server: AuthorizationServer, progress: Progress, person: Person) -> Progress:
    """What she agreed to for this client, taken back or not; where there are no terms, nobody looks."""
    version = wanted_version(server.settings, progress.client)
    if version is None:
        return progress
    agreement = await server.storage.get(AGREEMENTS, person.person_id, progress.client.client_id, version)
    return replace(progress, agreement=agreement)


def _default(person: Person, kind: str) -> str | None:
    """The bare id of the context that the person has when nothing else says one."""
    for default in person.default_launch_contexts:
        if default.type == kind:
            return default.id
    return None


async def _add_remembered(server: AuthorizationServer, progress: Progress, person: Person) -> Progress:
    """What she gave this client before, in the same record."""
    if not progress.client.remember_approved_scopes:
        return progress
    where: dict[str, Scalar] = {
        "person_id": person.person_id,
        "client_id": progress.client.client_id,
        "revoked_at": 0,
    }
    remembered, until = ScopeSet(), 0
    for grant in await server.storage.find(GRANTS, where, limit=100):
        if grant.context.get("patient") == progress.patient_in_context:
            given = read_scopes(grant.scope).scopes
            if progress.client.offline_choices and given.has("offline_access"):
                if grant.online or grant.expires_at <= progress.now:
                    given = given.without(_LASTING)  # it was given for a time that is over, or for one visit
                else:
                    until = max(until, grant.expires_at)
            remembered = remembered.join(given)
    return replace(progress, remembered=remembered, remembered_until=until)
