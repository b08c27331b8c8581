"""A server that is on this machine alone is opened at one of its names."""

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, Router

from assent.web.own_host import OwnHost
from web.surfaces import Client

HOME = "http://localhost:9200"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def show(request: Request) -> Response:
    return PlainTextResponse("here")


def at(*origins: str) -> Client:
    return Client(OwnHost(Router([Route("/{rest:path}", show, methods=["GET", "POST"])]), origins))


@pytest.mark.parametrize("host", ["127.0.0.1:9200", "[::1]:9200", "LOCALHOST:9200"])
def test_a_page_opened_at_another_name_of_the_machine_is_opened_at_the_public_one(host: str) -> None:
    answer = at(HOME).get("/login?flow=a%20b&x=%2F", headers={**BROWSER, "Host": host})
    assert answer.status_code == 307
    assert answer.headers["location"] == "http://localhost:9200/login?flow=a%20b&x=%2F"
    assert answer.headers["cache-control"] == "no-store"


def test_the_path_stays_on_the_public_host_whatever_it_says() -> None:
    answer = at(HOME).get(
        "http://auth.example//evil.example/%2e%2e", headers={**BROWSER, "Host": "127.0.0.1:9200"}
    )
    assert answer.headers["location"].startswith("http://localhost:9200//evil.example/")


@pytest.mark.parametrize(
    "host",
    [
        "localhost:9200",  # it is here
        "127.0.0.1:9201",  # another server
        "127.0.0.1",
        "evil.example:9200",
        "localhost.evil.example:9200",
        "10.0.0.7:9200",
        "[::1",
        "127.0.0.1:port",
        "",
    ],
)
def test_nothing_is_made_of_any_other_host(host: str) -> None:
    assert at(HOME).get("/login", headers={**BROWSER, "Host": host}).text == "here"


def test_programs_and_forms_are_left_where_they_are() -> None:
    elsewhere = {"Host": "127.0.0.1:9200"}
    assert (
        at(HOME).get("/fhir/Patient", headers={**elsewhere, "Accept": "application/fhir+json"}).text == "here"
    )
    assert at(HOME).get("/fhir/Patient", headers={**elsewhere, "Accept": "*/*"}).text == "here"
    assert at(HOME).post("/login", headers={**BROWSER, **elsewhere}).text == "here"


def test_an_issuer_at_another_name_is_at_home_there() -> None:
    client = at(HOME, "http://127.0.0.1:9200")
    assert client.get("/login", headers={**BROWSER, "Host": "127.0.0.1:9200"}).text == "here"
