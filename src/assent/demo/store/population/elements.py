"""FHIR data types and code systems, as the charts write them.

Source: https://hl7.org/fhir/R4/datatypes.html, terminologies-systems.html.
"""

from datetime import UTC, date, datetime
from typing import Final

from assent.demo.store.wire import Json

LOINC: Final = "http://loinc.org"
SNOMED: Final = "http://snomed.info/sct"
RXNORM: Final = "http://www.nlm.nih.gov/research/umls/rxnorm"
CVX: Final = "http://hl7.org/fhir/sid/cvx"
ICD10: Final = "http://hl7.org/fhir/sid/icd-10-cm"
UCUM: Final = "http://unitsofmeasure.org"
CDC_RACE: Final = "urn:oid:2.16.840.1.113883.6.238"
V3: Final = "http://terminology.hl7.org/CodeSystem/v3-"
V2: Final = "http://terminology.hl7.org/CodeSystem/v2-"
HL7: Final = "http://terminology.hl7.org/CodeSystem/"
US_CORE: Final = "http://hl7.org/fhir/us/core/"
IDENTIFIERS: Final = "https://st-elsewhere.example/ids/"
"""Where this hospital's own identifier systems begin."""


def coding(system: str, code: str, display: str = "") -> Json:
    """A Coding."""
    shown = {"display": display} if display else {}
    return {"system": system, "code": code, **shown}


def concept(system: str, code: str, display: str = "") -> Json:
    """A CodeableConcept of one coding, with the display as its text."""
    shown = {"text": display} if display else {}
    return {"coding": [coding(system, code, display)], **shown}


def reference(key: str, display: str = "") -> Json:
    """A Reference to `Type/id`."""
    shown = {"display": display} if display else {}
    return {"reference": key, **shown}


def identifier(kind: str, value: str) -> Json:
    """An Identifier in one of the hospital's own systems."""
    return {"system": f"{IDENTIFIERS}{kind}", "value": value}


def quantity(value: float, unit: str, code: str = "") -> Json:
    """A Quantity in UCUM units; `code` where it is not the unit as written."""
    return {"value": value, "unit": unit, "system": UCUM, "code": code or unit}


def instant(moment: datetime) -> str:
    """A FHIR instant or dateTime, in UTC."""
    return f"{moment.replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def at_hour(day: date, hour: int, minute: int = 0) -> datetime:
    """A time of that day, UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def narrative(text: str) -> Json:
    """A generated narrative of one plain sentence; the text holds no markup characters."""
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{text}</div>'}
