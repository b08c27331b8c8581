"""One connection to one LDAP server: connecting, proving who the server is, binding, searching.

Messages are packed and read by sansldap; what goes over the network, with its limits of size and time, is here. What
is malformed, too large or out of turn ends the connection. Referrals are never followed: they would lead a password,
or a search's answer, to a server that nobody configured.
Sources: RFC 4511, RFC 4513 3 (StartTLS), RFC 2696 (paged results), draft-behera-ldap-password-policy 6.2.
"""

import asyncio
import math
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from sansldap import (
    BindResponse,
    ExtendedResponse,
    LDAPClient,
    LDAPControl,
    LDAPError,
    LDAPFilter,
    LDAPMessage,
    LDAPResult,
    LDAPResultCode,
    PagedResultControl,
    SearchResultDone,
    SearchResultEntry,
    SearchResultReference,
    SearchScope,
)
from sansldap.asn1 import NotEnougData

from assent.identity.ldap.urls import ServerUrl

LARGEST_MESSAGE: Final = 4 * 1024 * 1024
PAGE: Final = 500
_GOODBYE_SECONDS: Final = 0.5
_START_TLS: Final = "1.3.6.1.4.1.1466.20037"
_PASSWORD_POLICY: Final = "1.3.6.1.4.1.42.2.27.8.5.1"
_Response = TypeVar("_Response", bound=LDAPMessage)


class ServerDown(Exception):
    """A server that cannot be reached, does not prove who it is, or answers with what it should not."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry: its DN, and the values of each attribute by its name in lower case."""

    dn: str
    attributes: Mapping[str, tuple[bytes, ...]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found; not `whole` where a limit cut it short."""

    entries: tuple[Entry, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class BindAnswer:
    """What a bind was answered with. `policy`: the value of the server's password policy control."""

    code: int
    words: str
    policy: bytes | None


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked for. `most`: as many entries are enough."""

    base: str
    filter: LDAPFilter
    attributes: tuple[str, ...]
    scope: SearchScope = SearchScope.SUBTREE
    most: int = 1


class _Stream(asyncio.StreamReaderProtocol):
    """What comes over a transport. `lost` is done when nothing will come any more."""

    def __init__(self) -> None:
        self.reader = asyncio.StreamReader()
        self.lost = asyncio.get_running_loop().create_future()
        super().__init__(self.reader)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if not self.lost.done():
            self.lost.set_result(None)


class Connection:
    """A connection that is open; used by one task at a time. Each of its methods raises `ServerDown`.

    `seconds`: how long an answer may take.
    """

    def __init__(self, url: ServerUrl, seconds: float, transport: asyncio.Transport, stream: _Stream) -> None:
        self.url = url
        self._seconds = seconds
        self._transport = transport
        self._stream = stream
        self._client = LDAPClient()
        self._is_broken = False

    @property
    def is_usable(self) -> bool:
        """Whether it may be asked again, as far as can be seen from here."""
        return not (self._is_broken or self._transport.is_closing() or self._stream.reader.at_eof())

    async def bind(self, dn: str, password: str) -> BindAnswer:
        """The server's answer to a simple bind. An empty password is a mistake of the caller's."""
        if not dn or not password:
            raise ValueError("a bind without a name or a password proves nothing")
        control = LDAPControl(_PASSWORD_POLICY, critical=False, value=None)
        number = self._client.bind_simple(dn, password, [control])
        response = await self._ask(number, BindResponse)
        policy = next((one.value for one in response.controls if one.control_type == _PASSWORD_POLICY), None)
        result = response.result
        words = result.diagnostics_message or say_code(result.result_code)
        return BindAnswer(result.result_code.value, words, policy)

    async def search(self, search: Search) -> Found:
        """What is found, in pages where there is more than one page of it."""
        entries: list[Entry] = []
        cookie = b""
        while True:
            page, done = await self._page(search, cookie)
            entries += page
            code = done.result.result_code
            if code == LDAPResultCode.SIZE_LIMIT_EXCEEDED or len(entries) > search.most:
                return Found(tuple(entries[: search.most]), is_whole=False)
            if code != LDAPResultCode.SUCCESS:
                raise self._refused("the search", done.result)
            paged = next((one for one in done.controls if isinstance(one, PagedResultControl)), None)
            if paged is None or not paged.cookie:
                return Found(tuple(entries), is_whole=True)
            cookie = paged.cookie

    async def close(self) -> None:
        """Says goodbye and closes; what is broken already is only closed."""
        if self.is_usable:
            self._client.unbind()
            self._transport.write(self._client.data_to_send())
        self._is_broken = True
        try:
            if not self._transport.is_closing():
                self._transport.close()
                await asyncio.wait([self._stream.lost], timeout=_GOODBYE_SECONDS)
        finally:
            self._transport.abort()

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """Secures the connection. What the server may have said before that is thrown away (RFC 4513 6.2)."""
        number = self._client.extended_request(_START_TLS)
        response = await self._ask(number, ExtendedResponse)
        if response.result.result_code != LDAPResultCode.SUCCESS:
            raise self._refused("StartTLS", response.result)
        stream = _Stream()  # a new one: nothing that was read before counts
        transport = await asyncio.get_running_loop().start_tls(
            self._transport,
            stream,
            context,
            server_hostname=self.url.host,
            ssl_handshake_timeout=self._seconds,
        )
        if transport is None:
            raise self._broken("the connection was lost at StartTLS")
        stream.connection_made(transport)
        self._transport, self._stream = transport, stream

    async def _page(self, search: Search, cookie: bytes) -> tuple[list[Entry], SearchResultDone]:
        limit = search.most + 1
        controls: list[LDAPControl] = []
        if limit > PAGE:
            controls, limit = [PagedResultControl(critical=False, size=PAGE, cookie=cookie)], 0
        number = self._client.search_request(
            search.base,
            search.scope,
            size_limit=limit,
            time_limit=math.ceil(self._seconds),
            filter=search.filter,
            attributes=list(search.attributes),
            controls=controls,
        )
        self._send()
        entries: list[Entry] = []
        while True:
            message = await self._receive(number)
            if isinstance(message, SearchResultDone):
                return entries, message
            if isinstance(message, SearchResultEntry):
                entries.append(_entry(message))
            elif not isinstance(message, SearchResultReference):
                raise self._broken(f"a search is answered with {type(message).__name__}")
            if len(entries) > search.most + PAGE:
                raise self._broken("a search is answered with more than it asked for")

    async def _ask(self, number: int, kind: type[_Response]) -> _Response:
        """Sends what was packed last, and reads the one message that answers it."""
        self._send()
        message = await self._receive(number)
        if not isinstance(message, kind):
            raise self._broken(f"{kind.__name__} is expected, and {type(message).__name__} came")
        return message

    def _send(self) -> None:
        self._transport.write(self._client.data_to_send())

    async def _receive(self, number: int) -> LDAPMessage:
        """The next message, read whole. It answers request `number`: there is one at a time."""
        try:
            async with asyncio.timeout(self._seconds):
                octets = await self._read_message()
            messages = self._client.receive(octets)
        except asyncio.IncompleteReadError as error:
            raise self._broken("the connection was closed") from error
        except TimeoutError as error:
            raise self._broken(f"no answer within {self._seconds:g} s") from error
        except OSError as error:
            raise self._broken(_words(error)) from error
        except (LDAPError, NotEnougData, ValueError) as error:
            raise self._broken(f"an answer that is no LDAP: {error}") from error
        if len(messages) != 1 or messages[0].message_id != number:
            raise self._broken("an answer that nobody asked for")
        return messages[0]

    async def _read_message(self) -> bytes:
        """One LDAPMessage: a SEQUENCE of definite length (RFC 4511 5.1)."""
        head = await self._stream.reader.readexactly(2)
        if head[0] != 0x30:
            raise ValueError("it does not begin a message")
        length = head[1]
        if length & 0x80:
            octets = length & 0x7F
            if not 1 <= octets <= 4:
                raise ValueError("its length cannot be read")
            more = await self._stream.reader.readexactly(octets)
            head, length = head + more, int.from_bytes(more, "big")
        if length > LARGEST_MESSAGE:
            raise ValueError(f"a message of {length} octets")
        return head + await self._stream.reader.readexactly(length)

    def _refused(self, what: str, result: LDAPResult) -> ServerDown:
        words = result.diagnostics_message or say_code(result.result_code)
        if result.result_code == LDAPResultCode.REFERRAL:
            words = "it refers to another server, and referrals are not followed"
        return ServerDown(f"{self.url}: {what} is refused: {words} ({result.result_code.value})")

    def _broken(self, words: str) -> ServerDown:
        self._is_broken = True
        return ServerDown(f"{self.url}: {words}")


async def connect(url: ServerUrl, tls: ssl.SSLContext | None, seconds: float) -> Connection:
    """A connection whose server has proven who it is; `tls` None: it need not. Raises `ServerDown`.

    `seconds`: how long connecting may take, and every answer later.
    """
    at_once = tls if url.is_tls else None
    try:
        async with asyncio.timeout(seconds):
            transport, stream = await asyncio.get_running_loop().create_connection(
                _Stream, url.host, url.port, ssl=at_once, server_hostname=url.host if at_once else None
            )
            connection = Connection(url, seconds, transport, stream)
            if tls is not None and not url.is_tls:
                await _secure(connection, tls)
            return connection
    except TimeoutError as error:
        raise ServerDown(f"{url}: no answer within {seconds:g} s") from error
    except OSError as error:  # ssl.SSLError is one
        raise ServerDown(f"{url}: {_words(error)}") from error


async def _secure(connection: Connection, tls: ssl.SSLContext) -> None:
    try:
        await connection.start_tls(tls)
    except BaseException:
        await connection.close()
        raise


def _entry(message: SearchResultEntry) -> Entry:
    return Entry(message.object_name, {one.name.casefold(): tuple(one.values) for one in message.attributes})


def say_code(code: LDAPResultCode) -> str:
    """What an answer means where the server says nothing of its own, as in `invalid credentials`."""
    return code.name.lower().replace("_", " ")


def _words(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not good: {error.verify_message}"
    return str(error) or type(error).__name__
