"""Further pages: each match exactly once, by links that nobody can read, change, or use for another."""

from dataclasses import replace

import pytest

from assent.engine.revocation import revoke_grant
from assent.spec.permissions import read_permission
from assent.storage.interface import Put, act
from assent.storage.tables import PEOPLE
from gateway import oracle
from gateway.clinic import Asking, key_of, keys_of, link_of, matches_in, page_of

SCOPE = "patient/*.rs"


@pytest.mark.parametrize(
    "path",
    [
        "Observation?_count=50",
        "Observation?_count=7&_sort=-date",
        "Observation?patient=amy&category=vital-signs&_count=10",
        "Observation?_count=60&_include=Observation:encounter&_revinclude=Provenance:target",
        "Patient/amy/Observation?_count=100",
        "Encounter?_count=1",
    ],
)
async def test_each_match_comes_exactly_once(ask, path):
    asking = await ask("amy", SCOPE, "amy")
    found = [key_of(each) for page in await asking.pages(path) for each in matches_in(page)]
    assert len(found) == len(set(found))
    assert set(found) == await asking.keys(path.partition("?")[0] + "?_count=500") or "category" in path
    assert set(found) <= oracle.searched_by("amy")


async def test_links_tell_nothing_and_stay_on_our_own_server(ask):
    asking = await ask("amy", SCOPE, "amy")
    bundle = await asking.read("Observation?category=laboratory&_count=5")
    for link in bundle["link"]:
        assert link["url"].startswith(f"{asking.base}/Observation?")
    assert "laboratory" in (link_of(bundle, "self") or "")
    assert page_of(bundle, asking.base).startswith("Observation?_page=")
    assert "laboratory" not in page_of(bundle, asking.base)
    assert "patient" not in page_of(bundle, asking.base)


async def test_the_self_link_of_a_page_is_the_page(ask):
    asking = await ask("amy", SCOPE, "amy")
    path = page_of(await asking.read("Observation?_count=5"), asking.base)
    assert link_of(await asking.read(path), "self") == f"{asking.base}/{path}"


async def test_a_page_of_a_history_is_checked_like_the_first(ask):
    asking = await ask("amy", SCOPE, "amy")
    pages = await asking.pages("Patient/amy/_history?_count=1")
    assert [page["entry"][0]["resource"]["id"] for page in pages] == ["amy"] * len(pages)
    assert len(pages) > 1


@pytest.mark.parametrize(
    "other", [("lee", "user/*.rs", None), ("amy", "user/*.rs", None), ("nora", SCOPE, "nora")]
)
async def test_a_link_is_nothing_to_another_grant(ask, other):
    path = page_of(
        await (await ask("amy", SCOPE, "amy")).read("Observation?_count=5"), "http://localhost:9200/fhir"
    )
    await (await ask(*other)).refused("GET", path, 400)


async def test_a_link_of_another_client_on_its_own_is_refused(clinic):
    await clinic.client("nightly", ["FHIR_ALL_READ"])
    await clinic.client("weekly", ["FHIR_ALL_READ"])
    nightly, weekly = await clinic.own("nightly", "system/*.rs"), await clinic.own("weekly", "system/*.rs")
    path = page_of(await nightly.read("Observation?_count=5"), nightly.base)
    await weekly.refused("GET", path, 400)
    again = await clinic.own("nightly", "system/*.rs")
    assert (await again.read(path))["entry"]


@pytest.mark.parametrize(
    "change",
    [
        lambda cursor: cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB"),
        lambda cursor: cursor[: len(cursor) // 2],
        lambda cursor: cursor[:1],
        lambda cursor: cursor + "%C3%A9",
        lambda cursor: cursor + "A" * 40_000,
        lambda cursor: f"{cursor}&_page={cursor}",
        lambda cursor: f"{cursor[1:]}",
    ],
)
async def test_a_link_that_was_changed_is_refused(ask, change):
    asking = await ask("amy", SCOPE, "amy")
    path = page_of(await asking.read("Observation?_count=5"), asking.base)
    name, _, cursor = path.partition("=")
    await asking.refused("GET", f"{name}={change(cursor)}", 400)


async def test_a_link_does_not_stand_for_another_interaction(ask):
    asking = await ask("amy", "patient/*.cruds", "amy")
    path = page_of(await asking.read("Observation?_count=5"), asking.base)
    await asking.refused("POST", path, 400, b"{}")
    assert (await asking.send("HEAD", path)).status_code == 200


@pytest.mark.row("T10")
async def test_a_link_ends_with_its_grant(clinic, app, people):
    grant = await clinic.grant(app, people["amy"], SCOPE, "amy")
    asking = Asking(clinic.application, await clinic.token(app, people["amy"], grant))
    path = page_of(await asking.read("Observation?_count=5"), asking.base)
    await revoke_grant(clinic.application.server, grant.grant_id, because="the person said so")
    await asking.refused("GET", path, 401)


async def test_a_link_ends_when_the_rights_behind_it_change(clinic, app):
    person = await clinic.person("locum", "Practitioner/lee", ["FHIR_ALL_READ"])
    asking = await clinic.asking(app, person, "user/*.rs")
    path = page_of(await asking.read("Observation?_count=5"), asking.base)
    assert (await asking.read(path))["entry"]
    fewer = replace(person, permissions=(read_permission("FHIR_READ_ALL_IN_COMPARTMENT", "Patient/amy"),))
    await clinic.application.server.storage.commit(act(Put(PEOPLE, fewer)))
    await asking.refused("GET", path, 400)
    assert keys_of(await asking.read("Observation?_count=5")) <= oracle.seen_by("amy")


async def test_a_narrower_token_of_the_same_grant_does_not_take_the_wider_ones_link(clinic, app, people):
    grant = await clinic.grant(app, people["amy"], SCOPE, "amy")
    wide = Asking(clinic.application, await clinic.token(app, people["amy"], grant))
    narrow_grant = replace(grant, scope="patient/Condition.rs")
    narrow = Asking(clinic.application, await clinic.token(app, people["amy"], narrow_grant))
    path = page_of(await wide.read("Observation?_count=5"), wide.base)
    await narrow.refused("GET", path, 400)
