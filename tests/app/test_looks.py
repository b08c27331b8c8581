"""Skins through the whole application: an issuer's, an app's over it, and what stands when one is wrong."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.examination.test_check import an_installation, report_with
from applications import OpenWith
from assent.app.configuration import ConfigurationError, read_settings, read_settings_text
from assent.app.examination.check import check_installation
from assent.app.rules.files import file_mistakes
from assent.app.settings import FhirSettings, IssuerSettings, ServerSettings, Settings, SkinSettings
from assent.testing.application import PUBLIC_URL, Application
from assent.web.skins.findings import SkinRefused
from web.skins.folders import write_skin

DOT = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1"/></svg>'
FRAME = '{% extends "default/base.html" %}{% block footer %}<p>from the issuer</p>{% endblock %}'


@pytest.fixture
def skins(tmp_path: Path) -> Settings:
    """The issuer has a skin, its app `kids` another; a second issuer has none."""
    issuer = write_skin(
        tmp_path / "own",
        "own",
        templates__base_html=FRAME,
        messages__en_properties="login.title_app=Come in to use {app}\n",
        messages__pt_properties="login.title=Entrar\n",
        images__logo_svg=DOT,
    )
    app = write_skin(
        tmp_path / "kids",
        "kids",
        tokens_css=":root { --radius: 20px; }",
        messages__en_properties="login.submit=Open the door\n",
    )
    sandbox = IssuerSettings(f"{PUBLIC_URL}/sandbox", FhirSettings(upstream="https://fhir.example/r4"))
    return Settings(
        server=ServerSettings(public_url=PUBLIC_URL, log_format="json"),
        skin=SkinSettings(str(issuer), {"kids": str(app)}),
        issuers={"sandbox": sandbox},
    )


async def login(application: Application, client_id: str) -> str:
    """The sign-in page on the way to an app."""
    browser = application.browser()
    page = await application.smart_app(client_id).launch(browser, "openid")
    assert page.path == "/login"
    return page.text


async def test_an_app_wears_its_own_skin_over_the_issuers(open_with: OpenWith, skins: Settings) -> None:
    application = await open_with(settings=skins)
    await application.add_client("chart")
    await application.add_client("kids")

    plain, dressed = await login(application, "chart"), await login(application, "kids")

    for page in (plain, dressed):
        assert "Come in to use" in page
        assert "from the issuer" in page
        assert "/static/own/images/logo.svg?v=" in page
    assert "Open the door" in dressed
    assert "/static/kids/tokens.css?v=" in dressed
    assert "Open the door" not in plain
    assert "/static/kids/" not in plain


async def test_an_issuer_without_a_skin_looks_like_ours_and_so_do_its_errors(
    open_with: OpenWith, skins: Settings
) -> None:
    application = await open_with(settings=skins)
    async with application.http() as program:
        ours = await program.get("/sandbox/login", headers={"Accept": "text/html"})
        missing = await program.get("/sandbox/no/such/page")
        missing_here = await program.get("/no/such/page")
        discovery = (await program.get("/.well-known/openid-configuration")).json()
        elsewhere = (await program.get("/sandbox/.well-known/openid-configuration")).json()
    assert "from the issuer" not in ours.text + missing.text
    assert 'href="/sandbox/static/tokens.css' in missing.text
    assert "from the issuer" in missing_here.text
    assert "pt" in discovery["ui_locales_supported"]
    assert "pt" not in elsewhere["ui_locales_supported"]


async def test_a_skins_files_are_served_and_nothing_else_of_its_folder(
    open_with: OpenWith, skins: Settings
) -> None:
    application = await open_with(settings=skins)
    async with application.http() as program:
        logo = await program.get("/static/own/images/logo.svg")
        sheet = await program.get("/static/kids/tokens.css")
        for path in (
            "own/skin.toml",
            "own/templates/base.html",
            "own/../kids/skin.toml",
            "own/images/%2e%2e/skin.toml",
        ):
            assert (await program.get(f"/static/{path}")).status_code == 404
    assert (logo.status_code, logo.headers["content-type"]) == (200, "image/svg+xml")
    assert "sandbox" in logo.headers["content-security-policy"]
    assert logo.headers["x-content-type-options"] == "nosniff"
    assert sheet.headers["content-type"] == "text/css; charset=utf-8"


async def test_a_template_that_fails_does_not_stop_anybody(open_with: OpenWith, tmp_path: Path) -> None:
    skin = write_skin(
        tmp_path / "bad", "bad", templates__login_html="{{ nobody }}", templates__approve_html="{{ app.x }}"
    )
    application = await open_with(
        settings=Settings(
            server=ServerSettings(public_url=PUBLIC_URL, log_format="json"), skin=SkinSettings(str(skin))
        )
    )
    await application.add_amy()
    await application.add_client("chart")
    browser, app = application.browser(), application.smart_app("chart")
    await app.launch(browser, "openid fhirUser")
    page = await browser.sign_in("amy")
    assert page.path == "/approve"
    assert "code" in (await browser.submit("submit")).answered


async def test_a_skin_that_reaches_out_keeps_the_server_from_starting(
    open_with: OpenWith, tmp_path: Path
) -> None:
    skin = write_skin(tmp_path / "bad", "bad", templates__login_html="{{ username | safe }}")
    settings = Settings(server=ServerSettings(public_url=PUBLIC_URL), skin=SkinSettings(str(skin)))
    with pytest.raises(SkinRefused, match="always escaped"):
        await open_with(settings=settings)
    [mistake] = [one for one in file_mistakes(settings, tmp_path) if one.startswith("skin")]
    assert mistake.startswith("skin.folder: templates/login.html:1: the filter safe")


def test_two_skins_of_one_name_are_refused(tmp_path: Path) -> None:
    one, other = write_skin(tmp_path / "one", "same"), write_skin(tmp_path / "other", "same")
    settings = Settings(skin=SkinSettings(str(one), {"kids": str(other)}))
    assert [mistake for mistake in file_mistakes(settings, tmp_path) if "are both named same" in mistake]
    again = replace(settings, skin=SkinSettings(str(one), {"kids": str(one)}))
    assert not [mistake for mistake in file_mistakes(again, tmp_path) if "named" in mistake]


async def test_check_looks_into_every_skin_that_is_named(tmp_path: Path) -> None:
    file = await an_installation(tmp_path)
    write_skin(
        tmp_path / "skins" / "own", "own", templates__login_html='{% extends "base.html" %}{{ nobody }}'
    )
    report = await report_with(
        file,
        '\n[skin]\nfolder = "skins/own"\n[skin.clients]\nkids = "skins/nowhere"\n"https://app.example" = "skins/own"\n',
    )
    assert "skin.folder: templates/login.html:1: unknown variable nobody" in report.mistakes
    assert [one for one in report.mistakes if one.startswith("skin.clients.kids: ") and "is no folder" in one]
    assert read_settings(file).skin.clients["https://app.example"] == str(tmp_path / "skins" / "own")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[skin]\nfoldr = 'x'", "skin.foldr: unknown setting; did you mean folder?"),
        ("[skin]\nfolder = ''", "skin.folder: must have 1 to 200 printable characters"),
        ("[skin]\nclients = 'x'", 'skin.clients: must be a table of texts, such as name = "text"'),
        ("[skin.clients]\n'' = 'x'", "skin.clients: '' is no client_id: 1 to 200 printable characters"),
        (
            "[skin.clients]\nkids = ''",
            "skin.clients: the folder of kids must have 1 to 200 printable characters",
        ),
    ],
)
def test_a_wrong_setting_is_told(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_settings_text(text, {})
    assert said in refused.value.mistakes


async def test_a_skin_for_an_app_that_is_not_there_is_a_warning(tmp_path: Path) -> None:
    file = await an_installation(tmp_path)
    write_skin(tmp_path / "kids", "kids")
    file.write_text(f'{file.read_text()}\n[skin.clients]\nhart = "kids"\n')
    report = await check_installation(file)
    assert (report.mistakes, report.warnings) == ((), ("skin.clients: there is no client hart",))
