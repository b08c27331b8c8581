"""Patient, RelatedPerson and Person: who the patients are, and who may speak for them.

Source: US Core Patient for race, ethnicity and birth sex; https://hl7.org/fhir/R4/person.html for links.
"""

from datetime import date, datetime, timedelta
from typing import Final

from assent.demo.store.population.chart import Chart
from assent.demo.store.population.elements import (
    CDC_RACE,
    HL7,
    US_CORE,
    V3,
    at_hour,
    coding,
    concept,
    identifier,
    instant,
    narrative,
    reference,
)
from assent.demo.store.population.households import Household, Resident
from assent.demo.store.population.landmarks import JONAS, JONAS_FOR_LEO, JONAS_FOR_MIA, LEO, MIA
from assent.demo.store.population.staff import HOSPITAL, practitioner
from assent.demo.store.wire import Json

# origin -> OMB race code and display
_RACES: Final = {
    "african": ("2054-5", "Black or African American"),
    "asian": ("2028-9", "Asian"),
    "european": ("2106-3", "White"),
    "hispanic": ("2106-3", "White"),
    "middle-eastern": ("2106-3", "White"),
    "native": ("1002-5", "American Indian or Alaska Native"),
    "pacific": ("2076-8", "Native Hawaiian or Other Pacific Islander"),
}
_BIRTH_SEXES: Final = {"female": "F", "male": "M", "other": "UNK"}
_PARENTS: Final = {"female": ("MTH", "mother"), "male": ("FTH", "father"), "other": ("PRN", "parent")}
_CONTACTS: Final = {
    "SIS": ("female", "sister"),
    "BRO": ("male", "brother"),
    "DAUC": ("female", "daughter"),
    "FRND": ("unknown", "unrelated friend"),
}
_SPOUSES: Final = {"female": ("WIFE", "wife"), "male": ("HUSB", "husband"), "other": ("SPS", "spouse")}
_GUARDIAN: Final = ("GUARD", "guardian")
_ADULT_CHILD: Final = ("CHILD", "child")
_GENERATION: Final = 18
"""Years apart from which two adults of a household are taken for parent and child."""


def record_patient(chart: Chart) -> None:
    """The Patient; some moved house, so that their record has an earlier version."""
    who, joined = chart.who, _joined(chart)
    chart.recorded.append(
        {
            "resourceType": "Patient",
            "id": who.id,
            "meta": {
                "lastUpdated": instant(joined + timedelta(days=500)),
                "profile": [f"{US_CORE}StructureDefinition/us-core-patient"],
            },
            "text": narrative(f"{who.name}, born {who.birth_date.isoformat()}"),
            "extension": _extensions(who),
            "identifier": [_record_number(who.id)],
            "active": True,
            "name": [{"use": "official", "family": who.household.family, "given": [who.given]}],
            "telecom": _telecom(who, chart.today),
            "gender": who.sex,
            "birthDate": who.birth_date.isoformat(),
            "address": [_address(who.household)],
            "communication": [{"language": _language(who.household)}],
            "generalPractitioner": [practitioner(chart.doctor)],
            "managingOrganization": reference(HOSPITAL, "St. Elsewhere Health"),
        }
    )
    former = {**_address(who.household), "line": ["99 Former Street"], "use": "old"}
    chart.note_earlier(joined, address=[former])


def record_related_people(chart: Chart) -> None:
    """The people who may be asked: a child's parents, an adult's family or friend."""
    who, at = chart.who, _joined(chart)
    for relative, (code, shown) in _relatives(chart):
        chart.recorded.append(
            _related_person(
                f"{relative.id}-for-{who.id}",
                chart,
                at,
                relationship=_relationship(chart, code, shown),
                name=[{"use": "official", "family": relative.household.family, "given": [relative.given]}],
                gender=relative.sex,
                birthDate=relative.birth_date.isoformat(),
                telecom=_telecom(relative, chart.today),
                address=[_address(relative.household)],
            )
        )
    if who.household.contact[0]:
        given, family, code = who.household.contact
        gender, shown = _CONTACTS[code]
        chart.recorded.append(
            _related_person(
                f"{given.lower()}-for-{who.id}",
                chart,
                at,
                relationship=[concept(f"{V3}RoleCode", code, shown)],
                name=[{"use": "official", "family": family, "given": [given]}],
                gender=gender,
                telecom=[{"system": "phone", "value": "555-0180", "use": "mobile"}],
            )
        )


def record_jonas(chart: Chart) -> None:
    """The father of Leo and Mia, who is nobody's patient: a RelatedPerson for each child."""
    if chart.who.key not in (LEO, MIA):
        return
    chart.recorded.append(
        _related_person(
            f"jonas-for-{chart.who.id}",
            chart,
            _joined(chart),
            relationship=_relationship(chart, *_PARENTS["male"]),
            **_jonas(chart.who.household, chart.today),
        )
    )


def persons(everybody: list[Resident], today: date) -> list[Json]:
    """A Person for Jonas and for every adult, linked to the records there are of them, as patient and as relative."""
    stamped = {"lastUpdated": instant(at_hour(date(today.year - 2, 1, 15), 9))}
    weber = next(each.household for each in everybody if each.key == LEO)
    found: list[Json] = [
        {
            "resourceType": "Person",
            "id": JONAS.partition("/")[2],
            "meta": stamped,
            "identifier": [identifier("person", "jonas")],
            **_jonas(weber, today),
            "link": [
                {"target": reference(JONAS_FOR_LEO, "Jonas Weber"), "assurance": "level3"},
                {"target": reference(JONAS_FOR_MIA, "Jonas Weber"), "assurance": "level3"},
            ],
        }
    ]
    for who in everybody:
        if who.is_child_on(today):
            continue
        children = [each for each in everybody if each.household is who.household and each.is_child_on(today)]
        links = [who.key, *(f"RelatedPerson/{who.id}-for-{each.id}" for each in children)]
        found.append(
            {
                "resourceType": "Person",
                "id": who.id,
                "meta": stamped,
                "identifier": [identifier("person", who.id)],
                "name": [{"use": "official", "family": who.household.family, "given": [who.given]}],
                "telecom": _telecom(who, today),
                "gender": who.sex,
                "birthDate": who.birth_date.isoformat(),
                "address": [_address(who.household)],
                "link": [{"target": reference(key, who.name), "assurance": "level3"} for key in links],
            }
        )
    return found


def _joined(chart: Chart) -> datetime:
    born = at_hour(chart.who.birth_date, 10)
    return max(born, at_hour(date(chart.today.year - 7, 1, 8), 10))


def _relatives(chart: Chart) -> list[tuple[Resident, tuple[str, str]]]:
    guardians = chart.guardians()
    if guardians:
        return [(each, _PARENTS[each.sex]) for each in guardians]
    adults = [each for each in chart.kin if not each.is_child_on(chart.today)]
    return [(each, _kinship(chart.who, each)) for each in adults] or [
        (each, _ADULT_CHILD) for each in chart.kin
    ]


def _kinship(who: Resident, other: Resident) -> tuple[str, str]:
    years = who.birth_date.year - other.birth_date.year
    if years >= _GENERATION:
        return _PARENTS[other.sex]
    return _ADULT_CHILD if years <= -_GENERATION else _SPOUSES[other.sex]


def _relationship(chart: Chart, code: str, shown: str) -> list[Json]:
    relationships = [concept(f"{V3}RoleCode", code, shown)]
    if chart.who.is_child_on(chart.today):
        relationships.append(concept(f"{V3}RoleCode", *_GUARDIAN))
    return relationships


def _related_person(own_id: str, chart: Chart, at: datetime, **elements: object) -> Json:
    return {
        "resourceType": "RelatedPerson",
        "id": own_id,
        "meta": {"lastUpdated": instant(at)},
        "identifier": [identifier("related-person", own_id)],
        "active": True,
        "patient": chart.subject,
        **elements,
    }


def _jonas(household: Household, today: date) -> Json:
    return {
        "name": [{"use": "official", "family": household.family, "given": ["Jonas"]}],
        "telecom": [
            {"system": "phone", "value": household.phone, "use": "mobile"},
            {"system": "email", "value": "jonas.weber@mail.example"},
        ],
        "gender": "male",
        "birthDate": f"{today.year - 42}-09-14",
        "address": [_address(household)],
    }


def _extensions(who: Resident) -> list[Json]:
    origin = who.household.origin.split()[1]
    race, ethnicity = _RACES[origin], ("2186-5", "Not Hispanic or Latino")
    if origin == "hispanic":
        ethnicity = ("2135-2", "Hispanic or Latino")
    return [
        *(
            {
                "url": f"{US_CORE}StructureDefinition/us-core-{name}",
                "extension": [
                    {"url": "ombCategory", "valueCoding": coding(CDC_RACE, *value)},
                    {"url": "text", "valueString": value[1]},
                ],
            }
            for name, value in (("race", race), ("ethnicity", ethnicity))
        ),
        {"url": f"{US_CORE}StructureDefinition/us-core-birthsex", "valueCode": _BIRTH_SEXES[who.sex]},
    ]


def _record_number(own_id: str) -> Json:
    number = f"{sum(ord(char) * 31**place for place, char in enumerate(own_id)) % 10**8:08d}"
    return {
        "use": "usual",
        "type": concept(f"{HL7}v2-0203", "MR", "Medical record number"),
        **identifier("mrn", f"MRN{number}"),
    }


def _telecom(who: Resident, today: date) -> list[Json]:
    telecom = [{"system": "phone", "value": who.household.phone, "use": "home"}]
    if not who.is_child_on(today):
        telecom.append({"system": "email", "value": f"{who.id}@mail.example"})
    return telecom


def _address(household: Household) -> Json:
    line, city, state, postal_code = household.address
    return {
        "use": "home",
        "line": [line],
        "city": city,
        "state": state,
        "postalCode": postal_code,
        "country": "US",
    }


def _language(household: Household) -> Json:
    return concept("urn:ietf:bcp:47", household.origin.split()[0])
