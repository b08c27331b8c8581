"""What the doctor says of what it did not reach: plain words, and a hint that fits."""

import dataclasses
import shutil
from pathlib import Path

import pytest

from assent.app.examination.doctor import examine
from assent.app.settings import FhirSettings, MailSettings, Settings
from identity.oidc.pair import settings


def unreached() -> Settings:
    """Settings by which nobody is reached: port 9 is none that a server takes here."""
    fhir = FhirSettings("http://localhost:9/fhir")
    mail = MailSettings("localhost", 9, "none", sender="a@b.example")
    return dataclasses.replace(settings("http://localhost:9", "local"), fhir=fhir, mail=mail)


async def test_what_refuses_connections_is_told_in_plain_words(
    installation_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ASSENT_MAIL_USERNAME", raising=False)
    shutil.copytree(installation_template, tmp_path / "a")
    findings = {one.subject: one for one in await examine(unreached(), tmp_path / "a")}

    assert findings["mail"].detail == (
        "the mail server cannot be reached: connection refused: see mail.host, mail.port"
    )
    assert findings["FHIR server"].detail == "http://localhost:9/fhir: connection refused"
    assert "/.well-known/openid-configuration: connection refused; is assent serve" in (
        findings["discovery"].detail
    )
    assert findings["gateway"].detail.endswith(": connection refused")
