"""A provider at a real socket that says whatever a test wants: right by default, wrong where a test says so."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
from aiohttp import web
from joserfc import jws
from joserfc.jwk import OctKey

from applications import OpenWith
from assent.testing.application import Application
from assent.testing.browser import Browser, Page
from assent.testing.server import private_jwk, public_jwks, signed
from identity.oidc.pair import SCOPE, define_clinic, settings

HOME = "http://localhost:9200"


@dataclass
class Forger:
    """`claims`, `header`, `userinfo` and `metadata` replace what is right; a member of None is left out."""

    home: Application
    browser: Browser
    issuer: str = ""
    key: dict[str, Any] = field(default_factory=lambda: private_jwk("RS256", "one"))
    published: list[dict[str, Any]] = field(default_factory=list)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Callable[[], web.Response]] = field(default_factory=dict)
    make_token: Callable[[dict[str, Any], dict[str, Any]], str] | None = None
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    slow_seconds: float = 0
    nonce: str = ""

    def __post_init__(self) -> None:
        self.published = [self.key]

    async def handle(self, request: web.Request) -> web.Response:
        """One request of home."""
        self.asked.append(request.path)
        if self.slow_seconds:
            await asyncio.sleep(self.slow_seconds)
        if request.method == "POST":
            self.forms.append({name: str(value) for name, value in (await request.post()).items()})
        if request.path in self.answers:
            return self.answers[request.path]()
        match request.path:
            case path if path.endswith("/.well-known/openid-configuration"):
                return web.json_response(_whole({**self._described(), **self.metadata}))
            case "/jwks":
                return web.json_response(public_jwks(*self.published))
            case "/token":
                return web.json_response(
                    {"access_token": "at", "token_type": "Bearer", "id_token": self.id_token()}
                )
            case "/userinfo":
                return web.json_response({"sub": "s-1", **self.userinfo})
        return web.json_response({}, status=404)

    def _described(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
        }

    def right_claims(self) -> dict[str, Any]:
        """An ID token's claims as they should be, with `claims` over them."""
        now = self.home.server.now()
        right = {
            "iss": self.issuer,
            "aud": "home",
            "sub": "s-1",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "preferred_username": "maria",
        }
        return _whole({**right, **self.claims})

    def id_token(self) -> str:
        """The ID token."""
        header = _whole({"alg": self.key["alg"], "kid": self.key["kid"], "typ": "JWT", **self.header})
        if self.make_token is not None:
            return self.make_token(header, self.right_claims())
        return signed(self.key, header, self.right_claims())

    async def arrive(self, answer: str = "code=c-1", **asked: str) -> Page:
        """The app asks, and the browser comes back from the provider with this answer."""
        page = await self.home.smart_app().launch(self.browser, SCOPE, **asked)
        if page.left_to is None:
            return page
        query = {name: values[0] for name, values in parse_qs(urlsplit(page.left_to).query).items()}
        self.nonce = query["nonce"]
        return await self.browser.open(f"/login/clinic/callback?state={query['state']}&{answer}")

    async def arrive_anew(self) -> Page:
        """The same with another browser, in which nobody is signed in."""
        self.browser = self.home.browser()
        return await self.arrive()

    async def reason(self) -> str:
        """Why the last sign-in was refused, as the audit log has it."""
        rows = [*await self.home.audit("login.refused"), *await self.home.audit("login.unavailable")]
        assert rows, "nobody was refused"
        return str((rows[-1].detail or {})["reason"])


def hmac_token(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    """A token whose signature anybody can make who has `secret`, such as a public key."""
    return jws.serialize_compact(
        header, msgspec.json.encode(claims), OctKey.import_key(secret), algorithms=["HS256"]
    )


@asynccontextmanager
async def a_forger(open_with: OpenWith, **fields: Any) -> AsyncIterator[Forger]:
    """The provider, listening, and defined at home as `clinic`."""
    home = await open_with(settings=settings(HOME, "oidc"))
    await home.add_client(auto_approve_scope=("openid", "fhirUser"))
    forger = Forger(home, home.browser())
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", forger.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        forger.issuer = f"http://localhost:{runner.addresses[0][1]}"
        await define_clinic(home, forger.issuer, **fields)
        yield forger
    finally:
        await runner.cleanup()


def _whole(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
