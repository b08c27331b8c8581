"""Drawing with skins: the nearest file of each kind, and ours where one fails."""

from pathlib import Path

import pytest

from assent.web.languages import read_languages
from assent.web.samples.pages import sample_pages
from assent.web.skins.looks import Wardrobe
from assent.web.skins.skin import Skin, read_skin
from assent.web.static import StaticFiles, read_static_files
from assent.web.templates import PageTemplates
from tests.web.skins.folders import write_skin
from tests.web.surfaces import Log

ENGLISH = read_languages().english
TEMPLATE, CONTENT = sample_pages(ENGLISH)["login"]
FRAME = '{% extends "default/base.html" %}{% block footer %}<p>from the issuer</p>{% endblock %}'
PIXEL = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1"/></svg>'


@pytest.fixture
def log() -> Log:
    return Log()


def draws(log: Log, *skins: Skin) -> PageTemplates:
    return Wardrobe(StaticFiles(read_static_files(), "/static"), "/static", log).templates(skins)


def page(log: Log, *skins: Skin) -> str:
    return draws(log, *skins).render(TEMPLATE, CONTENT, ENGLISH)


BROKEN = {
    "{{ nobody }}": ("tried/templates/login.html", 1),
    "one\n{{ app.nobody }}": ("tried/templates/login.html", 2),
    "{{ t('no.such.text') }}": ("tried/templates/login.html", 1),
    "\n\n{{ 1 // 0 }}": ("tried/templates/login.html", 3),
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}": ("tried/templates/login.html", 1),
    '{% extends "login.html" %}': ("tried/templates/login.html", 1),
}


@pytest.mark.parametrize("source", BROKEN)
def test_a_template_that_fails_is_replaced_by_ours_and_told_to_the_log(
    tmp_path: Path, log: Log, source: str
) -> None:
    skin = read_skin(write_skin(tmp_path, templates__login_html=source))
    assert page(log, skin) == draws(log).render(TEMPLATE, CONTENT, ENGLISH)
    [(event, said)] = log.lines
    assert event == "skin_template_failed"
    assert (said["file"], said["line"]) == BROKEN[source]
    assert (said["template"], said["skins"]) == ("login.html", ("tried",))


def test_what_the_page_was_about_does_not_reach_the_log(tmp_path: Path, log: Log) -> None:
    skin = read_skin(
        write_skin(tmp_path, templates__login_html="{{ {}[username] }}{{ t(username) }}{{ 1 + username }}")
    )
    draws(log, skin).render(TEMPLATE, {**CONTENT, "username": "maria-keller"}, ENGLISH)
    assert "maria" not in str(log.lines)


def test_each_file_comes_from_the_nearest_skin_that_has_it(tmp_path: Path, log: Log) -> None:
    issuer = read_skin(
        write_skin(
            tmp_path / "issuer",
            "issuer",
            templates__base_html=FRAME,
            tokens_css=":root { --radius: 0; }",
            images__logo_svg=PIXEL,
            images__seal_svg=PIXEL,
        )
    )
    app = read_skin(
        write_skin(
            tmp_path / "app",
            "app",
            templates__login_html='{% extends "default/login.html" %}{% block content %}{{ super() }}'
            '<img src="{{ static_url(\'seal.svg\') }}" alt="">{% endblock %}',
            tokens_css=":root { --radius: 4px; }",
            images__logo_svg=PIXEL,
        )
    )
    html = page(log, app, issuer)
    assert log.lines == []
    assert "from the issuer" in html
    assert 'name="password"' in html
    sheets = [part.split("?")[0] for part in html.split('rel="stylesheet" href="')[1:]]
    assert sheets == [
        "/static/tokens.css",
        "/static/assent.css",
        "/static/issuer/tokens.css",
        "/static/app/tokens.css",
        "/static/contrast.css",
    ]
    assert 'src="/static/app/images/logo.svg?v=' in html
    assert 'src="/static/issuer/images/seal.svg?v=' in html
    assert "from the issuer" in page(log, issuer)
    assert "from the issuer" not in page(log)


def test_later_changes_in_the_folder_do_not_count_before_the_next_start(tmp_path: Path, log: Log) -> None:
    folder = write_skin(tmp_path, templates__base_html=FRAME)
    templates = draws(log, read_skin(folder))
    write_skin(tmp_path, templates__base_html="{{ broken")
    assert "from the issuer" in templates.render(TEMPLATE, CONTENT, ENGLISH)
