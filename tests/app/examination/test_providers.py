"""`assent check` on providers: what is allowed and probably not meant."""

from pathlib import Path

from app.examination.test_check import an_installation, append, report_with
from assent.actions.providers.desk import Desk
from assent.actions.providers.providers import add_provider
from assent.app.configuration import read_settings
from assent.app.examination.check import check_installation
from assent.app.installation import open_installation

TABLE = '\n[providers.clinic]\nissuer = "https://id.clinic.example"\nclient_id = "us"\n'


async def test_a_provider_where_nobody_can_sign_in(tmp_path: Path) -> None:
    report = await report_with(await an_installation(tmp_path), TABLE)
    assert report.mistakes == ()
    assert (
        "sign_in.modules: oidc is not among them, so that nobody can sign in at the providers"
        in report.warnings
    )
    assert (
        "provider clinic: is asked without credentials: anybody may redeem a code that leaks"
        in report.warnings
    )


async def test_a_module_without_a_provider(tmp_path: Path) -> None:
    report = await report_with(await an_installation(tmp_path), '\n[sign_in]\nmodules = ["oidc"]\n')
    warning = "sign_in.modules: oidc is among them, and there is no provider: assent provider add"
    assert warning in report.warnings


async def test_rules_without_groups_and_a_name_that_is_there_twice(tmp_path: Path) -> None:
    file = await an_installation(tmp_path)
    async with open_installation(read_settings(file), tmp_path) as installation:
        rules = ["doctors => FHIR_ALL_READ"]
        document = {
            "name": "clinic",
            "issuer": "https://id.clinic.example",
            "client_id": "us",
            "permission_rules": rules,
        }
        await add_provider(Desk(installation.server, installation.sealer), document, actor=None)
    append(file, TABLE)
    warnings = (await check_installation(file)).warnings
    assert (
        "provider clinic: has permission_rules for groups, and no claims.groups to read them from" in warnings
    )
    assert "provider clinic: that of the configuration stands over the one of the database" in warnings
