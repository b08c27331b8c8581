"""What the tests of the enforcement decision share: rights in one line, small resources, a request decided."""

from typing import Any, Literal

from assent.spec.constraints import Constraints
from assent.spec.fhir.allowed import Allow
from assent.spec.fhir.decide import decide
from assent.spec.fhir.interactions import read_request
from assent.spec.fhir.matching import Content, read_clauses
from assent.spec.fhir.refusals import Refuse, Refused
from assent.spec.fhir.rights import Rights
from assent.spec.permissions import Power, own_powers
from assent.spec.scope_sets import read_scopes

PUBLIC = "https://gateway.example/fhir"
BASES = frozenset({PUBLIC, "http://upstream:8080/fhir"})

ALL_READ = (Power("read", "*"),)
ALL = (Power("read", "*"), Power("write", "*"), Power("delete", "*"))
OWN = own_powers(["1"])
"""Reading and writing in the compartment of Patient/1."""

Resource = dict[str, Any]


def rights(
    scopes: str,
    powers: tuple[Power, ...] = OWN,
    patient: str | None = "1",
    acting: Literal["person", "client"] = "person",
) -> Rights:
    """Rights by a scope text; by default those of the person Patient/1 with herself in context."""
    return Rights(read_scopes(scopes).scopes, powers, patient, acting)


def ask(method: str, target: str, held: Rights, form: str = "") -> Allow | Refuse:
    """The decision on a request such as `GET Observation?code=x`."""
    path, _, query = target.partition("?")
    try:
        return decide(read_request(method, path, query, form), held, BASES)
    except Refused as refused:
        return refused.refusal


def allowed(method: str, target: str, held: Rights) -> Allow:
    """The decision on a request that is allowed."""
    decision = ask(method, target, held)
    assert isinstance(decision, Allow), decision
    return decision


def refused(method: str, target: str, held: Rights) -> Refuse:
    """The decision on a request that is refused."""
    decision = ask(method, target, held)
    assert isinstance(decision, Refuse), decision
    return decision


def fulfils(resource: Resource, constraints: Constraints) -> bool:
    """Whether a resource fulfils a granular scope's constraints."""
    clauses = read_clauses(str(resource["resourceType"]), constraints)
    return clauses is not None and Content(resource, BASES).fulfils(clauses)


def observation(id_: str, patient: str = "1", category: str = "laboratory", **more: Any) -> Resource:
    """An Observation about a patient, in one category."""
    coding = {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": category}
    subject = {"reference": f"Patient/{patient}"}
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "category": [{"coding": [coding]}],
        "subject": subject,
        **more,
    }


def patient(id_: str, **more: Any) -> Resource:
    """A Patient."""
    return {"resourceType": "Patient", "id": id_, **more}


def of_type(resource_type: str, id_: str = "x", **more: Any) -> Resource:
    """A resource of any type."""
    return {"resourceType": resource_type, "id": id_, **more}


def searchset(*resources: Resource, **more: Any) -> Resource:
    """A searchset Bundle of matches; a resource given as (resource, mode) gets that mode."""
    entries = [
        {
            "fullUrl": f"http://upstream:8080/fhir/{resource['resourceType']}/{resource['id']}",
            "resource": resource,
            "search": {"mode": "match"},
        }
        for resource in resources
    ]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries, **more}


def included(resource: Resource) -> Resource:
    """A Bundle entry that came by _include or _revinclude."""
    return {"resource": resource, "search": {"mode": "include"}}


def no_link(_relation: str, _url: str) -> str | None:
    """Leaves every link of a Bundle out."""
    return None


def shown_ids(bundle: Resource) -> list[str]:
    """`Type/id` of each entry of a Bundle."""
    return [
        f"{entry['resource']['resourceType']}/{entry['resource'].get('id')}"
        for entry in bundle.get("entry", ())
    ]
