"""An update creates where nothing is, and nowhere else (docs/decisions/0015)."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from assent.fhir.upstream import UpstreamRequest, UpstreamResponse
from gateway.clinic import FHIR_JSON, Asking, Clinic, Json

AMYS = {"reference": "Patient/amy"}
CHIDIS = {"reference": "Patient/chidi"}
SCOPE = "patient/Observation.ru"
TYPED = {"content-type": FHIR_JSON}


def observation(id_: str, subject: Json = AMYS, **more: object) -> Json:
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": {"text": "mood"},
        "subject": subject,
        **more,
    }


@pytest.fixture
async def small(ward) -> Clinic:
    """Two patients, an Observation each; one of another that was deleted."""
    clinic = await ward(
        {"resourceType": "Patient", "id": "amy"},
        {"resourceType": "Patient", "id": "chidi"},
        observation("hers"),
        observation("his", CHIDIS),
        observation("gone", CHIDIS),
    )
    await clinic.application.fhir.send(UpstreamRequest("DELETE", "Observation/gone"))
    return clinic


async def amy_of(clinic: Clinic, scope: str = SCOPE) -> Asking:
    amy, client = await clinic.person("amy", "Patient/amy"), await clinic.client("app")
    return await clinic.asking(client, amy, scope, "amy")


async def stored(clinic: Clinic, path: str) -> Json | None:
    answer = await clinic.application.fhir.send(UpstreamRequest("GET", path))
    return json.loads(answer.body) if answer.status == 200 else None


@pytest.mark.row("S1")
async def test_u_creates_under_a_new_id_without_c(small):
    amy = await amy_of(small)
    answer = await amy.send("PUT", "Observation/brandnew1", observation("brandnew1"))
    assert answer.status_code == 201
    assert answer.json()["subject"] == AMYS
    assert answer.headers["location"] == f"{amy.base}/Observation/brandnew1/_history/1"
    assert (await amy.read("Observation/brandnew1"))["id"] == "brandnew1"
    again = await amy.send("PUT", "Observation/brandnew1", observation("brandnew1", status="amended"))
    assert again.status_code == 200
    await amy.refused("POST", "Observation", 403, observation("x"))


@pytest.mark.row("S1")
@pytest.mark.parametrize("scope", ["patient/Observation.crds", "patient/Condition.u", "patient/*.rs"])
async def test_nothing_else_than_u_creates_under_a_new_id(small, scope):
    amy = await amy_of(small, scope)
    await amy.refused("PUT", "Observation/brandnew1", 403, observation("brandnew1"))
    assert await stored(small, "Observation/brandnew1") is None


@pytest.mark.parametrize(
    "sent",
    [
        observation("brandnew1", CHIDIS),
        observation("brandnew1", AMYS, performer=[CHIDIS]),
        observation("brandnew1", {}),
    ],
)
async def test_what_is_created_lies_within_the_rights(small, sent):
    amy = await amy_of(small)
    await amy.refused("PUT", "Observation/brandnew1", 403, sent)
    assert await stored(small, "Observation/brandnew1") is None


async def test_what_is_created_fulfils_the_scopes_constraints(small):
    amy = await amy_of(small, "patient/Observation.u?status=preliminary")
    await amy.refused("PUT", "Observation/brandnew1", 403, observation("brandnew1"))
    assert await stored(small, "Observation/brandnew1") is None
    sent = observation("brandnew1", status="preliminary")
    assert (await amy.send("PUT", "Observation/brandnew1", sent)).status_code == 201


async def test_an_id_that_is_taken_is_answered_as_one_out_of_reach_always_is(small):
    amy = await amy_of(small)
    told = {
        (await amy.refused(method, path, 404, body))["issue"][0]["diagnostics"].partition(" (")[0]
        for method, path, body in (
            ("PUT", "Observation/his", observation("his")),
            ("PUT", "Observation/gone", observation("gone")),
            ("GET", "Observation/his", None),
            ("GET", "Observation/nothing-there", None),
        )
    }
    assert len(told) == 1
    assert (await stored(small, "Observation/his") or {})["subject"] == CHIDIS
    assert await stored(small, "Observation/gone") is None


async def test_if_match_names_something_that_is_there(small):
    amy = await amy_of(small)
    await amy.refused("PUT", "Observation/brandnew1", 404, observation("brandnew1"), If_Match='W/"1"')


class Meanwhile:
    """Another writer, who takes the id between our look and our write. `heeds`: what the server makes of a request."""

    def __init__(self, clinic: Clinic, heeds: Callable[[UpstreamRequest], UpstreamRequest]) -> None:
        self._send = clinic.application.fhir.send
        self._heeds = heeds
        clinic.application.fhir.send = self.send  # type: ignore[method-assign]

    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        if request.method == "PUT":
            body = json.dumps(observation("brandnew1", CHIDIS)).encode()
            await self._send(UpstreamRequest("PUT", "Observation/brandnew1", (), TYPED, body))
        return await self._send(self._heeds(request))


async def test_an_update_does_not_write_over_what_came_there_after_the_look(small):
    amy = await amy_of(small)
    Meanwhile(small, lambda request: request)
    await amy.refused("PUT", "Observation/brandnew1", 412, observation("brandnew1"))
    assert (await stored(small, "Observation/brandnew1") or {})["subject"] == CHIDIS


async def test_a_server_that_heeds_no_condition_is_found_out_and_the_operator_told(small):
    amy = await amy_of(small)
    Meanwhile(small, lambda request: UpstreamRequest(request.method, request.path, (), TYPED, request.body))
    await amy.refused("PUT", "Observation/brandnew1", 409, observation("brandnew1"))
    (event,) = await small.application.audit("fhir.refused")
    assert "Observation/brandnew1" in event.detail["detail"]


async def boss_of(clinic: Clinic) -> Asking:
    """Somebody whose rights reach every patient's data, so that no update has to be looked at before."""
    everything = ("FHIR_ALL_READ", "FHIR_ALL_WRITE", "FHIR_ALL_DELETE")
    boss, client = await clinic.person("boss", "Practitioner/boss", everything), await clinic.client("office")
    return await clinic.asking(client, boss, "user/Observation.cruds")


@pytest.mark.parametrize("reach", [amy_of, boss_of])
async def test_if_none_match_writes_over_nothing(small, reach):
    asking = await reach(small)
    refused = await asking.refused(
        "PUT", "Observation/hers", 412, observation("hers", status="amended"), If_None_Match="*"
    )
    assert "id that is not taken" in refused["issue"][0]["diagnostics"]
    assert (await stored(small, "Observation/hers") or {})["status"] == "final"
    created = await asking.send("PUT", "Observation/brandnew1", observation("brandnew1"), If_None_Match="*")
    assert created.status_code == 201


async def test_if_none_match_is_heeded_where_the_fhir_server_does_not(small):
    boss = await boss_of(small)
    send = small.application.fhir.send

    async def heedless(request: UpstreamRequest) -> UpstreamResponse:
        kept = {name: value for name, value in request.headers.items() if name != "if-none-match"}
        return await send(replace(request, headers=kept))

    small.application.fhir.send = heedless
    await boss.refused("PUT", "Observation/his", 412, observation("his"), If_None_Match="*")
    assert (await stored(small, "Observation/his") or {})["subject"] == CHIDIS


async def test_if_none_match_tells_nothing_of_what_is_out_of_reach(small):
    amy = await amy_of(small)
    for id_ in ("his", "gone"):
        await amy.refused("PUT", f"Observation/{id_}", 404, observation(id_), If_None_Match="*")


async def test_an_id_that_was_given_up_is_free_for_who_may_see_that(small):
    boss = await boss_of(small)
    sent = observation("gone", CHIDIS)
    assert (await boss.send("PUT", "Observation/gone", sent, If_None_Match="*")).status_code in (200, 201)


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("PUT", {"If_None_Match": 'W/"1"'}),
        ("PUT", {"If_None_Match": ""}),
        ("PUT", {"If_None_Match": "*", "If_Match": 'W/"1"'}),
        ("DELETE", {"If_None_Match": "*"}),
    ],
)
@pytest.mark.parametrize("reach", [amy_of, boss_of])
async def test_another_condition_on_a_write_is_refused_and_not_left_out(small, reach, method, headers):
    asking = await reach(small) if method == "PUT" else await boss_of(small)
    body = observation("hers", status="amended") if method == "PUT" else None
    await asking.refused(method, "Observation/hers", 400, body, **headers)
    assert (await stored(small, "Observation/hers") or {})["status"] == "final"
