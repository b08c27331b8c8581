"""The decision on every interaction, for every kind of rights."""

import pytest

from assent.spec.fhir.allowed import Allow, continuation_of
from assent.spec.fhir.decide import decide_continuation, is_public
from assent.spec.fhir.interactions import read_request
from assent.spec.fhir.refusals import Refused
from assent.spec.permissions import Power
from spec.fhir.cases import ALL, ALL_READ, BASES, OWN, allowed, ask, refused, rights

EVERYONE = {
    "amy": rights("patient/*.cruds"),
    "amy reads": rights("patient/*.rs"),
    "amy reads labs": rights("patient/Observation.rs?category=laboratory"),
    "no patient": rights("patient/*.cruds", patient=None),
    "no permission": rights("patient/*.cruds user/*.cruds", ()),
    "lee": rights("user/*.cruds", ALL),
    "lee reads": rights("user/*.rs", ALL_READ),
    "backend": rights("system/*.cruds", ALL, None, "client"),
    "backend, no permission": rights("system/*.cruds", (), None, "client"),
    "v1 read": rights("patient/*.read"),
    "v1 write": rights("patient/*.write"),
    "only r": rights("patient/*.r"),
    "only s": rights("patient/*.s"),
    "only u": rights("user/*.u", ALL),
}
YES, LOOK, NO = "yes", "yes, after looking at the resource as it stands", "403"

# request: who is allowed (all others: 403), in the order of EVERYONE
TABLE = {
    #                           amy   reads  labs  nopat noper lee  reads backd backn v1r   v1w  r     s    u
    "GET Observation/9":       (YES,  YES,  YES,  NO,   NO,   YES, YES,  YES,  NO,   YES,  NO,  YES,  NO,  NO),
    "GET Observation/9/_history/1": (LOOK, LOOK, LOOK, NO, NO, YES, YES, YES, NO,    LOOK, NO,  LOOK, NO,  NO),
    "GET Observation/9/_history": (LOOK, LOOK, LOOK, NO, NO,  YES, YES,  YES,  NO,   LOOK, NO,  LOOK, NO,  NO),
    "GET Observation/_history": (NO,  NO,   NO,   NO,   NO,   YES, YES,  YES,  NO,   NO,   NO,  NO,   NO,  NO),
    "GET Observation?code=x":  (YES,  YES,  YES,  NO,   NO,   YES, YES,  YES,  NO,   YES,  NO,  NO,   YES, NO),
    "POST Observation/_search": (YES, YES,  YES,  NO,   NO,   YES, YES,  YES,  NO,   YES,  NO,  NO,   YES, NO),
    "GET Patient/1/Observation": (YES, YES, YES,  NO,   NO,   YES, YES,  YES,  NO,   YES,  NO,  NO,   YES, NO),
    "GET Patient":             (YES,  YES,  NO,   NO,   NO,   YES, YES,  YES,  NO,   YES,  NO,  NO,   YES, NO),
    "GET Practitioner/9":      (YES,  YES,  NO,   NO,   NO,   YES, YES,  YES,  NO,   YES,  NO,  YES,  NO,  NO),
    "GET Binary/9":            (NO,   NO,   NO,   NO,   NO,   YES, YES,  YES,  NO,   NO,   NO,  NO,   NO,  NO),
    "POST Observation":        (YES,  NO,   NO,   NO,   NO,   YES, NO,   YES,  NO,   NO,   YES, NO,   NO,  NO),
    "POST Practitioner":       (NO,   NO,   NO,   NO,   NO,   YES, NO,   YES,  NO,   NO,   NO,  NO,   NO,  NO),
    "PUT Observation/9":       (LOOK, NO,   NO,   NO,   NO,   YES, NO,   YES,  NO,   NO,   LOOK, NO,  NO,  YES),
    "DELETE Observation/9":    (NO,   NO,   NO,   NO,   NO,   YES, NO,   YES,  NO,   NO,   NO,  NO,   NO,  NO),
    "PATCH Observation/9":     (NO,) * 14,
    "PUT Observation":         (NO,) * 14,
    "DELETE Observation?code=x": (NO,) * 14,
    "GET ?_type=Patient":      (NO,) * 14,
    "POST _search":            (NO,) * 14,
    "GET _history":            (NO,) * 14,
    "POST ":                   (NO,) * 14,
    "GET Patient/1/$everything": (NO,) * 14,
    "GET Patient/$everything": (NO,) * 14,
    "GET Patient/$export":     (NO,) * 14,
    "GET $export":             (NO,) * 14,
    "GET Patient/1/*":         (NO,) * 14,
    "GET Encounter/1/Observation": (NO,) * 14,
}  # fmt: skip


@pytest.mark.row("S1", "S8")
@pytest.mark.parametrize(
    ("request_", "who", "expected"),
    [(request, who, row[place]) for request, row in TABLE.items() for place, who in enumerate(EVERYONE)],
)
def test_every_interaction_is_decided_for_every_kind_of_rights(request_, who, expected):
    method, _, target = request_.partition(" ")
    decision = ask(method, target, EVERYONE[who])
    if expected == NO:
        assert not isinstance(decision, Allow)
        assert decision.status == 403
    else:
        assert isinstance(decision, Allow)
        assert decision.needs_current == (expected == LOOK)


@pytest.mark.parametrize("target", ["metadata", ".well-known/smart-configuration"])
def test_what_describes_the_server_is_public(target):
    assert is_public(read_request("GET", target))
    assert not is_public(read_request("GET", "Patient/1"))


def test_deleting_within_the_compartment_needs_its_own_permission():
    may = (*OWN, Power("delete", "Observation", within="Patient/1"))
    assert allowed("DELETE", "Observation/9", rights("patient/*.d", may)).needs_current
    assert refused("DELETE", "Condition/9", rights("patient/*.d", may)).status == 403
    assert refused("DELETE", "Observation/9", rights("patient/*.cru", may)).status == 403


def test_a_patient_scope_without_a_patient_in_context_is_refused_and_says_why():
    refusal = refused("GET", "Observation", rights("patient/Observation.rs", ALL_READ, patient=None))
    assert refusal.status == 403
    assert "launch/patient" in refusal.detail
    assert "launch/patient" not in refusal.diagnostics


@pytest.mark.parametrize(
    ("held", "change"),
    [
        (rights("patient/Condition.rs"), "user/Observation.s"),
        (rights("system/Condition.rs", ALL_READ, None, "client"), "system/Observation.s"),
        (rights("system/*.rs", ALL_READ), "user/Observation.s"),
        (rights("patient/*.rs", ()), "FHIR_READ_ALL_OF_TYPE"),
        (rights("user/*.rs", (Power("read", "*", within="Encounter/9"),)), "nothing of this type"),
    ],
)
def test_a_refusal_names_the_smallest_change_that_would_flip_it_to_those_entitled(held, change):
    refusal = refused("GET", "Observation", held)
    assert change in refusal.detail
    assert change not in refusal.diagnostics


@pytest.mark.row("B8")
@pytest.mark.parametrize(("target", "status"), [("Condition", 403), ("Condition/1", 403), ("Nonsense", 404)])
def test_a_type_out_of_scope_or_unknown_is_refused_and_never_an_empty_answer(target, status):
    held = rights("system/Observation.rs", ALL_READ, None, "client")
    assert refused("GET", target, held).status == status


def test_parameters_of_a_read_are_not_passed_on_and_those_of_a_history_are():
    lee = EVERYONE["lee reads"]
    assert allowed("GET", "Patient/1?nonsense=1&_elements=name", lee).parameters == ()
    assert allowed("GET", "Patient/1?_elements=name", lee).view.elements == ("name",)
    history = allowed("GET", "Patient/1/_history?_count=5&_since=2020&_format=json", lee)
    assert history.parameters == (("_count", "5"), ("_since", "2020"))
    assert refused("GET", "Patient/1/_history?_list=x", lee).status == 400


def test_a_further_page_is_decided_by_the_rights_as_they_are_then():
    first = allowed("GET", "Observation?_elements=code", EVERYONE["amy reads"])
    page = decide_continuation(continuation_of(first), EVERYONE["amy reads"], BASES)
    assert (page.letter, page.exact, page.view, page.parameters) == ("s", True, first.view, ())
    with pytest.raises(Refused):
        decide_continuation(continuation_of(first), EVERYONE["no patient"], BASES)


def test_a_page_of_a_search_left_wider_still_carries_no_total():
    held = rights("patient/Observation.rs?category=laboratory patient/Observation.rs?code=x")
    page = decide_continuation(continuation_of(allowed("GET", "Observation", held)), EVERYONE["lee"], BASES)
    assert not page.exact
