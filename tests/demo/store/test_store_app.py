"""The store as an ASGI application."""

from dataclasses import dataclass
from typing import Any

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from assent.demo.store.app import MAX_BODY_BYTES, store_app
from assent.demo.store.store import FhirStore

AMY = {"resourceType": "Patient", "id": "amy", "name": [{"family": "Okafor"}]}


@dataclass(frozen=True, slots=True)
class Client:
    """Asks the application in this process; `base` is the store's base URL."""

    app: ASGIApp
    base: str

    def send(self, method: str, path: str, **given: Any) -> httpx.Response:
        url = path if path.startswith("http") else self.base + path
        return anyio.run(self._ask, method, url, given)

    async def _ask(self, method: str, url: str, given: dict[str, Any]) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app)) as client:
            return await client.request(method, url, **given)


@pytest.fixture(params=["at the root", "at a path", "mounted"])
def client(request):
    base, path = {"at the root": ("", ""), "at a path": ("/r4", "/r4"), "mounted": ("/inner/r4", "/r4")}[
        request.param
    ]
    base = f"http://store.example{base}"
    app = store_app(FhirStore([AMY], base_url=base), path=path)
    if request.param == "mounted":
        app = Starlette(routes=[Mount("/inner", app)])
    return Client(app, base)


def test_a_resource_is_read(client):
    response = client.send("GET", "/Patient/amy")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/fhir+json"
    assert response.headers["etag"] == 'W/"1"'
    assert response.json()["name"] == [{"family": "Okafor"}]


def test_a_search_by_post_and_its_links_come_back_to_the_store(client):
    client.send("PUT", "/Patient/leo", json={"resourceType": "Patient", "id": "leo"})
    response = client.send("POST", "/Patient/_search", data={"_count": "1"})
    link = next(each["url"] for each in response.json()["link"] if each["relation"] == "next")
    assert [each["resource"]["id"] for each in client.send("GET", link).json()["entry"]] == ["leo"]


def test_a_bundle_is_posted_to_the_base(client):
    bundle = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": "Patient/amy"}}],
    }
    response = client.send("POST", "/", json=bundle)
    assert response.json()["entry"][0]["resource"]["id"] == "amy"


def test_percent_encoding_in_the_path_is_read_once(client):
    assert client.send("GET", "/Patient/a%6Dy").status_code == 200
    assert client.send("GET", "/Patient%2Famy").status_code == 404


def test_create_answers_with_a_location_that_leads_to_it(client):
    response = client.send("POST", "/Patient", json={"resourceType": "Patient"})
    assert response.status_code == 201
    assert client.send("GET", response.headers["location"]).status_code == 200


def test_head_has_no_body(client):
    response = client.send("HEAD", "/Patient/amy")
    assert (response.status_code, response.content) == (200, b"")


def test_a_body_that_is_too_large_is_refused(client):
    response = client.send("POST", "/Patient", content=b" " * (MAX_BODY_BYTES + 1))
    assert response.status_code == 413
    assert response.json()["issue"][0]["code"] == "too-long"
