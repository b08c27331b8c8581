"""What a person takes back in part is out of reach at the next request, also for tokens that were issued before."""

from collections.abc import Awaitable, Callable

import pytest

from assent.actions.access.narrowing import narrow_app
from assent.testing.application import Application
from gateway.clinic import Asking, Clinic

AMY = {"resourceType": "Patient", "id": "amy"}
SUBJECT = {"reference": "Patient/amy"}
CONDITION = {"resourceType": "Condition", "id": "asthma", "subject": SUBJECT}


def observation(name: str, category: str):
    coding = {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": category}
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": {"text": name},
        "category": [{"coding": [coding]}],
        "subject": SUBJECT,
    }


SCOPE = "openid patient/*.rs patient/Observation.rs?category=laboratory"


@pytest.fixture
async def small(ward) -> Clinic:
    return await ward(
        AMY, CONDITION, observation("potassium", "laboratory"), observation("pulse", "vital-signs")
    )


async def test_a_token_of_before_reaches_only_what_was_kept_on_every_node(
    small: Clinic, open_beside: Callable[[Application], Awaitable[Application]]
) -> None:
    other_node = await open_beside(small.application)
    client, amy = await small.client("app"), await small.person("amy", "Patient/amy")
    here = await small.asking(client, amy, SCOPE, "amy")
    there = Asking(other_node, here.token)
    for asking in (here, there):
        assert (await asking.get("Condition/asthma")).status_code == 200
        assert (await asking.get("Observation/pulse")).status_code == 200

    kept = ("openid", "patient/Observation.rs?category=laboratory")
    await narrow_app(small.application.server, amy, "app", kept, caller=None, actor=amy.person_id)

    for asking in (here, there):
        await asking.refused("GET", "Condition/asthma", 403)
        await asking.refused("GET", "Patient/amy", 403)
        await asking.refused("GET", "Observation/pulse", 404)
        assert await asking.keys("Observation") == {"Observation/potassium"}


async def test_a_cursor_of_before_does_not_lead_on(small: Clinic) -> None:
    client, amy = await small.client("app"), await small.person("amy", "Patient/amy")
    asking = await small.asking(client, amy, SCOPE, "amy")
    page = await asking.read("Observation?_count=1")
    [following] = [link["url"] for link in page["link"] if link["relation"] == "next"]

    kept = ("openid", "patient/Observation.rs?category=laboratory")
    await narrow_app(small.application.server, amy, "app", kept, caller=None, actor=amy.person_id)

    answer = await asking.get(following.removeprefix(f"{asking.base}/"))
    assert answer.status_code in (400, 403, 404, 410)
