"""Not a server to use: the least code that gives honest answers to the workloads, to learn what the stack allows.

Raw ASGI on uvicorn (uvloop, httptools), `cryptography` and asyncpg, statements that arrive together sent together. It
checks secrets, assertions, `jti`, PKCE and redirect URI, and rotates refresh tokens. It does **not**: read clients from
the data base, match scopes, keep grants, write an audit row for a token (client credentials without an assertion write
nothing at all), revoke anything, recognise what is used twice, log, count, limit a request, or set the headers that
protect a browser. It introspects refresh tokens by one look-up.
"""

import asyncio
import base64
import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import asyncpg
import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from joserfc.jwk import ECKey, RSAKey
from starlette.types import Receive, Scope, Send

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.decode
_MOST_AT_ONCE = 128
_TOKEN_SECONDS = 300
_JSON = [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), (b"pragma", b"no-cache")]


class Refused(Exception):
    """An OAuth error; the text is its code."""


class Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg is not typed
    """A connection that is given back without a RESET."""

    def get_reset_query(self) -> str:
        """Nothing."""
        return ""


class Batch:
    """What is asked for while a statement is in flight goes out with the next one."""

    def __init__(self, run: Callable[[list[Any]], Awaitable[list[Any]]]) -> None:
        self._run = run
        self._waiting: list[tuple[Any, asyncio.Future[Any]]] = []
        self._task: asyncio.Task[None] | None = None

    def __call__(self, item: object) -> "asyncio.Future[Any]":
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._flush())
        return answer

    async def _flush(self) -> None:
        while self._waiting:
            batch = self._waiting[:_MOST_AT_ONCE]
            del self._waiting[:_MOST_AT_ONCE]
            try:
                results = await self._run([item for item, _ in batch])
            except (asyncpg.PostgresError, OSError) as error:
                for _, answer in batch:
                    answer.set_exception(error)
                continue
            for (_, answer), result in zip(batch, results, strict=True):
                answer.set_result(result)


class Store:
    """Two tables: items by the hash of their handle, and the `jti` that were seen."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self.put = Batch(self._put)
        self.take = Batch(self._take)
        self.look = Batch(self._look)
        self.see = Batch(self._see)

    async def _put(self, rows: list[tuple[bytes, bytes, bytes, datetime]]) -> list[None]:
        await self._pool.execute(
            'INSERT INTO item SELECT * FROM unnest($1::bytea[], $2::"char"[], $3::jsonb[], $4::timestamptz[])',
            *zip(*rows, strict=True),
        )
        return [None] * len(rows)

    async def _take(self, keys: list[bytes]) -> list[str | None]:
        sql = "DELETE FROM item WHERE key = ANY($1::bytea[]) RETURNING key, payload"
        taken = {row[0]: row[1] for row in await self._pool.fetch(sql, keys)}
        return [taken.pop(key, None) for key in keys]

    async def _look(self, keys: list[bytes]) -> list[str | None]:
        sql = "SELECT key, payload FROM item WHERE key = ANY($1::bytea[]) AND expires > now()"
        found = {row[0]: row[1] for row in await self._pool.fetch(sql, keys)}
        return [found.get(key) for key in keys]

    async def _see(self, rows: list[tuple[str, datetime]]) -> list[bool]:
        sql = "INSERT INTO jti SELECT * FROM unnest($1::text[], $2::timestamptz[]) ON CONFLICT DO NOTHING RETURNING jti"
        new = {row[0] for row in await self._pool.fetch(sql, *zip(*rows, strict=True))}
        return [row[0] in new for row in rows]


class Ceiling:
    """The ASGI application."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._database = settings["database"]
        self._issuer: str = settings["issuer"]
        self._secret_hash = bytes.fromhex(settings["secret_hash"])
        self._key = _private_key(settings["key"])
        self._client_keys = {
            name: (RSAKey if jwk["kty"] == "RSA" else ECKey).import_key(jwk).public_key
            for name, jwk in settings["client_keys"].items()
        }
        self._heads = {
            typ: _base64(_encode({"alg": "RS256", "typ": typ, "kid": "server"})) + b"."
            for typ in ("at+jwt", "JWT")
        }
        names = ("issuer", "token_endpoint", "authorization_endpoint", "jwks_uri", "introspection_endpoint")
        self._metadata = _encode({name: f"{self._issuer}/{name}" for name in names})
        public = RSAKey.import_key(settings["key"]).as_dict(private=False)
        self._jwks = _encode({"keys": [public]})
        self._store: Store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        status, headers, body = 200, _JSON, b""
        match scope["path"]:
            case "/oauth/token" | "/oauth/introspect" as path:
                answer = self._token if path == "/oauth/token" else self._introspect
                fields = dict(parse_qsl((await _body(receive)).decode(), keep_blank_values=True))
                try:
                    body = _encode(await answer(fields, dict(scope["headers"])))
                except Refused as refused:
                    status, body = 400, _encode({"error": str(refused)})
            case "/oauth/authorize":
                status = 303
                location = await self._authorize(scope)
                headers = [(b"location", location.encode())]
            case "/.well-known/openid-configuration":
                body = self._metadata
            case _:
                body = self._jwks
        headers = [*headers, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            event = (await receive())["type"]
            if event == "lifespan.startup":
                pool = await asyncpg.create_pool(
                    self._database, min_size=4, max_size=8, connection_class=Connection
                )
                self._store = Store(pool)
            await send({"type": f"{event}.complete"})
            if event == "lifespan.shutdown":
                return

    async def _authorize(self, scope: Scope) -> str:
        query = dict(parse_qsl(scope["query_string"].decode()))
        session = await self._store.look(_hash(dict(scope["headers"])[b"cookie"].decode()))
        if session is None:
            raise Refused("login_required")
        code = secrets.token_urlsafe(32)
        kept = {
            "client_id": query["client_id"],
            "sub": _decode(session)["sub"],
            "scope": query["scope"],
            "challenge": query["code_challenge"],
            "redirect_uri": query["redirect_uri"],
            "nonce": query["nonce"],
        }
        await self._store.put((_hash(code), b"c", _encode(kept).decode(), _in(60)))
        return f"{query['redirect_uri']}?code={code}&state={query['state']}&iss={self._issuer}"

    async def _token(self, fields: dict[str, str], headers: dict[bytes, bytes]) -> dict[str, Any]:
        client_id = await self._client(fields, headers)
        grant_type = fields["grant_type"]
        if grant_type == "client_credentials":
            return self._response(client_id, client_id, fields["scope"])
        handle = fields["code" if grant_type == "authorization_code" else "refresh_token"]
        stored = await self._store.take(_hash(handle))
        if stored is None:
            raise Refused("invalid_grant")
        kept = _decode(stored)
        if kept["client_id"] != client_id:
            raise Refused("invalid_grant")
        if grant_type == "authorization_code":
            challenge = _base64(hashlib.sha256(fields["code_verifier"].encode()).digest()).decode()
            if kept["challenge"] != challenge or kept["redirect_uri"] != fields["redirect_uri"]:
                raise Refused("invalid_grant")
        refresh_token = secrets.token_urlsafe(32)
        response = self._response(client_id, kept["sub"], kept["scope"]) | {"refresh_token": refresh_token}
        if grant_type == "authorization_code":
            now = int(time.time())
            claims = {"iss": self._issuer, "sub": kept["sub"], "aud": client_id, "nonce": kept["nonce"]}
            response["id_token"] = self._sign("JWT", claims | {"iat": now, "exp": now + _TOKEN_SECONDS})
        await self._store.put((_hash(refresh_token), b"r", stored, _in(86400)))
        return response

    async def _introspect(self, fields: dict[str, str], headers: dict[bytes, bytes]) -> dict[str, Any]:
        self._basic(headers)
        stored = await self._store.look(_hash(fields["token"]))
        if stored is None:
            return {"active": False}
        kept = _decode(stored)
        return {
            "active": True,
            "client_id": kept["client_id"],
            "scope": kept["scope"],
            "token_type": "Bearer",
        }

    async def _client(self, fields: dict[str, str], headers: dict[bytes, bytes]) -> str:
        if "client_assertion" not in fields:
            return self._basic(headers)
        message, _, signature = fields["client_assertion"].encode().rpartition(b".")
        claims = _decode(_unbase64(message.partition(b".")[2]))
        key, raw = self._client_keys[claims["sub"]], _unbase64(signature)
        try:
            if isinstance(key, ec.EllipticCurvePublicKey):
                r, s = (int.from_bytes(part, "big") for part in (raw[:48], raw[48:]))
                key.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA384()))
            else:
                key.verify(raw, message, padding.PKCS1v15(), hashes.SHA384())
        except InvalidSignature as error:
            raise Refused("invalid_client") from error
        is_ours = claims["exp"] > time.time() and claims["aud"] == f"{self._issuer}/oauth/token"
        if not is_ours or not await self._store.see((claims["sub"] + claims["jti"], _in(3600))):
            raise Refused("invalid_client")
        client_id: str = claims["sub"]
        return client_id

    def _basic(self, headers: dict[bytes, bytes]) -> str:
        encoded = headers[b"authorization"].partition(b" ")[2]
        client_id, _, secret = base64.b64decode(encoded).decode().partition(":")
        if not hmac.compare_digest(hashlib.sha256(unquote(secret).encode()).digest(), self._secret_hash):
            raise Refused("invalid_client")
        return unquote(client_id)

    def _response(self, client_id: str, subject: str, scope: str) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self._issuer,
            "sub": subject,
            "aud": f"{self._issuer}/fhir",
            "client_id": client_id,
            "scope": scope,
            "iat": now,
            "exp": now + _TOKEN_SECONDS,
            "jti": secrets.token_urlsafe(16),
        }
        token = self._sign("at+jwt", claims)
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": _TOKEN_SECONDS,
            "scope": scope,
        }

    def _sign(self, typ: str, claims: dict[str, Any]) -> str:
        message = self._heads[typ] + _base64(_encode(claims))
        signature: bytes = self._key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        return b".".join((message, _base64(signature))).decode()


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


def _private_key(jwk: dict[str, Any]) -> rsa.RSAPrivateKey:
    key = RSAKey.import_key(jwk).private_key
    if key is None:
        raise ValueError("not a private key")
    return key


def _base64(text: bytes) -> bytes:
    return base64.urlsafe_b64encode(text).rstrip(b"=")


def _unbase64(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def _hash(handle: str) -> bytes:
    return hashlib.sha256(handle.encode()).digest()


def _in(seconds: int) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


app = Ceiling(_decode(Path(os.environ["CEILING_SETTINGS"]).read_bytes()))
