"""Whether the terms of service are still to be accepted, as a table."""

import pytest

from assent.engine.authorize.progress import Progress
from assent.engine.authorize.request import AuthorizeRequest
from assent.engine.settings import EngineSettings
from assent.engine.terms import needs_terms, wanted_version
from assent.records.clients import Client
from assent.records.terms import Agreement

NOW = 1_800_000_000
REQUEST = AuthorizeRequest(
    client_id="app",
    redirect_uri="https://app.example/done",
    state="s",
    scope="openid",
    asked_scope="openid",
    aud=None,
    launch_hash=None,
    code_challenge=None,
    nonce=None,
    prompt=(),
    max_age=None,
    login_hint=None,
    hinted_subject=None,
    ui_locales=None,
)


def agreed(version: str, revoked_at: int = 0) -> Agreement:
    return Agreement("u-amy", "app", version, NOW, "en", b"hash", revoked_at)


@pytest.mark.parametrize(
    ("issuers", "clients", "wanted"),
    [(None, None, None), ("1", None, "1"), (None, "a", "a"), ("1", "a", "a")],
)
def test_the_clients_version_stands_over_the_issuers(
    issuers: str | None, clients: str | None, wanted: str | None
) -> None:
    settings = EngineSettings(terms_version=issuers)
    assert wanted_version(settings, Client("app", "App", terms_version=clients)) == wanted


@pytest.mark.parametrize(
    ("version", "agreement", "needed"),
    [
        (None, None, False),
        (None, agreed("1"), False),
        ("1", None, True),
        ("1", agreed("1"), False),
        ("1", agreed("1", revoked_at=NOW), True),
        ("2", agreed("1"), True),
    ],
)
def test_a_version_is_asked_until_it_is_accepted(
    version: str | None, agreement: Agreement | None, needed: bool
) -> None:
    at = Progress(REQUEST, Client("app", "App"), NOW, agreement=agreement)
    assert needs_terms(EngineSettings(terms_version=version), at) is needed
