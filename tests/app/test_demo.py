"""`assent demo`: what it makes, what it says, what it keeps on a second start, and what it refuses."""

import json
import socket
from pathlib import Path

import httpx
import pytest

from assent.app.configuration import read_settings
from assent.app.demo import DemoOptions, DemoRefused, run_demo
from assent.app.serving.server import PortTaken
from e2e.processes import ServerProcess, run_assent
from scripts.free_ports import free_port

MADE = {"assent.toml", "assent.db", "master.key", "demo-backend.jwk.json"}


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with the addresses that a browser of this machine was asked to open, one a line."""
    addresses = tmp_path / "opened"
    addresses.touch()
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {addresses}\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    monkeypatch.setenv("DISPLAY", ":0")
    return addresses


def started(tmp_path: Path, port: int, log: str, *arguments: str) -> ServerProcess:
    server = ServerProcess(
        ["demo", "--folder", str(tmp_path / "demo"), *arguments], port, tmp_path / f"{log}.log"
    )
    server.start()
    return server


def test_a_demo_is_made_once_and_goes_on_as_it_was(tmp_path: Path, opened: Path) -> None:
    folder, port = tmp_path / "demo", free_port()
    first = started(tmp_path, port, "first", "--port", str(port))
    said = first.said()
    for words in (
        first.url,
        f"{first.url}/fhir",
        str(folder),
        "amy",
        "jonas",
        "lee",
        "admin",
        "password: demo",
    ):
        assert words in said
    assert {each.name for each in folder.iterdir()} >= MADE
    for secret in ("assent.db", "master.key", "demo-backend.jwk.json"):
        assert (folder / secret).stat().st_mode & 0o077 == 0
    assert (
        httpx.get(f"{first.url}/.well-known/openid-configuration", timeout=60).json()["issuer"] == first.url
    )
    for page in ("/", "/login", "/oauth/authorize", "/demo/ehr/", "/demo/backend", "/demo/app/"):
        assert "This is a demo." in httpx.get(f"{first.url}{page}", timeout=60).text, page
    config = folder / "assent.toml"
    assert read_settings(config).engine.address_free_failures == 0  # everybody here comes from one address
    for_mia = ("--user", "jonas", "--client", "demo-app", "--patient", "mia", "GET /Observation")
    assert "acts for Patient/mia by the FHIR server" in run_assent(config, "scope", "explain", *for_mia)
    run_assent(config, "user", "disable", "jonas")
    run_assent(config, "client", "delete", "demo-confidential")
    kept = {name: (folder / name).read_bytes() for name in MADE - {"assent.db"}}
    keys = httpx.get(f"{first.url}/jwk", timeout=60).json()
    assert first.stop() == 0
    assert opened.read_text() == f"{first.url}/\n"

    second = started(tmp_path, port, "second", "--no-browser")  # the folder says the port
    assert {name: (folder / name).read_bytes() for name in kept} == kept
    assert httpx.get(f"{second.url}/jwk", timeout=60).json() == keys
    users = json.loads(run_assent(config, "user", "list", "--json"))["users"]
    assert {each["username"]: each["enabled"] for each in users}["jonas"] is False
    clients = json.loads(run_assent(config, "client", "list", "--json"))["clients"]
    assert {each["client_id"] for each in clients} == {"demo-app", "demo-backend", "demo-ehr"}
    assert second.stop() == 0
    assert opened.read_text() == f"{first.url}/\n"  # not opened again


def test_a_demo_whose_schema_is_older_is_brought_up_to_date(tmp_path: Path) -> None:
    port = free_port()
    first = started(tmp_path, port, "first", "--port", str(port), "--no-browser")
    first.stop()
    for file in (tmp_path / "demo").glob("assent.db*"):
        file.unlink()  # the oldest schema: none

    second = started(tmp_path, port, "second", "--no-browser")

    assert httpx.get(f"{second.url}/health/ready", timeout=60).status_code == 200
    second.stop()


def test_a_taken_port_is_refused_and_nothing_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port}"):
            run_demo(DemoOptions(tmp_path / "demo", port, open_browser=False))
    assert not (tmp_path / "demo").exists()


def test_another_port_than_the_folders_is_refused(tmp_path: Path) -> None:
    (tmp_path / "assent.toml").write_text(
        "demo = true\n[server]\nport = 9301\npublic_url = 'http://localhost:9301'\n"
    )
    with pytest.raises(DemoRefused, match="has the issuer http://localhost:9301: leave out --port"):
        run_demo(DemoOptions(tmp_path, 9302, open_browser=False))


def test_an_installation_is_never_taken_for_a_demo(tmp_path: Path) -> None:
    (tmp_path / "assent.toml").write_text("[server]\nport = 9301\npublic_url = 'http://localhost:9301'\n")
    with pytest.raises(DemoRefused, match="is no demo's"):
        run_demo(DemoOptions(tmp_path, None, open_browser=False))


@pytest.mark.parametrize("part", ["master.key", "assent.db"])
def test_nothing_is_written_beside_a_part_of_an_installation(tmp_path: Path, part: str) -> None:
    (tmp_path / part).write_text("of somebody's")
    with pytest.raises(DemoRefused, match="holds a part of an installation"):
        run_demo(DemoOptions(tmp_path, free_port(), open_browser=False))
    assert [each.name for each in tmp_path.iterdir()] == [part]


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for folder in (tmp_path / "file", tmp_path / "file" / "demo"):
        with pytest.raises(DemoRefused, match=r"cannot be written.*choose another folder"):
            run_demo(DemoOptions(folder, free_port(), open_browser=False))
