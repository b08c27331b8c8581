"""What the servers are asked. A workload makes its load anew for each round, since codes and tokens are good once."""

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec

from assent.spec.assertions import ASSERTION_TYPE
from assent.spec.jose import read_private_key, sign
from benchmarks.cast import (
    CHALLENGE,
    KEYED,
    PERSON_SCOPE,
    REDIRECT_URI,
    RESOURCE_SERVER,
    SERVICE,
    SERVICE_SCOPE,
    VERIFIER,
    WEB,
    Cast,
)
from benchmarks.generator import Load, Pace
from benchmarks.peers import DISCOVERY, Prepared, ask

TOKEN = "/oauth/token"
_INTROSPECTED_TOKENS = 8
_FASTEST_ASSERTIONS = 3000
"""More assertions a second than any server here could take: what is signed ahead for the first round."""


@dataclass(frozen=True, slots=True)
class Round:
    """What a load is made for. `last_rate`: operations a second of the round before, None in the first."""

    peer: Prepared
    cast: Cast
    pace: Pace
    last_rate: float | None


@dataclass(frozen=True, slots=True)
class Workload:
    """`name` on the command line, `about` in the report; `load` makes what is sent."""

    name: str
    about: str
    load: Callable[[Round], Load]


def _client_credentials(of: Round) -> Load:
    body = urlencode({"grant_type": "client_credentials", "scope": SERVICE_SCOPE})
    return Load("cycle", (_post(of.peer, TOKEN, body, of.cast.basic(SERVICE)),))


def _assertions(alg: str) -> Callable[[Round], Load]:
    def load(of: Round) -> Load:
        body = {
            "grant_type": "client_credentials",
            "scope": SERVICE_SCOPE,
            "client_assertion_type": ASSERTION_TYPE,
        }
        rate = of.last_rate * 1.3 if of.last_rate else _FASTEST_ASSERTIONS
        count = int(rate * (of.pace.seconds + of.pace.warm_up_seconds))
        template = urlencode(body) + "&client_assertion=@VALUE@"
        return Load("once", (_post(of.peer, TOKEN, template),), _sign_assertions(of, alg, count))

    return load


def _sign_assertions(of: Round, alg: str, count: int) -> tuple[str, ...]:
    key, client_id, now = read_private_key(of.cast.keys[alg]), KEYED[alg], int(time.time())
    claims = {"iss": client_id, "sub": client_id, "aud": of.peer.url + TOKEN, "iat": now, "exp": now + 290}
    kid = of.cast.keys[alg]["kid"]
    return tuple(
        sign(key, alg, kid, "JWT", {**claims, "jti": secrets.token_urlsafe(16)}) for _ in range(count)
    )


def _refresh(of: Round) -> Load:
    tokens = tuple(_code_flow(of)["refresh_token"] for _ in range(of.pace.connections))
    request = _post(of.peer, TOKEN, "grant_type=refresh_token&refresh_token=@VALUE@", of.cast.basic(WEB))
    return Load("chain", (request,), tokens)


def _code(of: Round) -> Load:
    get = _get(of.peer, _authorize_path(of.peer), f"Cookie: {of.peer.cookie}\r\n")
    return Load("flow", (get, _post(of.peer, TOKEN, _redeeming("@VALUE@"), of.cast.basic(WEB))))


def _introspect_service(of: Round) -> Load:
    if of.peer.introspected == "refresh_token":
        return _introspect_person(of)
    body = urlencode({"grant_type": "client_credentials", "scope": SERVICE_SCOPE})
    return _introspect(of, lambda: _token(of, body, SERVICE)["access_token"])


def _introspect_person(of: Round) -> Load:
    return _introspect(of, lambda: _code_flow(of)[of.peer.introspected])


def _introspect(of: Round, token: Callable[[], str]) -> Load:
    tokens = [token() for _ in range(_INTROSPECTED_TOKENS)]
    auth = of.cast.basic(RESOURCE_SERVER)
    return Load("cycle", tuple(_post(of.peer, "/oauth/introspect", f"token={text}", auth) for text in tokens))


def _discovery(of: Round) -> Load:
    return Load("cycle", (_get(of.peer, DISCOVERY), _get(of.peer, "/.well-known/jwks.json")))


WORKLOADS: tuple[Workload, ...] = (
    Workload("client_credentials", "client_credentials, secret in Basic", _client_credentials),
    Workload("rs384", "client_credentials, private_key_jwt RS384", _assertions("RS384")),
    Workload("es384", "client_credentials, private_key_jwt ES384", _assertions("ES384")),
    Workload("refresh", "refresh_token, rotating", _refresh),
    Workload("code", "authorize and code exchange, PKCE, ID token", _code),
    Workload("introspection", "introspection of a client's own token", _introspect_service),
    Workload("introspection_person", "introspection of a person's token", _introspect_person),
    Workload("discovery", "openid-configuration and JWKS in turn", _discovery),
)


def _code_flow(of: Round) -> dict[str, Any]:
    """One code flow by hand, for its tokens."""
    answer = ask(of.peer, "GET", _authorize_path(of.peer), Cookie=of.peer.cookie)
    found = re.search(r"[?&]code=([^&]+)", answer.location)
    if found is None:
        raise RuntimeError(f"{of.peer.name} gave no code: {answer}")
    return _token(of, _redeeming(found[1]), WEB)


def _token(of: Round, body: str, client_id: str) -> dict[str, Any]:
    answer = ask(of.peer, "POST", TOKEN, body, Authorization=of.cast.basic(client_id))
    if answer.status != 200:
        raise RuntimeError(f"{of.peer.name} gave no token: {answer}")
    response: dict[str, Any] = msgspec.json.decode(answer.body)
    return response


def _authorize_path(peer: Prepared) -> str:
    query = {
        "response_type": "code",
        "client_id": WEB,
        "redirect_uri": REDIRECT_URI,
        "scope": PERSON_SCOPE,
        "state": "a-state-of-some-length",
        "nonce": "a-nonce-of-some-length",
        "aud": f"{peer.url}/fhir",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return f"/oauth/authorize?{urlencode(query)}"


def _redeeming(code: str) -> str:
    body = {"grant_type": "authorization_code", "redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER}
    return f"{urlencode(body)}&code={code}"


def _get(peer: Prepared, path: str, more: str = "") -> str:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{peer.port}\r\n{more}\r\n"


def _post(peer: Prepared, path: str, body: str, authorization: str = "") -> str:
    auth = f"Authorization: {authorization}\r\n" if authorization else ""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{peer.port}\r\n{auth}"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: @LENGTH@\r\n\r\n{body}"
    )
