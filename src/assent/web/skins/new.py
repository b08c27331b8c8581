"""Making a skin: from ours, with a word on everything that can be changed, or from one of the examples."""

import re
import shutil
from importlib.resources import files
from pathlib import Path
from typing import Final

from assent.actions.definitions import nearest
from assent.web.skins.findings import Finding, SkinRefused
from assent.web.skins.skin import NAME, SETTINGS, SHEET
from assent.web.static import read_static_files
from assent.web.templates import read_page_templates

DEFAULT: Final = "default"
_OWN_NAME: Final = re.compile(r"^name = .*$", re.MULTILINE)


def example_names() -> tuple[str, ...]:
    """The skins that come with the product, beside the default."""
    return tuple(sorted(path.name for path in _example_folder().iterdir() if path.is_dir()))


def example_skin(name: str) -> Path:
    """The folder of an example."""
    return _example_folder() / name


def make_skin(
    folder: Path, name: str, contract: int, source: str = DEFAULT, copies: tuple[str, ...] = ()
) -> list[Path]:
    """Make a skin that can be used at once; what was made. `copies`: templates of ours to begin with.

    Raises `SkinRefused`, and writes over nothing.
    """
    findings = _mistakes(folder, name, source, copies)
    if findings:
        raise SkinRefused(findings)
    if source == DEFAULT:
        shutil.copytree(Path(str(files("assent.web.skins").joinpath("start"))), folder, dirs_exist_ok=True)
        tokens = read_static_files()["tokens.css"].content.decode()
        (folder / SHEET).write_text(_TOKENS + tokens[tokens.index(":root") :], encoding="utf-8")
        (folder / "images").mkdir(exist_ok=True)
    else:
        shutil.copytree(example_skin(source), folder, dirs_exist_ok=True)
    settings = (folder / SETTINGS).read_text(encoding="utf-8")
    settings = _OWN_NAME.sub(f'name = "{name}"', settings)
    settings = re.sub(r"^contract = .*$", f"contract = {contract}", settings, flags=re.MULTILINE)
    (folder / SETTINGS).write_text(settings, encoding="utf-8")
    ours = read_page_templates()
    for copied in copies:
        (folder / "templates" / copied).write_text(ours[copied], encoding="utf-8")
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _mistakes(folder: Path, name: str, source: str, copies: tuple[str, ...]) -> list[Finding]:
    found = []
    if NAME.fullmatch(name) is None:
        found.append(Finding("--name", f"{name} is not 1 to 40 of a-z, 0-9 and -"))
    known = (DEFAULT, *example_names())
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        found.append(Finding(str(folder), "is there already, and is left as it is"))
    if source not in known:
        found.append(Finding("--from", f"{source} is none of {', '.join(known)}{nearest(source, known)}"))
    ours = read_page_templates()
    found += [
        Finding("--template", f"there is no template {copied}{nearest(copied, ours)}")
        for copied in copies
        if copied not in ours
    ]
    return found


def _example_folder() -> Path:
    return Path(str(files("assent.web.skins").joinpath("examples")))


_TOKENS: Final = """\
/* The style tokens of this skin. They begin as the product's own: change a value, delete what you do not change.
   Say a colour for light and for dark. High contrast is not yours to say: it belongs to those who need it.
   `assent skin check` measures each pair: text needs 4.5:1 against what it stands on, lines 3:1.
   Rules may follow below. Pictures are named as url(images/name.png), fonts are those of the reader's device. */

"""
