"""Security headers, from the outside of a small application."""

import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from assent.web.headers import SecurityHeaders, add_header, allow_form_target, allow_script, request_id
from web.surfaces import Client


async def page(request: Request) -> Response:
    if "ends_at" in request.query_params:
        allow_form_target(request, request.query_params["ends_at"])
    if "passkeys" in request.query_params:
        allow_script(request)
    return HTMLResponse("<p>hello")


async def data(request: Request) -> Response:
    add_header(request, "Vary", "Origin")
    return JSONResponse({"id": request_id(request.scope)})


async def with_own_policy(_request: Request) -> Response:
    own = {"Content-Security-Policy": "script-src 'self'", "Cache-Control": "no-cache"}
    return HTMLResponse("<p>hello", headers=own)


def client_of(*, https: bool = False, frame_ancestors: tuple[str, ...] = ()) -> Client:
    routes = [Route("/page", page), Route("/data", data), Route("/own", with_own_policy)]
    app = Starlette(routes=routes)
    app.add_middleware(SecurityHeaders, random=os.urandom, https=https, frame_ancestors=frame_ancestors)
    return Client(app)


def test_a_page_runs_no_script_and_is_never_framed_or_stored() -> None:
    headers = client_of().get("/page").headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "camera=()" in headers["permissions-policy"]


def test_a_page_that_says_so_runs_script_of_ours_and_the_next_does_not() -> None:
    client = client_of()
    policy = client.get("/page", params={"passkeys": "1"}).headers["content-security-policy"]
    assert policy == (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    assert "script-src" not in client.get("/page").headers["content-security-policy"]


def test_a_page_keeps_the_origin_header_on_its_own_forms() -> None:
    # under no-referrer browsers would post `Origin: null`
    assert client_of().get("/page").headers["referrer-policy"] == "same-origin"


def test_a_page_whose_form_ends_at_the_app_allows_that_origin_alone() -> None:
    client = client_of()
    policy = client.get("/page", params={"ends_at": "https://app.example/done"}).headers[
        "content-security-policy"
    ]
    assert "form-action 'self' https://app.example;" in policy
    policy = client.get("/page", params={"ends_at": "org.example.app:/done"}).headers[
        "content-security-policy"
    ]
    assert "form-action 'self' org.example.app:;" in policy
    assert "form-action 'self';" in client.get("/page").headers["content-security-policy"]


def test_a_target_that_is_no_url_adds_nothing_to_the_policy() -> None:
    policy = client_of().get("/page", params={"ends_at": "https://x;script-src *"}).headers
    assert "script-src" not in policy["content-security-policy"]


def test_configured_ehr_origins_may_frame_pages() -> None:
    headers = client_of(frame_ancestors=("https://ehr.example",)).get("/page").headers
    assert "frame-ancestors https://ehr.example;" in headers["content-security-policy"]
    assert "x-frame-options" not in headers


def test_https_is_remembered_by_browsers_only_where_the_public_url_is_https() -> None:
    assert "max-age=31536000" in client_of(https=True).get("/data").headers["strict-transport-security"]
    assert "strict-transport-security" not in client_of().get("/data").headers


def test_what_is_no_page_stays_dead_in_a_browser() -> None:
    headers = client_of().get("/data").headers
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert headers["x-content-type-options"] == "nosniff"
    assert "cache-control" not in headers


def test_a_response_keeps_a_policy_of_its_own() -> None:
    headers = client_of().get("/own").headers
    assert headers["content-security-policy"] == "script-src 'self'"
    assert headers["cache-control"] == "no-cache"


def test_each_answer_carries_its_own_request_id_and_what_was_added() -> None:
    client = client_of()
    first, second = client.get("/data"), client.get("/data")
    assert first.headers["x-request-id"] == first.json()["id"] != second.headers["x-request-id"]
    assert first.headers["vary"] == "Origin"
