"""How often the busiest requests ask the database: each time is a wait, and one more of them a slower server.

Rates are measured (docs/performance.md) and not tested; these waits are what they are mostly made of.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from assent.engine.client_auth.secrets import hash_secret
from assent.records.clients import ClientSecret
from assent.storage.interface import Act, Storage
from assent.testing.application import SECRET, Application

SCOPE = "openid launch/patient patient/*.rs offline_access"
MOST = {"client credentials": 2, "authorize": 4, "code": 5, "refresh": 5, "introspection": 4}


class Waits:
    """Counts how a kind of storage is asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, kind: type[Storage]) -> None:
        self._monkeypatch = monkeypatch
        self._kind = kind

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """What is asked meanwhile, in order: the tables read and `commit`."""
        asked: list[str] = []
        with self._monkeypatch.context() as patch:
            for name in ("get", "find", "commit"):
                patch.setattr(self._kind, name, self._noting(name, asked))
            yield asked

    def _noting(self, name: str, asked: list[str]) -> Any:
        original = getattr(self._kind, name)

        async def noted(storage: Storage, what: Any, *given: Any, **named: Any) -> Any:
            asked.append("commit" if isinstance(what, Act) else f"{name} {what.name}")
            return await original(storage, what, *given, **named)

        return noted


async def test_the_token_path_waits_for_the_database_no_oftener_than_it_did(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    await application.add_amy()
    await application.add_client(
        secrets=(ClientSecret("one", "", hash_secret(SECRET)),),
        token_endpoint_auth_method="client_secret_basic",
        grant_types=("authorization_code", "refresh_token", "client_credentials"),
        auto_approve_scope=tuple(SCOPE.split()),
        scope=(*SCOPE.split(), "system/*.rs"),
        can_introspect="own",
    )
    app, browser, waits = (
        application.smart_app(secret=SECRET),
        application.browser(),
        Waits(monkeypatch, type(application.server.storage)),
    )
    await app.launch(browser, SCOPE)
    await browser.sign_in("amy")
    found: dict[str, list[str]] = {}
    async with application.http() as http:
        credentials = {"grant_type": "client_credentials", "scope": "system/*.rs"}
        first = await app.ask_token(http, credentials)  # what is read once for all is read now
        assert first.status_code == 200
        with waits.counted() as found["client credentials"]:
            assert (await app.ask_token(http, credentials)).status_code == 200
        with waits.counted() as found["authorize"]:
            page = await app.launch(browser, SCOPE)
        with waits.counted() as found["code"]:
            tokens = (await app.redeem(http, page)).raise_for_status().json()
        with waits.counted() as found["refresh"]:
            given = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
            tokens = (await app.ask_token(http, given)).raise_for_status().json()
        with waits.counted() as found["introspection"]:
            asked = {"token": tokens["access_token"]}
            answer = await http.post("/oauth/introspect", data=asked, auth=("app", SECRET))
            assert answer.json()["active"] is True
    assert {name: asked for name, asked in found.items() if len(asked) > MOST[name]} == {}
    commits = {name: asked.count("commit") for name, asked in found.items()}
    assert commits == {name: int(name != "introspection") for name in MOST}
