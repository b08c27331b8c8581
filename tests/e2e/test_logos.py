"""An app's logo in a real browser: fetched by the server beside the page, shown from its own host, under its policy."""

import io
import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from e2e.authorization import authorize_url
from e2e.deployments import Deployment
from e2e.journey import sign_in

pytestmark = pytest.mark.browser


class AppHost(BaseHTTPRequestHandler):
    """An app's own host, which takes its time."""

    answers = Event()

    def do_GET(self) -> None:
        self.answers.wait(60)
        body = io.BytesIO()
        Image.new("RGB", (300, 200), "purple").save(body, "PNG")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.getvalue())

    def log_message(self, *_said: object) -> None:
        """Says nothing."""


@pytest.fixture
def logo_uri() -> Iterator[str]:
    AppHost.answers.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), AppHost)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/logo.png"
    AppHost.answers.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_page_comes_without_the_logo_and_has_it_as_soon_as_it_is_there(
    page: Page, demo: Deployment, logo_uri: str
) -> None:
    client = {
        "client_id": "drawn",
        "client_name": "Drawn App",
        "token_endpoint_auth_method": "none",
        "redirect_uris": [f"{demo.app_url}/demo/app/"],
        "scope": "openid fhirUser launch/patient patient/*.rs",
        "logo_uri": logo_uri,
    }
    definition = demo.config.with_name("drawn.json")
    definition.write_text(json.dumps({"clients": [client]}))
    demo.assent("client", "import", str(definition))
    page.goto(authorize_url(demo, client_id="drawn"))
    expect(page.locator(".mark")).to_have_text("D")
    expect(page.locator("img.app-picture")).to_have_count(0)
    AppHost.answers.set()
    until = time.monotonic() + 60
    while (state := state_of_logo(demo)) != "kept":
        assert time.monotonic() < until, state
        if (
            state == "failed"
        ):  # the server waits for five seconds, and so long a busy machine may take to get here
            demo.assent("client", "logo", "drawn")
    page.reload()
    sign_in(page, "amy")
    page.wait_for_url("**/approve?**")
    picture = page.locator("img.app-picture")
    expect(picture).to_be_visible()
    assert picture.evaluate("one => [one.naturalWidth, one.naturalHeight]") == [128, 85]
    assert str(picture.get_attribute("src")).startswith("/logos/")


def state_of_logo(demo: Deployment) -> str:
    """What `client show` tells of it."""
    return str(json.loads(demo.assent("client", "show", "drawn", "--json"))["logo_state"])
