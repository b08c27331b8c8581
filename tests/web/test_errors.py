"""What was raised, and what the outside is told of it."""

import re
from pathlib import Path

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

import assent
from assent.spec.errors import (
    AccessDenied,
    InsufficientScope,
    InvalidClient,
    InvalidGrant,
    InvalidToken,
    ServerError,
    TooManyRequests,
)
from assent.web.apps import app_view
from assent.web.cookies import cookie_of
from assent.web.errors import PageRefused, page_surface, reference_of
from assent.web.language_choice import LanguageChoice
from assent.web.languages import read_languages, read_messages
from assent.web.skins.looks import Look, Looks
from assent.web.templates import Templates
from assent.web.views import PageView
from web.surfaces import Client, Log, around

RAISED: dict[str, Exception] = {
    "grant": InvalidGrant("the code is unknown", detail="the code was used at 12"),
    "client": InvalidClient("client authentication failed"),
    "token": InvalidToken("the token has expired"),
    "scope": InsufficientScope("the scope is too narrow"),
    "busy": TooManyRequests("slow down", retry_after_seconds=7),
    "denied": AccessDenied("no"),
    "ours": ServerError("no upstream"),
    "bug": KeyError("secret-value"),
    "form": PageRefused(403, "form", detail="no cookie"),
    "missing": HTTPException(404),
    "upstream": HTTPException(503, "secret-value"),
}
MESSAGES = read_messages("en")
TEMPLATES = Path(assent.__file__).parent / "pages" / "templates"


async def fail(request: Request) -> Response:
    raise RAISED[request.path_params["what"]]


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def client(log: Log) -> Client:
    look = Look(
        Templates([TEMPLATES], lambda name: f"/static/{name}"),
        LanguageChoice(read_languages(), cookie_of("language", "default", https=False)),
    )
    pages = page_surface(Looks(look), lambda _request: PageView("St. Elsewhere <Health>"), app_view)
    routes = [Route("/token/{what}", fail, methods=["GET", "POST"]), Route("/page/{what}", fail)]
    return around(*routes, log=log, otherwise=pages)


@pytest.mark.row("T5")
def test_a_program_is_told_the_oauth_error_in_json(client: Client) -> None:
    answer = client.post("/token/grant")
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    assert "used at 12" not in answer.text


def test_the_reference_leads_from_the_answer_to_the_log(client: Client, log: Log) -> None:
    answer = client.post("/token/grant")
    found = re.search(r"\(reference ([2-9A-Z]{4}-[2-9A-Z]{2})\)", answer.json()["error_description"])
    assert found
    [(event, fields)] = log.lines
    assert event == "request_refused"
    assert fields["reference"] == found[1] == reference_of(answer.headers["x-request-id"])
    assert fields["detail"] == "the code was used at 12"


def test_a_failed_client_is_told_the_scheme(client: Client) -> None:
    answer = client.post("/token/client")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Basic realm="assent"'


def test_a_bad_token_is_named_and_a_missing_one_only_asked_for(client: Client) -> None:
    answer = client.get("/token/token", headers={"Authorization": "Bearer x"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == (
        'Bearer realm="assent", error="invalid_token", error_description="the token has expired"'
    )
    assert client.get("/token/token").headers["www-authenticate"] == 'Bearer realm="assent"'


def test_a_narrow_token_is_403_with_its_error(client: Client) -> None:
    answer = client.get("/token/scope", headers={"Authorization": "Bearer x"})
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


def test_who_is_too_fast_is_told_when_to_come_back(client: Client) -> None:
    answer = client.post("/token/busy")
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "7"


@pytest.mark.parametrize("what", ["bug", "upstream"])
@pytest.mark.parametrize("surface", ["token", "page"])
def test_a_fault_of_ours_tells_nothing_but_a_reference(
    client: Client, log: Log, what: str, surface: str
) -> None:
    answer = client.get(f"/{surface}/{what}")
    assert answer.status_code == 500
    assert "secret-value" not in answer.text
    assert reference_of(answer.headers["x-request-id"]) in answer.text
    [(event, fields)] = log.lines
    assert event == "request_failed"
    assert fields["exc_info"] is RAISED[what]


def test_a_person_is_told_in_words_whose_turn_it_is(client: Client) -> None:
    answer = client.get("/page/grant")
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")
    assert MESSAGES.text("error.app.title") in answer.text
    assert "the code is unknown" in answer.text
    assert "St. Elsewhere &lt;Health&gt;" in answer.text
    assert MESSAGES.text("error.form.title") in client.get("/page/form").text
    assert MESSAGES.text("error.ours.title") in client.get("/page/ours").text


def test_a_refused_form_leads_to_its_page_anew(client: Client) -> None:
    assert 'href="/page/form?flow=x&amp;a=1"' in client.get("/page/form?flow=x&a=1").text
    assert 'class="button' not in client.get("/page/ours").text


def test_a_page_that_is_not_there_is_a_page(client: Client) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert MESSAGES.text("error.missing.title") in answer.text


def test_a_wrong_method_names_the_right_ones(client: Client) -> None:
    answer = client.request("DELETE", "/token/grant")
    assert answer.status_code == 405
    assert answer.json()["error"] == "invalid_request"
    assert "POST" in answer.headers["allow"]


def test_nothing_of_the_query_is_logged(client: Client, log: Log) -> None:
    client.get("/page/grant?code=secret-value")
    assert "secret-value" not in repr(log.lines)


def test_a_browser_that_has_gone_away_is_no_error(log: Log) -> None:
    async def leave(_request: Request) -> Response:
        raise ClientDisconnect

    with pytest.raises(AssertionError):  # the test client misses an answer: none was sent
        around(Route("/gone", leave), log=log).get("/gone")
    assert log.lines == []


def test_references_are_short_and_spread() -> None:
    references = {reference_of(f"{number:016x}") for number in range(0, 2**40, 2**30 + 12345)}
    assert len(references) == len(range(0, 2**40, 2**30 + 12345))
    assert all(re.fullmatch(r"[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{2}", one) for one in references)
