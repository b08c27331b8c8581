"""A page as its reader's browser takes it: forms with what they send, links, words; and what our policy would block.

Sources: HTML (4.10.21.3, constructing the entry list), CSP 3, `web.headers.page_policy`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

from assent.web.skins.findings import Finding

_FIELDS: Final = frozenset({"input", "select", "textarea", "button"})
_BLOCKED: Final = {
    "script": "scripts are blocked by the pages' policy",
    "style": "inline style is blocked by the pages' policy: write it into tokens.css",
    "iframe": "frames are blocked by the pages' policy",
    "object": "embedded content is blocked by the pages' policy",
    "embed": "embedded content is blocked by the pages' policy",
    "base": "a page may not change where its links and forms go",
}
_JINJA: Final = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_MARK: Final = "jinja7value"
_OUR_SCRIPT: Final = re.compile(rf"(?:[\w/.-]*/)?passkeys\.js(?:\?v=\w+)?|{_MARK}")
"""The one script, where a page asks for passkeys: in a template its address is put in."""

Attributes = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Control:
    """Something of a form that is sent, or a button."""

    tag: str
    type: str
    name: str
    value: str | None
    id: str | None
    is_ticked: bool = False


@dataclass(slots=True)
class Form:
    """A form and what it sends."""

    method: str
    action: str
    id: str | None = None
    controls: list[Control] = field(default_factory=list)


class Markup(HTMLParser):
    """The parts of a page that are compared."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, Attributes]] = []
        self.forms: list[Form] = []
        self.outside: list[Control] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self._select: Attributes | None = None
        self._is_read = True
        self._elsewhere: list[tuple[str, Control]] = []
        self.feed(html)
        self.close()
        # HTML 4.10.18.3: a control may name its form, also a later one
        for form_id, control in self._elsewhere:
            owner = next((form.controls for form in self.forms if form.id == form_id), self.outside)
            owner.append(control)

    @property
    def text(self) -> str:
        """What is read, with single spaces."""
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[Attributes]:
        """The attributes of each element of this name."""
        return [attributes for name, attributes in self.tags if name == tag]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element."""
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag == "form":
            method, action = (attributes.get("method") or "get").lower(), attributes.get("action") or ""
            self._form = Form(method, action, attributes.get("id"))
            self.forms.append(self._form)
        elif tag == "select":
            self._select = attributes
        elif tag == "option" and self._select is not None:
            self._add(_control("select", {**self._select, **attributes, "id": None}))
        elif tag in _FIELDS:
            self._add(_control(tag, attributes), attributes.get("form"))

    def handle_endtag(self, tag: str) -> None:
        """Leave the form or the selection."""
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        """Note the words."""
        self.words.append(data)

    def _add(self, control: Control, form_id: str | None = None) -> None:
        if form_id is not None:
            self._elsewhere.append((form_id, control))
        else:
            (self._form.controls if self._form is not None else self.outside).append(control)


def _control(tag: str, attributes: Attributes) -> Control:
    kind = attributes.get("type") or ("submit" if tag == "button" else "text" if tag == "input" else tag)
    is_typed = kind in ("text", "password", "search", "email", "tel", "textarea", "date", "number")
    return Control(
        tag=tag,
        type=kind,
        name=attributes.get("name") or "",
        value=None if is_typed else attributes.get("value"),
        id=attributes.get("id"),
        is_ticked="checked" in attributes,
    )


class _Source(HTMLParser):
    """The tags of a template, with the lines where they are written."""

    def __init__(self, file: str, source: str) -> None:
        super().__init__()
        self.file = file
        self.findings: list[Finding] = []
        self.feed(_JINJA.sub(_blank, source))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Find what is blocked."""
        written = self.get_starttag_text() or ""
        for rule in _blocked(tag, dict(attrs), written):
            self.findings.append(Finding(self.file, rule, self.getpos()[0]))


def blocked_in_source(file: str, source: str) -> Iterator[Finding]:
    """What our policy would block in a template, and values that are not quoted, by line."""
    yield from _Source(file, source).findings


def blocked_in_page(page: Markup) -> Iterator[str]:
    """The same in a page that was drawn."""
    for tag, attributes in page.tags:
        yield from _blocked(tag, attributes, "")


def _blocked(tag: str, attributes: Attributes, written: str) -> Iterator[str]:
    if tag in _BLOCKED and not (tag == "script" and _is_our_script(attributes)):
        yield f"<{tag}>: {_BLOCKED[tag]}"
    for name, value in attributes.items():
        if name == "style":
            yield "style=: inline style is blocked by the pages' policy: write it into tokens.css"
        elif name.startswith("on"):
            yield f"{name}=: scripts are blocked by the pages' policy"
        elif (value or "").strip().lower().startswith(("javascript:", "data:", "vbscript:")):
            yield f"{name}=: {(value or '').split(':')[0]}: addresses are blocked by the pages' policy"
        elif name in ("src", "srcset", "poster", "background") and _is_elsewhere(value):
            yield f"{name}={value}: pictures of others are blocked: put it into images/"
        elif name == "href" and tag == "link" and _is_elsewhere(value):
            yield f"{name}={value}: style sheets of others are blocked: write it into tokens.css"
        elif name in ("action", "formaction") and _is_elsewhere(value):
            yield f"{name}={value}: forms go to us alone"
    if tag == "meta" and "http-equiv" in attributes:
        yield "<meta http-equiv>: headers are not for pages to say"
    bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", written)
    if _MARK in re.sub(rf"^<h{_MARK}", "<h1", bare):  # the level of a heading may be a number that is given
        yield f'<{tag}>: a value is written in quotes: name="{{{{ … }}}}"'


def _is_our_script(attributes: Attributes) -> bool:
    return set(attributes) == {"type", "src"} and bool(_OUR_SCRIPT.fullmatch(attributes["src"] or ""))


def _is_elsewhere(value: str | None) -> bool:
    return re.match(r"\s*(?:[a-z][a-z0-9+.-]*:)?//", value or "", re.IGNORECASE) is not None


def _blank(found: re.Match[str]) -> str:
    """Nothing, or a word where a value is put in, on as many lines."""
    return (_MARK if found[0].startswith("{{") else " ") + "\n" * found[0].count("\n")
