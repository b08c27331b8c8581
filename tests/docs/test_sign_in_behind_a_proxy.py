"""docs/how-to/sign-in-behind-a-proxy.md with a real nginx: its settings, its configuration, forged headers."""

import re
import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from cryptography.hazmat.primitives import serialization

from assent.app.configuration import read_settings_text
from assent.app.rules.proxies import MAPPED
from e2e.processes import ServerProcess, run_assent
from identity.test_client_certificate import key, name_of, signed
from scripts.free_ports import free_port
from services.authority import Authority
from services.nginx import running_nginx

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "sign-in-behind-a-proxy.md"
FORGED = {
    "X-Remote-User": "admin",
    "X-Remote-Id": "1",
    "X-Fhir-User": "Practitioner/chief",
    "X-Remote-Groups": "clinicians",
    "X-Forwarded-For": "10.0.0.5",
    "Client-Cert": "-----BEGIN CERTIFICATE-----",
}
SSO = {
    "mallory": {"X-User": "mallory", "X-User-Id": "666"},
    "nobody": {"X-User": "nobody"},
    "lee": {
        "X-User": "lee",
        "X-User-Id": "7",
        "X-Fhir-User": "Practitioner/lee",
        "X-Groups": "porters,clinicians",
    },
}


def blocks(language: str) -> list[str]:
    """The page's blocks of this language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)


class _SingleSignOn(BaseHTTPRequestHandler):
    """Says who the cookie `sso` is of; nobody else is let through."""

    def do_GET(self) -> None:
        said = SSO.get(self.headers.get("Cookie", "").partition("sso=")[2].partition(";")[0])
        self.send_response(401 if said is None else 200)
        for name, value in (said or {}).items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def single_sign_on() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _SingleSignOn)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Place:
    """The page's nginx before the page's Assent, both on this machine."""

    def __init__(self, folder: Path, port: int, authority: Authority) -> None:
        self.url = f"https://localhost:{port}"
        self.folder = folder
        self._authority = authority

    def browser(self, certificate: tuple[Path, Path] | None = None, **cookies: str) -> httpx.Client:
        context = ssl.create_default_context(cafile=str(self._authority.file))
        if certificate is not None:
            context.load_cert_chain(*certificate)
        return httpx.Client(
            base_url=self.url, verify=context, cookies=cookies, follow_redirects=True, timeout=60
        )

    def people(self) -> list[tuple[str, str | None, str]]:
        """User name, fhirUser and permissions of every account."""
        with sqlite3.connect(self.folder / "assent.db") as database:
            return database.execute("SELECT username, fhir_user, permissions FROM people").fetchall()


@contextmanager
def place(folder: Path, number: int, sso_port: int = 0) -> Iterator[Place]:
    """With the page's `number`-th pair of blocks; only addresses, ports and files are others."""
    authority = Authority(folder, "tls")
    certificate, private_key = authority.issue("nginx", "localhost")
    front, back = free_port(), free_port()
    config = folder / "assent.toml"
    run_assent(
        config, "init", "--public-url", f"https://localhost:{front}", "--fhir", "https://fhir.example/r4"
    )
    made = re.sub(r"^\[server\]\n(?:(?!\[).*\n)*", "", config.read_text(), flags=re.M)
    table = blocks("toml")[number]
    for here, there in (
        ("https://auth.clinic.example", f"https://localhost:{front}"),
        ("10.0.0.7", "127.0.0.1"),
        ("10.0.0.5", "127.0.0.1"),
        ("9200", str(back)),
    ):
        table = table.replace(here, there)
    config.write_text(table + made)
    block = blocks("nginx")[number]
    for here, there in (
        ("listen 443", f"listen 127.0.0.1:{front}"),
        ("auth.clinic.example", "localhost"),
        ("http://10.0.0.7:9200", f"http://127.0.0.1:{back}"),
        ("http://127.0.0.1:4180", f"http://127.0.0.1:{sso_port}"),
        ("/etc/nginx/clinic.pem", str(certificate)),
        ("/etc/nginx/clinic.key", str(private_key)),
        ("/etc/nginx/clinic-ca.pem", str(folder / "clinic-ca.pem")),
    ):
        block = block.replace(here, there)
    server = ServerProcess(["--config", str(config), "serve"], back, folder / "log")
    server.start()
    try:
        with running_nginx(block, front):
            yield Place(folder, front, authority)
    finally:
        server.stop()


def test_every_block_of_settings_is_read_and_every_header_it_names_is_overwritten() -> None:
    header, certificate = (read_settings_text(block, {}).sign_in for block in blocks("toml"))
    assert header.modules == ("header",)
    assert certificate.modules == ("certificate", "local")
    assert header.header is not None
    assert certificate.certificate is not None
    named = [[getattr(header.header, one) for one in MAPPED], [certificate.certificate.header]]
    for block, names in zip(blocks("nginx"), named, strict=True):
        for name in filter(None, names):
            assert re.search(rf"^    proxy_set_header {name} \$", block, re.M), name


def test_nobody_writes_her_own_rights_past_the_single_sign_on(tmp_path: Path) -> None:
    with single_sign_on() as port, place(tmp_path, 0, port) as here:
        with here.browser(sso="mallory") as browser:
            page = browser.get("/login?to=/account", headers=FORGED)
        assert (page.status_code, page.url.path) == (200, "/account")
        [(username, fhir_user, permissions)] = here.people()
        assert (username, fhir_user) == ("mallory", None)
        assert "FHIR_ALL_READ" not in permissions
        with here.browser(sso="nobody") as browser:
            assert browser.get("/login?to=/account", headers=FORGED).status_code == 403
        with here.browser() as browser:
            assert browser.get("/login?to=/account", headers=FORGED).status_code == 401
            # what apps ask themselves is let through, and nobody comes in by it
            assert browser.get("/.well-known/openid-configuration", headers=FORGED).status_code == 200
            assert browser.post("/oauth/token", headers=FORGED).status_code in (400, 401)
        assert len(here.people()) == 1


def test_whom_the_single_sign_on_names_has_what_it_says(tmp_path: Path) -> None:
    with single_sign_on() as port, place(tmp_path, 0, port) as here:
        with here.browser(sso="lee") as browser:
            assert browser.get("/login?to=/account", headers=FORGED).url.path == "/account"
        [(username, fhir_user, permissions)] = here.people()
        assert (username, fhir_user) == ("lee", "Practitioner/lee")
        assert "FHIR_ALL_READ" in permissions


@pytest.fixture
def cards(tmp_path: Path) -> tuple[Path, Path]:
    """Lee's certificate and key; that of the clinic's authority lies where the page says."""
    now = datetime.now(UTC)
    pem = serialization.Encoding.PEM
    authority = signed(name_of("Clinic CA"), "Clinic CA", now, days=99, is_authority=True)
    (tmp_path / "clinic-ca.pem").write_bytes(authority.public_bytes(pem))
    files = (tmp_path / "lee.crt", tmp_path / "lee.key")
    files[0].write_bytes(signed(name_of("lee", "Doctors"), "Clinic CA", now).public_bytes(pem))
    files[1].write_bytes(
        key("lee").private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


def test_a_card_signs_its_holder_in_and_a_forged_header_nobody(
    tmp_path: Path, cards: tuple[Path, Path]
) -> None:
    with place(tmp_path, 1) as here:
        with here.browser() as browser:
            stolen = cards[0].read_text().replace("\n", "%0A")
            page = browser.get("/login?to=/account", headers={**FORGED, "Client-Cert": stolen})
            assert (page.status_code, page.url.path) == (200, "/login")
            assert here.people() == []
        with here.browser(cards) as browser:
            assert browser.get("/login?to=/account", headers=FORGED).url.path == "/account"
        [(username, _, permissions)] = here.people()
        assert username == "lee"
        assert "FHIR_ALL_READ" in permissions
