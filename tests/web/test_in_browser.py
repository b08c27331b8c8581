"""What only a browser can tell: which headers it sends and what it lets a form do."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from assent.testing.serving import serving
from assent.web.headers import allow_form_target
from web.surfaces import around

pytestmark = pytest.mark.browser


def serve(*routes: Route) -> Iterator[str]:
    with serving(around(*routes).app) as url:
        yield url


async def done(_request: Request) -> Response:
    return PlainTextResponse("the app has it")


async def form(request: Request) -> Response:
    if "allowed" in request.query_params:
        allow_form_target(request, request.query_params["app"])
    app = request.query_params["app"]
    return HTMLResponse(
        f'<form method="post" action="/post?app={app}"><button id="submit">go</button></form>'
    )


async def post(request: Request) -> Response:
    if request.query_params["app"] == "none":
        return PlainTextResponse(request.headers.get("origin", "no origin"))
    return RedirectResponse(request.query_params["app"], 303)


@pytest.fixture(scope="module")
def app_url() -> Iterator[str]:
    for url in serve(Route("/done", done)):
        yield f"{url}/done"


@pytest.fixture(scope="module")
def server_url() -> Iterator[str]:
    yield from serve(Route("/form", form), Route("/post", post, methods=["POST"]))


def test_our_forms_are_posted_with_our_origin(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/form?app=none")
    page.click("#submit")
    expect(page.locator("body")).to_have_text(server_url)


def test_a_form_may_end_at_the_app_that_the_page_named(page: Page, server_url: str, app_url: str) -> None:
    page.goto(f"{server_url}/form?app={app_url}&allowed=1")
    page.click("#submit")
    page.wait_for_url(app_url)
    expect(page.locator("body")).to_have_text("the app has it")


def test_a_form_ends_nowhere_else(page: Page, server_url: str, app_url: str) -> None:
    page.goto(f"{server_url}/form?app={app_url}")
    with page.expect_console_message(lambda message: "form-action" in message.text):
        page.click("#submit", no_wait_after=True)
    assert page.url.startswith(server_url)
