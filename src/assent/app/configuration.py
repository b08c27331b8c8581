"""Reading `assent.toml`: strict, and every mistake at once.

The file is TOML; its tables and keys are the settings' own (`app.settings`, `engine.settings`), read by their type
hints. What is left out has its default; what is unknown is refused with the nearest name that is known. Any text may be
taken from the environment instead, so that the file holds no secret:

    [database]
    url = { env = "ASSENT_DATABASE_URL" }

Relative paths (a SQLite file, the master key, a certificate, messages, terms, skins) are relative to the file's folder.
What a value may be and how values have to agree is `rules`' business.
"""

import os
import tomllib
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from assent.actions.definitions import nearest
from assent.app.rules.configuration import agreements, check_setting
from assent.app.setting_checks import BadSetting
from assent.app.settings import Settings, SkinSettings

FILE_NAME: Final = "assent.toml"


class ConfigurationError(Exception):
    """A configuration that is refused: every mistake, each by the dotted path of its setting."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


def read_settings(path: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a file. Raises `ConfigurationError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigurationError(
            [f"{path} is not there: run assent init, or name it with --config"]
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError([f"{path} is not UTF-8"]) from error
    except OSError as error:
        raise ConfigurationError([f"{path} cannot be read: {error.strerror}"]) from error
    settings = read_settings_text(text, environment)
    server, folder = settings.server, path.parent.absolute()
    return replace(
        settings,
        skin=_placed(settings.skin, folder),
        issuers={
            name: replace(issuer, skin=_placed(issuer.skin, folder))
            for name, issuer in settings.issuers.items()
        },
        server=replace(
            server,
            tls_certificate=server.tls_certificate and str(folder / server.tls_certificate),
            tls_key=server.tls_key and str(folder / server.tls_key),
            messages=server.messages and str(folder / server.messages),
            terms=server.terms and str(folder / server.terms),
            attestation=server.attestation and str(folder / server.attestation),
        ),
    )


def _placed(skin: SkinSettings, folder: Path) -> SkinSettings:
    """The folders of skins, as they are below the configuration's."""
    clients = {client_id: str(folder / own) for client_id, own in skin.clients.items()}
    return SkinSettings(skin.folder and str(folder / skin.folder), clients)


def read_settings_text(text: str, environment: Mapping[str, str]) -> Settings:
    """The settings of a TOML text. Raises `ConfigurationError`."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([f"not TOML: {error}"]) from error
    reader = _Reader(environment, [])
    settings: Settings = reader.table(Settings, document, "")  # all of its tables have defaults
    mistakes = [*reader.mistakes, *_further(agreements(settings), reader.mistakes)]
    if mistakes:
        raise ConfigurationError(mistakes)
    return settings


def _further(disagreements: Iterable[str], told: Sequence[str]) -> Iterator[str]:
    """What does not agree, but for settings that only seem to be missing since what they say is a mistake."""
    for one in disagreements:
        path = one.partition(":")[0]
        if not any(mistake.startswith((f"{path}:", f"{path}.")) for mistake in told):
            yield one


@dataclass(frozen=True, slots=True)
class _Reader:
    """Walks a document along the settings' type hints; collects `mistakes` and goes on with defaults."""

    environment: Mapping[str, str]
    mistakes: list[str]

    def table(self, kind: type[Any], value: Any, path: str) -> Any:
        """The settings dataclass that a table says; None when it cannot be made."""
        if not isinstance(value, dict):
            self._refuse(path, "must be a table")
            return None
        hints = get_type_hints(kind)
        known = {one.name: one for one in fields(kind)}
        for name in value:
            if name not in known:
                self._refuse(_below(path, name), f"unknown setting{nearest(name, known)}")
        found: dict[str, Any] = {}
        is_whole = True
        for name, one in known.items():
            place = _below(path, name)
            if name in value:
                self._field(kind, name, hints[name], value[name], place, found)
            elif not _has_default(one):
                self._refuse(place, "is required")
            is_whole = is_whole and (name in found or _has_default(one))
        return kind(**found) if is_whole else None

    def _field(
        self, kind: type[Any], name: str, hint: Any, value: Any, place: str, found: dict[str, Any]
    ) -> None:
        try:
            read = self._value(hint, value, place)
            if read is not None:
                check_setting(kind, name, read)
                found[name] = read
        except BadSetting as error:
            self._refuse(place, str(error))

    def _value(self, hint: Any, value: Any, place: str) -> Any:
        """The value of a setting; None when its own mistakes were told already. Raises `BadSetting`."""
        if get_origin(hint) in (Union, types.UnionType):
            [hint] = [one for one in get_args(hint) if one is not type(None)]
        if is_dataclass(hint):
            return self.table(hint, value, place)  # type: ignore[arg-type]  # a settings dataclass
        if get_origin(hint) is dict and get_args(hint)[1] is str:
            if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
                raise BadSetting('must be a table of texts, such as name = "text"')
            return dict(value)
        if get_origin(hint) is dict and get_origin(get_args(hint)[1]) is dict:
            return self._definitions(value, place)
        if get_origin(hint) is dict:
            return self._tables(get_args(hint)[1], value, place)
        if get_origin(hint) is tuple:
            if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
                raise BadSetting("must be a list of texts")
            return tuple(value)
        if hint is bool:
            if not isinstance(value, bool):
                raise BadSetting("must be true or false")
            return value
        if hint is int:
            if type(value) is not int:
                raise BadSetting("must be a whole number")
            return value
        text = self._text(value)
        if get_origin(hint) is Literal and text not in get_args(hint):
            names = [str(one) for one in get_args(hint)]
            raise BadSetting(f"must be one of {', '.join(names)}{nearest(text, names)}")
        return text

    def _tables(self, kind: type[Any], value: Any, place: str) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            raise BadSetting("must be a table of tables")
        tables = {name: self.table(kind, one, _below(place, name)) for name, one in value.items()}
        return {name: table for name, table in tables.items() if table is not None}

    def _definitions(self, value: Any, place: str) -> dict[str, Any]:
        """Definitions by name, as commands read them from JSON; what they may say is checked with all else."""
        if not isinstance(value, dict) or not all(isinstance(one, dict) for one in value.values()):
            raise BadSetting("must be a table of tables")
        return {name: dict(self._plain(table, _below(place, name))) for name, table in value.items()}

    def _plain(self, table: dict[str, Any], place: str) -> Iterator[tuple[str, Any]]:
        for name, value in table.items():
            try:
                yield name, self._text(value) if isinstance(value, dict) and set(value) == {"env"} else value
            except BadSetting as error:
                self._refuse(_below(place, name), str(error))

    def _text(self, value: Any) -> str:
        if isinstance(value, dict) and set(value) == {"env"} and isinstance(value["env"], str):
            found = self.environment.get(value["env"])
            if found is None:
                raise BadSetting(f"the environment variable {value['env']} is not set")
            return found
        if not isinstance(value, str):
            raise BadSetting('must be a text, or { env = "NAME" }')
        return value

    def _refuse(self, place: str, rule: str) -> None:
        self.mistakes.append(f"{place or 'the file'}: {rule}")


def quiet(settings: Settings) -> Settings:
    """The settings for a command, which logs nothing but errors."""
    return replace(settings, server=replace(settings.server, log_level="error"))


def _has_default(one: Field[Any]) -> bool:
    return one.default is not MISSING or one.default_factory is not MISSING


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
