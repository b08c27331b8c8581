"""What is found in a skin, by file and line."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or that is probably not meant. `file` is relative to the skin's folder."""

    file: str
    text: str
    line: int | None = None

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.text}"


class SkinRefused(Exception):
    """A skin that is not used: every mistake."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        self.mistakes = [str(one) for one in findings]
        super().__init__("; ".join(self.mistakes))
