"""EHR launches: an EHR registers a context and gets a handle; the first browser that brings it keeps it.

A handle identifies a context. It signs nobody in and grants nothing: the person who signs in must be the one it
names and be allowed that patient. Spent when a code is issued on it. Source: SMART App Launch 2.2 app-launch and
scopes-and-launch-context (rows A3, A9, L6-L11); the request's members are this product's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from assent.engine.events import audit_event, commit, record
from assent.engine.handles import hash_handle, new_handle
from assent.engine.people import find_person_by_name
from assent.engine.server import AuthorizationServer, Caller
from assent.records.clients import Client
from assent.records.people import Person
from assent.records.sessions import Launch
from assent.spec.errors import InvalidRequest, OAuthError
from assent.spec.identifiers import read_reference
from assent.spec.launch import BadLaunchContext, members, read_launch_context
from assent.spec.person_fields import reads_like_a_record
from assent.storage.interface import Add, Change, act
from assent.storage.tables import CLIENTS, LAUNCHES

FHIR_USER_TYPES = ("Patient", "Practitioner", "PractitionerRole", "RelatedPerson", "Person")
OWN_MEMBERS = ("client_id", "user", "launch_uri")


@dataclass(frozen=True, slots=True)
class Registered:
    """The answer to a registration: `launch` is the handle, `launch_url` the app's URL with `iss` and `launch`."""

    launch: str
    iss: str
    launch_url: str
    expires_in: int


async def register_launch(
    server: AuthorizationServer, ehr: Client, body: Mapping[str, Any], caller: Caller
) -> Registered:
    """Remembers a launch context for a client and perhaps a user. Raises `InvalidRequest` naming the member."""
    client = await _read_client(server, body)
    launch_uri = _read_launch_uri(client, body)
    user, account = await _read_user(server, body)
    try:
        context = read_launch_context(body, OWN_MEMBERS)
    except BadLaunchContext as error:
        raise InvalidRequest(f"{error.parameter}: {error.rule}") from error
    now = server.now()
    handle = new_handle(server)
    launch = Launch(
        launch_hash=hash_handle(handle),
        client_id=client.client_id,
        registered_by=ehr.client_id,
        person=user,
        person_id=account.person_id if account else None,
        context=members(context),
        created_at=now,
        expires_at=now + server.settings.launch_seconds,
    )
    event = audit_event(
        server, "launch.registered", caller=caller, client_id=client.client_id, actor=ehr.client_id
    )
    await commit(server, Add(LAUNCHES, launch), event=event)
    base = server.issuer.fhir_base
    glue = "&" if urlsplit(launch_uri).query else "?"
    url = f"{launch_uri}{glue}{urlencode({'iss': base, 'launch': handle})}"
    return Registered(handle, base, url, server.settings.launch_seconds)


async def record_refused_launch(
    server: AuthorizationServer, ehr: Client | None, refused: OAuthError, caller: Caller
) -> None:
    """Writes down that a launch was not registered; `ehr` is None when who asked did not prove who it is."""
    event = audit_event(
        server,
        "launch.refused",
        "refused",
        caller=caller,
        actor=ehr.client_id if ehr else None,
        detail={"error": refused.code, "description": refused.description, "detail": refused.detail},
    )
    await record(server, event)


async def _read_client(server: AuthorizationServer, body: Mapping[str, Any]) -> Client:
    client_id = body.get("client_id")
    if not isinstance(client_id, str):
        raise InvalidRequest("client_id is required: the app to launch")
    client = await server.storage.get(CLIENTS, client_id)
    if client is None or not client.enabled:
        raise InvalidRequest("client_id is unknown here")
    return client


def _read_launch_uri(client: Client, body: Mapping[str, Any]) -> str:
    given = body.get("launch_uri")
    if given is None:
        if len(client.launch_uris) != 1:
            count = "no" if not client.launch_uris else "more than one"
            raise InvalidRequest(f"launch_uri is required: the client has {count} launch URI")
        return client.launch_uris[0]
    if given not in client.launch_uris:
        raise InvalidRequest("launch_uri is not one of the client's")
    return str(given)


async def _read_user(
    server: AuthorizationServer, body: Mapping[str, Any]
) -> tuple[str | None, Person | None]:
    """A username and whose it is; or a `fhirUser`, which people who never signed in here may have, and nobody."""
    user = body.get("user")
    if user is None:
        return None, None
    if not isinstance(user, str) or not user or len(user) > 200:
        raise InvalidRequest("user must be a username or a fhirUser")
    account = None if reads_like_a_record(user) else await find_person_by_name(server, user)
    if account is None and "/" in user:
        try:
            reference = read_reference(user)
        except ValueError as error:
            raise InvalidRequest("user is no username and no fhirUser") from error
        if reference.resource_type not in FHIR_USER_TYPES:
            raise InvalidRequest("user: a fhirUser is a " + ", ".join(FHIR_USER_TYPES))
        return user, None
    if account is None:
        raise InvalidRequest("user is unknown here")
    return user, account


def is_for(launch: Launch, person: Person) -> bool:
    """Whether this is the person that the EHR named, if it named one: not whoever has her user name by now."""
    if launch.person is None:
        return True
    if launch.person_id is not None:
        return launch.person_id == person.person_id
    return launch.person == person.fhir_user


async def find_launch(
    server: AuthorizationServer, launch_hash: bytes, client_id: str, browser_hash: bytes
) -> Launch:
    """The launch that this client's browser brought; binds it to the first one. Raises `InvalidRequest`.

    A handle has to be brought soon; once it is bound, it lives as long as its person may take for the pages.
    """
    launch = await server.storage.get(LAUNCHES, launch_hash)
    if launch is None:
        raise _refused("unknown")
    if launch.client_id != client_id:
        raise _refused("of another client")
    if launch.spent_at:
        raise _refused("a code was issued on it")
    if launch.expires_at <= server.now():
        raise _refused("expired")
    if launch.browser_hash is None:
        until = server.now() + server.settings.pending_seconds
        bound = {"browser_hash": browser_hash, "expires_at": until}
        bind = Change(LAUNCHES, (launch_hash,), bound, {"browser_hash": None})
        if (await server.storage.commit(act(bind))).all:
            return launch
        launch = await server.storage.get(LAUNCHES, launch_hash)
    if launch is None or launch.browser_hash != browser_hash:
        raise _refused("another browser brought it first")
    return launch


def _refused(why: str) -> InvalidRequest:
    """One answer for whatever is wrong with a handle; the log says what it was."""
    return InvalidRequest("launch is unknown, expired, used, or of another client or browser", detail=why)
