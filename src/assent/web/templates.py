"""Templates: text is always escaped, a missing variable is always an error.

Owns the environment. Templates live with their pages; their folders are handed in, the first that has a name
wins, so that a deployment's own folder can stand before ours.
Source: OWASP Cross Site Scripting Prevention (contextual output encoding).
"""

from collections.abc import Callable, Iterable, Mapping
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assent.web.messages import Messages


class Templates:
    """Compiled once, kept for ever. `static_url(name)` gives the URL of a style sheet."""

    def __init__(self, folders: Iterable[Path], static_url: Callable[[str], str]) -> None:
        self._environment = Environment(
            loader=FileSystemLoader([str(folder) for folder in folders]),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            cache_size=-1,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["static_url"] = static_url

    def render(self, name: str, context: Mapping[str, object], messages: Messages) -> str:
        """The page `name` in the language of `messages`. Raises jinja2.TemplateError on a wrong template."""
        words = {
            "t": messages.text,
            "count": messages.count,
            "lang": messages.language,
            "dir": messages.direction,
            "languages": (),
        }
        return self._environment.get_template(name).render({**words, **context})


def page_folders() -> tuple[Path, ...]:
    """The folders of the templates that come with the product."""
    return (Path(str(files("assent.pages").joinpath("templates"))),)
