"""`assent client logo`, and what `client show` tells of a logo."""

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from PIL import Image

from cli.conftest import Run


class AppHost(BaseHTTPRequestHandler):
    """An app's own host: a picture at `/logo.png`, a document that is none anywhere else."""

    def do_GET(self) -> None:
        body = io.BytesIO(b"")
        if self.path == "/logo.png":
            Image.new("RGB", (50, 50), "teal").save(body, "PNG")
        else:
            body.write(b"<svg/>")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.getvalue())

    def log_message(self, *_said: object) -> None:
        """Says nothing."""


@pytest.fixture
def host() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), AppHost)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def add(run: Run, logo_uri: str | None) -> None:
    logo = f', "logo_uri": "{logo_uri}"' if logo_uri else ""
    definition = f"""{{"client_id": "heart", "token_endpoint_auth_method": "none",
        "redirect_uris": ["https://heart.example/"]{logo}}}"""
    assert run("client", "add", "--file", "-", stdin=definition).status == 0


def test_a_logo_is_fetched_and_told_of(installed: Run, host: str) -> None:
    add(installed, f"{host}/logo.png")
    assert installed("client", "show", "heart", "--json").json["logo_state"] == "waiting"
    fetched = installed("client", "logo", "heart", "--json")
    assert (fetched.status, fetched.json["logo_state"]) == (0, "kept")
    shown = installed("client", "show", "heart", "--json").json
    assert shown["logo_state"] == "kept"
    assert shown["logo_tried_at"] > 0
    assert "logo_reason" not in shown


def test_a_logo_that_is_no_picture_ends_with_1_and_the_reason(installed: Run, host: str) -> None:
    add(installed, f"{host}/logo.svg")
    fetched = installed("client", "logo", "heart")
    assert fetched.status == 1
    assert "none of PNG, JPEG, GIF, WEBP" in fetched.out
    shown = installed("client", "show", "heart", "--json").json
    assert (shown["logo_state"], shown["logo_reason"]) == ("failed", "it is none of PNG, JPEG, GIF, WEBP")


def test_an_app_without_a_logo_has_none_to_fetch(installed: Run) -> None:
    add(installed, None)
    refused = installed("client", "logo", "heart")
    assert refused.status == 1
    assert "no logo_uri" in refused.err
    assert "logo_state" not in installed("client", "show", "heart", "--json").json


def test_a_name_that_may_imitate_another_is_warned_of(installed: Run) -> None:
    definition = """{"client_id": "heart", "client_name": "He\u0430rt", "token_endpoint_auth_method": "none",
        "redirect_uris": ["https://heart.example/"]}"""
    assert installed("client", "add", "--file", "-", stdin=definition).status == 0
    checked = installed("check")
    assert "look alike" in checked.out + checked.err
