"""docs/how-to/sign-in-with-ldap.md with a real OpenLDAP: its settings, its commands, somebody signed in."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from assent.app.configuration import read_settings_text
from assent.app.rules.ldap import ldap_warnings
from assent.testing.browser import Browser
from docs.test_quickstart import wait_for
from identity.ldap.staff import PASSWORD, dn, group, person
from scripts.free_ports import free_port
from services.openldap import SERVICE_PASSWORD, StartOpenLdap

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "sign-in-with-ldap.md"


def blocks(language: str) -> list[str]:
    """The page's blocks of this language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)


def test_the_settings_of_the_page_are_good_ones() -> None:
    for table in blocks("toml"):
        settings = read_settings_text(table, {"ASSENT_LDAP_PASSWORD": SERVICE_PASSWORD}).sign_in.ldap
        assert settings is not None
        assert list(ldap_warnings(settings, "sign_in.ldap")) == []


async def test_from_an_installation_to_somebody_signed_in(
    start_openldap: StartOpenLdap, tmp_path: Path
) -> None:
    directory = start_openldap(
        person("ines", PASSWORD, "employeeNumber: Practitioner/ines") + group("staff", dn("ines"))
    )
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "ASSENT_LDAP_PASSWORD": SERVICE_PASSWORD,
    }
    origin = f"http://localhost:{free_port()}"
    run(tmp_path, environment, f"assent init --public-url {origin} --fhir https://fhir.example/r4")
    table = blocks("toml")[0]
    for name in ("ldap1", "ldap2"):
        table = table.replace(
            f"ldaps://{name}.clinic.example", directory.tls_url.replace("127.0.0.1", "localhost"), 1
        )
    table = table.replace("localhost", "127.0.0.1", 1)
    with (tmp_path / "assent.toml").open("a") as file:
        file.write(table)
    (tmp_path / "clinic-ca.pem").write_bytes(directory.authority.read_bytes())
    check, doctor, serve = "".join(blocks("sh")).splitlines()
    assert (check, doctor, serve) == ("assent check", "assent doctor", "assent serve")
    run(tmp_path, environment, check)
    serving = subprocess.Popen(serve.split(), cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)
    browser = Browser(None, origin)
    try:
        wait_for(f"{origin}/health/ready", serving)
        found = subprocess.run(
            doctor.split(),
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        words = " ".join(found.stdout.split())
        assert words.count("lets the service account in") == 2
        await browser.open("/oauth/revoke")
        page = await browser.sign_in("ines", PASSWORD)
        assert (page.status, page.path) == (200, "/oauth/revoke")
    finally:
        await browser.close()
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(60) == 0
    assert "Practitioner/ines" in run(tmp_path, environment, "assent user show ines")


def run(folder: Path, environment: dict[str, str], command: str) -> str:
    done = subprocess.run(
        command.split(), cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
