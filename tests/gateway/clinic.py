"""The whole application before a FHIR server: people and clients with rights of every kind, and their tokens.

Most tests issue a grant through the real storage and the real `issue`, since the way through the pages is tested
elsewhere; `test_launched_apps` walks it whole.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from assent.engine.client_auth.secrets import hash_secret
from assent.engine.grants import ByPerson
from assent.engine.handles import new_id
from assent.engine.issue import draft, sign
from assent.engine.server import Caller
from assent.fhir.upstream import UpstreamRequest
from assent.records.clients import Client, ClientSecret
from assent.records.grants import Grant
from assent.records.people import Person
from assent.spec.errors import InvalidGrant
from assent.spec.permissions import read_permission
from assent.spec.scope_sets import read_scopes
from assent.storage.interface import Act, Add
from assent.storage.tables import GRANTS
from assent.testing.application import SECRET, Application

Json = dict[str, Any]
FHIR_JSON = "application/fhir+json"
FORM = "application/x-www-form-urlencoded"
ORIGIN = "https://app.example"
NOBODY = Caller("192.0.2.7", "tests", "7F3K-22")


@dataclass(frozen=True)
class Asking:
    """Somebody with an access token, asking the gateway. `token` None: without one."""

    application: Application
    token: str | None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """The FHIR base URL."""
        return self.application.server.issuer.fhir_base

    async def send(
        self, method: str, path: str, body: object = None, *, content_type: str | None = None, **headers: str
    ) -> httpx.Response:
        """One request; `path` is relative to the FHIR base and stays as it is written."""
        given = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.token is not None:
            given.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None:
            given["Content-Type"] = FHIR_JSON if content_type is None else content_type
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        target = f"{urlsplit(self.base).path}/{path}"
        transport = httpx.ASGITransport(_aimed(self.application.app, target), client=("198.51.100.9", 50000))
        async with httpx.AsyncClient(transport=transport, base_url=self.application.origin) as client:
            return await client.request(method, "/fhir", content=content, headers=given)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """GET."""
        return await self.send("GET", path, **headers)

    async def read(self, path: str) -> Json:
        """The resource or Bundle at a path that has to answer 200."""
        answer = await self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    async def pages(self, path: str) -> list[Json]:
        """The Bundles of a search from this path on, following the next links."""
        found = [await self.read(path)]
        while link := link_of(found[-1], "next"):
            assert link.startswith(f"{self.base}/")
            found.append(await self.read(link.removeprefix(f"{self.base}/")))
        return found

    async def found(self, path: str) -> list[Json]:
        """Every resource that a search brings, over all pages, in their order."""
        return [resource for page in await self.pages(path) for resource in resources_in(page)]

    async def keys(self, path: str) -> set[str]:
        """`Type/id` of every resource that a search brings, over all pages."""
        return {key_of(resource) for resource in await self.found(path)}

    async def refused(self, method: str, path: str, status: int, body: object = None, **headers: str) -> Json:
        """The outcome of a request that has to be refused with this status."""
        answer = await self.send(method, path, body, **headers)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        assert answer.headers["content-type"].startswith(FHIR_JSON)
        outcome: Json = answer.json()
        assert outcome["resourceType"] == "OperationOutcome"
        assert outcome["issue"]
        return outcome


@dataclass
class Clinic:
    """An application, and the ways to come by tokens."""

    application: Application

    async def person(
        self, username: str, fhir_user: str | None = None, permissions: Sequence[str] = (), **more: Any
    ) -> Person:
        """Somebody; a permission is written `NAME` or `NAME argument`."""
        held = tuple(read_permission(*text.split(" ")) for text in permissions)
        return await self.application.add_person(
            username, fhir_user=fhir_user, permissions=held, password="", **more
        )

    async def client(self, client_id: str, permissions: Sequence[str] = (), **more: Any) -> Client:
        """A confidential client (SECRET) that may act on its own and for people, with any scope."""
        defaults: dict[str, Any] = {
            "client_name": client_id,
            "token_endpoint_auth_method": "client_secret_basic",
            "secrets": (ClientSecret("one", "", hash_secret(SECRET)),),
            "grant_types": ("authorization_code", "refresh_token", "client_credentials"),
            "scope": ("patient/*.cruds", "user/*.cruds", "system/*.cruds", "launch/patient"),
            "permissions": tuple(read_permission(*text.split(" ")) for text in permissions),
        }
        return await self.application.add_client(client_id, **{**defaults, **more})

    async def grant(
        self, client: Client, person: Person, scope: str, patient: str | None = None, **more: Any
    ) -> Grant:
        """What a person granted, as the authorization endpoint would remember it."""
        server = self.application.server
        now = server.now()
        fields: dict[str, Any] = {
            "session_hash": None,
            "nonce": None,
            "auth_time": now,
            "acr": None,
            "amr": ("pwd",),
            "online": False,
            "created_at": now,
            "expires_at": 0,
            **more,
        }
        grant = Grant(
            grant_id=new_id(server, "g"),
            client_id=client.client_id,
            person_id=person.person_id,
            scope=scope,
            context={} if patient is None else {"patient": patient},
            aud=server.issuer.fhir_base,
            fhir_user=person.fhir_user,
            **fields,
        )
        await server.storage.commit(Act((Add(GRANTS, grant),)))
        return grant

    async def token(self, client: Client, person: Person, grant: Grant) -> str:
        """An access token on a grant."""
        server = self.application.server
        scope = read_scopes(grant.scope).scopes
        given = ByPerson(client, person, grant, scope, None, True, (), InvalidGrant("lost"))
        drafted = await draft(server, given, NOBODY)
        await server.storage.commit(Act(drafted.writes))
        return str((await sign(server, drafted))["access_token"])

    async def asking(
        self, client: Client, person: Person, scope: str, patient: str | None = None, **more: Any
    ) -> Asking:
        """An app with a person's token."""
        grant = await self.grant(client, person, scope, patient, **more)
        return Asking(self.application, await self.token(client, person, grant))

    async def own(self, client_id: str, scope: str) -> Asking:
        """A client with a token of its own, from the token endpoint."""
        async with self.application.http() as http:
            answer = await http.post(
                "/oauth/token",
                data={"grant_type": "client_credentials", "scope": scope},
                auth=(client_id, SECRET),
            )
        assert answer.status_code == 200, answer.text
        return Asking(self.application, answer.json()["access_token"])

    async def stored(self, path: str) -> list[Json]:
        """Every resource that the FHIR server itself finds, over all pages: what no gateway stands before."""
        upstream, found = self.application.fhir, []
        if "_count" not in path:
            path += f"{'&' if '?' in path else '?'}_count=1000"
        while True:
            target, _, query = path.partition("?")
            answer = await upstream.send(UpstreamRequest("GET", target, parse_qsl(query)))
            assert answer.status == 200, (path, answer.body)
            bundle = json.loads(answer.body)
            found += resources_in(bundle)
            link = link_of(bundle, "next")
            if link is None:
                return found
            path = link.removeprefix(f"{upstream.base}/")

    def nobody(self) -> Asking:
        """Somebody without a token."""
        return Asking(self.application, None)


def _aimed(app: ASGIApp, target: str) -> ASGIApp:
    """The application asked for just this target, as a server takes it from the wire; httpx would tidy it up."""
    path, _, query = target.encode().partition(b"?")
    place = {
        "raw_path": path,
        "path": unquote_to_bytes(path).decode("utf-8", "replace"),
        "query_string": query,
    }

    async def ask(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, **place}, receive, send)

    return ask


def resources_in(bundle: Json) -> list[Json]:
    """The resources of a Bundle's entries."""
    return [entry["resource"] for entry in bundle.get("entry", []) if "resource" in entry]


def matches_in(bundle: Json) -> list[Json]:
    """The resources of a searchset that are what was asked for, not what was included."""
    return [
        entry["resource"]
        for entry in bundle.get("entry", [])
        if entry.get("search", {}).get("mode", "match") == "match"
    ]


def key_of(resource: Json) -> str:
    """`Type/id`."""
    return f"{resource['resourceType']}/{resource['id']}"


def keys_of(bundle: Json) -> set[str]:
    """`Type/id` of the resources of a Bundle's entries."""
    return {key_of(resource) for resource in resources_in(bundle)}


def link_of(bundle: Json, relation: str) -> str | None:
    """The URL of one of a Bundle's links."""
    return next((link["url"] for link in bundle.get("link", []) if link["relation"] == relation), None)


def page_of(bundle: Json, base: str) -> str:
    """The path, relative to the FHIR base, of a Bundle's next page."""
    link = link_of(bundle, "next")
    assert link is not None
    return link.removeprefix(f"{base}/")
