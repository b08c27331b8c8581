"""LDAP servers that answer as a test wants them to: wrongly, late, never, or as Active Directory would."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from sansldap import (
    BindRequest,
    BindResponse,
    ExtendedRequest,
    ExtendedResponse,
    LDAPControl,
    LDAPMessage,
    LDAPResult,
    LDAPResultCode,
    LDAPServer,
    PartialAttribute,
    SearchRequest,
    SearchResultDone,
    SearchResultEntry,
    SearchResultReference,
)


@dataclass
class Answer:
    """One request, and what is sent back for it."""

    message: LDAPMessage
    request: bytes
    writer: asyncio.StreamWriter = field(repr=False)
    SUCCESS: Final = LDAPResultCode.SUCCESS
    UNAVAILABLE: Final = LDAPResultCode.UNAVAILABLE

    def bind(
        self,
        code: LDAPResultCode,
        words: str = "",
        number: int | None = None,
        control: LDAPControl | None = None,
    ) -> None:
        """The answer to a bind."""
        controls = [control] if control else []
        self._send(BindResponse(self._number(number), controls, _result(code, words), None))

    def extended(self, code: LDAPResultCode, words: str = "") -> None:
        """The answer to an extended request."""
        self._send(ExtendedResponse(self._number(), [], _result(code, words), None, None))

    def entry(self, dn: str, **attributes: list[bytes]) -> None:
        """An entry that a search finds."""
        values = [PartialAttribute(name, list(octets)) for name, octets in attributes.items()]
        self._send(SearchResultEntry(self._number(), [], dn, values))

    def reference(self, uri: str) -> None:
        """Another server that a search is to go on at."""
        self._send(SearchResultReference(self._number(), [], [uri]))

    def done(self, code: LDAPResultCode = LDAPResultCode.SUCCESS, words: str = "") -> None:
        """The end of a search."""
        self._send(SearchResultDone(self._number(), [], _result(code, words)))

    def raw(self, octets: bytes) -> None:
        """Anything."""
        self.writer.write(octets)

    def _number(self, number: int | None = None) -> int:
        return self.message.message_id if number is None else number

    def _send(self, message: LDAPMessage) -> None:
        self.writer.write(message.pack(LDAPServer()._packing_options))


Handler = Callable[[Answer], Awaitable[None]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """The `ldap://` URL of a server that answers every request by `handler`."""
    writers: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        session = LDAPServer()
        try:
            while octets := await reader.read(65536):
                for message in session.receive(octets):
                    session._outstanding_requests.clear()
                    await handler(Answer(message, octets, writer))
        except Exception:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"ldap://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in writers:
            writer.close()


def polite(
    *entries: tuple[str, dict[str, list[bytes]]], capabilities: tuple[bytes, ...] = ()
) -> tuple[Handler, list[SearchRequest]]:
    """A server that lets everybody in and finds these entries by any search; and the searches it was asked for."""
    searches: list[SearchRequest] = []

    async def handle(answer: Answer) -> None:
        match answer.message:
            case BindRequest():
                answer.bind(answer.SUCCESS)
            case SearchRequest(base_object=""):
                answer.entry("", supportedCapabilities=list(capabilities))
                answer.done()
            case SearchRequest() as search:
                searches.append(search)
                for dn, attributes in entries:
                    answer.entry(dn, **attributes)
                answer.done()
            case ExtendedRequest():
                answer.extended(answer.UNAVAILABLE)

    return handle, searches


def _result(code: LDAPResultCode, words: str) -> LDAPResult:
    return LDAPResult(code, "", words, [])
