"""FHIR logical ids and relative references such as `Patient/123`.

Owns their grammar only. Sources: FHIR R4, Data types (`id`) and References (literal references).
"""

import re
from dataclasses import dataclass
from typing import Final

from assent.spec.resource_types import RESOURCE_TYPES

_ID: Final = re.compile(r"[A-Za-z0-9.-]{1,64}")


@dataclass(frozen=True, slots=True)
class Reference:
    """A resource of the FHIR server in question, as `Type/id`."""

    resource_type: str
    id: str

    @property
    def text(self) -> str:
        """The relative reference, `Type/id`."""
        return f"{self.resource_type}/{self.id}"


def is_fhir_id(text: str) -> bool:
    """Whether `text` is a logical id: 1 to 64 letters, digits, dots and hyphens.

    `.` and `..` are not taken as ids, though the grammar has them: in a URL's path they mean another place.
    """
    return _ID.fullmatch(text) is not None and text not in (".", "..")


def read_reference(text: str) -> Reference:
    """The relative reference `Type/id` that `text` is; ValueError, saying the rule, when it is none."""
    resource_type, slash, id_ = text.partition("/")
    if not slash or resource_type not in RESOURCE_TYPES:
        raise ValueError("a reference is written Type/id, with a resource type of FHIR R4")
    if not is_fhir_id(id_):
        raise ValueError("an id is 1 to 64 letters, digits, dots and hyphens")
    return Reference(resource_type, id_)
