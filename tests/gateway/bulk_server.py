"""A FHIR server with bulk data behind the gateway: exports that take a moment, imports, attachments, expunging."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

from assent.fhir.upstream import UpstreamRequest, UpstreamResponse, UpstreamStream
from gateway.clinic import Asking

BASE = "http://fhir.internal/r4"
Json = dict[str, Any]


class BulkServer:
    """Fulfils `fhir.upstream.Upstream`. `heeds_types` off: it exports all types, whatever `_type` says.

    `asked` lists method, target, headers and body of each request; `is_open` counts the streams not closed.
    """

    base = BASE

    def __init__(self, *resources: Json, heeds_types: bool = True) -> None:
        self.resources = {f"{one['resourceType']}/{one['id']}": one for one in resources}
        self.heeds_types = heeds_types
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.polls_left = 1
        self.is_open = 0
        self.file_lines: dict[str, list[bytes]] = {}
        self.files_at = f"{BASE}/Binary"
        self.deleted: list[str] = []
        self.broken_after: int | None = None
        self.answers: dict[str, UpstreamResponse] = {}
        self._asked_types: list[str] | None = None

    def last(self) -> tuple[str, str, dict[str, str], bytes]:
        return self.asked[-1]

    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        self.asked.append((request.method, request.target, dict(request.headers), request.body or b""))
        if request.path in self.answers:
            return self.answers[request.path]
        if request.path.endswith(("$export", "$import")):
            return self._begin(request)
        if request.path == "$poll":
            return self._poll(request)
        if request.method == "GET" and request.path in self.resources:
            return _json(200, self.resources[request.path])
        return _json(404, {"resourceType": "OperationOutcome", "issue": []})

    async def stream(self, request: UpstreamRequest) -> UpstreamStream:
        self.asked.append((request.method, request.target, dict(request.headers), b""))
        self.is_open += 1
        is_closed = False

        async def close() -> None:
            nonlocal is_closed
            self.is_open -= not is_closed
            is_closed = True

        found = self.answers.get(request.path)
        if found is not None:
            return UpstreamStream(found.status, found.headers, _pieces([found.body]), close)
        lines = self.file_lines.get(request.path)
        status = 404 if lines is None else 200
        return UpstreamStream(status, {}, _pieces(lines or [], self.broken_after), close)

    def _begin(self, request: UpstreamRequest) -> UpstreamResponse:
        assert request.headers.get("prefer") == "respond-async"
        query = dict(request.query)
        if request.body:
            listed = json.loads(request.body).get("parameter", [])
            query = {
                one["name"]: next(value for key, value in one.items() if key != "name") for one in listed
            }
        self._asked_types = query["_type"].split(",") if "_type" in query and self.heeds_types else None
        job = "import" if request.path == "$import" else "export"
        return UpstreamResponse(202, {"content-location": f"{BASE}/$poll?_jobId={job}"}, b"")

    def _poll(self, request: UpstreamRequest) -> UpstreamResponse:
        (job,) = parse_qs(request.target.partition("?")[2])["_jobId"]
        if request.method == "DELETE":
            return UpstreamResponse(202, {}, b"")
        if self.polls_left:
            self.polls_left -= 1
            return UpstreamResponse(202, {"x-progress": "Amy is half done", "retry-after": "3"}, b"")
        if job == "import":
            return _json(200, {"resourceType": "OperationOutcome", "issue": []})
        return _json(200, self._manifest())

    def _manifest(self) -> Json:
        by_type: dict[str, list[Json]] = {}
        for one in self.resources.values():
            if self._asked_types is None or one["resourceType"] in self._asked_types:
                by_type.setdefault(one["resourceType"], []).append(one)
        for name, found in by_type.items():
            self.file_lines[f"Binary/{name}"] = [json.dumps(one).encode() + b"\n" for one in found]
        gone = [{"request": {"method": "DELETE", "url": url}} for url in self.deleted]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": gone}
        self.file_lines["Binary/deleted"] = [json.dumps(bundle).encode()]
        issue = {"severity": "warning", "code": "processing", "diagnostics": "Amy was left out"}
        outcome = {"resourceType": "OperationOutcome", "issue": [issue]}
        self.file_lines["Binary/errors"] = [json.dumps(outcome).encode()]
        output = [
            {"type": name, "url": f"{self.files_at}/{name}", "count": len(found), "x": "Amy"}
            for name, found in by_type.items()
        ]
        return {
            "transactionTime": "2026-11-23T10:00:00Z",
            "request": f"{BASE}/$export",
            "requiresAccessToken": False,
            "output": output,
            "deleted": [{"type": "Bundle", "url": f"{BASE}/Binary/deleted"}],
            "error": [{"type": "OperationOutcome", "url": f"{BASE}/Binary/errors"}],
        }


def _json(status: int, value: Json) -> UpstreamResponse:
    return UpstreamResponse(status, {"content-type": "application/fhir+json"}, json.dumps(value).encode())


async def _pieces(lines: list[bytes], broken_after: int | None = None) -> AsyncIterator[bytes]:
    """The body in pieces that end within lines."""
    from assent.fhir.upstream import UpstreamDown

    body = b"".join(lines)
    size = 7
    for place in range(0, len(body), size):
        if broken_after is not None and place > broken_after:
            raise UpstreamDown("the connection broke")
        yield body[place : place + size]


async def passing(path: str, asking: Asking, send, *, gone: asyncio.Event | None = None) -> None:
    """One request straight to the application, whose answer `send` takes; `gone`: when the client leaves."""
    target, _, query = f"/fhir/{path}".partition("?")

    async def receive():
        await (gone or asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": target,
        "raw_path": target.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "scheme": "http",
        "headers": [(b"host", b"localhost:9200"), (b"authorization", f"Bearer {asking.token}".encode())],
        "client": ("192.0.2.1", 50000),
        "server": ("localhost", 9200),
        "state": {},
    }
    await asking.application.app(scope, receive, send)


async def unfinished(asking: Asking, path: str) -> bytes:
    """What is sent of a file before it breaks off: a server ends the connection where no last piece comes."""
    sent: list[dict] = []

    async def send(message):
        sent.append(message)

    await passing(path, asking, send)
    assert sent[0]["status"] == 200
    assert all(message.get("more_body", True) for message in sent)
    return b"".join(message["body"] for message in sent[1:])
