"""What is written down about a whole flow, in audit log, log lines and database: every act, and no secret of it."""

import json

import pytest

from applications import OpenWith
from assent.testing.application import SECRET, Application
from assent.testing.ehr import Ehr
from assent.testing.smart_app import VERIFIER


@pytest.fixture
async def application(capfd: pytest.CaptureFixture[str], open_with: OpenWith) -> Application:
    """Opened while its log lines are caught."""
    return await open_with()


@pytest.fixture
async def secrets(application: Application) -> dict[str, str]:
    """Runs a launch to its end, with things going wrong on the way; gives every secret that was about."""
    await application.add_client(secrets=())
    await application.add_ehr()
    await application.add_person("lee", password="a-password-for-lee", fhir_user="Patient/amy")
    ehr, app, browser, http = (
        Ehr(application),
        application.smart_app(),
        application.browser(),
        application.http(),
    )
    ehr_token = await ehr.token()
    handle = await ehr.handle(user="lee", patient="amy", intent="a-private-intent")
    scope = "openid fhirUser launch patient/*.rs offline_access"
    await app.launch(browser, scope, launch=handle, state="a-state-of-the-app", nonce="a-nonce-of-the-app")
    await browser.sign_in("lee", "a-wrong-password")
    await browser.sign_in("lee", "a-password-for-lee")
    cookies = dict(browser.cookies)
    csrf = browser.here.form().values("csrf")[0]
    page = await browser.approve()
    first = (await app.redeem(http, page)).json()
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = (await app.ask_token(http, refresh)).json()
    await app.redeem(http, page)  # the code once more: the grant ends
    await app.ask_token(http, {**refresh, "refresh_token": "a-token-that-nobody-made"})
    await http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=("ehr", "a-wrong-secret"))
    await http.get("/oauth/userinfo", headers={"Authorization": f"Bearer {second['access_token']}"})
    await app.launch(browser, scope, launch=handle)
    await browser.open("/oauth/revoke")
    await browser.open("/oauth/logout")
    await browser.submit()
    return {
        "password": "a-password-for-lee",
        "wrong password": "a-wrong-password",
        "client secret": SECRET,
        "wrong secret": "a-wrong-secret",
        "EHR's token": ehr_token,
        "launch handle": handle,
        "code": page.answered["code"],
        "verifier": VERIFIER,
        "state": "a-state-of-the-app",
        "form token": csrf,
        "unknown refresh token": "a-token-that-nobody-made",
        **{f"cookie {name}": value for name, value in cookies.items()},
        **{f"{name} 1": first[name] for name in ("access_token", "refresh_token", "id_token")},
        **{f"{name} 2": second[name] for name in ("access_token", "refresh_token")},
    }


async def test_no_secret_is_in_the_audit_log(application: Application, secrets: dict[str, str]) -> None:
    rows = [repr(event) for event in await application.audit()]
    found = [name for name, secret in secrets.items() if any(secret in row for row in rows)]
    assert found == []


async def test_no_clinical_context_is_in_the_audit_log(
    application: Application, secrets: dict[str, str]
) -> None:
    rows = " ".join(repr(event) for event in await application.audit())
    assert "a-private-intent" not in rows
    assert "patient='amy'" not in rows
    assert "'amy'" not in rows


async def test_no_secret_is_in_the_logs(
    capfd: pytest.CaptureFixture[str], application: Application, secrets: dict[str, str]
) -> None:
    written = capfd.readouterr()
    text = written.out + written.err
    assert "login.refused" in text
    assert [name for name, secret in secrets.items() if secret in text] == []
    for line in written.err.splitlines():
        assert json.loads(line)["event"]


async def test_no_secret_is_in_the_database(application: Application, secrets: dict[str, str]) -> None:
    files = application.installation.folder.glob("assent.db*")
    kept = b"".join(file.read_bytes() for file in files)
    allowed = {"state"}  # kept while the person is asked: the app's own, and it has to go back
    found = [name for name, secret in secrets.items() if secret.encode() in kept]
    assert set(found) <= allowed


async def test_every_act_left_a_row_with_its_outcome(
    application: Application, secrets: dict[str, str]
) -> None:
    rows = [(event.type, event.outcome) for event in await application.audit()]
    kinds = set(rows)
    assert {
        ("token.issued", "ok"),
        ("launch.registered", "ok"),
        ("authorization.asked", "ok"),
        ("login.refused", "refused"),
        ("login.succeeded", "ok"),
        ("authorization.settled", "ok"),
        ("authorization.granted", "ok"),
        ("token.refused", "refused"),
        ("authorization.refused", "refused"),
        ("session.ended", "ok"),
    } <= kinds
    assert any("revoked" in kind for kind, _ in kinds)


async def test_every_refusal_is_found_by_its_reference(
    application: Application, secrets: dict[str, str]
) -> None:
    refused = [event for event in await application.audit() if event.outcome == "refused"]
    assert refused
    assert [event.type for event in refused if not event.reference] == []
