"""What the configuration may say of SAML providers, and what `check` and `doctor` find of them."""

import dataclasses
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import get_type_hints

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.examination.test_check import an_installation, report_with
from assent.app.configuration import ConfigurationError, read_settings, read_settings_text
from assent.app.examination.doctor import Finding, examine
from assent.app.installation import InstallationError, open_installation
from assent.app.rules.configuration import CHECKS
from assent.identity import saml
from assent.identity.saml.settings import SamlSettings
from identity.saml.clinic import saml_settings
from identity.saml.forger import IDP, metadata
from services.key_pairs import a_pair, write_pair

TABLE = '[sign_in]\nmodules = ["saml"]\n[sign_in.saml.clinic]\n'
GOOD = f'{TABLE}metadata_url = "https://idp.example/metadata"\n'


def test_every_default_passes_its_own_check() -> None:
    for one in dataclasses.fields(SamlSettings):
        if one.default is not None and (SamlSettings, one.name) in CHECKS:
            CHECKS[SamlSettings, one.name](one.default)


def test_every_setting_is_checked_by_its_type_or_by_a_rule() -> None:
    hints = get_type_hints(SamlSettings)
    free = {one.name for one in dataclasses.fields(SamlSettings) if (SamlSettings, one.name) not in CHECKS}
    assert {str(hints[name]).partition("[")[0] for name in free} <= {"typing.Literal", "<class 'bool'>"}


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ('[sign_in]\nmodules = ["saml"]', "sign_in.saml: is needed"),
        (TABLE, "sign_in.saml.clinic: needs metadata_url or metadata_file"),
        (f'{GOOD}metadata_file = "idp.xml"', "sign_in.saml.clinic: needs metadata_url or metadata_file"),
        (
            f'{GOOD}key = "sp.key"',
            "sign_in.saml.clinic.key, sign_in.saml.clinic.certificate: are needed both",
        ),
        (
            f'{GOOD}permissions = ["doctors => FHIR_ALL_READ"]',
            "sign_in.saml.clinic.groups: names no attribute",
        ),
        (f'{GOOD}permissions = ["doctors"]', "sign_in.saml.clinic.permissions: "),
        (f'{GOOD}name_id_format = "transient"', "sign_in.saml.clinic.name_id_format: must be one of"),
        (f"{GOOD}leeway_seconds = 61", "sign_in.saml.clinic.leeway_seconds: must be 0 to 60"),
        (f"{GOOD}metadata_seconds = 1", "sign_in.saml.clinic.metadata_seconds: must be 60 to"),
        (f'{GOOD}own_entity_id = "two words"', "sign_in.saml.clinic.own_entity_id: must be a URI"),
        (f'{GOOD}entity_id = ""', "sign_in.saml.clinic.entity_id: must be a URI"),
        (f'{GOOD}authn_contexts = [""]', "sign_in.saml.clinic.authn_contexts: must be a URI"),
        (f'{GOOD}username = [""]', "sign_in.saml.clinic.username: "),
        (f'{GOOD}titel = "x"', "sign_in.saml.clinic.titel: unknown setting"),
        (GOOD.replace("https:", "http:"), "sign_in.saml.clinic.metadata_url: must be an https URL"),
        (GOOD.replace("clinic", "local"), "sign_in.saml.local: a provider's name is"),
        (GOOD.replace("clinic", '"Clinic A"'), "sign_in.saml.Clinic A: a provider's name is"),
        (
            f'{GOOD}[providers.clinic]\nissuer = "https://id.example"\nclient_id = "a"',
            "sign_in.saml.clinic: providers has one of this name",
        ),
    ],
)
def test_a_mistake_is_told_by_its_path(text: str, mistake: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_settings_text(text, {})
    assert [one for one in caught.value.mistakes if one.startswith(mistake)], caught.value.mistakes


def test_what_everybody_may_do_needs_no_groups() -> None:
    read_settings_text(f'{GOOD}permissions = ["* => FHIR_ALL_READ"]', {})


async def test_files_that_are_no_good_are_told_together(tmp_path: Path) -> None:
    file = await an_installation(tmp_path)
    (tmp_path / "unsigned.xml").write_bytes(metadata(a_pair("idp")))
    (tmp_path / "empty.xml").write_bytes(b"<x/>")
    write_pair(tmp_path, "federation", a_pair("federation"))
    write_pair(tmp_path, "weak", a_pair("weak", 1024))
    write_pair(tmp_path, "own", a_pair("own"))
    text = """
        [sign_in]
        modules = ["local", "saml"]
        [sign_in.saml.a]
        metadata_file = "missing.xml"
        [sign_in.saml.b]
        metadata_file = "empty.xml"
        [sign_in.saml.c]
        metadata_file = "unsigned.xml"
        metadata_certificate = "federation.pem"
        key = "weak.key"
        certificate = "weak.pem"
        [sign_in.saml.d]
        metadata_file = "unsigned.xml"
        metadata_certificate = "empty.xml"
        key = "federation.key"
        certificate = "own.pem"
        [sign_in.saml.good]
        metadata_file = "unsigned.xml"
        key = "own.key"
        certificate = "own.pem"
        """
    report = await report_with(file, text)
    places = [mistake.partition(": ")[0] for mistake in report.mistakes]
    assert places == [
        "sign_in.saml.a.metadata_file",
        "sign_in.saml.b.metadata_file",
        "sign_in.saml.c.key",
        "sign_in.saml.c.metadata_file",
        "sign_in.saml.d.key",
        "sign_in.saml.d.metadata_certificate",
    ]


LIGHT = "import sys, assent.cli.main, assent.app.serving.http; assert not {'lxml', 'signxml'} & sys.modules.keys()"


def test_nobody_who_does_not_use_it_imports_an_xml_library() -> None:
    subprocess.run([sys.executable, "-c", LIGHT], check=True, timeout=60)


@pytest.fixture
def loaded_anew() -> Iterator[None]:
    """The modules of SAML are loaded anew in the test; afterwards they are those that others know."""

    def take_out() -> dict[str, ModuleType]:
        return {
            name: sys.modules.pop(name) for name in list(sys.modules) if name.startswith(f"{saml.__name__}.")
        }

    before, attributes = take_out(), dict(vars(saml))
    yield
    take_out()
    sys.modules.update(before)
    vars(saml).clear()
    vars(saml).update(attributes)


@pytest.mark.usefixtures("loaded_anew")
async def test_where_the_extra_is_not_installed_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await an_installation(tmp_path)
    monkeypatch.setitem(sys.modules, "signxml", None)
    monkeypatch.setitem(sys.modules, "lxml", None)
    report = await report_with(file, GOOD)
    assert [one for one in report.mistakes if "make install-extras" in one]
    with pytest.raises(InstallationError, match="make install-extras"):
        async with open_installation(read_settings(file), tmp_path):
            pass


def _a_page() -> web.Application:
    """A place where people sign in."""

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text="Sign in")

    application = web.Application()
    application.router.add_get("/sso", page)
    return application


async def found(template: Path, folder: Path, document: bytes) -> Finding:
    """What the doctor finds of a provider with this metadata."""
    shutil.copytree(template, folder)
    (folder / "idp.xml").write_bytes(document)
    findings = await examine(saml_settings(metadata_file="idp.xml"), folder)
    [one] = [one for one in findings if one.subject == "provider clinic"]
    return one


async def test_the_doctor_reads_each_providers_metadata(installation_template: Path, tmp_path: Path) -> None:
    async with TestServer(_a_page()) as there:
        document = metadata(a_pair("idp"), sso=str(there.make_url("/sso")))
        good = await found(installation_template, tmp_path / "a", document)
    assert (good.status, good.detail) == ("ok", f"the metadata is that of {IDP}")
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86_400))
    ending = metadata(a_pair("idp"), more=f'validUntil="{soon}"')
    assert (await found(installation_template, tmp_path / "b", ending)).status == "warn"
    spoilt = await found(installation_template, tmp_path / "c", b"<x/>")
    assert spoilt.status == "fail"
