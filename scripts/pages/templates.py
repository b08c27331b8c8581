"""`docs/reference/templates.md`: every template, what it is given and what it must hold, for those who make skins."""

import dataclasses
import inspect
import re
from collections.abc import Iterator
from typing import Any

from assent.web.languages import read_messages
from assent.web.samples.pages import sample_pages
from assent.web.skin_check.contract import (
    CHANGES,
    CONTRACT,
    WORDS,
    TemplateContract,
    all_views,
    read_contracts,
)
from assent.web.skin_check.markup import Form, Markup
from assent.web.skins.sandbox import FILTERS
from assent.web.static import StaticFiles, read_static_files
from assent.web.templates import Templates, page_folders

INTRODUCTION = """\
# Templates

Generated from the code by `make docs`. What each template of a skin is given, and which forms it must hold. How to
make a skin: [Make it look like yours](../how-to/make-it-look-like-yours.md).

Templates are Jinja, in a sandbox: text is always escaped, fields of views are read, macros and the words below are
called, and nothing else is. A template of the product is extended as `{% extends "default/login.html" %}`.
"""


def render() -> str:
    """The page: what all templates share, each template, each view."""
    contracts = read_contracts()
    parts = [INTRODUCTION, _contract(), _words()]
    parts += [_template(one, forms_of(name)) for name, one in contracts.items()]
    parts += [
        "\n## Views\n\nWhat the types above have. Texts are ready to be read; ids and values are what a form sends.\n"
    ]
    parts += [_view(kind) for kind in all_views()]
    return "".join(parts)


def forms_of(template: str) -> list[Form]:
    """The forms that our template draws of the made-up content, each kind of form once."""
    messages = read_messages("en")
    templates = Templates(page_folders(), StaticFiles(read_static_files()).url)
    found: dict[str, Form] = {}
    for name, content in sample_pages(messages).values():
        if name == template:
            for form in Markup(templates.render(name, content, messages)).forms:
                known = found.setdefault(form.action, Form(form.method, form.action))
                known.controls += form.controls
    return list(found.values())


def _contract() -> str:
    rows = [f"| {version} | {text} |" for version, text in CHANGES.items()]
    head = f"\n## The contract\n\nThis is contract {CONTRACT}. A skin's `skin.toml` says which it was made for.\n\n"
    return head + "\n".join(["| version | what changed |", "| --- | --- |", *rows, ""])


def _words() -> str:
    rows = [f"| `{name}` | {about} |" for name, about in WORDS.items()]
    filters = ", ".join(f"`{name}`" for name in sorted(FILTERS))
    head = "\n## On every page\n\n| name | what it is |\n| --- | --- |\n"
    return head + "\n".join([*rows, "", f"Filters: {filters}.", ""])


def _template(contract: TemplateContract, forms: list[Form]) -> str:
    lines = ["", f"## `{contract.name}`", "", _sentence(contract.about), ""]
    if contract.variables:
        lines += ["| variable | type | what it is |", "| --- | --- | --- |"]
        lines += [
            f"| `{one.name}` | `{_cell(one.type)}` | {_cell(one.about)} |" for one in contract.variables
        ]
        lines.append("")
    if contract.notes:
        lines += [" ".join(contract.notes), ""]
    for form in forms:
        lines += ["A form:", "", "| field | kind | id |", "| --- | --- | --- |", *_fields(form), ""]
    return "\n".join(lines)


def _fields(form: Form) -> Iterator[str]:
    rows = {}
    for one in form.controls:
        fixed = f" = `{one.value}`" if one.tag == "button" and one.value else ""
        name = f"`{one.name}`{fixed}" if one.name else ""
        is_own_id = one.id is not None and not re.search(r"\d", one.id)
        rows[name, one.type, f"`{one.id}`" if is_own_id else ""] = None
    yield from (f"| {name} | {kind} | {own} |" for name, kind, own in rows)


def _view(kind: type[Any]) -> str:
    about = inspect.cleandoc(kind.__doc__ or "").replace("\n\n", " ").replace("\n", " ")
    lines = ["", f"### {kind.__name__}", "", about, "", "| field | type |", "| --- | --- |"]
    lines += [f"| `{one.name}` | `{_cell(_type(one.type))}` |" for one in dataclasses.fields(kind)]
    return "\n".join([*lines, ""])


def _type(hint: object) -> str:
    text = hint.__name__ if isinstance(hint, type) and not hasattr(hint, "__args__") else str(hint)
    return re.sub(r"\b(?:assent\.[\w.]*\.|typing\.)", "", text)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
