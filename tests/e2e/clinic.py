"""A clinic that runs what the demo has not: mail, accounts that people make, passkeys, other places to sign in.

Its people are many, so that each test takes one whom no other test has changed.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from argon2 import PasswordHasher

from assent.spec.pkce import challenge_of
from e2e.processes import ServerProcess, run_assent
from scripts.free_ports import free_port
from services.mailbox import Mailbox, open_mailbox

PASSWORD = "demo"
PEOPLE = 60
GUESSES = 2
VERIFIER = "a-verifier-of-forty-three-characters-or-more"
SETTINGS = """
[mail]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "no-reply@clinic.example"

[sign_up]
enabled = true
from_address_per_hour = 0

[engine]
passkeys = "sign_in"
second_factor_remember_days = 30
login_max_failures = {guesses}

[sign_in]
modules = ["local", "oidc"]

[providers.state]
title = "State eID"
issuer = "http://localhost:1"
client_id = "assent"

[providers.staff]
title = "Staff account"
issuer = "http://localhost:1/staff"
client_id = "assent"
"""
APP = {
    "client_id": "heart-diary",
    "client_name": "Heart Diary",
    "publisher": "Cordia Ltd",
    "client_uri": "https://heart.example/",
    "token_endpoint_auth_method": "none",
    "redirect_uris": ["https://heart.example/done"],
    "scope": ["openid", "fhirUser"],
    "reviewed_at": 1778600000,
}
NEWLY_HERE = {"username": "kim", "password": PASSWORD, "must_change_password": True, "given_name": "Kim"}
"""Somebody whose password was given to her."""


@dataclass(frozen=True, slots=True)
class Clinic:
    """`url` of the server, and what it mails."""

    url: str
    mailbox: Mailbox
    people: Iterator[str]

    def somebody(self) -> str:
        """The user name of a person whom nothing has happened to; her password is `PASSWORD`."""
        return next(self.people)

    def address(self, username: str) -> str:
        """Her mail address."""
        return f"{username}@mail.example"

    def app_url(self, **given: str) -> str:
        """A request of an app that wants to know who she is."""
        request = {
            "response_type": "code",
            "client_id": APP["client_id"],
            "redirect_uri": "https://heart.example/done",
            "scope": "openid fhirUser",
            "state": "a-state",
            "aud": f"{self.url}/fhir",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            **given,
        }
        return f"{self.url}/oauth/authorize?{urlencode(request)}"


@contextmanager
def run_clinic(folder: Path) -> Iterator[Clinic]:
    """`assent serve` with real mail, in this folder."""
    config, port = folder / "assent.toml", free_port()
    server = ServerProcess(["--config", str(config), "serve"], port, folder / "serve.log")
    run_assent(config, "init", "--public-url", server.url, "--fhir", "http://localhost:1/fhir")
    with open_mailbox(free_port()) as mailbox:
        config.write_text(config.read_text() + SETTINGS.format(port=mailbox.port, guesses=GUESSES))
        names = [f"maria{number}" for number in range(PEOPLE)]
        run_assent(config, "user", "import", "-", said=json.dumps({"users": [*people(names), NEWLY_HERE]}))
        run_assent(config, "client", "import", "-", said=json.dumps({"clients": [APP]}))
        server.start()
        try:
            yield Clinic(server.url, mailbox, iter(names))
        finally:
            server.kill()


def people(names: list[str]) -> list[dict[str, str]]:
    """Their definitions. One hash serves all: it takes long to make."""
    hashed = PasswordHasher().hash(PASSWORD)
    return [
        {
            "username": name,
            "password_hash": hashed,
            "given_name": "Maria",
            "family_name": "Keller",
            "email": f"{name}@mail.example",
        }
        for name in names
    ]
