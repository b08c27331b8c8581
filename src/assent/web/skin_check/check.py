"""All that is wrong with a skin, at once: it is read, drawn with made-up content in every language, and looked at.

`skin.read_skin` says what keeps a skin from being used at all; here is also what people would stumble over.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import TemplateError

from assent.web.languages import Languages, read_languages
from assent.web.messages import Messages
from assent.web.samples.pages import sample_pages
from assent.web.skin_check.contract import CHANGES, CONTRACT, read_contracts
from assent.web.skin_check.markup import Markup, blocked_in_source
from assent.web.skin_check.names import unknown_blocks, unknown_names
from assent.web.skin_check.pages import MUST_SAY, marked, page_mistakes, unsaid
from assent.web.skins.drawing import draw, place_of, skin_environment
from assent.web.skins.findings import Finding
from assent.web.skins.sandbox import SkinEnvironment
from assent.web.skins.sheets import faint_colours, one_way_properties
from assent.web.skins.skin import SETTINGS, SHEET, Skin, read_skin_leniently
from assent.web.static import StaticFile, StaticFiles, read_static_files
from assent.web.templates import Dress, Templates, page_folders, read_page_templates

MOST_BYTES: Final = 60_000
_STATIC: Final = "/static"


@dataclass(frozen=True, slots=True)
class SkinReport:
    """What was found. A skin without mistakes shows every page, in every language."""

    name: str
    mistakes: tuple[Finding, ...]
    warnings: tuple[Finding, ...]


def check_skin(
    folder: Path,
    contract: int = CONTRACT,
    changes: Mapping[int, str] = CHANGES,
    languages: tuple[str, ...] | None = None,
) -> SkinReport:
    """Look at a skin's folder. `contract` and `changes` are the product's; `languages`: all, if not said."""
    skin, mistakes = read_skin_leniently(folder)
    warnings: list[Finding] = []
    _check_version(skin, contract, changes, mistakes, warnings)
    mistakes += _source_mistakes(skin)
    mistakes += one_way_properties(SHEET, skin.sheet)
    ours = read_static_files()
    tokens, contrast = (ours[name].content.decode() for name in ("tokens.css", "contrast.css"))
    mistakes += faint_colours(SHEET, skin.sheet, (tokens,), (contrast,))
    for finding, is_mistake in _Drawn(skin, ours).findings(languages):
        (mistakes if is_mistake else warnings).append(finding)
    return SkinReport(skin.name, _each_once(mistakes), _each_once(warnings))


def _check_version(
    skin: Skin,
    contract: int,
    changes: Mapping[int, str],
    mistakes: list[Finding],
    warnings: list[Finding],
) -> None:
    if skin.contract > contract:
        mistakes.append(
            Finding(SETTINGS, f"contract {skin.contract} is newer than this product's, {contract}")
        )
    elif 0 < skin.contract < contract:
        since = "; ".join(
            f"{version}: {text}" for version, text in changes.items() if version > skin.contract
        )
        warnings.append(
            Finding(SETTINGS, f"made for contract {skin.contract}, this is {contract}. Since then: {since}")
        )


def _source_mistakes(skin: Skin) -> Iterator[Finding]:
    ours = read_page_templates()
    contracts = read_contracts()
    known = {**ours, **skin.templates, **{f"default/{name}": source for name, source in ours.items()}}
    environment = skin_environment((), {})
    for name, source in skin.templates.items():
        file = f"templates/{name}"
        yield from blocked_in_source(file, source)
        yield from unknown_names(file, source, contracts.get(name), environment)
        yield from unknown_blocks(file, source, known, environment)


class _Drawn:
    """The pages of a skin beside ours, of the same content."""

    def __init__(self, skin: Skin, ours: Mapping[str, StaticFile]) -> None:
        self._skin = skin
        self._files = StaticFiles(skin.files, f"{_STATIC}/{skin.name or 'skin'}")
        self._ours = StaticFiles(ours, _STATIC)
        self._weights = {self._ours.url(name): len(file.content) for name, file in ours.items()}
        self._weights |= {self._files.url(name): len(file.content) for name, file in skin.files.items()}
        sheets = (self._files.url(SHEET),) if self._files.has(SHEET) else ()
        logo = next(
            (
                self._url(f"logo{kind}")
                for kind in (".svg", ".png", ".webp", ".jpg")
                if self._has(f"logo{kind}")
            ),
            None,
        )
        dress = Dress(sheets, logo)
        self._default = Templates(page_folders(), self._url, dress)
        self._environment: SkinEnvironment = skin_environment((skin,), dress.words(self._url))

    def findings(self, tags: tuple[str, ...] | None) -> Iterator[tuple[Finding, bool]]:
        """What is found, and whether it is a mistake; drawn in these languages."""
        languages = read_languages(self._skin.messages_folder)
        for messages in (languages.by_tag[tag] for tag in tags or languages.tags):
            for template, content in sample_pages(messages).values():
                yield from self._page(template, content, messages, languages)

    def _page(
        self, template: str, content: Mapping[str, Any], messages: Messages, languages: Languages
    ) -> Iterator[tuple[Finding, bool]]:
        own = template if template in self._skin.templates else "base.html"
        file = f"templates/{own}" if self._skin.templates else SHEET
        theirs = self._draw(template, content, messages)
        if isinstance(theirs, Finding):
            yield theirs, True
            return
        page = Markup(theirs)
        weight = self._weight(theirs, page)
        if weight > MOST_BYTES:
            text = f"weighs {weight} bytes with its style sheets and pictures, {MOST_BYTES} at most"
            yield Finding(file, f"{template}: {text}"), True
        ours = self._default.render(template, content, messages)
        for text in () if theirs == ours else page_mistakes(Markup(ours), page):
            yield Finding(file, text if own == template else f"{template}: {text}"), True
        if messages is languages.english and self._skin.templates:
            yield from self._unsaid(template, file, content, messages)

    def _unsaid(
        self, template: str, file: str, content: Mapping[str, Any], messages: Messages
    ) -> Iterator[tuple[Finding, bool]]:
        shown, marks = marked(content)
        theirs = self._draw(template, shown, messages)
        if isinstance(theirs, Finding):
            yield theirs, True
            return
        for path in unsaid(Markup(self._default.render(template, shown, messages)), Markup(theirs), marks):
            yield Finding(file, f"{template}: {path} is not shown, which the page says"), path in MUST_SAY

    def _draw(self, template: str, content: Mapping[str, Any], messages: Messages) -> str | Finding:
        try:
            return draw(self._environment, template, content, messages)
        except Exception as error:  # whatever a template raises is what is to be told
            place, line = place_of(error)
            file = place.removeprefix(f"{self._skin.name}/") if place else f"templates/{template}"
            rule = error.message if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"
            return Finding(file, f"{rule} (drawing {template})", line)

    def _weight(self, html: str, page: Markup) -> int:
        fetched = {one.get("href") for one in page.all("link")} | {one.get("src") for one in page.all("img")}
        sheet = self._skin.sheet
        pictures = [len(file.content) for name, file in self._skin.files.items() if name in sheet]
        return len(html.encode()) + sum(self._weights.get(url or "", 0) for url in fetched) + sum(pictures)

    def _has(self, picture: str) -> bool:
        return self._files.has(f"images/{picture}")

    def _url(self, name: str) -> str:
        return self._files.url(f"images/{name}") if self._has(name) else self._ours.url(name)


def _each_once(findings: list[Finding]) -> tuple[Finding, ...]:
    """Each finding once, and with its line where that is known."""
    placed = {(one.file, one.text) for one in findings if one.line is not None}
    return tuple(
        one for one in dict.fromkeys(findings) if one.line is not None or (one.file, one.text) not in placed
    )
