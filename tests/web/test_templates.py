"""Templates: escaped, complete, and with the names that others post to."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import UndefinedError

import assent
from assent.web.languages import read_messages
from assent.web.messages import Messages
from assent.web.samples.pages import sample_pages
from assent.web.templates import Templates

FOLDER = Path(assent.__file__).parent / "pages" / "templates"
WEB = Path(assent.__file__).parent / "web"
MESSAGES = read_messages("en")
TEMPLATES = Templates([FOLDER], lambda name: f"/static/{name}")
SAMPLES = sample_pages(MESSAGES)


class Page(HTMLParser):
    """The start tags of a page with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str, **wanted: str) -> list[dict[str, str | None]]:
        return [
            attributes
            for tag, attributes in self.tags
            if tag in names and wanted.items() <= attributes.items()
        ]


def draw(sample: str, **other: object) -> Page:
    template, context = SAMPLES[sample]
    return Page(TEMPLATES.render(template, {**context, **other}, MESSAGES))


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_page_runs_no_script_and_carries_no_style(sample: str) -> None:
    page = draw(sample)
    assert not page.all("iframe", "object", "style", "base")
    asks_for_passkeys = bool(SAMPLES[sample][1].get("passkey_options"))
    scripts = [attributes["src"].split("?")[0] for attributes in page.all("script")]
    assert scripts == (["/static/passkeys.js"] if asks_for_passkeys else [])
    for tag, attributes in page.tags:
        assert not {name for name in attributes if name == "style" or name.startswith("on")}, tag


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_page_can_be_used_with_a_screen_reader(sample: str) -> None:
    page = draw(sample)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert page.all("html")[0].items() >= {"lang": "en", "dir": "ltr"}.items()
    assert len(page.all("h1")) == len(page.all("main")) == 1
    labelled = {label.get("for") for label in page.all("label")}
    for field in page.all("input", "select"):
        if field.get("type") not in ("hidden", "checkbox", "radio"):
            assert field.get("id") in labelled
    for _, attributes in page.tags:
        for target in (attributes.get("aria-describedby") or "").split():
            assert target in ids
    assert all("alt" in image for image in page.all("img"))


TO_PROVIDERS = ("send-on",)
"""Pages whose form leads away from us: our token is not for others."""


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_form_is_posted_with_its_token(sample: str) -> None:
    page = draw(sample)
    forms = page.all("form")
    assert all(form["method"] == "post" for form in forms)
    tokens = page.all("input", name="csrf")
    assert len(tokens) == (0 if sample in TO_PROVIDERS else len(forms))


def test_login_has_its_fields() -> None:
    page = draw("login")
    assert page.all("input", name="username")
    assert page.all("input", name="password", type="password", autocomplete="current-password")
    assert page.all("button", id="submit")


def test_a_problem_comes_before_the_form_and_is_tied_to_its_field() -> None:
    page = draw("login-wrong")
    [box] = page.all("div", role="alert")
    assert "autofocus" in box
    assert page.all("input", name="username")[0]["aria-describedby"] == box["id"]
    assert page.all("a", href="#username")


def test_context_offers_bare_ids_as_patient() -> None:
    page = draw("context-family")
    assert [radio["value"] for radio in page.all("input", name="patient", type="radio")] == [
        "jonas",
        "leo",
        "mia",
        "ada",
    ]
    assert page.all("button", id="submit")
    assert page.all("button", id="deny", value="deny")


def test_context_without_a_choice_can_only_be_left() -> None:
    page = draw("context-none")
    assert page.all("button", id="deny")
    assert not page.all("button", id="submit")


def test_approval_asks_each_open_scope_ticked_and_no_fixed_one() -> None:
    page = draw("approve-child")
    asked = page.all("input", name="scope")
    assert {box["value"] for box in asked} == {
        "patient/Observation.rs?category=laboratory",
        "patient/Observation.rs?category=vital-signs",
        "patient/MedicationRequest.rs",
        "offline_access",
    }
    assert all(box["type"] == "checkbox" and "checked" in box for box in asked)


def test_narrowing_boxes_are_parts() -> None:
    page = draw("approve-kinds")
    parts = page.all("input", name="part")
    wide = ("patient/Observation.rs", "patient/Condition.rs")
    assert {str(part["value"]).partition("?category=")[0] for part in parts} == set(wide)
    assert all("checked" in part for part in parts)
    markers = page.all("input", name="opened", type="checkbox")
    assert [marker["value"] for marker in markers] == list(wide)
    assert all("hidden" in marker and "checked" in marker for marker in markers)


@pytest.mark.parametrize("sample", ["approve-child", "context-family", "logout"])
def test_yes_and_no_look_alike_and_enter_says_no(sample: str) -> None:
    buttons = [button for button in draw(sample).all("button") if button.get("name") == "decision"]
    assert [button["id"] for button in buttons] == ["deny", "submit"]
    assert not any("class" in button or "autofocus" in button for button in buttons)


def test_each_app_is_a_form_of_its_own_on_the_revocation_page() -> None:
    page = draw("revoke")
    assert [field["value"] for field in page.all("input", name="client_id")] == ["diary", "chart"]
    assert len(page.all("button", name="decision", value="revoke")) == 2


def test_what_others_named_is_escaped() -> None:
    nasty = '"><script>alert(1)</script>'
    page = draw("login", username=nasty, problem=nasty)
    assert not page.all("script")
    assert page.all("input", name="username")[0]["value"] == nasty


def test_a_missing_variable_is_an_error() -> None:
    template, context = SAMPLES["error-app"]
    without = {name: value for name, value in context.items() if name != "reference"}
    with pytest.raises(UndefinedError, match="reference"):
        TEMPLATES.render(template, without, MESSAGES)


def test_a_language_says_its_direction() -> None:
    template, context = SAMPLES["login"]
    page = Page(TEMPLATES.render(template, context, Messages("ar-EG", MESSAGES.texts)))
    assert page.all("html", lang="ar-EG", dir="rtl")


def test_a_deployments_own_template_stands_before_ours(tmp_path: Path) -> None:
    (tmp_path / "error.html").write_text("own {{ reference }}")
    templates = Templates([tmp_path, FOLDER], lambda name: name)
    assert templates.render("error.html", SAMPLES["error-app"][1], MESSAGES) == "own 7F3K-22"


def test_every_text_that_is_asked_for_is_there() -> None:
    sources = [*FOLDER.glob("*.html"), *WEB.glob("*.py")]
    pattern = r"""(?:\bt|\bcount|\.text|\.count)\(\s*["']([\w.]+)["']"""
    keys = {key for source in sources for key in re.findall(pattern, source.read_text())}
    missing = {key for key in keys if not MESSAGES.has(key) and not MESSAGES.has(f"{key}.other")}
    assert not missing
