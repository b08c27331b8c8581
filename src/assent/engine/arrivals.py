"""Who an inbound module says has come, and the one account here that stands for her.

Everybody who signs in by any module has an account, so that approvals, terms and audit hang on one identity. It is
found by (module, provider, subject) and by nothing else: a user name that somebody else has is refused, whatever a
provider's claim or a script says, so accounts of two modules are never merged silently.
Sources: OpenID Connect Core 5.7 (only `iss` and `sub` identify), NIST SP 800-63C 5.4 (account linking).
"""

from dataclasses import replace
from typing import Any

from assent.engine.events import audit_event, commit, record
from assent.engine.given_rights import rights_given, rights_taken_back
from assent.engine.handles import new_id
from assent.engine.people import name_key
from assent.engine.server import AuthorizationServer, Caller
from assent.records.identities import Arrival, Identity
from assent.records.people import Person, PersonName
from assent.spec.errors import AccessDenied
from assent.spec.person_fields import reads_like_a_record
from assent.storage.interface import Add, Change, Remove, Scalar, Unstorable, Write, act
from assent.storage.tables import IDENTITIES, NAMES, PEOPLE

LONGEST_NAME = 200
_TRIES = 3


class Unwelcome(Exception):
    """Somebody who was proven to be herself may not come in. `words` names the message, `reason` is for the log."""

    def __init__(self, words: str, reason: str) -> None:
        super().__init__(reason)
        self.words = words
        self.reason = reason


_TOLD = (
    "given_name",
    "family_name",
    "email",
    "locale",
    "fhir_user",
    "permissions",
    "roles",
    "represents",
    "default_launch_contexts",
)


async def welcome(server: AuthorizationServer, arrival: Arrival, caller: Caller) -> Person:
    """The account of an arrival, made at the first and brought up to date at each. Raises `Unwelcome`."""
    try:
        if arrival.person_id is not None:
            return await _own_account(server, arrival, arrival.person_id)
        told = await _ask_hook(server, arrival)
        # a hook may say more of her, never that she is somebody else
        arrival = replace(
            told, module=arrival.module, provider=arrival.provider, subject=arrival.subject, person_id=None
        )
        return await _account(server, arrival, caller)
    except Unwelcome as refusal:
        event = audit_event(
            server,
            "login.refused",
            "refused",
            caller=caller,
            detail={"reason": refusal.reason, "module": arrival.module},
        )
        await record(server, event)
        raise


async def _own_account(server: AuthorizationServer, arrival: Arrival, person_id: str) -> Person:
    """The account of ours that a module has proven. A hook may refuse her; what is known of her stays as it is here."""
    person = await _enabled(server, person_id)
    if arrival.password_hash is not None and arrival.password_hash != person.password_hash:
        raise Unwelcome("wrong", "the password was changed while she signed in")
    await _ask_hook(server, replace(arrival, username=person.username))
    return person


async def _ask_hook(server: AuthorizationServer, arrival: Arrival) -> Arrival:
    try:
        return await server.hooks.on_sign_in(arrival)
    except AccessDenied as error:
        raise Unwelcome(
            "arrival", f"the deployment refuses her: {error.detail or error.description}"
        ) from error


async def _account(server: AuthorizationServer, arrival: Arrival, caller: Caller) -> Person:
    for _ in range(_TRIES):
        try:
            identity = await server.storage.get(IDENTITIES, arrival.module, arrival.provider, arrival.subject)
            if identity is None:
                person = await _add(server, arrival, caller)
            else:
                known = await _enabled(server, identity.person_id)
                person = await _renew(server, known, identity, arrival, caller)
        except Unstorable as error:
            raise Unwelcome("arrival", f"what the module says of her cannot be kept: {error}") from error
        if person is not None:
            return person  # None: another sign-in was quicker; what it wrote is read now
    raise Unwelcome("arrival", "the account changed while she signed in")


async def _enabled(server: AuthorizationServer, person_id: str) -> Person:
    person = await server.storage.get(PEOPLE, person_id)
    if person is None or not person.enabled:
        raise Unwelcome("account_off", "disabled")
    return person


async def _add(server: AuthorizationServer, arrival: Arrival, caller: Caller) -> Person | None:
    """The new account of a first arrival; None when it was added meanwhile."""
    username = _username(arrival)
    key = name_key(server.settings, username)
    if await server.storage.get(NAMES, key) is not None:
        if (
            await server.storage.get(IDENTITIES, arrival.module, arrival.provider, arrival.subject)
            is not None
        ):
            return None
        raise Unwelcome("name_taken", "the user name is somebody else's")
    now = server.now()
    person = Person(new_id(server, "u"), username, key, **_said(arrival), created_at=now, updated_at=now)
    identity = Identity(
        arrival.module, arrival.provider, arrival.subject, person.person_id, now, rights_given(arrival)
    )
    event = audit_event(
        server,
        "user.added",
        caller=caller,
        person_id=person.person_id,
        detail={"username": username, "module": arrival.module},
    )
    outcomes = await commit(
        server,
        Add(NAMES, PersonName(key, person.person_id)),
        Add(IDENTITIES, identity),
        Add(PEOPLE, person),
        event=event,
    )
    if outcomes.won[0] and not outcomes.all:  # what won before it is not undone: the name is given back
        await server.storage.commit(act(Remove(NAMES, (key,))))
    return person if outcomes.all else None


async def _renew(
    server: AuthorizationServer, person: Person, identity: Identity, arrival: Arrival, caller: Caller
) -> Person | None:
    """The account with what is said of her now; None when it was changed meanwhile."""
    gives = rights_given(arrival)
    fields = rights_taken_back(person, identity.gave, gives) | _said(arrival)
    said = {name: value for name, value in fields.items() if getattr(person, name) != value}
    before: list[Write] = []
    after: list[Write] = []
    if gives != identity.gave:
        which = (identity.module, identity.provider, identity.subject)
        after = [Change(IDENTITIES, which, {"gave": gives})]
    username = _username(arrival)
    key = name_key(server.settings, username)
    if username != person.username and (key == person.name_key or await _is_free(server, key)):
        said |= {"username": username, "name_key": key}
        if key != person.name_key:
            before = [Add(NAMES, PersonName(key, person.person_id))]
            after.append(Remove(NAMES, (person.name_key,)))
    if not said:
        if after:
            await server.storage.commit(act(*after))
        return person
    now = max(server.now(), person.updated_at + 1)  # `updated_at` tells two versions apart
    as_it_was: dict[str, Scalar] = {"updated_at": person.updated_at, "enabled": True}
    change = Change(PEOPLE, (person.person_id,), {**said, "updated_at": now}, as_it_was)
    event = audit_event(
        server,
        "user.edited",
        caller=caller,
        person_id=person.person_id,
        detail={"fields": sorted(said), "module": arrival.module},
    )
    outcomes = await commit(server, *before, change, *after, event=event)
    if before and outcomes.won[0] and not outcomes.won[1]:
        await server.storage.commit(act(Remove(NAMES, (key,))))
    return replace(person, **said, updated_at=now) if outcomes.all else None


async def _is_free(server: AuthorizationServer, key: str) -> bool:
    return await server.storage.get(NAMES, key) is None


def _said(arrival: Arrival) -> dict[str, Any]:
    said = {name: value for name in _TOLD if (value := getattr(arrival, name)) is not None}
    return {**dict.fromkeys(set(arrival.gone) & set(_TOLD) - said.keys()), **said}


def _username(arrival: Arrival) -> str:
    username = arrival.username.strip()
    if not username or len(username) > LONGEST_NAME or not username.isprintable():
        raise Unwelcome("arrival", "the module gives no user name that an account can have")
    if reads_like_a_record(username):
        raise Unwelcome("arrival", "the module gives a user name that reads like a fhirUser")
    return username
