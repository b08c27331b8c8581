"""Programs that speak HTTP to a server: an app whose person is signed in and asked nothing, a service with a key."""

import json
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from assent.spec.assertions import ASSERTION_TYPE
from assent.spec.jose import Key, new_private_jwk, public_part, read_private_key, sign
from assent.spec.pkce import challenge_of
from assent.testing.browser import read_forms
from e2e.processes import run_assent

APP, SERVICE, RESOURCE_SERVER, EHR = "app", "service", "resource-server", "ehr"
SECRET = "a-secret-of-at-least-32-characters"
REDIRECT_URI = "https://app.example/done"
LAUNCH_URI = "https://app.example/launch"
SCOPE = "openid profile offline_access"
VERIFIER = "v" * 43
PEOPLE = [
    {"username": "amy", "password": "an easy password", "fhir_user": "Patient/amy"},
    {
        "username": "lee",
        "password": "an easy password",
        "fhir_user": "Practitioner/lee",
        "permissions": [{"permission": "FHIR_ALL_READ"}],
    },
]


def add_cast(config: Path, *, issuer: str = "default") -> Key:
    """Imports clients and people by command; gives the service's key. The app's people are asked nothing."""
    jwk = new_private_jwk("ES384", "service-1")
    scope = [*SCOPE.split(), "launch", "patient/*.rs"]
    definitions: list[dict[str, Any]] = [
        {
            "client_id": APP,
            "client_name": "App",
            "token_endpoint_auth_method": "none",
            "redirect_uris": [REDIRECT_URI],
            "launch_uris": [LAUNCH_URI],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": scope,
            "auto_approve_scope": scope,
        },
        {
            "client_id": SERVICE,
            "client_name": "Service",
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": {"keys": [public_part(jwk)]},
            "grant_types": ["client_credentials"],
            "response_types": [],
            "scope": ["system/*.rs"],
        },
        _confidential(RESOURCE_SERVER, grant_types=["client_credentials"], scope=[], can_introspect="any"),
        _confidential(EHR, grant_types=["client_credentials"], scope=["launch:create"]),
    ]
    for command, name, body in (("client", "clients", definitions), ("user", "users", PEOPLE)):
        file = config.with_name(f"{issuer}-{name}.json")
        file.write_text(json.dumps({name: body}))
        run_assent(config, "--issuer", issuer, command, "import", str(file))
    return read_private_key(jwk)


def _confidential(client_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "client_id": client_id,
        "client_name": client_id,
        "token_endpoint_auth_method": "client_secret_basic",
        "secrets": [{"description": "the only one", "secret": SECRET}],
        "response_types": [],
        **fields,
    }


@dataclass(frozen=True)
class Programs:
    """Of one issuer, whose URL is `issuer`; they ask at `http`, which may be another node of it.

    `cookies`: those of a browser in which somebody is signed in.
    """

    http: httpx.AsyncClient
    issuer: str
    key: Key
    cookies: dict[str, str]

    def at(self, http: httpx.AsyncClient) -> "Programs":
        """The same programs, asking another node."""
        return Programs(http, self.issuer, self.key, self.cookies)

    async def authorize(self, **given: str) -> httpx.Response:
        """The answer to the app's authorization request, in the browser of the person."""
        request = {
            "response_type": "code",
            "client_id": APP,
            "redirect_uri": REDIRECT_URI,
            "scope": SCOPE,
            "state": "state",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            **given,
        }
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return await self.http.get("/oauth/authorize", params=request, headers={"Cookie": cookies})

    async def new_code(self) -> str:
        """A code for the app. Raises KeyError when there is none in the answer."""
        return code_in(await self.authorize())

    async def redeem(self, code: str) -> httpx.Response:
        """The answer to the app's token request."""
        return await self._token(
            grant_type="authorization_code",
            code=code,
            redirect_uri=REDIRECT_URI,
            client_id=APP,
            code_verifier=VERIFIER,
        )

    async def refresh(self, refresh_token: str) -> httpx.Response:
        """The answer to the app's refresh request."""
        return await self._token(grant_type="refresh_token", refresh_token=refresh_token, client_id=APP)

    async def tokens(self) -> dict[str, Any]:
        """What the app gets for a fresh code."""
        answer = await self.redeem(await self.new_code())
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def new_assertion(self) -> str:
        """A signed assertion of the service, good for one use."""
        now = int(time.time())
        claims = {
            "iss": SERVICE,
            "sub": SERVICE,
            "aud": f"{self.issuer}/oauth/token",
            "iat": now,
            "exp": now + 240,
            "jti": secrets.token_urlsafe(16),
        }
        return sign(self.key, "ES384", "service-1", "JWT", claims)

    async def authenticate(self, assertion: str) -> httpx.Response:
        """The answer to the service's token request."""
        return await self._token(
            grant_type="client_credentials",
            scope="system/Patient.rs",
            client_assertion_type=ASSERTION_TYPE,
            client_assertion=assertion,
        )

    async def is_active(self, token: str) -> bool:
        """Whether introspection knows the token as living."""
        answer = await self.http.post(
            "/oauth/introspect", data={"token": token}, auth=(RESOURCE_SERVER, SECRET)
        )
        assert answer.status_code == 200, answer.text
        return bool(answer.json()["active"])

    async def knows(self, access_token: str) -> bool:
        """Whether userinfo takes the access token."""
        bearer = {"Authorization": f"Bearer {access_token}"}
        return (await self.http.get("/oauth/userinfo", headers=bearer)).status_code == 200

    async def revoke(self, token: str) -> None:
        """The app gives a token back."""
        answer = await self.http.post("/oauth/token/revoke", data={"token": token, "client_id": APP})
        assert answer.status_code == 200, answer.text

    async def register_launch(self) -> str:
        """The EHR opens the app; the handle."""
        token = await self.http.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=(EHR, SECRET)
        )
        answer = await self.http.post(
            "/oauth/launch",
            json={"client_id": APP, "intent": "look"},
            headers={"Authorization": f"Bearer {token.json()['access_token']}"},
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["launch"])

    async def _token(self, **form: str) -> httpx.Response:
        return await self.http.post("/oauth/token", data=form)


def code_in(answer: httpx.Response) -> str:
    """The code in an answer to an authorization request. Raises KeyError."""
    return httpx.URL(answer.headers["location"]).params["code"]


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A program's connections to a node, as many as it needs; keeps no cookies between requests of its own."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=200)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=60, trust_env=False) as http:
        yield http


async def sign_in(url: str, username: str) -> dict[str, str]:
    """The cookies of a browser in which this person has just signed in."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as browser:
        page = await browser.get("/login")
        [form] = read_forms(page.text)
        fields = form.filled("submit", username=username, password="an easy password")
        answer = await browser.post(page.url.join(form.action), data=dict(fields))
        assert answer.status_code == 303, answer.text
        return dict(browser.cookies)
