"""Nothing of anybody else's comes out, by whatever way it is asked for; and all that is allowed does."""

from dataclasses import replace

import pytest

from gateway import oracle
from gateway.clinic import key_of, keys_of

WHO = [
    ("amy", "patient/*.rs", "amy", ("amy",)),
    ("amy", "user/*.rs", None, ("amy",)),
    ("jonas", "user/*.rs", None, ("leo", "mia")),
    ("jonas", "patient/*.rs", "leo", ("leo",)),
    ("nora", "user/*.rs", None, ("nora", "leo", "mia")),
    ("nora", "patient/*.rs", "nora", ("nora",)),
    ("guardian", "user/*.rs", None, ("leo",)),
    ("tomas", "patient/*.rs", "tomas", ("tomas",)),
    ("lee", "patient/*.rs", "amy", ("amy",)),
    ("nurse", "user/*.rs", None, ("amy",)),
]
"""username, scope, patient in context, whose records may be seen."""


@pytest.mark.parametrize(("username", "scope", "context", "patients"), WHO)
async def test_every_resource_is_read_by_exactly_those_who_may(ask, username, scope, context, patients):
    asking = await ask(username, scope, context)
    allowed = oracle.seen_by(*patients)
    for key in sorted(oracle.sample(allowed)):
        assert key_of(await asking.read(key)) == key
    for key in sorted(oracle.sample(oracle.everything().keys() - allowed)):
        answer = await asking.get(key)
        assert answer.status_code == (403 if key.startswith("Binary/") else 404), key
        assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(("username", "scope", "context", "patients"), WHO)
async def test_a_search_of_each_type_brings_exactly_what_may_be_seen(ask, username, scope, context, patients):
    asking = await ask(username, scope, context)
    for resource_type in oracle.types():
        if resource_type in oracle.NOBODYS:
            await asking.refused("GET", resource_type, 403)
            continue
        allowed = oracle.of_types(oracle.searched_by(*patients), resource_type)
        assert await asking.keys(f"{resource_type}?_count=500") == allowed


@pytest.mark.parametrize(
    ("username", "scope", "context", "patients"),
    [("amy", "patient/*.rs", "amy", ("amy",)), ("jonas", "user/*.rs", None, ("leo", "mia"))],
)
async def test_a_server_that_ignores_how_a_search_was_narrowed_gives_nothing_away(
    clinic, ask, monkeypatch, username, scope, context, patients
):
    """What was added to the search is taken off again: what is left is what the check of each resource keeps."""
    fhir = clinic.application.fhir
    send = fhir.send

    async def send_whole(request):
        kept = [pair for pair in request.query if pair[0] not in ("patient", "subject", "_id", "member")]
        return await send(replace(request, query=kept))

    asking = await ask(username, scope, context)
    monkeypatch.setattr(fhir, "send", send_whole)
    for resource_type in ("Patient", "Encounter", "Condition", "RelatedPerson", "Group", "Person"):
        bundle = await asking.read(f"{resource_type}?_count=1000")
        allowed = oracle.of_types(oracle.seen_by(*patients), resource_type)
        assert keys_of(bundle) == allowed, resource_type
        assert "total" not in bundle or bundle["total"] == len(allowed)
