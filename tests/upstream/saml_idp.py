"""A real SAML identity provider that is not ours: pysaml2's server with xmlsec1, and the least of sign-in pages.

By hand (docs/how-to/sign-in-with-saml.md) it takes a file with its options, in the tests a line of JSON on standard
input, with which it ends; it prints `listening PORT`. Options: `people` (attributes by user name; everybody's password
is `demo`), `key_file`, `certificate_file`, `port`, `partner` (the URL of the service provider's metadata), `encrypt`,
`sign_response`, `exit` (how people sign out: `redirect`, the default, or `post`). Pages: `GET /metadata`, `PUT /sp` (a
service provider's metadata), `GET /sso` (HTTP-Redirect), `POST /login`, `GET /begin` (a sign-in that starts here),
`/slo` (sign out, and what comes back), `GET /end` (a sign-out that starts here).
"""

import base64
import html
import json
import shutil
import sys
import tempfile
import threading
from functools import partial
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import saml2.entity
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.authn_context import PASSWORDPROTECTEDTRANSPORT
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAME_FORMAT_URI, NAMEID_FORMAT_PERSISTENT
from saml2.server import Server
from saml2.sigver import pre_encryption_part, verify_redirect_signature
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

GCM = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
LOGIN = """<!doctype html><title>Clinic</title><form method="post" action="/login">
<input type="hidden" name="request" value="{request}"><input type="hidden" name="state" value="{state}">
<label>Name <input name="username"></label><label>Password <input name="password" type="password"></label>
<button id="submit">Sign in</button></form>"""
SIGNED_OUT = "<!doctype html><title>Clinic</title><p>Signed out: {}."
EXITS = {"redirect": BINDING_HTTP_REDIRECT, "post": BINDING_HTTP_POST}
ANSWER = """<!doctype html><title>Clinic</title><body onload="document.forms[0].submit()">
<form method="post" action="{action}"><input type="hidden" name="SAMLResponse" value="{response}">
<input type="hidden" name="RelayState" value="{state}"><button>Continue</button></form>"""


class Idp:
    """The provider, once it has its port."""

    def __init__(self, folder: Path, url: str, options: dict[str, Any]) -> None:
        self.folder, self.url, self.options = folder, url, options
        self.signed_in: dict[str, str] = {}
        self.requests: dict[str, Any] = {}
        self.server = Server(config=self._config([]))
        self.sp = ""

    def _config(self, partners: list[str]) -> IdPConfig:
        service = {
            "endpoints": {
                "single_sign_on_service": [(f"{self.url}/sso", BINDING_HTTP_REDIRECT)],
                "single_logout_service": [(f"{self.url}/slo", self.exit)],
            },
            "policy": {"default": {"lifetime": {"minutes": 5}, "name_form": NAME_FORMAT_URI}},
            "name_id_format": [NAMEID_FORMAT_PERSISTENT],
            "want_authn_requests_signed": True,
            "subject_data": str(self.folder / "subjects"),
        }
        return IdPConfig().load(
            {
                "entityid": f"{self.url}/metadata",
                "service": {"idp": service},
                "key_file": self.options["key_file"],
                "cert_file": self.options["certificate_file"],
                "metadata": {"local": partners},
                "xmlsec_binary": shutil.which("xmlsec1"),
            }
        )

    @property
    def exit(self) -> str:
        """The binding by which people sign out."""
        return EXITS[self.options.get("exit", "redirect")]

    def metadata(self) -> bytes:
        """Its own."""
        return str(entity_descriptor(self._config([]))).encode()

    def take_partner(self, metadata: bytes) -> None:
        """Knows a service provider by its metadata."""
        file = self.folder / "sp.xml"
        file.write_bytes(metadata)
        self.server = Server(config=self._config([str(file)]))
        [self.sp] = self.server.metadata.keys()

    def read_request(self, query: dict[str, str]) -> Any:
        """The request, its signature checked by the keys of the partner's metadata."""
        if not self.sp and "partner" in self.options:
            with urlopen(self.options["partner"], timeout=60) as answer:
                self.take_partner(answer.read())
        parsed = self.server.parse_authn_request(
            query["SAMLRequest"],
            BINDING_HTTP_REDIRECT,
            relay_state=query["RelayState"],
            sigalg=query["SigAlg"],
            signature=query["Signature"],
        )
        self.requests[parsed.message.id] = parsed.message
        return parsed.message

    def answer(self, username: str, request: Any | None) -> tuple[str, str]:
        """Where to post, and the response for it."""
        if request is not None:
            asked = self.server.response_args(request)
        else:
            services = self.server.metadata.assertion_consumer_service(self.sp, BINDING_HTTP_POST)
            asked = {"in_response_to": None, "destination": services[0]["location"], "sp_entity_id": self.sp}
        response = self.server.create_authn_response(
            self.options["people"][username],
            in_response_to=asked["in_response_to"],
            destination=asked["destination"],
            sp_entity_id=asked["sp_entity_id"],
            name_id_policy=asked.get("name_id_policy"),
            userid=username,
            authn={"class_ref": PASSWORDPROTECTEDTRANSPORT, "authn_auth": self.url},
            sign_assertion=True,
            sign_response=self.options.get("sign_response", False),
            encrypt_assertion=self.options.get("encrypt", False),
            sign_alg=SIG_RSA_SHA256,
            digest_alg=DIGEST_SHA256,
        )
        return asked["destination"], base64.b64encode(str(response).encode()).decode()

    def sign_out(self, fields: dict[str, str]) -> Any:
        """Does what the partner's LogoutRequest wants, its signature checked, and gives the answer (HTTP arguments)."""
        parsed = self.server.parse_logout_request(
            fields["SAMLRequest"],
            self.exit,
            relay_state=fields.get("RelayState"),
            sigalg=fields.get("SigAlg"),
            signature=fields.get("Signature"),
        )
        username = self.server.ident.find_local_id(parsed.message.name_id)
        self.signed_in = {key: name for key, name in self.signed_in.items() if name != username}
        bindings = [self.exit]
        is_form = self.exit == BINDING_HTTP_POST
        response = self.server.create_logout_response(
            parsed.message, bindings, sign=is_form, sign_alg=SIG_RSA_SHA256, digest_alg=DIGEST_SHA256
        )
        to = self.server.response_args(parsed.message, bindings)["destination"]
        return self._sent(str(response), to, fields.get("RelayState", ""), response=True)

    def begin_sign_out(self, username: str) -> Any:
        """The LogoutRequest about somebody who signed in at the partner (HTTP arguments)."""
        [name_id] = self.server.ident.find_nameid(username)
        [service] = self.server.metadata.single_logout_service(self.sp, self.exit, "spsso")
        statements = self.server.session_db.get_authn_statements(name_id)
        indexes = [one.session_index for statement in statements for one in statement]
        _, request = self.server.create_logout_request(
            service["location"],
            self.sp,
            name_id=name_id,
            session_indexes=indexes,
            sign=self.exit == BINDING_HTTP_POST,
            sign_alg=SIG_RSA_SHA256,
            digest_alg=DIGEST_SHA256,
        )
        return self._sent(str(request), service["location"], "there", response=False)

    def read_end(self, fields: dict[str, str]) -> str:
        """The status of the partner's LogoutResponse, its signature checked."""
        if self.exit == BINDING_HTTP_REDIRECT:
            [certificate] = self.server.metadata.certs(self.sp, "spsso", "signing")
            if not verify_redirect_signature(fields, self.server.sec.sec_backend, certificate[1]):
                raise ValueError("the partner's answer has a bad signature")
        parsed = self.server.parse_logout_request_response(fields["SAMLResponse"], self.exit)
        return str(parsed.response.status.status_code.value).rpartition(":")[2]

    def _sent(self, message: str, to: str, state: str, *, response: bool) -> Any:
        return self.server.apply_binding(
            self.exit, message, to, state, response=response, sign=True, sigalg=SIG_RSA_SHA256
        )


class Pages(BaseHTTPRequestHandler):
    """What the provider answers."""

    idp: Idp

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/metadata":
            self._send(self.idp.metadata(), "application/samlmetadata+xml")
        elif url.path == "/begin":
            self._answer(query["username"], None, "")
        elif url.path == "/end":
            self._send_on(self.idp.begin_sign_out(query["username"]))
        elif url.path == "/slo":
            self._sign_out(query)
        elif url.path == "/sso":
            request = self.idp.read_request(query)
            username = self.idp.signed_in.get(self._session())
            if username is not None and request.force_authn != "true":
                self._answer(username, request, query["RelayState"])
            else:
                page = LOGIN.format(request=request.id, state=html.escape(query["RelayState"]))
                self._send(page.encode())
        else:
            self.send_error(404)

    def do_PUT(self) -> None:
        self.idp.take_partner(self.rfile.read(int(self.headers["Content-Length"])))
        self._send(b"known")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        if self.path == "/slo":
            self._sign_out(form)
            return
        if form.get("username") not in self.idp.options["people"] or form.get("password") != "demo":
            self.send_error(403)
            return
        session = base64.b16encode(form["request"].encode()).decode()
        self.idp.signed_in[session] = form["username"]
        self._answer(form["username"], self.idp.requests[form["request"]], form["state"], session)

    def _answer(self, username: str, request: Any | None, state: str, session: str | None = None) -> None:
        action, response = self.idp.answer(username, request)
        page = ANSWER.format(action=html.escape(action), response=response, state=html.escape(state))
        self._send(page.encode(), cookie=session)

    def _sign_out(self, fields: dict[str, str]) -> None:
        if "SAMLRequest" in fields:
            self._send_on(self.idp.sign_out(fields))
        else:
            self._send(SIGNED_OUT.format(self.idp.read_end(fields)).encode())

    def _send_on(self, sent: Any) -> None:
        """Sends the browser on with a message: by its headers, or by a form."""
        location = dict(sent["headers"]).get("Location")
        if location is None:
            self._send(str(sent["data"]).encode())
            return
        self.send_response(303)
        self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _session(self) -> str:
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("idp")
        return cookie.value if cookie is not None else ""

    def _send(
        self, body: bytes, media_type: str = "text/html; charset=utf-8", cookie: str | None = None
    ) -> None:
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        if cookie is not None:
            self.send_header("Set-Cookie", f"idp={cookie}; HttpOnly; Path=/")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's own name
        """Says nothing."""


def _encrypt_by_gcm() -> None:
    """pysaml2 has triple DES in CBC mode as its only cipher; xmlsec1, which it calls, knows better ones."""
    saml2.entity.pre_encryption_part = partial(pre_encryption_part, msg_enc=GCM)
    by_default = saml2.sigver.SecurityContext.encrypt_assertion

    def encrypt(self: Any, statement: Any, key: str, template: Any, **more: Any) -> str:
        return str(by_default(self, statement, key, template, **{**more, "key_type": "aes-256"}))

    saml2.sigver.SecurityContext.encrypt_assertion = encrypt


def main() -> None:
    """Serves until it is interrupted, or its standard input ends."""
    options = json.loads(Path(sys.argv[1]).read_text() if len(sys.argv) > 1 else sys.stdin.readline())
    _encrypt_by_gcm()
    httpd = ThreadingHTTPServer(("127.0.0.1", options.get("port", 0)), Pages)
    port = httpd.server_address[1]
    with tempfile.TemporaryDirectory() as folder:
        Pages.idp = Idp(Path(folder), f"http://127.0.0.1:{port}", options)
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()
        sys.stdout.write(f"listening {port}\n")
        sys.stdout.flush()
        if len(sys.argv) > 1:
            thread.join()
        sys.stdin.read()
        httpd.shutdown()


if __name__ == "__main__":
    main()
