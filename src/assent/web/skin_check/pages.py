"""A skin's page held against ours, both drawn of the same content: what is asked, sent and said must be there.

So a new field of a page of ours is missed in a skin at once, without anybody listing it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

from assent.web.skin_check.markup import Control, Form, Markup, blocked_in_page

MUST_SAY: Final = frozenset(
    {
        "app.name",
        "app.publisher",
        "problem",
        "question",
        "reference",
        "text",
        "title",
        "page.person",
        "page.acting_for.name",
        "page.acting_for.born",
        "groups.title",
        "groups.choices.title",
        "groups.choices.sensitive",
        "returns_to",
        "patient.name",
        "records.name",
        "accesses.app.name",
        "accesses.titles",
    }
)
"""What a person decides by: a page that leaves it out is refused. Other texts may be left out, with a warning."""


def page_mistakes(ours: Markup, theirs: Markup) -> Iterator[str]:
    """What is wrong with a skin's page; by what ours has."""
    yield from dict.fromkeys(blocked_in_page(theirs))
    yield from _frame_mistakes(ours, theirs)
    for form in ours.forms:
        yield from _form_mistakes(form, theirs.forms)
    yield from _passkey_mistakes(ours, theirs)
    for form in theirs.forms:
        if form.action not in {one.action for one in ours.forms}:
            yield f"a form that the page does not have goes to {form.action or 'nowhere'}"
    if theirs.outside:
        yield f"{_said(theirs.outside[0])} stands outside of every form"
    wanted = {attributes.get("href") or "" for attributes in ours.all("a")}
    have = {attributes.get("href") or "" for attributes in theirs.all("a")}
    for href in sorted(wanted - have):
        if not href.startswith("#") or href == "#":
            yield f"the link to {href} is missing"


def _frame_mistakes(ours: Markup, theirs: Markup) -> Iterator[str]:
    html = (theirs.all("html") or [{}])[0]
    wanted = ours.all("html")[0]
    for name in ("lang", "dir"):
        if html.get(name) != wanted[name]:
            yield f'<html> needs {name}="{{{{ {name} }}}}"'
    for tag in ("h1", "main", "title"):
        if len(theirs.all(tag)) != 1:
            yield f"a page has one <{tag}>, and this one has {len(theirs.all(tag))}"
    names = [attributes.get("name") for attributes in theirs.all("meta")]
    if "viewport" not in names:
        yield '<meta name="viewport"> is missing: phones would show the page small'
    ids = [attributes["id"] for _, attributes in theirs.tags if attributes.get("id")]
    for one in sorted({one for one in ids if ids.count(one) > 1}, key=str):
        yield f'id="{one}" is there twice'
    for image in theirs.all("img"):
        if "alt" not in image:
            yield f"<img src={image.get('src')}> needs alt (empty where it only decorates)"


def _passkey_mistakes(ours: Markup, theirs: Markup) -> Iterator[str]:
    """Where ours asks for passkeys: the script, and what it finds its forms by."""
    if ours.all("script") and not theirs.all("script"):
        yield "the script for passkeys is missing: {{ passkey_script(static_url) }} of parts.html, in the block head"
    for name in ("data-passkey", "data-options"):
        wanted = [attributes.get(name) for attributes in ours.all("form") if name in attributes]
        have = [attributes.get(name) for attributes in theirs.all("form") if name in attributes]
        if wanted != have:
            yield f"{name}= of the form for passkeys is missing, or another"


def _form_mistakes(wanted: Form, forms: list[Form]) -> Iterator[str]:
    """The best match is the form with the same action that shares most with ours."""
    same = [form for form in forms if form.action == wanted.action]
    if not same:
        yield f'a form is missing: <form method="post" action="{{{{ action }}}}"> with {_names(wanted)}'
        return
    found = max(same, key=lambda form: sum(control in form.controls for control in wanted.controls))
    if found.method != wanted.method:
        yield f"the form must be sent with method={wanted.method}"
    for control in dict.fromkeys(wanted.controls):
        have, needed = found.controls.count(control), wanted.controls.count(control)
        if have < needed:
            yield f"{_said(control)} is missing{_instead(control, found)}"
        elif have > needed:
            yield f"{_said(control)} is there {have} times"
    known = {control.name for control in wanted.controls}
    for control in found.controls:
        if control.name and control.name not in known:
            yield f"{_said(control)} is a field that the page does not know"


def _instead(wanted: Control, form: Form) -> str:
    """Why a control that is there is not the one that is wanted."""
    for one in form.controls:
        if one.name == wanted.name and one.type == wanted.type and one.value == wanted.value:
            if one.id != wanted.id:
                return f": there it has {'no id' if one.id is None else f'the id {one.id}'}"
            if one.is_ticked != wanted.is_ticked:
                return f": there it is {'ticked' if one.is_ticked else 'not ticked'}"
    return ""


def _names(form: Form) -> str:
    return ", ".join(dict.fromkeys(control.name for control in form.controls if control.name))


def _said(control: Control) -> str:
    parts = [control.tag, f'type="{control.type}"' if control.tag == "input" else ""]
    parts += [f'name="{control.name}"' if control.name else "", f'id="{control.id}"' if control.id else ""]
    if control.value is not None and control.name not in ("csrf", ""):
        parts.append(f'value="{control.value}"')
    return f"<{' '.join(part for part in parts if part)}>"


def marked(content: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The content with each text replaced by one that is found again, and those texts by what they are.

    Texts that decide (ids, addresses, values of fields) stay, so that the pages are built alike.
    """
    marks: dict[str, list[str]] = {}

    def mark(value: Any, path: str) -> Any:
        if isinstance(value, str) and value and not _is_kept(path):
            text = f"mark{sum(map(len, marks.values()))}x"
            marks.setdefault(path, []).append(text)
            return text
        if isinstance(value, tuple):
            return tuple(mark(one, path) for one in value)
        if is_dataclass(value) and not isinstance(value, type):
            changes = {
                one.name: mark(getattr(value, one.name), f"{path}.{one.name}")
                for one in fields(value)
                if one.init
            }
            return replace(value, **changes)
        return value

    return {name: mark(value, name) for name, value in content.items()}, marks


def _is_kept(path: str) -> bool:
    name = path.rpartition(".")[2]
    return name in {
        "id",
        "value",
        "client_id",
        "csrf",
        "action",
        "link",
        "hidden",
        "locale",
    } or name.endswith(("url", "_id", "seconds", "kind"))


def unsaid(ours: Markup, theirs: Markup, marks: Mapping[str, list[str]]) -> Iterator[str]:
    """What our page says and the skin's does not, by its name."""
    said, have = _all_said(ours), _all_said(theirs)
    for path, texts in marks.items():
        if any(text in said and text not in have for text in texts):
            yield path


def _all_said(page: Markup) -> str:
    aloud = [
        str(value)
        for _, attributes in page.tags
        for name, value in attributes.items()
        if name in ("value", "alt")
    ]
    return " ".join((page.text, *aloud))
