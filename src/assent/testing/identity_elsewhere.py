"""The other two contracts of `assent.identity`, a sentence a test: modules that send the browser elsewhere, and modules
that trust what a proxy in front says.

As in `identity_suite`: a class that inherits a suite, beside one fixture, `redirect_case` or `header_case`.
"""

# ruff: noqa: S101  a suite asserts

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import pytest
from starlette.datastructures import Headers

from assent.engine.server import AuthorizationServer
from assent.identity import ArrivalRefused, HeaderModule, ModuleDown, RedirectModule, Sending, Trip
from assent.records.identities import Arrival

STATE = "s" * 43
_HOSTILE: tuple[dict[str, str], ...] = (
    {},
    {"state": STATE},
    {"state": STATE, "code": ""},
    {"state": STATE, "code": "x" * 10_000},
    {"state": STATE, "code": "\0"},
    {"state": STATE, "error": "access_denied"},
    {"state": STATE, "error": "x" * 10_000, "error_description": "<script>"},
    {"state": STATE, "id_token": "e30.e30."},
    {"RelayState": STATE, "SAMLResponse": ""},
    {"RelayState": STATE, "SAMLResponse": "not base64 \N{SNOWMAN}"},
    {"RelayState": STATE, "SAMLResponse": "PGE+PC9hPg=="},
    {"RelayState": STATE, "SAMLResponse": "A" * 600_000},
)


@dataclass(frozen=True, slots=True)
class RedirectCase:
    """A module under test. `answer`: what the provider sends back for somebody who signs in there after a sending.

    `down`: the module while its provider is down.
    """

    module: RedirectModule
    server: AuthorizationServer
    return_url: str
    answer: Callable[[Sending], Awaitable[Mapping[str, str]]]
    down: RedirectModule


class RedirectModuleSuite:
    """The contract of `RedirectModule`."""

    async def test_the_browser_is_sent_to_the_provider_with_its_state(
        self, redirect_case: RedirectCase
    ) -> None:
        sending = await self._begin(redirect_case)
        assert urlsplit(sending.url).scheme in ("https", "http")
        assert STATE in sending.url

    async def test_two_departures_have_nothing_in_common(self, redirect_case: RedirectCase) -> None:
        first, second = await self._begin(redirect_case), await self._begin(redirect_case)
        assert first.url != second.url
        assert first.kept != second.kept

    async def test_a_good_answer_brings_the_same_person_each_time(self, redirect_case: RedirectCase) -> None:
        found = []
        for _ in range(2):
            sending = await self._begin(redirect_case)
            arrival = await self._finish(redirect_case, await redirect_case.answer(sending), sending)
            assert arrival.module == redirect_case.module.name
            assert arrival.provider
            assert arrival.username
            assert arrival.person_id is None  # accounts of ours are the local module's alone
            found.append((arrival.provider, arrival.subject))
        assert found[0] == found[1]

    async def test_the_answer_to_another_departure_proves_nobody(self, redirect_case: RedirectCase) -> None:
        first, second = await self._begin(redirect_case), await self._begin(redirect_case)
        with pytest.raises(ArrivalRefused):
            await self._finish(redirect_case, await redirect_case.answer(first), second)

    @pytest.mark.parametrize("answer", _HOSTILE, ids=range(len(_HOSTILE)))
    async def test_whatever_comes_back_is_refused_and_breaks_nothing(
        self, redirect_case: RedirectCase, answer: dict[str, str]
    ) -> None:
        sending = await self._begin(redirect_case)
        with pytest.raises(ArrivalRefused):
            await self._finish(redirect_case, answer, sending)

    async def test_a_provider_that_is_down_is_neither_a_person_nor_a_refusal(
        self, redirect_case: RedirectCase
    ) -> None:
        with pytest.raises(ModuleDown):
            await self._begin(replace(redirect_case, module=redirect_case.down))

    async def _begin(self, case: RedirectCase) -> Sending:
        return await case.module.begin(case.server, Trip(STATE, case.return_url))

    async def _finish(self, case: RedirectCase, answer: Mapping[str, str], sending: Sending) -> Arrival:
        return await case.module.finish(case.server, answer, sending.kept, case.return_url)


@dataclass(frozen=True, slots=True)
class HeaderCase:
    """A module under test, the address of its proxy, and the headers by which that names somebody."""

    module: HeaderModule
    server: AuthorizationServer
    proxy: str
    headers: dict[str, str]
    malformed: list[list[tuple[str, str]]] = field(default_factory=list)


class HeaderModuleSuite:
    """The contract of `HeaderModule`."""

    async def test_whom_the_proxy_names_is_the_same_person_each_time(self, header_case: HeaderCase) -> None:
        headers = Headers(header_case.headers)
        first = await header_case.module.recognise(header_case.server, headers, header_case.proxy)
        second = await header_case.module.recognise(header_case.server, headers, header_case.proxy)
        assert first is not None
        assert first == second
        assert first.module == header_case.module.name
        assert first.provider
        assert first.subject
        assert first.person_id is None

    @pytest.mark.parametrize("address", ["192.0.2.66", "::1", "127.0.0.1", "", None, "proxy", "10.0.0.5.6"])
    async def test_nobody_but_the_proxy_is_believed(
        self, header_case: HeaderCase, address: str | None
    ) -> None:
        headers = Headers(header_case.headers)
        assert await header_case.module.recognise(header_case.server, headers, address) is None

    async def test_a_request_that_names_nobody_is_nobodys(self, header_case: HeaderCase) -> None:
        empty = dict.fromkeys(header_case.headers, "")
        for headers in ({}, empty):
            found = await header_case.module.recognise(
                header_case.server, Headers(headers), header_case.proxy
            )
            assert found is None

    async def test_what_is_malformed_is_refused(self, header_case: HeaderCase) -> None:
        assert header_case.malformed
        for lines in header_case.malformed:
            raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in lines]
            with pytest.raises(ArrivalRefused):
                await header_case.module.recognise(header_case.server, Headers(raw=raw), header_case.proxy)
