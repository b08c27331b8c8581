"""`assent check`: mistakes and warnings of an installation."""

from pathlib import Path

import pytest

from assent.actions.apps.clients import import_clients
from assent.app.configuration import read_settings
from assent.app.examination.check import Report, check_installation
from assent.app.init import init_installation
from assent.app.installation import open_installation
from services.postgres import execute


async def an_installation(folder: Path, database: str = "sqlite:///assent.db") -> Path:
    """Its configuration file."""
    file = folder / "assent.toml"
    await init_installation(
        file, public_url="http://localhost:9200", fhir="https://hapi.example/fhir", database=database
    )
    return file


async def report_with(file: Path, text: str) -> Report:
    """The report once this text stands behind the configuration."""
    append(file, text)
    return await check_installation(file)


def append(file: Path, text: str) -> None:
    """Puts a text behind a file's."""
    file.write_text(file.read_text() + text)


def remove_database(folder: Path) -> None:
    """Removes the SQLite files."""
    for database in folder.glob("assent.db*"):
        database.unlink()


async def test_every_mistake_of_the_configuration_is_told(tmp_path: Path) -> None:
    file = await an_installation(tmp_path)

    report = await report_with(file, "\n[engine]\ncode_seconds = 0\nlaunch_seconds = 0\n")

    assert len(report.mistakes) == 2


@pytest.mark.parametrize("mode", [0o640, 0o604])
async def test_a_master_key_that_others_may_read_is_a_mistake(tmp_path: Path, mode: int) -> None:
    file = await an_installation(tmp_path)
    (tmp_path / "master.key").chmod(mode)

    report = await check_installation(file)

    assert len(report.mistakes) == 1
    assert "chmod 600" in report.mistakes[0]


async def test_missing_files_and_variables_are_told_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ASSENT_FHIR_TOKEN", raising=False)
    file = await an_installation(tmp_path)
    (tmp_path / "master.key").unlink()
    text = file.read_text().replace("http://localhost:9200", "https://auth.example")
    file.write_text(
        text.replace("# auth = ", "auth = ").replace(
            "# tls_certificate", "tls_key = 'k.pem'\ntls_certificate"
        )
    )

    report = await check_installation(file)

    assert [mistake.partition(":")[0] for mistake in report.mistakes] == [
        "secrets.master_key_file",
        "server.tls_certificate",
        "fhir.auth",
    ]


async def test_a_database_that_was_not_migrated_is_a_mistake(tmp_path: Path) -> None:
    file = await an_installation(tmp_path)
    remove_database(tmp_path)

    report = await check_installation(file)

    assert len(report.mistakes) == 1
    assert "run assent migrate" in report.mistakes[0]
    assert not (tmp_path / "assent.db").exists()


async def test_what_is_allowed_and_probably_not_meant_is_a_warning(tmp_path: Path) -> None:
    file = await an_installation(tmp_path)
    text = file.read_text().replace("http://localhost:9200", "https://auth.example")
    file.write_text(text.replace("https://hapi.example", "http://hapi.example"))

    report = await report_with(
        file,
        """
        [outbound]
        allow_private = true
        allow_http = true
        [engine]
        login_max_failures = 0
        """,
    )

    assert report.mistakes == ()
    assert [warning.partition(":")[0] for warning in report.warnings] == [
        "fhir.upstream",
        "engine.login_max_failures",
        "outbound.allow_private",
        "outbound.allow_http",
        "server.trusted_proxies",
    ]


async def test_a_client_with_a_secret_and_system_scopes_is_a_warning(tmp_path: Path) -> None:
    file = await an_installation(tmp_path)
    service = {
        "client_id": "service",
        "grant_types": ["client_credentials"],
        "scope": "system/*.rs",
        "permissions": [{"permission": "FHIR_ALL_READ"}],
        "secrets": [{"secret": "chosen"}],
    }
    async with open_installation(read_settings(file), tmp_path) as installation:
        await import_clients(installation.server, {"clients": [service]}, actor="tests")

    report = await check_installation(file)

    assert report.mistakes == ()
    assert len(report.warnings) == 1
    assert report.warnings[0].startswith("client service: may have system/ scopes with a secret")


@pytest.mark.postgres
async def test_a_postgresql_that_does_not_commit_durably_is_a_mistake(
    tmp_path: Path, postgres_url: str, postgres_server: str
) -> None:
    file = await an_installation(tmp_path, postgres_url)
    assert (await check_installation(file)).mistakes == ()
    name = postgres_url.rpartition("/")[2]
    execute(postgres_server, f'ALTER DATABASE "{name}" SET synchronous_commit = off')

    report = await check_installation(file)

    assert len(report.mistakes) == 1
    assert "synchronous_commit" in report.mistakes[0]


async def test_mistakes_in_a_folder_of_messages_are_told_and_whole_languages_asked_for(
    tmp_path: Path,
) -> None:
    file = await an_installation(tmp_path)
    file.write_text(file.read_text().replace("[server]", '[server]\nmessages = "words"'))
    assert (await check_installation(file)).mistakes == (
        f"server.messages: {tmp_path / 'words'} is no folder",
    )
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "de.properties").write_text("login.titel=Hallo")
    assert (await check_installation(file)).mistakes == (
        "server.messages: de.properties: login.titel: unknown key; did you mean login.title?",
    )
    (tmp_path / "words" / "de.properties").unlink()
    (tmp_path / "words" / "pt.properties").write_text("login.title=Entrar")
    report = await check_installation(file)
    assert report.mistakes == ()
    assert "texts are left out and said in English" in report.warnings[0]


async def test_a_custom_scope_without_a_name_is_a_warning_for_each_language(tmp_path: Path) -> None:
    file = await an_installation(tmp_path)
    file.write_text(file.read_text().replace("[server]", '[server]\nmessages = "words"'))
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "en.properties").write_text("scope.acme\\:coach.name=Talk to the coach")
    app = {
        "client_id": "diary",
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code"],
        "redirect_uris": ["https://diary.example/"],
        "scope": "openid patient/*.rs acme:coach",
        "auto_grant_scope": "acme:other",
    }
    async with open_installation(read_settings(file), tmp_path) as installation:
        await import_clients(installation.server, {"clients": [app]}, actor="tests")

    report = await check_installation(file)

    assert report.mistakes == ()
    assert list(report.warnings) == [
        "client diary: custom scope acme:coach has no name in the messages (es, fr, de, ar)",
        "client diary: custom scope acme:other has no name in the messages (en, es, fr, de, ar)",
    ]


async def test_a_folder_of_terms_that_is_not_there_or_holds_no_texts_is_a_mistake(tmp_path: Path) -> None:
    file = await an_installation(tmp_path)
    text = file.read_text()
    file.write_text(text.replace("[server]\n", '[server]\nterms = "terms"\n'))

    report = await check_installation(file)
    assert report.mistakes == (f"server.terms: {tmp_path / 'terms'} is no folder",)

    (tmp_path / "terms" / "1").mkdir(parents=True)
    (tmp_path / "terms" / "1" / "english.md").write_text("text")
    report = await check_installation(file)
    assert len(report.mistakes) == 1
    assert report.mistakes[0].startswith("server.terms: 1/english.md: is named after no language")


async def test_the_sample_terms_of_service_are_a_warning_where_others_are_shown_them(tmp_path: Path) -> None:
    file = await an_installation(tmp_path)
    (tmp_path / "terms" / "2").mkdir(parents=True)
    (tmp_path / "terms" / "2" / "en.md").write_text("Our terms.")
    text = file.read_text().replace("[server]\n", '[server]\nterms = "terms"\n')
    file.write_text(text + '\n[engine]\nterms_version = "1"\n')
    async with open_installation(read_settings(file), tmp_path) as installation:
        uris = ["https://app.example/done"]
        clients = [
            {"client_id": f"of-{version}", "redirect_uris": uris, "terms_version": version}
            for version in ("1", "2")
        ]
        await import_clients(installation.server, {"clients": clients}, actor=None)

    assert not [one for one in (await check_installation(file)).warnings if "terms" in one]

    file.write_text(file.read_text().replace("http://localhost:9200", "https://auth.example"))
    rule = "'1' has no text in server.terms, so that people are shown the sample terms of service"
    assert [one for one in (await check_installation(file)).warnings if "terms" in one] == [
        f"engine.terms_version: {rule}",
        f"client of-1: terms_version {rule}",
    ]


async def test_a_missing_variable_is_told_once_by_its_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ASSENT_FHIR_TOKEN", raising=False)
    file = await an_installation(tmp_path)
    file.write_text(file.read_text().replace("# auth = ", "auth = "))
    report = await check_installation(file)
    assert report.mistakes == ("fhir.auth: needs the environment variable ASSENT_FHIR_TOKEN",)


async def test_whose_word_is_trusted_that_is_nobody_is_a_warning(tmp_path: Path) -> None:
    text = '[engine]\nsecond_factor_trusts = ["locl", "local", "nix"]\n'
    report = await report_with(await an_installation(tmp_path), text)
    assert [one for one in report.warnings if "second_factor_trusts" in one] == [
        "engine.second_factor_trusts: 'locl' is no provider, nor a module that is on; did you mean local?",
        "engine.second_factor_trusts: 'nix' is no provider, nor a module that is on",
    ]


@pytest.mark.parametrize("host", ["x y", "mail.example.org:25", "https://mail.example.org", "-a", "a..b"])
async def test_a_mail_server_has_a_name_or_an_address(tmp_path: Path, host: str) -> None:
    text = f'[mail]\nhost = "{host}"\nsender = "a@b.example"\n'
    report = await report_with(await an_installation(tmp_path), text)
    assert report.mistakes == ("mail.host: must be a host's name or address, such as mail.example.org",)


@pytest.mark.parametrize("host", ["localhost", "mail.example.org.", "192.0.2.1", "2001:db8::1", "smtp_in"])
async def test_a_mail_server_by_name_or_address_is_taken(tmp_path: Path, host: str) -> None:
    text = f'[mail]\nhost = "{host}"\nsender = "a@b.example"\n'
    assert (await report_with(await an_installation(tmp_path), text)).mistakes == ()
