"""Drawing a page with a skin's template, and with ours when that fails: nobody's way ends in somebody's typing error.

Ours can be extended under the name `default/login.html`.
"""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from assent.web.log import Log
from assent.web.messages import Messages
from assent.web.skins.sandbox import SkinEnvironment, Word, loader_of
from assent.web.skins.skin import Skin
from assent.web.templates import PageTemplates, read_page_templates, words_of


class SkinTemplates:
    """Draws with `skins`, the nearest first; `ours` draws what they cannot. `words` are the same on every page."""

    def __init__(
        self, skins: Sequence[Skin], ours: PageTemplates, words: Mapping[str, Any], log: Log
    ) -> None:
        self._environment = skin_environment(skins, words)
        self._ours = ours
        self._skins = tuple(skin.name for skin in skins)
        self._log = log

    def render(self, name: str, context: Mapping[str, object], messages: Messages) -> str:
        """The page; a template that fails is told to the log, by its place alone: what it says may be a patient's."""
        try:
            return draw(self._environment, name, context, messages)
        except Exception as error:  # a template can raise anything; whatever it is, ours is drawn instead
            file, line = place_of(error)
            rule = type(error).__name__
            self._log.error(
                "skin_template_failed", skins=self._skins, template=name, file=file, line=line, rule=rule
            )
            return self._ours.render(name, context, messages)


def skin_environment(skins: Sequence[Skin], words: Mapping[str, Any]) -> SkinEnvironment:
    """The sandbox in which these skins' templates stand before ours."""
    ours = read_page_templates()
    sources = {name: (text, name) for name, text in ours.items()}
    sources |= {f"default/{name}": (text, name) for name, text in ours.items()}
    for skin in reversed(skins):
        sources |= {name: (text, f"{skin.name}/templates/{name}") for name, text in skin.templates.items()}
    environment = SkinEnvironment(loader_of(sources))
    environment.globals.update(
        {name: Word(value) if callable(value) else value for name, value in words.items()}
    )
    return environment


def draw(environment: SkinEnvironment, name: str, context: Mapping[str, object], messages: Messages) -> str:
    """The page in a sandbox. Raises whatever its template does."""
    words = {name: Word(value) if callable(value) else value for name, value in words_of(messages).items()}
    return environment.get_template(name).render({**words, **context})


def place_of(error: BaseException) -> tuple[str | None, int | None]:
    """The template and the line where `error` was raised; None where it was in none."""
    place: tuple[str | None, int | None] = (None, None)
    frame: TracebackType | None = error.__traceback__
    while frame is not None:
        file = frame.tb_frame.f_code.co_filename
        if file.endswith(".html"):
            place = (file, frame.tb_lineno)
        frame = frame.tb_next
    return place
