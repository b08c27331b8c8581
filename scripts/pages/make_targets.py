"""`docs/reference/make.md`: the Makefile's targets, from the words behind their `##`."""

import re
from pathlib import Path

MAKEFILE = Path(__file__).resolve().parents[2] / "Makefile"
HEADING = re.compile(r"##@ (?P<heading>.+)")
TARGET = re.compile(r"(?P<name>[a-z-]+):.*?## (?P<words>.+)")


def render() -> str:
    """The page: a table for each `##@` heading of the Makefile."""
    lines = [
        "# Make targets",
        "",
        "Generated from the Makefile by `make docs`; `make help` prints the same.",
        "",
    ]
    for line in MAKEFILE.read_text(encoding="utf-8").splitlines():
        if heading := HEADING.fullmatch(line):
            lines += ["", f"## {heading['heading']}", "", "| command | what it does |", "| --- | --- |"]
        elif target := TARGET.fullmatch(line):
            words = target["words"].replace("|", "\\|")
            lines.append(f"| `make {target['name']}` | {words} |")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"
