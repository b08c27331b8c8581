"""What the pages show of a patient and of a visit, read from FHIR resources.

Owns the choice of name, number and title. Resources come from outside: whatever has another shape is left out.
Sources: FHIR R4 Patient, HumanName, Encounter, EncounterStatus.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from assent.spec.identifiers import is_fhir_id

_UNDER_WAY: Final = frozenset({"arrived", "triaged", "in-progress", "onleave"})
_FIRST_NAMES: Final = {"official": 0, "usual": 1}


@dataclass(frozen=True, slots=True)
class PatientCard:
    """What the picker shows of a patient. Dates as FHIR writes them."""

    id: str
    name: str
    birth_date: str | None = None
    gender: str | None = None
    identifier: str | None = None


@dataclass(frozen=True, slots=True)
class EncounterCard:
    """What the picker shows of an encounter; `title` is empty where the record says nothing."""

    id: str
    title: str
    start: str | None = None
    is_under_way: bool = False


def patient_card(resource: Mapping[str, Any]) -> PatientCard | None:
    """The card of a Patient resource; None when it has no id."""
    id_ = resource.get("id")
    if not isinstance(id_, str) or not is_fhir_id(id_):
        return None
    return PatientCard(
        id=id_,
        name=say_name(resource),
        birth_date=_text(resource.get("birthDate")),
        gender=_text(resource.get("gender")),
        identifier=next(iter(identifiers(resource)), None),
    )


def encounter_card(resource: Mapping[str, Any]) -> EncounterCard | None:
    """The card of an Encounter resource; None when it has no id."""
    id_ = resource.get("id")
    if not isinstance(id_, str) or not is_fhir_id(id_):
        return None
    kind = next(_objects(resource.get("type")), {})
    coding = next(_objects(kind.get("coding")), {})
    place = resource.get("class")
    title = (
        kind.get("text") or coding.get("display") or (place.get("display") if isinstance(place, dict) else "")
    )
    period = resource.get("period")
    return EncounterCard(
        id=id_,
        title=_text(title) or "",
        start=_text(period.get("start")) if isinstance(period, dict) else None,
        is_under_way=resource.get("status") in _UNDER_WAY,
    )


def say_name(resource: Mapping[str, Any]) -> str:
    """A person's name as one line: the official or usual one, else the first; the id where there is none."""
    names = sorted(_objects(resource.get("name")), key=lambda one: _FIRST_NAMES.get(str(one.get("use")), 2))
    for name in names:
        words = _text(name.get("text")) or " ".join(
            [*_texts(name.get("given")), _text(name.get("family")) or ""]
        )
        if words.strip():
            return words.strip()
    return str(resource.get("id"))


def name_words(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """Every text of every name of a person, as a search by name looks at them."""
    words: list[str] = []
    for name in _objects(resource.get("name")):
        for part in ("text", "family"):
            words += [name[part]] if isinstance(name.get(part), str) else []
        for part in ("given", "prefix", "suffix"):
            words += _texts(name.get(part))
    return tuple(words)


def identifiers(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """The values of a resource's identifiers."""
    found = (_text(one.get("value")) for one in _objects(resource.get("identifier")))
    return tuple(value for value in found if value)


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
