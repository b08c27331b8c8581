"""Templates: text is always escaped, a missing variable is always an error.

Owns the environment. Templates live with their pages; their folders are handed in, the first that has a name
wins, so that a deployment's own folder can stand before ours.
Source: OWASP Cross Site Scripting Prevention (contextual output encoding).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from assent.web.messages import Messages

if TYPE_CHECKING:
    from jinja2 import Environment


class PageTemplates(Protocol):
    """What draws pages: ours, or a skin's."""

    def render(self, name: str, context: Mapping[str, object], messages: Messages) -> str:
        """The page `name` in the language of `messages`."""
        ...


@dataclass(frozen=True, slots=True)
class Dress:
    """What a skin puts on every page: style sheets over ours, and a logo, by their URLs."""

    skin_sheets: tuple[str, ...] = ()
    logo_url: str | None = None

    def words(self, static_url: Callable[[str], str]) -> dict[str, Any]:
        """What every template can use, whatever page it is."""
        return {"static_url": static_url, "skin_sheets": self.skin_sheets, "logo_url": self.logo_url}


class Templates:
    """Compiled once, kept for ever. `static_url(name)` gives the URL of a style sheet; `dress` is a skin's."""

    def __init__(
        self, folders: Iterable[Path], static_url: Callable[[str], str], dress: Dress | None = None
    ) -> None:
        self._folders = [str(folder) for folder in folders]
        self._words = (dress or Dress()).words(static_url)

    @cached_property
    def _environment(self) -> "Environment":
        from jinja2 import Environment, FileSystemLoader, StrictUndefined  # a server starts without it

        environment = Environment(
            loader=FileSystemLoader(self._folders),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            cache_size=-1,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals.update(self._words)
        return environment

    def render(self, name: str, context: Mapping[str, object], messages: Messages) -> str:
        """The page `name` in the language of `messages`. Raises jinja2.TemplateError on a wrong template."""
        return self._environment.get_template(name).render({**words_of(messages), **context})


def words_of(messages: Messages) -> dict[str, Any]:
    """What every template can use, by the language; `languages` (the switch) is empty where a page has none."""
    return {
        "t": messages.text,
        "count": messages.count,
        "lang": messages.language,
        "dir": messages.direction,
        "languages": (),
    }


def page_folders() -> tuple[Path, ...]:
    """The folders of the templates that come with the product."""
    return (Path(str(files("assent.pages").joinpath("templates"))),)


def read_page_templates() -> dict[str, str]:
    """The templates that come with the product, by name."""
    paths = (path for folder in page_folders() for path in folder.glob("*.html"))
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(paths)}
