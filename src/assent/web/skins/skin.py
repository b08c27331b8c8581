"""A skin as it lies in its folder, read whole into memory: what changes there later counts at the next start.

    skin.toml       name, contract: the version of the templates' contract that it was made for
    tokens.css      colours, type and space, or a whole style sheet; stands over ours
    images/         pictures by name; logo.svg, logo.png … is shown at the top of every page
    messages/       texts, as `server.messages`
    templates/      templates, by the names of ours; pieces of its own begin with _

Everything may be left out but `skin.toml`. Nothing outside of the folder is read.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from assent.actions.definitions import nearest
from assent.web.message_rules import folder_mistakes
from assent.web.skins.findings import Finding, SkinRefused
from assent.web.skins.images import BadImage, read_image
from assent.web.skins.sheets import forbidden_in_sheet
from assent.web.static import StaticFile
from assent.web.templates import read_page_templates

SETTINGS: Final = "skin.toml"
SHEET: Final = "tokens.css"
MOST_BYTES: Final = 60_000
_KNOWN: Final = (SETTINGS, SHEET, "images", "messages", "templates", "README.md")
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Skin:
    """A skin. `files` are served: `tokens.css` and `images/<name>`."""

    name: str
    contract: int
    folder: Path
    templates: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, StaticFile] = field(default_factory=dict)

    @property
    def messages_folder(self) -> Path | None:
        """The folder of its texts, where there is one."""
        folder = self.folder / "messages"
        return folder if folder.is_dir() else None

    @property
    def sheet(self) -> str:
        """Its style sheet; empty where it has none."""
        return self.files[SHEET].content.decode() if SHEET in self.files else ""


def read_skin(folder: Path) -> Skin:
    """The skin in a folder. Raises `SkinRefused` with every mistake that keeps it from being used."""
    skin, findings = read_skin_leniently(folder)
    if findings:
        raise SkinRefused(findings)
    return skin


def read_skin_leniently(folder: Path) -> tuple[Skin, list[Finding]]:
    """The part of a skin that can be read, and what is wrong with the rest."""
    if not folder.is_dir():
        return Skin("", 0, folder), [Finding(SETTINGS, f"{folder} is no folder")]
    findings = list(_unknown_entries(folder))
    name, contract = _read_settings(folder, findings)
    templates = _read_templates(folder, findings)
    files = {**_read_sheet(folder, findings), **_read_images(folder, findings)}
    findings += _message_mistakes(folder / "messages")
    return Skin(name, contract, folder, templates, files), findings


def _unknown_entries(folder: Path) -> Iterator[Finding]:
    for path in sorted(folder.iterdir()):
        if path.name not in _KNOWN and not path.name.startswith("."):
            yield Finding(path.name, f"is not part of a skin{nearest(path.name, _KNOWN)}")
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
            yield Finding(str(path.relative_to(folder)), "leads out of the folder")


def _read_settings(folder: Path, findings: list[Finding]) -> tuple[str, int]:
    text = _read(folder, SETTINGS, findings)
    if text is None:
        if not (folder / SETTINGS).exists():
            findings.append(Finding(SETTINGS, "is missing: it has name and contract; see assent skin new"))
        return folder.name, 0
    try:
        document: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        findings.append(Finding(SETTINGS, f"is not TOML: {error}", int(found[1]) if found else None))
        return folder.name, 0
    for key in document:
        if key not in ("name", "contract"):
            line = line_of(text, rf"^\s*\[?{re.escape(key)}\b")
            findings.append(Finding(SETTINGS, f"unknown: {key}{nearest(key, ('name', 'contract'))}", line))
    name, contract = document.get("name"), document.get("contract")
    if not isinstance(name, str) or NAME.fullmatch(name) is None:
        findings.append(Finding(SETTINGS, "name: 1 to 40 of a-z, 0-9 and -", line_of(text, r"^\s*name\b")))
        name = folder.name
    if type(contract) is not int or contract < 1:
        findings.append(
            Finding(
                SETTINGS, "contract: the number of the templates' contract", line_of(text, r"^\s*contract\b")
            )
        )
        contract = 0
    return name, contract


def _read_templates(folder: Path, findings: list[Finding]) -> dict[str, str]:
    ours = read_page_templates()
    sources: dict[str, str] = {}
    for path in _entries(folder / "templates"):
        file = f"templates/{path.name}"
        text = _read(folder, file, findings)
        if text is None:
            continue
        if path.name in ours or re.fullmatch(r"_[a-z0-9_]+\.html", path.name):
            sources[path.name] = text
        else:
            rule = f"there is no such template{nearest(path.name, ours)}; a piece of your own begins with _"
            findings.append(Finding(file, rule))
    if not sources:
        return {}
    from assent.web.skins.sandbox import forbidden  # most servers have no templates but ours

    known = frozenset({*ours, *sources, *(f"default/{name}" for name in ours)})
    fine = {}
    for name, text in sources.items():
        wrong = list(forbidden(f"templates/{name}", text, known))
        findings += wrong
        if not wrong:
            fine[name] = text
    return fine


def _read_sheet(folder: Path, findings: list[Finding]) -> dict[str, StaticFile]:
    if not (folder / SHEET).exists():
        return {}
    text = _read(folder, SHEET, findings)
    if text is None:
        return {}
    findings += forbidden_in_sheet(SHEET, text)
    return {SHEET: StaticFile.of(text.encode(), "text/css; charset=utf-8")}


def _read_images(folder: Path, findings: list[Finding]) -> dict[str, StaticFile]:
    files = {}
    for path in _entries(folder / "images"):
        name = f"images/{path.name}"
        try:
            files[name] = read_image(path.name, path.read_bytes())
        except (BadImage, OSError) as error:
            findings.append(Finding(name, str(error)))
    return files


def _message_mistakes(folder: Path) -> Iterator[Finding]:
    if not folder.exists():
        return
    for mistake in folder_mistakes(folder):
        name, _, rest = mistake.partition(": ")
        key = rest.partition(":")[0]
        path = folder / name
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        yield Finding(
            f"messages/{name}", rest, line_of(text, rf"^\s*{re.escape(key)}\s*[=: ]") if key else None
        )


def _entries(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]


def _read(folder: Path, name: str, findings: list[Finding]) -> str | None:
    """The text of a file; None, and a finding, where it is there but cannot be read."""
    path = folder / name
    try:
        if path.stat().st_size > MOST_BYTES:
            findings.append(Finding(name, f"has more than {MOST_BYTES} bytes"))
            return None
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        findings.append(Finding(name, "is not UTF-8"))
    except OSError as error:
        findings.append(Finding(name, f"cannot be read: {error.strerror}"))
    return None


def line_of(text: str, pattern: str) -> int | None:
    """The line where a pattern is first found."""
    found = re.search(pattern, text, re.MULTILINE)
    return text.count("\n", 0, found.end()) + 1 if found else None
