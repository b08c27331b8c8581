"""Whose record a person may put into context: the pages and the launch ask here, and nowhere else."""

from assent.engine.authority import reads_patient
from assent.engine.server import AuthorizationServer
from assent.records.people import Person
from assent.spec.identifiers import is_fhir_id
from assent.spec.permissions import Power


async def may_open(server: AuthorizationServer, person: Person, patient: str) -> bool:
    """Whether the person may read this patient's record at all. Raises `RecordSystemDown`."""
    if not is_fhir_id(patient):
        return False
    powers = await server.records.powers(person)
    if not any(reads_patient(power, patient) for power in powers):
        return False
    return await server.records.has_patient(
        patient
    )  # nobody's record, and no power without limits makes it one


def named_patients(powers: tuple[Power, ...]) -> tuple[str, ...]:
    """The bare ids of the patients whom these powers read by name, in order."""
    references = (reference for power in powers for reference in (power.within, power.instance) if reference)
    ids = (reference.removeprefix("Patient/") for reference in references)
    return tuple(dict.fromkeys(id_ for id_ in ids if any(reads_patient(power, id_) for power in powers)))


def may_search_patients(powers: tuple[Power, ...]) -> bool:
    """Whether these powers read every patient: then there is a search, not a list."""
    return any(
        power.verb == "read"
        and power.resource_type in ("*", "Patient")
        and power.within is None
        and power.instance is None
        for power in powers
    )
