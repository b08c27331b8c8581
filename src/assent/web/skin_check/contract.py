"""What a template is given, and what it must hold: the contract between our pages and a skin.

Each of our templates says in its first comment which variables it is given, a line each: `name: Type   what it is`. The
types are those of the samples. What a page must hold is what our own template draws of the same content: `check`
compares. A change that a skin has to follow raises `CONTRACT` and adds what changed to `CHANGES`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any, Final, get_args, get_type_hints

from assent.web.language_choice import LanguageLink
from assent.web.languages import ENGLISH, read_messages
from assent.web.samples.pages import sample_pages
from assent.web.templates import read_page_templates
from assent.web.views import PageView

CONTRACT: Final = 1
CHANGES: Final[Mapping[int, str]] = {1: "the first contract"}
"""What each version changed, for those who made a skin for an older one."""

WORDS: Final = {
    "t": "`t(key, place=value)`: the text of a key, its places filled in",
    "count": "`count(key, number)`: the text in the form that goes with a number",
    "lang": "the page's language, for `<html lang>`",
    "dir": "`ltr` or `rtl`, for `<html dir>`",
    "static_url": "`static_url(name)`: the URL of a picture of the skin, or of a style sheet of ours",
    "skin_sheets": "the URLs of the skin's style sheets, to be linked after `assent.css`",
    "logo_url": "the URL of the skin's `images/logo.…`, or none",
    "languages": "the switch: `tuple[LanguageLink, ...]`, empty where there is none",
    "page": "the frame: `PageView`",
}
"""What every page can use."""

_HEADER: Final = re.compile(r"\s*\{#(.*?)#\}", re.DOTALL)
_TYPE: Final = r"[\w.]+(?:\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\])?"
_VARIABLE: Final = re.compile(rf"^  ([a-z]\w*(?:, [a-z]\w*)*): ({_TYPE}(?: \| {_TYPE})*)(?:\s+(\S.*))?$")


@dataclass(frozen=True, slots=True)
class Variable:
    """Something that a template is given. `type` as in Python, by the names of `web.views`."""

    name: str
    type: str
    about: str


@dataclass(frozen=True, slots=True)
class TemplateContract:
    """What one template is for and what it is given; `notes` are the rest of what its header says."""

    name: str
    about: str
    variables: tuple[Variable, ...]
    notes: tuple[str, ...]

    @property
    def is_page(self) -> bool:
        """Whether it is drawn itself, and not only within others."""
        return self.name not in ("base.html", "parts.html")


def read_contracts() -> dict[str, TemplateContract]:
    """The contract of each of our templates."""
    return {name: read_contract(name, source) for name, source in read_page_templates().items()}


def read_contract(name: str, source: str) -> TemplateContract:
    """What the first comment of a template says."""
    header = _HEADER.match(source)
    lines = header[1].strip("\n").rstrip().splitlines() if header else []
    variables: list[Variable] = []
    about = ""
    notes: list[str] = []
    for line in lines:
        found = _VARIABLE.match(line)
        if found is not None:
            variables += [Variable(one, found[2], found[3] or "") for one in found[1].split(", ")]
        elif not variables and line.strip():
            about = f"{about} {line.strip()}".strip()
        elif line.startswith("      ") and variables and not notes:
            last = variables[-1]
            variables[-1] = Variable(last.name, last.type, f"{last.about} {line.strip()}".strip())
        elif line.strip():
            notes.append(line.strip())
    return TemplateContract(name, about, tuple(variables), tuple(notes))


def views_given(template: str) -> dict[str, tuple[type[Any], bool]]:
    """The views that a template is given, by variable, as the samples have them; and whether it is given many."""
    found: dict[str, tuple[type[Any], bool]] = {"page": (PageView, False), "languages": (LanguageLink, True)}
    for name, content in sample_pages(read_messages(ENGLISH)).values():
        for variable, value in content.items() if name == template else ():
            one = value[0] if isinstance(value, tuple) and value else value
            if is_dataclass(one):
                found[variable] = (type(one), one is not value)
    return found


def view_fields(view: type[Any]) -> dict[str, tuple[type[Any], bool] | None]:
    """The fields and properties of a view, with the view that each is, and whether it is many."""
    found: dict[str, tuple[type[Any], bool] | None] = {
        name: None for name, value in vars(view).items() if isinstance(value, property)
    }
    for name, hint in get_type_hints(view).items():
        inner = [one for one in _within(hint) if isinstance(one, type) and is_dataclass(one)]
        found[name] = (inner[0], "tuple[" in str(hint)) if inner else None
    return found


def all_views() -> list[type[Any]]:
    """Every view that a template is given, and those within them, by name."""
    found: dict[type[Any], None] = {}
    waiting = [view for name in read_page_templates() for view, _ in views_given(name).values()]
    while waiting:
        view = waiting.pop()
        if view not in found:
            found[view] = None
            waiting += [inner[0] for inner in view_fields(view).values() if inner is not None]
    return sorted(found, key=lambda view: (view.__name__, view.__module__))


def _within(hint: Any) -> Iterator[Any]:
    """A type and those that it is made of."""
    yield hint
    for one in get_args(hint):
        yield from _within(one)
