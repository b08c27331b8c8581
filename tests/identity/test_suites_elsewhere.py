"""The suites of modules that send elsewhere and of modules that trust a proxy, on every one there is."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import web

from applications import OpenWith
from assent.identity import Sending
from assent.testing.identity_elsewhere import (
    HeaderCase,
    HeaderModuleSuite,
    RedirectCase,
    RedirectModuleSuite,
)
from assent.testing.server import a_server
from identity.oidc.forger import a_forger
from identity.oidc.pair import CALLBACK as OIDC_CALLBACK
from identity.oidc.pair import a_pair as an_oidc_pair
from identity.saml import clinic as saml
from identity.saml.forger import Forger, encoded
from identity.test_client_certificate import as_header, module, name_of, signed
from identity.test_trusted_header import MODULE

PROXY = "10.0.0.5"


class TestOpenIdConnect(RedirectModuleSuite):
    @pytest.fixture
    async def redirect_case(self, open_with: OpenWith) -> AsyncIterator[RedirectCase]:
        async with an_oidc_pair(open_with) as pair, a_forger(open_with) as forger:
            inbound = pair.home.installation.inbound["default"]
            [clinic] = await inbound.redirects(pair.home.server)
            forger.answers["/.well-known/openid-configuration"] = lambda: web.Response(status=500)
            [down] = await forger.home.installation.inbound["default"].redirects(forger.home.server)

            async def answer(sending: Sending) -> Mapping[str, str]:
                page = await pair.there.open(sending.url)
                if page.left_to is None:
                    page = await pair.there.sign_in("amy")
                return dict(parse_qsl(urlsplit(str(page.left_to)).query))

            yield RedirectCase(clinic, pair.home.server, OIDC_CALLBACK, answer, down)


class TestSaml(RedirectModuleSuite):
    @pytest.fixture
    async def redirect_case(self, tmp_path: Path) -> RedirectCase:
        desk = await saml.a_desk(tmp_path)
        empty = tmp_path / "down"
        empty.mkdir()
        down = await saml.a_desk(empty)
        (empty / "idp.xml").unlink()

        async def answer(sending: Sending) -> Mapping[str, str]:
            request = saml.read_left(sending.url).request.get("ID")
            forger = Forger(desk.server.now(), saml.ENTITY, saml.CALLBACK, request)
            return {"SAMLResponse": encoded(forger.saying(assertion_id=f"_of{request}").response())}

        return RedirectCase(desk.module, desk.server, saml.CALLBACK, answer, down.module)


class TestTrustedHeader(HeaderModuleSuite):
    @pytest.fixture
    async def header_case(self) -> HeaderCase:
        headers = {"X-Remote-User": "lee", "X-Remote-Id": "4711"}
        malformed = [[("X-Remote-User", "lee"), ("X-Remote-User", "admin")]]
        return HeaderCase(MODULE, (await a_server()).server, PROXY, headers, malformed)


class TestClientCertificate(HeaderModuleSuite):
    @pytest.fixture
    async def header_case(self) -> HeaderCase:
        server = (await a_server()).server
        now = datetime.fromtimestamp(server.now(), UTC)
        headers = dict(as_header(signed(name_of("lee"), "Clinic CA", now)))
        malformed = [[("Client-Cert", "nonsense")], [("Client-Cert", ":AAAA:")]]
        return HeaderCase(module(now), server, PROXY, headers, malformed)
