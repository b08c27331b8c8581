"""The one error of every use-case."""

from collections.abc import Sequence


class Refused(Exception):
    """It was not done, and nothing changed. `mistakes` names every reason, those of a definition by its JSON path."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = tuple(mistakes)
