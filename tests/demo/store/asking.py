"""Asking a store in few words, and reading what it answers."""

import json
from dataclasses import dataclass
from typing import Any

from assent.demo.store.messages import StoreResponse
from assent.demo.store.store import FhirStore

Json = dict[str, Any]

BASE = "https://store.example/fhir"
FHIR_JSON = "application/fhir+json"


@dataclass(frozen=True, slots=True)
class Asking:
    """A store, asked by tests."""

    store: FhirStore

    def send(self, method: str, path: str, body: object = None, **headers: str) -> StoreResponse:
        """One request; `path` may hold a query, header names have underscores for hyphens."""
        path, _, query = path.partition("?")
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, bytes):
            raw = body
        elif body is None:
            raw = b""
        else:
            raw = json.dumps(body).encode()
            given.setdefault("content-type", FHIR_JSON)
        return self.store.handle(method, path, query, given, raw)

    def get(self, path: str, **headers: str) -> Json:
        """The resource at the path, which has to answer 200."""
        response = self.send("GET", path, **headers)
        assert response.status == 200, response.body
        return response.json()

    def found(self, path: str) -> list[str]:
        """The keys of all matches of a search, over all its pages."""
        return [key for page in self.pages(path) for key in keys(page, "match")]

    def pages(self, path: str) -> list[Json]:
        """The Bundles from this path on, following the next links."""
        pages = [self.get(path)]
        while link := link_of(pages[-1], "next"):
            pages.append(self.get(link.removeprefix(BASE)))
        return pages


def keys(bundle: Json, mode: str) -> list[str]:
    """`Type/id` of the entries of that search mode."""
    return [key_of(entry["resource"]) for entry in bundle.get("entry", []) if entry["search"]["mode"] == mode]


def key_of(resource: Json) -> str:
    """`Type/id`."""
    return f"{resource['resourceType']}/{resource['id']}"


def link_of(bundle: Json, relation: str) -> str:
    """The URL of one of the Bundle's links, or nothing."""
    return next((link["url"] for link in bundle["link"] if link["relation"] == relation), "")


def codes(response: StoreResponse) -> list[str]:
    """The issue types of an OperationOutcome."""
    outcome = response.json()
    assert outcome["resourceType"] == "OperationOutcome"
    return [issue["code"] for issue in outcome["issue"]]
