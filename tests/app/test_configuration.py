"""Reading `assent.toml`: defaults, strictness, every mistake at once."""

import dataclasses
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from assent.app.configuration import ConfigurationError, read_settings, read_settings_text
from assent.app.rules.configuration import CHECKS
from assent.app.settings import (
    DatabaseSettings,
    FhirSettings,
    IssuerSettings,
    OutboundSettings,
    SecretsSettings,
    ServerSettings,
    Settings,
)
from assent.engine.settings import EngineSettings

TABLES = (
    ServerSettings,
    DatabaseSettings,
    SecretsSettings,
    FhirSettings,
    OutboundSettings,
    EngineSettings,
    IssuerSettings,
)


def mistakes(text: str, **environment: str) -> list[str]:
    """What a configuration is refused for."""
    with pytest.raises(ConfigurationError) as caught:
        read_settings_text(text, environment)
    return caught.value.mistakes


def test_an_empty_file_gives_every_default() -> None:
    assert read_settings_text("", {}) == Settings()


def test_every_default_passes_its_own_check() -> None:
    for kind in TABLES:
        for one in dataclasses.fields(kind):
            if one.default not in (dataclasses.MISSING, None) and (kind, one.name) in CHECKS:
                CHECKS[kind, one.name](one.default)


def test_every_number_has_bounds() -> None:
    numbers = [
        (kind, one.name)
        for kind in TABLES
        for one in dataclasses.fields(kind)
        if get_type_hints(kind)[one.name] is int
    ]

    assert numbers
    assert [place for place in numbers if place not in CHECKS] == []


def test_every_check_is_of_a_setting() -> None:
    for kind, name in CHECKS:
        assert name in {one.name for one in dataclasses.fields(kind)}


def test_values_are_read_into_their_tables() -> None:
    settings = read_settings_text(
        """
        [server]
        public_url = "https://auth.example"
        trusted_proxies = ["10.0.0.5", "10.1.0.0/16"]
        frame_ancestors = ["https://ehr.example"]
        [engine]
        access_token_alg = "ES256"
        session_idle_seconds = 600
        [issuers.sandbox]
        public_url = "https://auth.example/sandbox"
        [issuers.sandbox.fhir]
        upstream = "http://hapi:8080/fhir"
        """,
        {},
    )

    assert settings.server.trusted_proxies == ("10.0.0.5", "10.1.0.0/16")
    assert settings.engine.access_token_alg == "ES256"
    assert settings.issuers["sandbox"].fhir.upstream == "http://hapi:8080/fhir"
    assert settings.issuers["sandbox"].engine == EngineSettings()


def test_every_mistake_is_named_at_once() -> None:
    found = mistakes(
        """
        publik = 1
        [server]
        public_url = "http://auth.example"
        prot = 9200
        workers = 0
        trusted_proxies = ["10.0.0.1/8"]
        tls_key = "key.pem"
        log_level = "warn"
        [database]
        url = "mysql://localhost/assent"
        [engine]
        session_idle_seconds = 0
        assertion_leeway_seconds = 61
        audience_slash = "yes"
        [fhir]
        upstream = "https://user:secret@fhir.example"
        [issuers.Sandbox]
        public_url = "https://auth.example"
        [issuers.other]
        """
    )

    assert [mistake.partition(": ")[0] for mistake in found] == [
        "publik",
        "server.prot",
        "server.public_url",
        "server.workers",
        "server.trusted_proxies",
        "server.log_level",
        "database.url",
        "fhir.upstream",
        "engine.session_idle_seconds",
        "engine.audience_slash",
        "engine.assertion_leeway_seconds",
        "issuers.other.public_url",
        "server.tls_certificate, server.tls_key",
        "issuers.Sandbox",
    ]


def test_an_unknown_setting_gets_the_nearest_right_name() -> None:
    assert mistakes("[server]\npublic_ulr = 'x'") == [
        "server.public_ulr: unknown setting; did you mean public_url?"
    ]


def test_no_mistake_echoes_a_secret() -> None:
    [mistake] = mistakes("[database]\nurl = 'mysql://assent:hunter2@db/assent'")

    assert "hunter2" not in mistake


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("server = 1", "server"),
        ("[server]\nport = 0", "server.port"),
        ("[server]\nport = 65536", "server.port"),
        ("[server]\nport = true", "server.port"),
        ("[server]\nport = '9200'", "server.port"),
        ("[server]\nhost = 'a b'", "server.host"),
        ("[server]\nmetrics_from = '10.0.0.1'", "server.metrics_from"),
        ("[server]\nmetrics_from = ['all']", "server.metrics_from"),
        ("[server]\norganization = ''", "server.organization"),
        ("[server]\npublic_url = 'http://localhost.example:9200'", "server.public_url"),
        ("[server]\npublic_url = 'https://auth.example/?a=b'", "server.public_url"),
        ("[server]\npublic_url = 'https://auth.example/#a'", "server.public_url"),
        ("[server]\npublic_url = 'https://user@auth.example'", "server.public_url"),
        ("[server]\npublic_url = 'https://AUTH.example'", "server.public_url"),
        ("[server]\npublic_url = 'auth.example'", "server.public_url"),
        ("[server]\nframe_ancestors = ['https://ehr.example/path']", "server.frame_ancestors"),
        ("[server]\nframe_ancestors = ['http://ehr.example']", "server.frame_ancestors"),
        ("[server]\nframe_ancestors = ['*']", "server.frame_ancestors"),
        ("[database]\nurl = 'sqlite://assent.db'", "database.url"),
        ("[database]\nurl = 'memory:'", "database.url"),
        ("[database]\nurl = 'assent.db'", "database.url"),
        ("[fhir]\nupstream = 'fhir.example'", "fhir.upstream"),
        ("[fhir]\npartition_header = 'Authorization'", "fhir.partition_header"),
        ("[fhir]\npartition_header = 'X-Forwarded-For'", "fhir.partition_header"),
        ("[fhir]\npartition_header = 'X-A: b'", "fhir.partition_header"),
        ("[fhir]\npartition = 'a,b'", "fhir.partition"),
        ("[fhir]\nbase = 'http://fhir.example/r4'", "fhir.base"),
        ("[fhir]\nauth = 'oauth'", "fhir.auth"),
        ("[fhir]\nupstream = 'http://localhost:9200/fhir'", "fhir.upstream"),
        ("[engine]\naccess_token_alg = 'HS256'", "engine.access_token_alg"),
        ("[engine]\naccess_token_seconds = 86401", "engine.access_token_seconds"),
        ("[engine]\ntoken_endpoint_auth_methods = []", "engine.token_endpoint_auth_methods"),
        (
            "[engine]\ntoken_endpoint_auth_methods = ['client_secret_jwt']",
            "engine.token_endpoint_auth_methods",
        ),
        ("issuers = 3", "issuers"),
        ("[issuers.default]\npublic_url = 'https://auth.example'", "issuers.default"),
        ("[issuers.'a b']\npublic_url = 'https://auth.example'", "issuers.a b"),
        ("[issuers.a]\npublic_url = 'http://localhost:9200/'", "issuers.a.public_url"),
        (
            "[issuers.a]\npublic_url = 'https://a.example'\nfhir.base = 'http://localhost:9200/fhir'",
            "issuers.a.fhir.base",
        ),
        ("demo = true\n[server]\nhost = '0.0.0.0'", "demo"),
        ("[server]\ntls_certificate = 'a'\ntls_key = 'b'", "server.public_url"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_path(text: str, path: str) -> None:
    found = mistakes(text)

    assert f"{path}: " in f"{found[0]}: "
    assert found[0].startswith(path)


@pytest.mark.parametrize(
    "text",
    [
        "[server]\npublic_url = 'http://127.0.0.1:9300/'",
        "[server]\npublic_url = 'http://[::1]:9300'",
        "[server]\npublic_url = 'https://auth.example/Tenant/A'",
        "[server]\nhost = '::'",
        "[server]\nframe_ancestors = ['https://ehr.example:8443']",
        "[database]\nurl = 'sqlite:////var/lib/assent/assent.db'",
        "[database]\nurl = 'postgresql:///assent?host=/run/postgresql'",
    ],
)
def test_what_is_allowed_is_read(text: str) -> None:
    read_settings_text(text, {})


def test_a_text_may_come_from_the_environment() -> None:
    text = "[database]\nurl = { env = 'DB' }"

    assert read_settings_text(text, {"DB": "postgresql://db/assent"}).database.url == "postgresql://db/assent"
    assert mistakes(text) == ["database.url: the environment variable DB is not set"]
    assert mistakes(text, DB="mysql://x")[0].startswith("database.url: must begin with")


def test_a_table_with_a_mistake_in_it_is_not_called_missing_too() -> None:
    text = "[sign_in]\nmodules = ['header']\n[sign_in.header]\nproxies = ['127.0.0.1']\nuser = 'X'"

    assert [one.partition(":")[0] for one in mistakes(text)] == ["sign_in.header.user"]
    assert mistakes("[mail]\nhost = 'localhost'\nsender = 'x'") == [
        "mail.sender: must be an address such as no-reply@example.org"
    ]


@pytest.mark.parametrize("value", ["{ env = 1 }", "{ file = 'x' }", "{ env = 'A', more = 1 }", "7"])
def test_nothing_else_stands_for_a_text(value: str) -> None:
    assert mistakes(f"[database]\nurl = {value}", A="x") == [
        'database.url: must be a text, or { env = "NAME" }'
    ]


def test_a_certificate_is_relative_to_the_file(tmp_path: Path) -> None:
    file = tmp_path / "assent.toml"
    file.write_text(
        "[server]\npublic_url = 'https://a.example'\ntls_certificate = 'c.pem'\ntls_key = '/etc/k.pem'"
    )

    server = read_settings(file).server

    assert server.tls_certificate == str(tmp_path / "c.pem")
    assert server.tls_key == "/etc/k.pem"


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (None, "is not there"),
        (b"\xff", "is not UTF-8"),
        (b"[server", "not TOML"),
        (b"a = 1\na = 2", "not TOML"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None, rule: str) -> None:
    file = tmp_path / "assent.toml"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(ConfigurationError, match=rule):
        read_settings(file, {})


def test_every_setting_has_words_for_its_reference_page() -> None:
    from scripts.pages.settings import documented

    words: dict[str, Any] = {f"{kind.__name__}.{name}": text for kind, name, text in documented()}

    assert words
    assert [name for name, text in words.items() if not text] == []


def test_providers_are_read_as_definitions_with_secrets_of_the_environment() -> None:
    text = """
        [providers.clinic]
        issuer = "https://id.clinic.example"
        client_id = "us"
        client_secret = { env = "CLINIC_SECRET" }
        claims = { groups = ["roles"] }
        permission_rules = ["doctors => FHIR_ALL_READ"]
    """
    settings = read_settings_text(text, {"CLINIC_SECRET": "kept-elsewhere"})
    assert settings.all_issuers()["default"].providers["clinic"]["client_secret"] == "kept-elsewhere"
    assert "kept-elsewhere" not in repr(settings)
    assert mistakes(text) == [
        "providers.clinic.client_secret: the environment variable CLINIC_SECRET is not set",
    ]


def test_mistakes_in_a_provider_are_named_by_their_path() -> None:
    text = """
        [providers.clinic]
        issuer = "https://id.clinic.example"
        tittle = "Clinic"
        [providers.local]
        issuer = "https://id.clinic.example"
        client_id = "us"
        [issuers.other]
        public_url = "https://other.example"
        [issuers.other.providers.x]
        client_id = "us"
    """
    found = mistakes(text)
    assert "providers.clinic.tittle: unknown field; did you mean title?" in found
    assert "providers.local.name: is the name of a sign-in module or page: choose another" in found
    assert "issuers.other.providers.x.issuer: is required" in found
