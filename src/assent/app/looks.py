"""Which skin is whose: read once at start, each folder once, and laid over each other for every issuer and app."""

from collections.abc import Iterator
from pathlib import Path

from assent.app.settings import DEFAULT_ISSUER, Settings, SkinSettings
from assent.web.cookies import Cookie
from assent.web.language_choice import LanguageChoice
from assent.web.languages import read_languages
from assent.web.log import Log
from assent.web.skins.findings import Finding, SkinRefused
from assent.web.skins.looks import Look, Looks, Wardrobe
from assent.web.skins.skin import Skin, read_skin
from assent.web.static import StaticFiles, read_static_files

Skins = dict[str, Skin]
"""Every skin of an installation, by its folder as the settings name it."""


def read_skins(settings: Settings) -> Skins:
    """Raises `SkinRefused`."""
    skins = {folder: read_skin(Path(folder)) for _, folder in skin_places(settings)}
    names: dict[str, str] = {}
    for folder, skin in skins.items():
        if names.setdefault(skin.name, folder) != folder:
            # a skin is served under its name
            raise SkinRefused(
                [Finding("skin.toml", f"{folder} and {names[skin.name]} are both named {skin.name}")]
            )
    return skins


def skin_mistakes(settings: Settings) -> Iterator[str]:
    """What keeps a skin from being used, so that the server does not start."""
    refused = False
    for place, folder in skin_places(settings):
        try:
            read_skin(Path(folder))
        except SkinRefused as error:
            refused = True
            yield from (f"{place}: {mistake}" for mistake in error.mistakes)
    if not refused:
        try:
            read_skins(settings)
        except SkinRefused as error:
            yield from (f"skin: {mistake}" for mistake in error.mistakes)


def skin_places(settings: Settings) -> Iterator[tuple[str, str]]:
    """The skins that the settings name: the setting and the folder, each folder once."""
    seen: set[str] = set()
    for issuer_id, issuer in settings.all_issuers().items():
        table = "skin" if issuer_id == DEFAULT_ISSUER else f"issuers.{issuer_id}.skin"
        named = {f"{table}.clients.{client_id}": folder for client_id, folder in issuer.skin.clients.items()}
        if issuer.skin.folder is not None:
            named = {f"{table}.folder": issuer.skin.folder, **named}
        for place, folder in named.items():
            if folder not in seen:
                seen.add(folder)
                yield place, folder


def locales_of(skin: SkinSettings, skins: Skins, messages: Path | None) -> tuple[str, ...]:
    """The languages of an issuer's pages."""
    worn = skins[skin.folder].messages_folder if skin.folder is not None else None
    return read_languages(messages, worn).tags


def looks_of(
    skin: SkinSettings,
    skins: Skins,
    messages: Path | None,
    cookie: Cookie,
    path: str,
    log: Log,
) -> Looks:
    """The looks of an issuer at `path` whose skins are those of `skin`; `messages` are the deployment's own texts."""
    static = f"{path}/static"
    wardrobe = Wardrobe(StaticFiles(read_static_files(), static), static, log)
    issuers = (skins[skin.folder],) if skin.folder is not None else ()

    def look(worn: tuple[Skin, ...]) -> Look:
        folders = (messages, *(one.messages_folder for one in reversed(worn)))
        return Look(wardrobe.templates(worn), LanguageChoice(read_languages(*folders), cookie))

    by_client = {client_id: look((skins[folder], *issuers)) for client_id, folder in skin.clients.items()}
    return Looks(look(issuers), by_client)
