"""`assent skin check`: a good skin passes, and each mistake is found, with its place."""

from pathlib import Path

import pytest

from assent.web.languages import BUILT_IN, read_messages
from assent.web.samples.pages import sample_pages
from assent.web.skin_check.check import check_skin
from assent.web.skin_check.contract import CHANGES, CONTRACT, read_contracts
from assent.web.skins.new import example_names, example_skin, make_skin
from assent.web.skins.skin import read_skin
from assent.web.templates import read_page_templates
from tests.web.skins.folders import write_skin

OURS = read_page_templates()


def changed(template: str, old: str, new: str) -> str:
    """Our own template with a mistake in it."""
    assert old in OURS[template]
    return OURS[template].replace(old, new)


def mistakes(folder: Path) -> list[str]:
    """What is found in two languages, one of either direction."""
    return [str(one) for one in check_skin(folder, languages=("en", "ar")).mistakes]


@pytest.mark.parametrize("name", example_names())
def test_an_example_has_no_mistake_and_speaks_every_language(name: str) -> None:
    report = check_skin(example_skin(name))
    assert (report.mistakes, report.warnings) == ((), ())
    texts = example_skin(name) / "messages"
    assert {path.stem for path in texts.glob("*.properties")} == set(BUILT_IN)
    assert "(prefers-color-scheme: dark)" in read_skin(example_skin(name)).sheet


@pytest.mark.parametrize("source", ["default", *example_names()])
def test_a_new_skin_works_at_once(tmp_path: Path, source: str) -> None:
    make_skin(tmp_path / "own", "own", CONTRACT, source)
    report = check_skin(tmp_path / "own")
    assert (report.name, report.mistakes, report.warnings) == ("own", (), ())


def test_a_new_skin_may_begin_with_every_template_of_ours(tmp_path: Path) -> None:
    make_skin(tmp_path / "own", "own", CONTRACT, copies=tuple(OURS))
    assert mistakes(tmp_path / "own") == []


@pytest.mark.parametrize("template", list(OURS))
def test_each_template_says_which_variables_it_is_given(template: str) -> None:
    contract = read_contracts()[template]
    assert contract.about or template == "parts.html"
    drawn = [content for name, content in sample_pages(read_messages("en")).values() if name == template]
    assert drawn or not contract.is_page or template == "prose.html"
    for content in drawn:
        assert {one.name for one in contract.variables} == set(content)


SCRIPT = "{{ passkey_script(static_url) }}"
WRONG = {
    "the script for passkeys": ("login.html", SCRIPT, "", "the script for passkeys is missing"),
    "a script of its own": ("login.html", SCRIPT, '<script src="x.js"></script>', "scripts are blocked"),
    "what the script finds": ("login.html", ' data-passkey="get"', "", "data-passkey= of the form"),
    "a field": ("login.html", 'name="password"', 'name="pass"', 'name="password" id="password"> is missing'),
    "the token": ("login.html", 'name="csrf"', 'name="token"', 'name="csrf"> is missing'),
    "the id of submit": ("login.html", 'id="submit"', 'id="go"', "there it has the id go"),
    "the id of deny": ("approve.html", 'id="deny"', "", "there it has no id"),
    "the decision": ("approve.html", 'value="deny"', 'value="no"', 'value="deny"> is missing'),
    "boxes that are ticked otherwise": ("approve.html", 'name="scope"', 'name="scope" data-x', "ticked"),
    "where it goes": ("login.html", '"{{ action }}"', '"/elsewhere"', "a form is missing"),
    "the method": ("login.html", 'method="post"', 'method="get"', "method=post"),
    "a variable": ("login.html", "{{ username }}", "{{ usernme }}", "did you mean username?"),
    "a field of a view": (
        "approve.html",
        "{{ choice.title }}",
        "{{ choice.titel }}",
        "ScopeChoice has no titel",
    ),
    "a block": ("login.html", "block content", "block contnt", "unknown block contnt; did you mean content?"),
    "whose record it is": ("approve.html", "acting_band(page.acting_for, t)", "''", "page.acting_for.name"),
    "what is asked": ("approve.html", "{{ choice.title }}", "A scope", "groups.choices.title is not shown"),
    "what went wrong": ("login.html", "problem_box(problem", "problem_box(none", "problem is not shown"),
    "a link": ("login.html", "{{ provider.url }}", "/login", "the link to #"),
    "script": ("login.html", "<h1>", "<script>x()</script><h1>", "<script>: scripts are blocked"),
    "a handler": ("login.html", "<h1>", '<h1 onclick="x()">', "onclick=: scripts are blocked"),
    "inline style": ("login.html", "<h1>", '<h1 style="color: red">', "style=: inline style is blocked"),
    "pictures of others": (
        "login.html",
        "<h1>",
        '<img src="https://x.example/a.png" alt=""><h1>',
        "pictures of others",
    ),
    "javascript": ("login.html", "<h1>", '<a href="javascript:x()">x</a><h1>', "javascript: addresses"),
    "a value without quotes": ("login.html", 'value="{{ username }}"', "value={{ username }}", "in quotes"),
    "a text": ("login.html", 't("login.title")', 't("login.titel")', "login.titel"),
    "the language": ("base.html", 'lang="{{ lang }}"', 'lang="en"', '<html> needs lang="{{ lang }}"'),
    "the direction": ("base.html", ' dir="{{ dir }}"', "", '<html> needs dir="{{ dir }}"'),
    "escaping": ("login.html", "{{ username }}", "{{ username | safe }}", "text is always escaped"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_mistake_in_a_template_is_found(tmp_path: Path, what: str) -> None:
    template, old, new, said = WRONG[what]
    if what.startswith("boxes"):
        old, new = "{% if choice.is_ticked %} checked{% endif %}", ""
    skin = write_skin(tmp_path, **{f"templates__{template.replace('.', '_')}": changed(template, old, new)})
    found = mistakes(skin)
    assert [one for one in found if said in one], found
    assert all(one.startswith("templates/") for one in found)


def test_a_mistake_is_named_with_its_line(tmp_path: Path) -> None:
    source = changed("login.html", "{{ username }}", "{{ usernme }}")
    line = source[: source.index("usernme")].count("\n") + 1
    found = mistakes(write_skin(tmp_path, templates__login_html=source))
    assert f"templates/login.html:{line}: unknown variable usernme; did you mean username?" in found


FILES = {
    "templates__lgin_html": ("x", "templates/lgin.html: there is no such template; did you mean login.html?"),
    "messages__en_properties": ("login.titel=x\n", "messages/en.properties:1: login.titel: unknown key"),
    "messages__de_properties": (
        "\nlogin.next=x\n",
        "messages/de.properties:2: login.next: the place {app} is missing",
    ),
    "images__logo_png": ("GIF89a", "images/logo.png: is not image/png"),
    "images__logo_gif": ("GIF89a", "images/logo.gif: is none of"),
    "images__big_svg": ("<svg>" + " " * 50_000 + "</svg>", "images/big.svg: has 50011 bytes"),
    "images__script_svg": ("<svg><script/></svg>", "images/script.svg: must not hold <script>"),
    "images__handler_svg": ('<svg onload="x()"/>', "images/handler.svg: must not hold the attribute onload"),
    "images__fetching_svg": ('<svg><use href="https://x.example/#a"/></svg>', "must link to nothing outside"),
    "images__entity_svg": ('<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', "must have no DOCTYPE"),
    "tokens_css": (
        "\n:root { --color-quiet: #999999; }",
        "tokens.css:2: light: --color-quiet on --color-ground",
    ),
    "style_css": ("x", "style.css: is not part of a skin"),
}


@pytest.mark.parametrize("path", FILES)
def test_a_mistake_in_another_file_is_found(tmp_path: Path, path: str) -> None:
    text, said = FILES[path]
    found = mistakes(write_skin(tmp_path, **{path: text}))
    assert [one for one in found if said in one], found


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("@import url(x.css);", "@import is blocked"),
        ("@font-face { src: url(images/f.png) }", "fonts are blocked"),
        ("p { background: url(//x.example/a.png) }", "only images/… of the skin"),
        ("p { margin-left: 1px }", "margin-left does not turn around"),
        ("p { color: red", "1 opening braces and 0 closing ones"),
        (":root { --color-text: red }", "red cannot be measured"),
    ],
)
def test_a_mistake_in_a_style_sheet_is_found(tmp_path: Path, rule: str, said: str) -> None:
    assert [one for one in mistakes(write_skin(tmp_path, tokens_css=rule)) if said in one]


def test_a_page_that_weighs_too_much_is_found(tmp_path: Path) -> None:
    heavy = f"{OURS['login.html']}{{% block footer %}}{'<p>heavy</p>' * 4500}{{% endblock %}}"
    assert [one for one in mistakes(write_skin(tmp_path, templates__login_html=heavy)) if "weighs" in one]


def test_an_upgrade_that_breaks_a_skin_does_not_do_so_silently(tmp_path: Path) -> None:
    """The skin was made when the page had no token, no `deny` and another name for the app."""
    old = '{% extends "base.html" %}{% block title %}x{% endblock %}{% block content %}<h1>{{ client.name }}</h1>'
    old += '<form method="post" action="{{ action }}"><button id="submit">go</button></form>{% endblock %}'
    skin = write_skin(
        tmp_path, templates__logout_html=old.replace("{{ client.name }}", "x"), templates__login_html=old
    )
    found = mistakes(skin)
    assert "templates/login.html:1: unknown variable client" in found
    assert [
        one for one in found if one.startswith("templates/logout.html") and 'name="csrf"> is missing' in one
    ]
    assert [one for one in found if one.startswith("templates/logout.html") and 'id="deny"' in one]


def test_a_skin_for_an_older_contract_is_told_what_changed_since(tmp_path: Path) -> None:
    changes = {**CHANGES, 2: "the page of terms has a second form", 3: "pages say their weight"}
    report = check_skin(write_skin(tmp_path, contract=1), contract=3, changes=changes)
    assert report.mistakes == ()
    [warning] = report.warnings
    assert str(warning) == (
        "skin.toml: made for contract 1, this is 3."
        " Since then: 2: the page of terms has a second form; 3: pages say their weight"
    )


def test_a_skin_for_a_newer_product_is_refused(tmp_path: Path) -> None:
    assert "skin.toml: contract 9 is newer than this product's, 1" in mistakes(
        write_skin(tmp_path, contract=9)
    )


def test_what_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    skin = write_skin(tmp_path / "skin")
    (skin / "images").mkdir()
    (tmp_path / "secret.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (skin / "images" / "logo.png").symlink_to(tmp_path / "secret.png")
    assert "images/logo.png: leads out of the folder" in mistakes(skin)


def test_colours_that_cannot_be_read_in_the_dark_are_found_and_high_contrast_is_ours(tmp_path: Path) -> None:
    found = mistakes(write_skin(tmp_path, tokens_css=":root { --color-accent: #1c4f8c; }"))
    assert [one for one in found if one.startswith("tokens.css:1: dark: --color-accent on --color-sheet")]
    assert not [one for one in found if "high contrast" in one]
