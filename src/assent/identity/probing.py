"""What trying out a provider gives, step by step: the same for every kind of provider."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Step:
    """What came of one step."""

    status: Status
    name: str
    detail: str
