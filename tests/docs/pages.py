"""What the pages of the documentation show: their blocks, the commands in them, and the rows of their tables."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "assent"


@dataclass(frozen=True)
class HowTo:
    """A page of docs/how-to."""

    name: str

    @property
    def text(self) -> str:
        """All of it."""
        return (ROOT / "docs" / "how-to" / self.name).read_text(encoding="utf-8")

    def blocks(self, language: str) -> list[str]:
        """Its code blocks in this language."""
        return re.findall(rf"^```{language}\n(.*?)^```", self.text, re.M | re.S)

    def commands(self) -> list[list[str]]:
        """The commands of its shell blocks, without `assent` and comments."""
        lines = "".join(self.blocks("sh")).splitlines()
        return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("assent ")]

    def rows(self, heading: str) -> list[list[str]]:
        """The cells of the table whose first heading this is."""
        [table] = re.findall(rf"^\| {re.escape(heading)} \|.*\n\|[ -|]*\n((?:\|.*\n)+)", self.text, re.M)
        return [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()]

    def codes(self, heading: str) -> list[str]:
        """The words set as code in the first column of such a table."""
        return [code for row in self.rows(heading) for code in re.findall(r"`([^`]+)`", row[0])]


def is_written(event: str) -> bool:
    """Whether an audit row of this type is written anywhere."""
    return any(f'"{event}"' in file.read_text(encoding="utf-8") for file in SOURCE.rglob("*.py"))
