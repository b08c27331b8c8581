"""The three discovery documents over HTTP."""

from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from assent.endpoints.discovery import capabilities_of, discovery_routes, inserted_discovery_routes
from assent.engine.server import Issuer
from assent.spec.documents import DOCUMENT_PATHS
from assent.testing.server import a_server


@pytest.mark.row("D2", "O6", "X1")
@pytest.mark.parametrize("path", DOCUMENT_PATHS)
@pytest.mark.parametrize("accept", [None, "text/html", "application/fhir+json", "*/*"])
async def test_it_is_json_for_any_page_whatever_is_asked(
    http: httpx.AsyncClient, path: str, accept: str | None
) -> None:
    response = await http.get(path, headers={"accept": accept} if accept else {})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.json()["issuer"] == "https://auth.example"


async def test_all_three_say_the_same(http: httpx.AsyncClient) -> None:
    documents = [(await http.get(path)).json() for path in DOCUMENT_PATHS]
    assert documents[0] == documents[1] == documents[2]


@pytest.mark.row("D3")
async def test_every_url_is_absolute(http: httpx.AsyncClient) -> None:
    document = (await http.get(DOCUMENT_PATHS[0])).json()
    urls = {name: value for name, value in document.items() if name.endswith(("_endpoint", "_uri", "issuer"))}
    assert len(urls) == 9
    assert all(urlsplit(url).scheme == "https" and urlsplit(url).netloc for url in urls.values())


@pytest.mark.row("D8", "D11", "D13", "D14", "C1")
async def test_what_is_published_is_what_the_registries_hold(http: httpx.AsyncClient) -> None:
    document = (await http.get(DOCUMENT_PATHS[0])).json()
    assert document["grant_types_supported"] == ["authorization_code", "refresh_token", "client_credentials"]
    methods = ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]
    assert document["token_endpoint_auth_methods_supported"] == methods
    assert {"RS384", "ES384"} <= set(document["token_endpoint_auth_signing_alg_values_supported"])
    assert {"launch:create", "token:introspect"} <= set(document["scopes_supported"])


async def test_a_document_that_did_not_change_is_not_sent_again(http: httpx.AsyncClient) -> None:
    first = await http.get(DOCUMENT_PATHS[0])
    again = await http.get(DOCUMENT_PATHS[0], headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_an_issuer_with_a_path_is_found_in_both_forms() -> None:
    served = await a_server(issuer=Issuer("clinic", "https://auth.example/clinic", "https://fhir.example/r4"))
    on = capabilities_of(served.server, frozenset({"authorize"}))
    assert [route.path for route in discovery_routes(on)] == list(DOCUMENT_PATHS)
    inserted = inserted_discovery_routes(on)
    assert [route.path for route in inserted] == [f"{path}/clinic" for path in DOCUMENT_PATHS]
    transport = httpx.ASGITransport(Starlette(routes=inserted))
    async with httpx.AsyncClient(transport=transport, base_url="https://auth.example") as client:
        document = (await client.get(f"{DOCUMENT_PATHS[1]}/clinic")).json()
    assert document["token_endpoint"] == "https://auth.example/clinic/oauth/token"
    await served.close()


async def test_an_issuer_at_the_root_has_one_form() -> None:
    served = await a_server()
    assert inserted_discovery_routes(capabilities_of(served.server, frozenset())) == []
    await served.close()
