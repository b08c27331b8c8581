"""Batches, whose entries are requests like any other, and transactions, which happen as a whole or not at all.

A batch is never sent on: each of its entries is decided, sent and answered by itself, in their order, and one that is
refused leaves the others alone. When the FHIR server is down, or the whole takes too long or too much room, what is
left is not asked for. A transaction is sent on as it is, for those whose rights reach everything.
Source: FHIR R4 http.html#transaction.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

import msgspec

from assent.fhir.json import encode_resource
from assent.fhir.upstream import FHIR_JSON, UpstreamDown, UpstreamRequest
from assent.gateway.access import Access
from assent.gateway.calls import answer_call
from assent.gateway.exchange import Answer, Exchange, Sent, read_resource
from assent.spec.fhir.allowed import Allow
from assent.spec.fhir.calls import check_batch, check_transaction
from assent.spec.fhir.decide import decide
from assent.spec.fhir.interactions import BULK, PUBLIC, read_request
from assent.spec.fhir.references import Bases, relative_to
from assent.spec.fhir.refusals import Refuse, Refused, malformed, undecidable
from assent.spec.operation_permissions import (
    BINARY_READ,
    BINARY_WRITE,
    DELETE_EXPUNGE,
    EXPORT,
    EXPUNGE,
    IMPORT,
)

MOST_ENTRIES: Final = 200
MOST_BYTES: Final = 32 * 1024 * 1024
MOST_SECONDS: Final = 60.0
_ALONE: Final = "send the entries that are left in a batch of their own"
_HEADERS: Final = {"ifMatch": "if-match", "ifNoneMatch": "if-none-match", "ifNoneExist": "if-none-exist"}
_LONGEST: Final = 60_000
_WRITES: Final = frozenset({"create", "update", "patch", "delete", "delete_cascading"})
_OF_DELETIONS: Final = frozenset({"", "_cascade=delete", "_cascade=none"})
_BY_ITSELF: Final = frozenset({BINARY_READ, BINARY_WRITE, DELETE_EXPUNGE, EXPORT, EXPUNGE, IMPORT})
"""What answers later or with bytes, and what is checked by its body: a transaction is sent on as it is."""

Answering = Callable[[Sent], Awaitable[Answer]]
"""How a request that stands alone is answered, under the rights as they are at that moment.

Raises `Refused`, `UpstreamDown`.
"""
Noting = Callable[[Refuse], Awaitable[dict[str, Any]]]
"""Keeps a refusal, and gives the OperationOutcome that tells of it."""


class _Stopped(Exception):
    """Why the entries that are left are not asked for."""

    def __init__(self, refusal: Refuse) -> None:
        super().__init__(refusal.diagnostics)
        self.refusal = refusal


@dataclass(slots=True)
class _Budget:
    """What one batch may still take: bytes of its answer, and time until a moment of the loop's clock."""

    until: float
    bytes_left: int

    def take(self, answered: bytes) -> None:
        self.bytes_left -= len(answered)

    def check(self) -> None:
        if self.bytes_left < 0:
            raise _Stopped(Refuse(413, "exception", "The answer to this batch is too large", _ALONE))
        if asyncio.get_running_loop().time() > self.until:
            raise _Stopped(Refuse(503, "exception", "This batch takes too long", _ALONE))


@dataclass(frozen=True, slots=True)
class Bundles:
    """How Bundles are answered: `alone` answers a single request, `note` tells of one that was refused."""

    exchange: Exchange
    alone: Answering
    note: Noting

    async def answer(self, access: Access, sent: Sent) -> Answer:
        """The answer to a batch or a transaction. Raises `Refused`, `UpstreamDown`."""
        allow = decide(sent.request, access.rights, self.exchange.bases)
        bundle = read_resource(sent.body)
        kind, entries = bundle.get("type"), bundle.get("entry", [])
        if bundle.get("resourceType") != "Bundle" or kind not in ("batch", "transaction"):
            raise malformed("What is posted to the base is a Bundle of type batch or transaction")
        if not isinstance(entries, list) or len(entries) > MOST_ENTRIES:
            raise malformed(f"A Bundle has a list of at most {MOST_ENTRIES} entries")
        if kind == "transaction":
            return await self._transaction(access, replace(allow, as_it_is=True), bundle, entries)
        check_batch(access.rights)
        answered = await self._entries(entries)
        return Answer(200, {"resourceType": "Bundle", "type": "batch-response", "entry": answered})

    async def _transaction(
        self, access: Access, allow: Allow, bundle: dict[str, Any], entries: list[object]
    ) -> Answer:
        """Sent on as a whole, once each entry is one that could be sent by itself."""
        check_transaction(access.rights)
        for entry in entries:
            decide(_read_entry(entry, self.exchange.bases).request, access.rights, self.exchange.bases)
        asked = UpstreamRequest("POST", "", (), {"content-type": FHIR_JSON}, encode_resource(bundle))
        found = await self.exchange.upstream.send(asked)
        return answer_call(self.exchange, access, allow, found, self.exchange.public_base)

    async def _entries(self, entries: list[object]) -> list[Any]:
        """The answers, in order. What is too much is not asked for: each entry that is left says so."""
        budget = _Budget(asyncio.get_running_loop().time() + MOST_SECONDS, MOST_BYTES)
        answered: list[Any] = []
        for place, entry in enumerate(entries, 1):
            try:
                budget.check()
                told = await self._entry(entry, place)
            except _Stopped as stopped:
                outcome = stopped.refusal.outcome
                left = {"response": {"status": _status(stopped.refusal.status), "outcome": outcome}}
                return answered + [left] * (len(entries) - len(answered))
            # as bytes: an answer of many pages takes a tenth of what its parts would
            encoded = encode_resource(told)
            budget.take(encoded)
            answered.append(msgspec.Raw(encoded))
        return answered

    async def _entry(self, entry: object, place: int) -> dict[str, Any]:
        try:
            answer = await self.alone(_read_entry(entry, self.exchange.bases))
        except Refused as refused:
            return await self._refused(refused.refusal, place)
        except UpstreamDown as error:
            refusal = Refuse(502, "exception", "The FHIR server did not answer", f"entry {place}: {error}")
            await self.note(refusal)
            raise _Stopped(refusal) from error
        except Exception as error:  # what was written before is to be told, whatever becomes of this entry
            fault = Refuse(500, "exception", "This entry could not be answered", type(error).__name__)
            return await self._refused(fault, place)
        told = {"status": _status(answer.status), **_told(answer.headers)}
        if answer.resource is None:
            return {"response": told}
        if answer.status >= HTTPStatus.BAD_REQUEST:
            return {"response": {**told, "outcome": answer.resource}}
        return {"resource": answer.resource, "response": told}

    async def _refused(self, refusal: Refuse, place: int) -> dict[str, Any]:
        noted = await self.note(replace(refusal, detail=f"entry {place}: {refusal.detail}"))
        return {"response": {"status": _status(refusal.status), "outcome": noted}}


def _read_entry(entry: object, bases: Bases) -> Sent:
    """The request that an entry stands for. Raises `Refused` (400, 403, 404, 405)."""
    asked = entry.get("request") if isinstance(entry, Mapping) else None
    if not isinstance(entry, Mapping) or not isinstance(asked, Mapping):
        raise malformed("An entry of a batch has a request")
    method, url = asked.get("method"), asked.get("url")
    if not isinstance(method, str) or not isinstance(url, str) or len(url) > _LONGEST:
        raise malformed("The request of an entry has a method and a url")
    headers = {_HEADERS[name]: str(value) for name, value in asked.items() if name in _HEADERS}
    path, _, query = relative_to(url, bases).partition("?")
    request = read_request("GET" if method == "HEAD" else method, path, query, "", headers)
    if request.interaction == "batch":
        raise undecidable("A Bundle within a batch", "put its entries into the batch")
    if request.interaction in PUBLIC:
        raise undecidable("Metadata within a batch", "ask for it alone")
    if request.interaction in BULK or request.operation in _BY_ITSELF:
        raise undecidable("This operation within a batch or transaction", "ask for it alone")
    if request.interaction in _WRITES and query not in (_OF_DELETIONS if method == "DELETE" else ("",)):
        # a transaction is sent on as it is: nothing in it may be left unread
        raise malformed("The url of a write in a Bundle has no query but _cascade=delete")
    resource = entry.get("resource")
    if resource is None:
        return Sent(request, query, headers)
    if not isinstance(resource, dict):
        raise malformed("The resource of an entry is an object")
    return Sent(request, query, headers | {"content-type": FHIR_JSON}, encode_resource(resource))


def _status(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}" if status in HTTPStatus._value2member_map_ else str(status)


def _told(headers: Mapping[str, str]) -> dict[str, str]:
    """Location, version and time of what was answered, as an entry names them."""
    told = {name: headers[name] for name in ("location", "etag") if name in headers}
    if "last-modified" in headers:
        with suppress(ValueError, OverflowError):
            told["lastModified"] = parsedate_to_datetime(headers["last-modified"]).isoformat()
    return told
