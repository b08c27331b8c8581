"""Whatever the scopes, whoever asks, and whatever is asked: the answer lies within what that person may see.

Where the question is one that the rights can be told of exactly, it is all of that.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import oracle
from gateway.clinic import key_of, matches_in, resources_in

PEOPLE = {
    "amy": ("amy",),
    "jonas": ("leo", "mia"),
    "nora": ("nora", "leo", "mia"),
    "tomas": ("tomas",),
    "nurse": ("amy",),
    "lee": None,
    "nobody": (),
}
"""username -> whose records she may see; None: everybody's."""
TYPES = (
    "Patient",
    "Observation",
    "Condition",
    "Encounter",
    "Practitioner",
    "Binary",
    "RelatedPerson",
    "Group",
)
CONSTRAINTS = ("", "", "", "?category=laboratory", "?category=vital-signs", "?status=final")

scopes = st.lists(
    st.builds(
        "{}/{}.{}{}".format,
        st.sampled_from(["patient", "user", "system"]),
        st.sampled_from(["*", *TYPES[:5]]),
        st.sampled_from(["rs", "r", "s", "cruds", "read", "cud"]),
        st.sampled_from(CONSTRAINTS),
    ).filter(lambda text: "?" not in text or ("read" not in text)),
    min_size=1,
    max_size=3,
    unique=True,
)
criteria = st.lists(
    st.sampled_from(
        [
            "patient=amy",
            "patient=leo",
            "subject=Patient/chidi",
            "_id=misfiled",
            "_id=amy,chidi,leo",
            "code=8867-4",
            "category=laboratory",
            "status=final",
            "name=okafor",
            "_include=Observation:patient",
            "_include=*",
            "_revinclude=Provenance:target",
            "_revinclude=Observation:patient",
            "_revinclude=Patient:general-practitioner",
            "subject:Patient.name=amy",
            "patient.name=leo",
            "_has:Observation:patient:code=8867-4",
            "_summary=data",
            "_elements=status",
            "_total=accurate",
        ]
    ),
    max_size=2,
    unique=True,
)


HEALTH = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def allows(
    scope: str, resource: dict, letter: str, context: str | None, mine: tuple[str, ...] | None
) -> bool:
    """Whether one scope lets this person see the resource, read as plainly as can be."""
    place, _, rest = scope.partition("/")
    body, _, constraint = rest.partition("?")
    resource_type, _, letters = body.partition(".")
    letters = {"read": "rs"}.get(letters, letters)
    if resource_type not in ("*", resource["resourceType"]) or letter not in letters or place == "system":
        return False
    if constraint and not fulfils(resource, *constraint.split("=")):
        return False
    whose = oracle.owners(resource)
    is_supporting = resource["resourceType"] in oracle.SUPPORTING
    if place == "patient":
        if context is None:
            return False
        return (mine is None or bool(mine)) and (is_supporting or belongs(context, whose, mine))
    if mine is None:
        return True
    return bool(mine) and (is_supporting or bool(whose & set(mine)))


def belongs(context: str, whose: set[str], mine: tuple[str, ...] | None) -> bool:
    """Whether a resource is the patient's in context, and of somebody whose records she may see."""
    return context in whose and (mine is None or bool(whose & set(mine)))


def fulfils(resource: dict, name: str, value: str) -> bool:
    """Whether the resource has the value."""
    if name == "status":
        return resource.get("status") == value
    key = key_of(resource)
    return key in oracle.coded([key], name, value)


@settings(max_examples=100, deadline=None, suppress_health_check=HEALTH)
@given(
    username=st.sampled_from(list(PEOPLE)),
    context=st.sampled_from(["amy", "leo", None]),
    granted=scopes,
    resource_type=st.sampled_from(TYPES),
    asked=criteria,
)
async def test_a_search_never_brings_what_no_scope_and_permission_allow(
    ask, username, context, granted, resource_type, asked
):
    asking = await ask(username, " ".join(granted), context)
    answer = await asking.get(f"{resource_type}?" + "&".join([*asked, "_count=30"]))
    assert answer.status_code in (200, 400, 403)
    if answer.status_code != 200:
        assert "entry" not in answer.json()
        return
    bundle = answer.json()
    mine = PEOPLE[username]
    matches = [key_of(each) for each in matches_in(bundle)]
    assert len(matches) == len(set(matches))
    for shown in resources_in(bundle):
        whole = oracle.everything()[key_of(shown)]
        letters = "s" if key_of(shown) in matches else "rs"
        assert any(allows(scope, whole, letter, context, mine) for scope in granted for letter in letters), (
            key_of(shown)
        )


@pytest.mark.parametrize("resource_type", ["Patient", "Encounter", "Practitioner"])
@settings(max_examples=25, deadline=None, suppress_health_check=HEALTH)
@given(
    username=st.sampled_from(list(PEOPLE)),
    context=st.sampled_from(["amy", "leo", None]),
    granted=scopes,
)
async def test_a_plain_search_brings_all_that_a_scope_and_a_permission_allow(
    ask, resource_type, username, context, granted
):
    asking = await ask(username, " ".join(granted), context)
    mine = PEOPLE[username]
    expected = {
        key
        for key, resource in oracle.everything().items()
        if resource["resourceType"] == resource_type
        and any(allows(scope, resource, "s", context, mine) for scope in granted)
    }
    answer = await asking.get(f"{resource_type}?_count=1000")
    if answer.status_code == 403:
        assert expected == set()
        return
    assert {key_of(each) for each in resources_in(answer.json())} == expected


@settings(max_examples=100, deadline=None, suppress_health_check=HEALTH)
@given(
    username=st.sampled_from(list(PEOPLE)),
    context=st.sampled_from(["amy", "leo", None]),
    granted=scopes,
    key=st.sampled_from(sorted(oracle.sample(oracle.everything()))),
)
async def test_a_read_is_answered_exactly_when_a_scope_and_a_permission_allow_it(
    ask, username, context, granted, key
):
    asking = await ask(username, " ".join(granted), context)
    resource = oracle.everything()[key]
    allowed = any(allows(scope, resource, "r", context, PEOPLE[username]) for scope in granted)
    if resource["resourceType"] == "Binary" and PEOPLE[username] is not None:
        allowed = False
    answer = await asking.get(key)
    if resource["resourceType"] == "Provenance" and allowed and answer.status_code == 404:
        # it is shown with what it is about, which the scopes may not open
        assert not any("*" in scope for scope in granted)
        return
    assert (answer.status_code == 200) == allowed, answer.text
