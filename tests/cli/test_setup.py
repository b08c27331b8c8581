"""`assent init`, `check`, `migrate`, `doctor`, and the options before every command."""

import json
from pathlib import Path

import pytest

from assent import __version__
from cli.conftest import Run


def test_an_installation_is_made_checked_and_kept(run: Run) -> None:
    made = run("init", "--fhir", "https://hapi.example/fhir")
    again = run("init")
    checked = run("check")

    assert (made.status, again.status, checked.status) == (0, 0, 0)
    assert "made  assent.toml" in made.out
    assert "kept  assent.toml" in again.out
    assert "no mistakes, 0 warnings" in checked.out


def test_init_tells_programs_what_it_made(run: Run) -> None:
    done = run("init", "--folder", "sub", "--json").json

    assert done["made"] == ["sub/assent.toml", "sub/master.key"]
    assert done["migrations"]
    assert len(done["keys"]) == 1


def test_init_says_which_options_a_configuration_that_is_there_does_not_take(run: Run) -> None:
    run("init", "--fhir", "https://hapi.example/fhir")

    same = run("init", "--fhir", "https://hapi.example/fhir/")
    other = run("init", "--fhir", "https://other.example/fhir", "--public-url", "https://auth.example")

    assert (same.status, other.status) == (0, 0)
    assert "not taken" not in same.err
    assert "--fhir is not taken: change fhir.upstream" in other.err
    assert "--public-url is not taken: change server.public_url" in other.err
    assert "--database" not in other.err


def test_the_version_is_told_without_an_installation(run: Run) -> None:
    assert run("--version").out == f"assent {__version__}\n"


def test_a_refused_init_names_every_mistake(run: Run) -> None:
    ran = run("init", "--public-url", "http://auth.example", "--fhir", "x")

    assert ran.status == 1
    assert ran.err.count("\n") == 2
    assert not Path("assent.toml").exists()


def test_check_ends_with_1_and_every_mistake(installed: Run) -> None:
    with Path("assent.toml").open("a") as file:
        file.write("\n[engine]\ncode_seconds = 0\nlanch_seconds = 1\n")

    ran, as_json = installed("check"), installed("check", "--json")

    assert (ran.status, as_json.status) == (1, 1)
    assert "assent: engine.lanch_seconds: unknown setting; did you mean launch_seconds?" in ran.err
    assert len(as_json.json["mistakes"]) == 2


@pytest.mark.parametrize("command", [("serve",), ("gateway",), ("client", "list"), ("doctor",), ("migrate",)])
def test_no_command_starts_on_a_broken_configuration(installed: Run, command: tuple[str, ...]) -> None:
    Path("assent.toml").write_text("[server]\nport = 0\nworkers = 0\n")

    ran = installed(*command)

    assert ran.status == 1
    assert ran.err == "assent: server.port: must be 1 to 65535\nassent: server.workers: must be 1 to 64\n"


def test_serve_refuses_a_missing_master_key_before_it_listens(installed: Run) -> None:
    Path("master.key").unlink()

    ran = installed("serve")

    assert ran.status == 1
    assert "secrets.master_key_file" in ran.err


def test_the_installation_is_named_by_option_or_environment(
    installed: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Path("assent.toml").absolute()
    Path("elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")

    assert installed("client", "list").status == 1
    assert installed("--config", str(config), "client", "list").status == 0
    monkeypatch.setenv("ASSENT_CONFIG", str(config))
    assert installed("client", "list").status == 0


def test_each_issuer_has_its_own(installed: Run) -> None:
    with Path("assent.toml").open("a") as file:
        file.write('\n[issuers.sandbox]\npublic_url = "http://localhost:9200/sandbox"\n')

    installed("--issuer", "sandbox", "user", "add", "amy", "--no-password")

    assert installed("user", "list", "--json").json == {"users": []}
    assert len(installed("--issuer", "sandbox", "user", "list", "--json").json["users"]) == 1
    unknown = installed("--issuer", "sandbx", "user", "list")
    assert unknown.status == 1
    assert "did you mean sandbox?" in unknown.err


def test_migrate_plans_and_runs(run: Run) -> None:
    Path("assent.toml").write_text("")

    plan = run("migrate", "--plan", "--json").json
    assert plan["migrations"]
    assert not Path("assent.db").exists()
    assert run("migrate", "--json").json == {"migrations": plan["migrations"], "done": True}
    assert run("migrate").out == "the schema is the newest\n"


def test_doctor_says_what_is_amiss_and_ends_with_1(installed: Run) -> None:
    text = Path("assent.toml").read_text()
    Path("assent.toml").write_text(
        text.replace("http://localhost:9200", "http://localhost:1").replace(
            "https://hapi.example", "http://localhost:2"
        )
    )

    ran = installed("doctor", "--json")

    assert ran.status == 1
    found = {one["subject"]: one["status"] for one in ran.json["findings"]}
    assert found == {
        "database": "ok",
        "signing key RS256": "ok",
        "discovery": "fail",
        "FHIR server": "fail",
        "gateway": "fail",
    }
    assert json.dumps(ran.json)
