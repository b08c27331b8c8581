"""Batches, whose entries are decided one by one, and transactions, which are for who may do everything."""

import json
from dataclasses import replace

import pytest

from assent.fhir.upstream import UpstreamDown, UpstreamResponse
from assent.gateway import batches
from assent.spec.jose import read_unverified
from assent.storage.interface import Put, act
from assent.storage.tables import GRANTS, PEOPLE
from gateway.clinic import Asking, Clinic, Json
from gateway.test_operations import HEART_RATE, OTHER, PATIENT, WRITER, somebody

HIS = {**HEART_RATE, "id": "his", "subject": {"reference": "Patient/chidi"}}
NEW = {key: value for key, value in HEART_RATE.items() if key != "id"}


def batch(*requests: str, kind: str = "batch", **resources: Json) -> Json:
    """A Bundle of requests such as `GET Patient/amy`; `resources` by the place of their entry, as `at0`."""
    entries = []
    for place, text in enumerate(requests):
        method, _, url = text.partition(" ")
        resource = resources.get(f"at{place}")
        entries.append(
            {"request": {"method": method, "url": url}, **({"resource": resource} if resource else {})}
        )
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


async def told(asking: Asking, bundle: Json) -> list[Json]:
    """The entries of the answer."""
    answer = await asking.send("POST", "", bundle)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["resourceType"], found["type"]) == ("Bundle", "batch-response")
    return list(found["entry"])


def statuses(entries: list[Json]) -> list[str]:
    return [entry["response"]["status"][:3] for entry in entries]


@pytest.fixture
async def hers(ward) -> tuple[Clinic, Asking]:
    """Amy with an app that may do anything in her record, and send batches."""
    clinic = await ward(PATIENT, OTHER, HEART_RATE, HIS)
    asking = await somebody(clinic, "patient/*.cruds", "FHIR_BATCH", patient="amy", fhir_user="Patient/amy")
    return clinic, asking


@pytest.mark.row("S4")
async def test_each_entry_is_answered_as_if_it_stood_alone(hers):
    clinic, asking = hers
    entries = await told(
        asking,
        batch(
            "GET Patient/amy",
            "GET Patient/chidi",
            "GET Observation",
            "POST Observation",
            "PUT Observation/his",
            "DELETE Observation/his",
            "GET Observation?subject:Patient.name=x&_has:y=1",
            "HEAD Patient/amy",
            at3=NEW,
            at4={**HIS, "subject": {"reference": "Patient/amy"}},
        ),
    )
    assert statuses(entries) == ["200", "404", "200", "201", "404", "403", "400", "200"]
    assert entries[0]["resource"]["id"] == "amy"
    assert [one["resource"]["id"] for one in entries[2]["resource"]["entry"]] == ["rate"]
    assert entries[3]["response"]["location"].startswith(f"{asking.base}/Observation/")
    assert entries[3]["response"]["etag"] == 'W/"1"'
    for refused in (1, 4, 5, 6):
        assert entries[refused]["response"]["outcome"]["resourceType"] == "OperationOutcome"
        assert "resource" not in entries[refused]
    stored = {one["id"]: one for one in await clinic.stored("Observation")}
    assert stored["his"]["subject"]["reference"] == "Patient/chidi"
    assert len(stored) == 3


async def test_no_batch_is_ever_sent_on(hers):
    clinic, asking = hers
    before = len(clinic.application.fhir.asked)
    await told(asking, batch("GET Patient/amy", "GET Patient/chidi"))
    assert clinic.application.fhir.asked[before:] == ["Patient/amy", "Patient/chidi"]


async def test_conditions_of_an_entry_are_heeded(hers):
    clinic, asking = hers
    bundle = batch("PUT Observation/rate", "PUT Observation/rate", at0=HEART_RATE, at1=HEART_RATE)
    bundle["entry"][0]["request"]["ifMatch"] = 'W/"7"'
    bundle["entry"][1]["request"]["ifMatch"] = 'W/"1"'
    assert statuses(await told(asking, bundle)) == ["412", "200"]
    bundle = batch("POST Observation", at0=NEW)
    bundle["entry"][0]["request"]["ifNoneExist"] = "code=x"
    assert statuses(await told(asking, bundle)) == ["403"]
    assert len(await clinic.stored("Observation")) == 2


async def test_absolute_addresses_of_the_server_are_its_own_and_others_are_none(hers):
    _, asking = hers
    entries = await told(
        asking, batch(f"GET {asking.base}/Patient/amy", "GET https://evil.example/fhir/Patient/amy")
    )
    assert statuses(entries) == ["200", "400"]


async def test_further_pages_work_within_a_batch(hers):
    _, asking = hers
    await told(asking, batch("POST Observation", at0=NEW))
    page = (await told(asking, batch("GET Observation?_count=1")))[0]["resource"]
    link = next(one["url"] for one in page["link"] if one["relation"] == "next")
    further = (await told(asking, batch(f"GET {link}")))[0]["resource"]
    assert further["entry"][0]["resource"]["id"] != page["entry"][0]["resource"]["id"]


async def test_each_refused_entry_is_in_the_audit_log(hers):
    clinic, asking = hers
    before = await refusals(clinic)
    entries = await told(asking, batch("GET Patient/chidi", "GET Patient/amy", "GET Patient/amy/$everything"))
    assert statuses(entries) == ["404", "200", "403"]
    assert await refusals(clinic) - before == 2


async def refusals(clinic: Clinic) -> int:
    rows = await clinic.application.audit("fhir.refused")
    return len(rows)


@pytest.mark.parametrize(
    "entry",
    [
        1,
        {},
        {"request": {}},
        {"request": {"method": "GET"}},
        {"request": {"method": 1, "url": "Patient/amy"}},
        {"request": {"method": "GET", "url": "Patient/amy/../chidi"}},
        {"request": {"method": "PUT", "url": "Patient/amy"}, "resource": [1]},
        {"request": {"method": "PUT", "url": "Patient/amy"}},
    ],
)
async def test_an_entry_that_cannot_be_read_is_refused_alone(hers, entry):
    _, asking = hers
    bundle = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [entry, batch("GET Patient/amy")["entry"][0]],
    }
    assert statuses(await told(asking, bundle)) == ["400", "200"]


@pytest.mark.parametrize("url", ["", "metadata", ".well-known/smart-configuration"])
async def test_what_cannot_be_asked_within_a_batch(hers, url):
    _, asking = hers
    method = "POST" if url == "" else "GET"
    assert statuses(await told(asking, batch(f"{method} {url}", at0=batch()))) == ["403"]


@pytest.mark.parametrize(
    "bundle",
    [
        {"resourceType": "Bundle", "type": "collection"},
        {"resourceType": "Bundle"},
        {"resourceType": "Patient", "type": "batch"},
        {"resourceType": "Bundle", "type": "batch", "entry": {}},
        {"resourceType": "Bundle", "type": "batch", "entry": [{}] * 201},
    ],
)
async def test_what_is_no_batch_is_refused(hers, bundle):
    _, asking = hers
    await asking.refused("POST", "", 400, bundle)


async def test_an_empty_batch_is_answered(hers):
    _, asking = hers
    assert await told(asking, {"resourceType": "Bundle", "type": "batch"}) == []


async def test_a_transaction_is_for_who_may_do_everything(ward):
    clinic = await ward(PATIENT, OTHER, HEART_RATE)
    whole = await somebody(clinic, "user/*.cruds", "FHIR_TRANSACTION", *WRITER)
    bundle = batch("POST Observation", "GET Patient/amy", kind="transaction", at0=NEW)
    answer = await whole.send("POST", "", bundle)
    assert answer.status_code == 200, answer.text
    assert answer.json()["type"] == "transaction-response"
    assert "fhir.internal" not in answer.text
    assert len(await clinic.stored("Observation")) == 2
    for scope, permissions, patient in (
        ("user/*.cruds", ("FHIR_BATCH", *WRITER), None),
        ("user/*.crus", ("FHIR_TRANSACTION", *WRITER), None),
        ("user/*.cruds", ("FHIR_TRANSACTION", "FHIR_ALL_READ"), None),
        ("patient/*.cruds", ("FHIR_TRANSACTION",), "amy"),
    ):
        less = await somebody(
            clinic, scope, *permissions, patient=patient, fhir_user="Patient/amy" if patient else ""
        )
        await less.refused("POST", "", 403, bundle)
    assert len(await clinic.stored("Observation")) == 2


async def test_a_transaction_that_fails_changes_nothing(ward):
    clinic = await ward(PATIENT, OTHER, HEART_RATE)
    whole = await somebody(clinic, "user/*.cruds", "FHIR_TRANSACTION", *WRITER)
    bundle = batch(
        "POST Observation", "PUT Observation/rate", kind="transaction", at0=NEW, at1={**HEART_RATE, "id": "x"}
    )
    assert (await whole.send("POST", "", bundle)).status_code in (400, 422)
    assert len(await clinic.stored("Observation")) == 1


@pytest.mark.parametrize(
    "entry",
    [
        "POST $mdm-clear",
        "PATCH Patient/amy",
        "GET Patient/amy/$everything",
        "DELETE Observation?code=x",
        "GET https://evil.example/x",
        "get Patient/amy",
        "POST ",
    ],
)
async def test_a_transaction_is_no_way_around_what_its_entries_need(ward, entry):
    clinic = await ward(PATIENT, OTHER, HEART_RATE)
    whole = await somebody(clinic, "user/*.cruds", "FHIR_TRANSACTION", *WRITER)
    before = len(clinic.application.fhir.asked)
    bundle = batch("GET Patient/amy", entry, kind="transaction", at1={"resourceType": "Parameters"})
    answer = await whole.send("POST", "", bundle)
    assert answer.status_code in (400, 403, 405), answer.text
    assert len(clinic.application.fhir.asked) == before


async def test_what_is_taken_back_during_a_batch_holds_for_its_next_entry(hers):
    clinic, asking = hers
    send = clinic.application.fhir.send
    claims = read_unverified(asking.token).claims
    person_id = (await clinic.application.server.storage.get(GRANTS, claims["gid"])).person_id

    async def switch_off(request):
        person = await clinic.application.server.storage.get(PEOPLE, person_id)
        await clinic.application.server.storage.commit(act(Put(PEOPLE, replace(person, enabled=False))))
        return await send(request)

    clinic.application.fhir.send = switch_off
    entries = await told(asking, batch("GET Patient/amy", "PUT Observation/rate", at1=HEART_RATE))
    assert statuses(entries) == ["200", "401"]


async def test_a_server_that_is_down_is_asked_once(hers):
    clinic, asking = hers
    asked = []

    async def gone(request):
        asked.append(request)
        raise UpstreamDown("gone")

    clinic.application.fhir.send = gone
    before = await refusals(clinic)
    entries = await told(asking, batch(*["GET Patient/amy"] * 50))
    assert statuses(entries) == ["502"] * 50
    assert len(asked) == 1
    assert await refusals(clinic) - before == 1


@pytest.mark.parametrize(
    ("name", "value", "status"), [("MOST_BYTES", 100, "413"), ("MOST_SECONDS", -1.0, "503")]
)
async def test_a_batch_ends_where_it_takes_too_much(hers, monkeypatch, name, value, status):
    clinic, asking = hers
    monkeypatch.setattr(batches, name, value)
    before = len(clinic.application.fhir.asked)
    found = statuses(await told(asking, batch(*["GET Patient/amy"] * 5)))
    assert found[-1] == status
    assert found.count(status) == 5 - (len(clinic.application.fhir.asked) - before)
    assert found.count(status) >= 3


async def test_what_goes_wrong_with_an_entry_is_told_with_it(hers):
    clinic, asking = hers
    send = clinic.application.fhir.send

    async def odd(request):
        answered = await send(request)
        late = {"last-modified": "Mon, 01 Jan 2024 00:00:00 +99999999999999", "location": "http://[bad"}
        return UpstreamResponse(answered.status, {**answered.headers, **late}, answered.body)

    clinic.application.fhir.send = odd
    assert statuses(await told(asking, batch("POST Observation", "GET Patient/amy", at0=NEW))) == [
        "201",
        "200",
    ]

    async def broken(request):
        raise RuntimeError("amyshaw")

    clinic.application.fhir.send = broken
    entries = await told(asking, batch("GET Patient/amy"))
    assert statuses(entries) == ["500"]
    assert "amyshaw" not in json.dumps(entries)


async def test_each_refused_entry_says_which_it_is(hers):
    clinic, asking = hers
    await told(asking, batch("GET Patient/amy", "GET Patient/chidi"))
    row = (await clinic.application.audit("fhir.refused"))[-1]
    assert row.detail["detail"].startswith("entry 2: ")
