"""Why a FHIR request would be allowed or refused: the gateway's own decision, made without a token, and told.

What an app would be granted is worked out as authorization and token endpoint do (all that it may ask for is approved);
what it may then do, by the very functions that the gateway decides with. Nothing is changed and nothing audited.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from assent.actions.accounts.people import get_person
from assent.actions.apps.clients import get_client
from assent.actions.permissions.grounds import Holding, holdings_of_client, holdings_of_person
from assent.actions.refusals import Refused as NotAsked
from assent.engine.authority import reads_patient
from assent.engine.authorize.choices import named_records
from assent.engine.authorize.reach import may_search_patients
from assent.engine.authorize.scope import candidate_scope
from assent.engine.grants.client_credentials import ClientCredentials
from assent.engine.server import AuthorizationServer
from assent.fhir.people import FhirRecords
from assent.fhir.upstream import Upstream, UpstreamRequest
from assent.records.clients import Client
from assent.records.people import Person
from assent.spec.errors import OAuthError
from assent.spec.fhir.allowed import Allow
from assent.spec.fhir.answers import answer_resource, check_current, vouchers_needed
from assent.spec.fhir.decide import decide, is_public
from assent.spec.fhir.interactions import LETTERS, FhirRequest, read_request
from assent.spec.fhir.partitions import choose_partition
from assent.spec.fhir.references import Bases
from assent.spec.fhir.refusals import Refuse, Refused
from assent.spec.fhir.rights import Letter, Rights
from assent.spec.identifiers import Reference
from assent.spec.operation_permissions import BINARY_READ, BINARY_WRITE, EXPORT, EXPUNGE, IMPORT
from assent.spec.params import read_params
from assent.spec.permissions import Power
from assent.spec.scope_sets import ScopeSet, read_scope_definition
from assent.spec.scopes import MalformedScope, wire_text

_MOST_VOUCHERS: Final = 20
_OF_ONE: Final = frozenset({"read", "vread", "history_instance", "update", "delete", "patch"})


@dataclass(frozen=True, slots=True)
class Question:
    """Who would ask what. `username` None: the client on its own. `scope` None: all that the client may have."""

    client_id: str
    request: str
    username: str | None = None
    scope: str | None = None
    patient: str | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """One way in: a granted scope, and what stands behind it. `patients`: to whose records it is limited; none: not."""

    scope: str
    held_by: str
    patients: tuple[str, ...]
    instance: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision. `status` is what the gateway would answer; `rule` is what the app is told, `detail` why.

    `sent_on` is the query as the FHIR server would be asked, for a search or an export that is allowed.
    """

    request: str
    is_allowed: bool
    status: int
    rule: str
    detail: str
    interaction: str | None
    letter: str | None
    scope: str
    patient: str | None
    grounds: tuple[Ground, ...] = ()
    sent_on: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class _Asker:
    client: Client
    person: Person | None
    scopes: ScopeSet
    patient: str | None
    holdings: tuple[Holding, ...]

    @property
    def rights(self) -> Rights:
        acting: Literal["person", "client"] = "client" if self.person is None else "person"
        powers = dict.fromkeys(power for holding in self.holdings for power in holding.powers)
        return Rights(self.scopes, tuple(powers), self.patient, acting)


async def explain_request(
    server: AuthorizationServer, records: FhirRecords, upstream: Upstream, question: Question
) -> Explanation:
    """The decision on a request such as `GET /Observation?code=8867-4`.

    Raises `Refused` of the actions where nothing could be asked (no such client, user or scope), `RecordSystemDown`.
    """
    asker = await _asker(server, records, question)
    asked: FhirRequest | None = None
    try:
        asked = _read(server, question.request)
        if is_public(asked):
            return _answer(question, asker, asked, None)
        bases: Bases = frozenset({server.issuer.fhir_base, upstream.base} - {""})
        if server.issuer.partitions is not None:
            choose_partition(asker.rights, server.issuer.partitions.home, server.issuer.partitions)
        allow = decide(asked, asker.rights, bases)
        if asked.interaction in _OF_ONE or asked.operation == BINARY_READ or allow.needs_current:
            await _check_stored(upstream, allow)
        return _answer(question, asker, asked, allow)
    except Refused as refused:
        return _refusal(question, asker, asked, refused.refusal)


async def _asker(server: AuthorizationServer, records: FhirRecords, question: Question) -> _Asker:
    client = await get_client(server, question.client_id)
    if not client.enabled:
        raise NotAsked([f"{client.client_id} is disabled: every request of it is refused with 401"])
    try:
        if question.username is None:
            return await _client_alone(server, client, question)
        return await _for_person(server, records, client, question, question.username)
    except OAuthError as error:
        told = [f"no token would be given: {error.description}"]
        raise NotAsked([*told, *_malformed(question.scope)]) from error


def _malformed(scope: str | None) -> Iterator[str]:
    """Which of the scopes that are asked for are none, and would be ignored."""
    for word in (scope or "").split():
        try:
            read_scope_definition([word])
        except MalformedScope as error:
            yield f"--scope: {word[:200]} is malformed: {error.rule}"


async def _client_alone(server: AuthorizationServer, client: Client, question: Question) -> _Asker:
    if question.patient is not None:
        raise NotAsked(["a client on its own has no patient in context: name --user too"])
    if "client_credentials" not in client.grant_types:
        raise NotAsked([f"{client.client_id} may not act on its own (client_credentials): name --user too"])
    params = read_params([("scope", question.scope)] if question.scope is not None else [])
    given = await ClientCredentials().authorize(server, client, params)
    return _Asker(client, None, given.scope, None, await holdings_of_client(server, client))


async def _for_person(
    server: AuthorizationServer, records: FhirRecords, client: Client, question: Question, username: str
) -> _Asker:
    person = await get_person(server, username)
    if not person.enabled:
        raise NotAsked([f"{person.username} is disabled and cannot sign in"])
    if "authorization_code" not in client.grant_types:
        raise NotAsked([f"people grant nothing to {client.client_id}: it lacks the grant authorization_code"])
    asked = question.scope if question.scope is not None else " ".join(client.scope)
    scopes = candidate_scope(server.settings, client, asked, has_launch=True)
    holdings = await holdings_of_person(server, records, person)
    powers = tuple(power for holding in holdings for power in holding.powers)
    return _Asker(client, person, scopes, await _patient(server, person, question, powers), holdings)


async def _patient(
    server: AuthorizationServer, person: Person, question: Question, powers: tuple[Power, ...]
) -> str | None:
    """The patient in context: the one that is named, else the only one that the person could choose."""
    if question.patient is None:
        named = await named_records(server, person)
        return named[0] if len(named) == 1 and not may_search_patients(powers) else None
    patient = question.patient.removeprefix("Patient/")
    if not any(reads_patient(power, patient) for power in powers):
        raise NotAsked([f"--patient: {person.username} may not open the record of Patient/{patient[:100]}"])
    return patient


def _read(server: AuthorizationServer, text: str) -> FhirRequest:
    method, _, target = text.strip().partition(" ")
    method = method.upper()
    base = server.issuer.fhir_base
    target = target.strip().removeprefix(base)
    path, _, query = target.partition("?")
    path = path.removeprefix(urlsplit(base).path) if path.startswith(f"{urlsplit(base).path}/") else path
    return read_request("GET" if method == "HEAD" else method, f"/{path.lstrip('/')}", query, "", {})


async def _check_stored(upstream: Upstream, allow: Allow) -> None:
    """Checks the resource that the request is about, as the gateway does before it answers. Raises `Refused`."""
    request = allow.request
    resource = await _fetch(upstream, f"{request.resource_type}/{request.id}")
    if resource is None and request.interaction == "update":
        return  # it would come into being
    if request.interaction == "read" and resource is not None:
        answer_resource(allow, resource, await _vouched(upstream, allow, resource))
        return
    check_current(allow, resource)


async def _vouched(upstream: Upstream, allow: Allow, resource: dict[str, Any]) -> frozenset[Reference]:
    """A target of a Provenance that may be read, for whose sake it is shown; empty where there is none."""
    for needed in vouchers_needed(allow, resource)[:_MOST_VOUCHERS]:
        target = await _fetch(upstream, needed.text)
        if target is not None and allow.visibility.allows(target, "r"):
            return frozenset({needed})
    return frozenset()


async def _fetch(upstream: Upstream, target: str) -> dict[str, Any] | None:
    answer = await upstream.send(UpstreamRequest("GET", target))
    return answer.json() if answer.status == 200 else None


def _answer(question: Question, asker: _Asker, asked: FhirRequest, allow: Allow | None) -> Explanation:
    has_type = allow is not None and asked.resource_type is not None
    grounds = tuple(_grounds(asker, asked.resource_type or "", allow.letter)) if allow and has_type else ()
    is_narrowed = asked.interaction == "search_type" or asked.operation == EXPORT
    return Explanation(
        question.request,
        is_allowed=True,
        status=_status(asked),
        rule="Allowed" if allow is not None else "Anyone may ask this, without a token",
        detail=_also(asked, allow),
        interaction=asked.interaction,
        letter=allow.letter if allow and has_type else None,
        scope=asker.scopes.text,
        patient=asker.patient,
        grounds=grounds,
        sent_on=allow.parameters if allow is not None and is_narrowed else None,
    )


def _status(asked: FhirRequest) -> int:
    if asked.operation in (EXPORT, IMPORT):
        return 202
    return 201 if asked.interaction == "create" else 200


def _also(asked: FhirRequest, allow: Allow | None) -> str:
    """What the gateway still looks at when the request comes."""
    if asked.interaction == "batch":
        return "each entry of a batch is decided by itself; a transaction is for an access to everything"
    if asked.interaction == "patch":
        return "what becomes of the resource is answered where it may be read"
    if asked.operation == EXPUNGE:
        return "each of its parameters has a permission of its own, which is checked as well"
    if asked.operation in (BINARY_READ, BINARY_WRITE):
        return "the attachment goes with its resource, which is checked"
    if asked.operation == EXPORT and allow is not None and not allow.as_it_is:
        return "the files are checked as well, line by line; they hold these types alone"
    if allow is not None and allow.as_it_is:
        return "the answer is passed on as it is: the access reaches all that it can hold"
    if asked.interaction in ("create", "update"):
        return "the resource that is sent is checked as well: it must lie within these grounds"
    if asked.interaction in ("search_type", "history_type", "history_instance", "operation"):
        return "each resource of the answer is checked as well; what lies outside is left out"
    return ""


def _refusal(question: Question, asker: _Asker, asked: FhirRequest | None, refusal: Refuse) -> Explanation:
    letter = LETTERS.get(asked.interaction) if asked is not None else None
    resource_type = (asked.resource_type or "") if asked is not None else ""
    return Explanation(
        question.request,
        is_allowed=False,
        status=refusal.status,
        rule=refusal.diagnostics,
        detail=refusal.detail,
        interaction=asked.interaction if asked is not None else None,
        letter=letter,
        scope=asker.scopes.text,
        patient=asker.patient,
        grounds=tuple(_grounds(asker, resource_type, letter)) if letter is not None and resource_type else (),
    )


def _grounds(asker: _Asker, resource_type: str, letter: Letter) -> Iterator[Ground]:
    """Each scope with each thing held that together reach something of the type: as `Rights` joins them."""
    acting = asker.rights.acting
    for scope in asker.rights.scopes_for(resource_type, letter):
        for holding in asker.holdings:
            one = Rights(ScopeSet.of([scope]), holding.powers, asker.patient, acting)
            for reach in one.reaches(resource_type, letter):
                yield Ground(
                    wire_text(scope),
                    holding.words,
                    tuple(sorted(f"Patient/{patient}" for patient in reach.patients)),
                    f"{resource_type}/{reach.instance}" if reach.instance else None,
                )
