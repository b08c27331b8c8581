"""Who treats, where, and who pays: organizations, places, practitioners and their roles.

Table rows are read into resources here; the charts know the keys alone.
"""

from collections.abc import Iterator
from typing import Final

from assent.demo.store.population.elements import (
    HL7,
    SNOMED,
    coding,
    concept,
    identifier,
    reference,
)
from assent.demo.store.wire import Json

HOSPITAL: Final = "Organization/st-elsewhere"
LABORATORY: Final = "Organization/harbour-laboratory"
PAYER: Final = "Organization/seaboard-health-plan"
PHARMACY: Final = "Organization/lantern-pharmacy"

CLINIC: Final = "Location/port-ellery-clinic"
EMERGENCY: Final = "Location/emergency-department"
WARD: Final = "Location/ward-3"

FAMILY_DOCTORS: Final = ("Practitioner/lee", "Practitioner/okonkwo", "Practitioner/lindqvist")
PEDIATRICIAN: Final = "Practitioner/rivera"
EMERGENCY_DOCTOR: Final = "Practitioner/banerjee"
NURSE: Final = "Practitioner/doyle"
PHARMACIST: Final = "Practitioner/tanaka"
RADIOLOGIST: Final = "Practitioner/fontaine"

_SINCE: Final = "2019-01-02T08:00:00Z"

# id, name, type code, type
_ORGANIZATIONS: Final = (
    ("st-elsewhere", "St. Elsewhere Health", "prov", "Healthcare Provider"),
    ("harbour-laboratory", "Harbour Laboratory", "prov", "Healthcare Provider"),
    ("seaboard-health-plan", "Seaboard Health Plan", "pay", "Payer"),
    ("lantern-pharmacy", "Lantern Pharmacy", "prov", "Healthcare Provider"),
)

# id, name, RoleCode, display
_LOCATIONS: Final = (
    ("port-ellery-clinic", "Port Ellery Clinic", "OF", "Outpatient facility"),
    ("emergency-department", "Emergency Department", "ER", "Emergency room"),
    ("ward-3", "Ward 3", "HU", "Hospital unit"),
)

# id, given, family, gender, degree, specialty as SNOMED code, its display, number
_PRACTITIONERS: Final = (
    ("lee", "Hannah", "Lee", "female", "MD", "419772000", "Family practice", "9990000011"),
    ("okonkwo", "Emeka", "Okonkwo", "male", "MD", "419772000", "Family practice", "9990000029"),
    ("lindqvist", "Sara", "Lindqvist", "female", "MD", "419192003", "Internal medicine", "9990000037"),
    ("rivera", "Elena", "Rivera", "female", "MD", "394537008", "Pediatric specialty", "9990000045"),
    ("banerjee", "Arjun", "Banerjee", "male", "MD", "773568002", "Emergency medicine", "9990000052"),
    ("doyle", "Patrick", "Doyle", "male", "RN", "722165004", "Nursing", "9990000060"),
    ("tanaka", "Aiko", "Tanaka", "female", "PHARMD", "310080006", "Pharmacy service", "9990000078"),
    ("fontaine", "Luc", "Fontaine", "male", "MD", "394914008", "Radiology", "9990000086"),
)

_PRACTITIONER_NAMES: Final = {
    f"Practitioner/{row[0]}": f"{'Dr. ' if row[4] == 'MD' else ''}{row[1]} {row[2]}" for row in _PRACTITIONERS
}


def practitioner(key: str) -> Json:
    """A Reference to a practitioner, with the name."""
    return reference(key, _PRACTITIONER_NAMES[key])


def staff() -> Iterator[Json]:
    """Every organization, place, service and practitioner, what is referred to before what refers."""
    for org_id, name, code, shown in _ORGANIZATIONS:
        yield {
            "resourceType": "Organization",
            "id": org_id,
            "meta": {"lastUpdated": _SINCE},
            "identifier": [identifier("organization", org_id)],
            "active": True,
            "type": [concept(f"{HL7}organization-type", code, shown)],
            "name": name,
            "telecom": [{"system": "phone", "value": "555-0190"}],
            "address": [_HOSPITAL_ADDRESS],
        }
    for location_id, name, code, shown in _LOCATIONS:
        yield {
            "resourceType": "Location",
            "id": location_id,
            "meta": {"lastUpdated": _SINCE},
            "status": "active",
            "name": name,
            "mode": "instance",
            "type": [concept(f"{HL7}v3-RoleCode", code, shown)],
            "address": _HOSPITAL_ADDRESS,
            "managingOrganization": reference(HOSPITAL, "St. Elsewhere Health"),
        }
    yield _ENDPOINT
    yield _SERVICE
    for row in _PRACTITIONERS:
        yield from _practitioner(row)


_HOSPITAL_ADDRESS: Final = {
    "line": ["1 Elsewhere Plaza"],
    "city": "Port Ellery",
    "state": "MA",
    "postalCode": "01999",
    "country": "US",
}

_ENDPOINT: Final = {
    "resourceType": "Endpoint",
    "id": "st-elsewhere-fhir",
    "meta": {"lastUpdated": _SINCE},
    "status": "active",
    "connectionType": coding(f"{HL7}endpoint-connection-type", "hl7-fhir-rest", "HL7 FHIR"),
    "name": "The FHIR endpoint of St. Elsewhere Health",
    "managingOrganization": reference(HOSPITAL, "St. Elsewhere Health"),
    "payloadType": [concept(f"{HL7}endpoint-payload-type", "any", "Any")],
    "address": "https://st-elsewhere.example/fhir",
}

_SERVICE: Final = {
    "resourceType": "HealthcareService",
    "id": "family-practice",
    "meta": {"lastUpdated": _SINCE},
    "active": True,
    "providedBy": reference(HOSPITAL, "St. Elsewhere Health"),
    "type": [concept(SNOMED, "419772000", "Family practice")],
    "location": [reference(CLINIC, "Port Ellery Clinic")],
    "name": "Family practice",
}


def _practitioner(row: tuple[str, str, str, str, str, str, str, str]) -> Iterator[Json]:
    own_id, given, family, gender, degree, code, shown, number = row
    mail = f"{given}.{family}@st-elsewhere.example".lower()
    yield {
        "resourceType": "Practitioner",
        "id": own_id,
        "meta": {"lastUpdated": _SINCE},
        "identifier": [identifier("practitioner", number)],
        "active": True,
        "name": [
            {
                "use": "official",
                "family": family,
                "given": [given],
                **({"prefix": ["Dr."]} if degree == "MD" else {}),
            }
        ],
        "telecom": [{"system": "email", "value": mail, "use": "work"}],
        "address": [_HOSPITAL_ADDRESS],
        "gender": gender,
        "qualification": [{"code": {"text": degree}}],
    }
    yield {
        "resourceType": "PractitionerRole",
        "id": f"{own_id}-st-elsewhere",
        "meta": {"lastUpdated": _SINCE},
        "active": True,
        "practitioner": practitioner(f"Practitioner/{own_id}"),
        "organization": reference(HOSPITAL, "St. Elsewhere Health"),
        "specialty": [concept(SNOMED, code, shown)],
        "location": [reference(CLINIC, "Port Ellery Clinic")],
        "healthcareService": [reference("HealthcareService/family-practice", "Family practice")],
        "telecom": [{"system": "phone", "value": "555-0191"}],
        "endpoint": [reference("Endpoint/st-elsewhere-fhir")],
    }
