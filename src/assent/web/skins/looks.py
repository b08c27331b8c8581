"""How the pages of an issuer look and speak, and those that an app's people see on their way to it.

A file of an app's skin stands over the issuer's, and that over ours: each template, each picture, each text, each
token. Which app a request is about is said by the page that found out (`dress_for`), so that every page that answers
it, an error included, looks the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.requests import HTTPConnection

from assent.web.language_choice import LanguageChoice
from assent.web.log import Log
from assent.web.skins.skin import SHEET, Skin
from assent.web.static import StaticFiles
from assent.web.templates import Dress, PageTemplates, Templates, page_folders

LOGOS: Final = ("logo.svg", "logo.png", "logo.webp", "logo.jpg")
_CLIENT: Final = "assent.client_id"


@dataclass(frozen=True, slots=True)
class Look:
    """What draws the pages, and in which languages."""

    templates: PageTemplates
    language: LanguageChoice


@dataclass(frozen=True, slots=True)
class Looks:
    """An issuer's own look, and those of its apps that have a skin, by client id."""

    own: Look
    by_client: Mapping[str, Look] = field(default_factory=dict)

    def of(self, request: HTTPConnection) -> Look:
        """The look of whatever answers `request`."""
        return self.by_client.get(request.scope.get(_CLIENT, ""), self.own)


@dataclass(frozen=True, slots=True)
class Wardrobe:
    """Ours, and every skin of an installation, served below `path` (`/static`)."""

    ours: StaticFiles
    path: str
    log: Log

    def templates(self, skins: tuple[Skin, ...]) -> PageTemplates:
        """What draws with these skins, the nearest first."""
        served = [(skin, self.files(skin)) for skin in skins]

        def url(name: str) -> str:
            own = (files for _, files in served if files.has(f"images/{name}"))
            found = next(own, None)
            return found.url(f"images/{name}") if found is not None else self.ours.url(name)

        sheets = tuple(files.url(SHEET) for _, files in reversed(served) if files.has(SHEET))
        logos = (
            files.url(f"images/{logo}")
            for _, files in served
            for logo in LOGOS
            if files.has(f"images/{logo}")
        )
        dress = Dress(sheets, next(logos, None))
        ours = Templates(page_folders(), url, dress)
        if not any(skin.templates for skin in skins):
            return ours
        from assent.web.skins.drawing import SkinTemplates  # most servers have no templates but ours

        return SkinTemplates(skins, ours, dress.words(url), self.log)

    def files(self, skin: Skin) -> StaticFiles:
        """What of a skin is served."""
        return StaticFiles(skin.files, f"{self.path}/{skin.name}")


def dress_for(request: HTTPConnection, client_id: str) -> None:
    """Remember which app `request` is about, for every page that answers it."""
    request.scope[_CLIENT] = client_id
