"""Skins in a folder, written by tests."""

from pathlib import Path

FOLDER = Path("/nowhere")


def write_skin(folder: Path, name: str = "tried", contract: int = 1, **files: str) -> Path:
    """A skin; each file by its path, `/` written as `__` and `.` as `_` before its ending: `templates__login_html`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "skin.toml").write_text(f'name = "{name}"\ncontract = {contract}\n', encoding="utf-8")
    for path, text in files.items():
        stem, _, ending = path.replace("__", "/").rpartition("_")
        file = folder / f"{stem}.{ending}"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder
