"""Bulk data: who may export what, and what of the files goes out."""

import json

import pytest

from assent.fhir.upstream import UpstreamResponse
from gateway.bulk_server import BASE, BulkServer, Json, unfinished
from gateway.clinic import Asking, Clinic

EXPORT = "FHIR_OP_INITIATE_BULK_DATA_EXPORT"
AMY = {"resourceType": "Patient", "id": "amy", "photo": [{"url": f"{BASE}/Binary/1"}]}
CHIDI = {"resourceType": "Patient", "id": "chidi"}
RATE = {"resourceType": "Observation", "id": "rate", "subject": {"reference": "Patient/amy"}}
FLU = {"resourceType": "Condition", "id": "flu", "subject": {"reference": f"{BASE}/Patient/amy"}}
GROUP = {"resourceType": "Group", "id": "asthma", "type": "person", "actual": True}
EVERYTHING = (AMY, CHIDI, RATE, FLU, GROUP)
LATER = {"Prefer": "respond-async"}


async def server_behind(ward, *, heeds_types: bool = True) -> tuple[Clinic, BulkServer]:
    clinic = await ward(AMY)
    server = BulkServer(*EVERYTHING, heeds_types=heeds_types)
    fhir = clinic.application.fhir
    fhir.store, fhir.send, fhir.stream = server, server.send, server.stream
    return clinic, server


async def backend(clinic: Clinic, scope: str, *permissions: str, name: str = "nightly") -> Asking:
    await clinic.client(name, permissions)
    return await clinic.own(name, scope)


def below(asking: Asking, url: str) -> str:
    assert url.startswith(f"{asking.base}/")
    return url.removeprefix(f"{asking.base}/")


async def begun(asking: Asking, path: str = "$export") -> str:
    answer = await asking.get(path, **LATER)
    assert answer.status_code == 202, answer.text
    return below(asking, answer.headers["content-location"])


async def manifest_of(asking: Asking, path: str = "$export") -> Json:
    status = await begun(asking, path)
    answer = await asking.get(status)
    while answer.status_code == 202:
        answer = await asking.get(status)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def lines_of(asking: Asking, file: Json) -> list[Json]:
    answer = await asking.get(below(asking, file["url"]))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/fhir+ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_an_export_of_everything_from_the_first_request_to_the_last_file(ward):
    clinic, server = await server_behind(ward)
    asking = await backend(clinic, "system/*.rs", "FHIR_ALL_READ", EXPORT)
    status = await begun(asking, "$export?_since=2026-01-01T00:00:00Z&_typeFilter=Observation%3Fcode%3D1")
    assert server.last()[1] == "$export?_since=2026-01-01T00%3A00%3A00Z&_typeFilter=Observation%3Fcode%3D1"
    waiting = await asking.get(status)
    assert (waiting.status_code, waiting.headers["retry-after"]) == (202, "3")
    assert waiting.headers["x-progress"] == "Amy is half done"
    done = await asking.get(status)
    assert done.headers["content-type"] == "application/json"
    manifest = done.json()
    assert manifest["requiresAccessToken"] is True
    assert manifest["request"].startswith(f"{asking.base}/$export?_since=2026-01-01T00:00:00Z&_typeFilter=")
    assert manifest["transactionTime"] == "2026-11-23T10:00:00Z"
    assert BASE not in done.text
    found = [one for file in manifest["output"] for one in await lines_of(asking, file)]
    assert {(one["resourceType"], one["id"]) for one in found} == {
        (one["resourceType"], one["id"]) for one in EVERYTHING
    }
    assert BASE not in json.dumps(found)
    assert found[0]["photo"][0]["url"] == f"{asking.base}/Binary/1"
    assert server.is_open == 0


async def test_a_narrow_access_exports_the_types_that_are_wholly_its_own(ward):
    clinic, server = await server_behind(ward)
    scope = "system/Patient.rs system/Observation.rs system/Condition.rs?category=problem-list-item"
    asking = await backend(clinic, scope, "FHIR_ALL_READ", EXPORT)
    manifest = await manifest_of(asking, "Patient/$export")
    assert server.asked[0][1] == "Patient/$export?_type=Observation%2CPatient"
    assert {file["type"] for file in manifest["output"]} == {"Patient", "Observation"}
    assert "x" not in manifest["output"][0]


async def test_what_a_server_exports_in_spite_of_the_types_is_left_out(ward):
    clinic, server = await server_behind(ward, heeds_types=False)
    asking = await backend(clinic, "system/Patient.rs", "FHIR_ALL_READ", EXPORT)
    manifest = await manifest_of(asking)
    (file,) = manifest["output"]
    assert file["type"] == "Patient"
    assert {one["id"] for one in await lines_of(asking, file)} == {"amy", "chidi"}
    server.file_lines["Binary/Patient"].insert(1, json.dumps(RATE).encode() + b"\n")
    body = await unfinished(asking, below(asking, file["url"]))
    assert [json.loads(line)["id"] for line in body.splitlines()] == ["amy"]
    assert server.is_open == 0


async def test_of_what_was_deleted_and_of_errors_nothing_is_told_that_is_out_of_reach(ward):
    clinic, server = await server_behind(ward)
    server.deleted = ["Patient/gone", "Condition/gone"]
    asking = await backend(clinic, "system/Patient.rs", "FHIR_ALL_READ", EXPORT)
    status = await begun(asking)
    assert "x-progress" not in (await asking.get(status)).headers
    manifest = (await asking.get(status)).json()
    (gone,) = await lines_of(asking, manifest["deleted"][0])
    assert [one["request"]["url"] for one in gone["entry"]] == ["Patient/gone"]
    (outcome,) = await lines_of(asking, manifest["error"][0])
    assert "Amy" not in json.dumps(outcome)
    assert "count" not in manifest["deleted"][0]
    server.file_lines["Binary/deleted"] = [json.dumps({"resourceType": "Bundle", "entry": 3}).encode()]
    assert await lines_of(asking, manifest["deleted"][0]) == []
    server.file_lines["Binary/errors"] = [json.dumps(CHIDI).encode()]
    assert await lines_of(asking, manifest["error"][0]) == []


async def test_bundles_within_reach_show_no_deletions_of_other_types(ward):
    clinic, server = await server_behind(ward)
    server.deleted = ["Patient/gone", "Condition/gone"]
    asking = await backend(clinic, "system/Patient.rs system/Bundle.rs", "FHIR_ALL_READ", EXPORT)
    (gone,) = await lines_of(asking, (await manifest_of(asking))["deleted"][0])
    assert "Condition" not in json.dumps(gone)


@pytest.mark.parametrize(
    ("scope", "permissions", "path"),
    [
        ("system/*.rs", ("FHIR_ALL_READ",), "$export"),
        ("system/*.rs", ("FHIR_ALL_READ", f"{EXPORT}_PATIENT"), "$export"),
        ("system/*.rs", ("FHIR_ALL_READ", f"{EXPORT}_SYSTEM"), "Patient/$export"),
        ("system/*.rs", ("FHIR_ALL_READ", f"{EXPORT}_SYSTEM"), "Group/asthma/$export"),
        ("system/*.rs", ("FHIR_ALL_READ", EXPORT), "Observation/$export"),
        ("system/*.rs", ("ROLE_FHIR_CLIENT_SUPERUSER_RO",), "$export"),
        ("system/*.r", ("FHIR_ALL_READ", EXPORT), "$export"),
        ("system/Observation.rs?category=laboratory", ("FHIR_ALL_READ", EXPORT), "$export"),
        ("system/*.rs", ("FHIR_READ_ALL_IN_COMPARTMENT Patient/amy", EXPORT), "$export"),
        ("system/Patient.rs", ("FHIR_ALL_READ", EXPORT), "$export?_type=Patient,Observation"),
        ("system/Patient.rs", ("FHIR_ALL_READ", EXPORT), "$export?_typeFilter=Patient%3Fname%3Dx"),
        ("system/Patient.rs", ("FHIR_ALL_READ", EXPORT), "Group/asthma/$export"),
    ],
)
async def test_who_may_not_export_is_refused_before_anything_is_asked(ward, scope, permissions, path):
    clinic, server = await server_behind(ward)
    asking = await backend(clinic, scope, *permissions)
    await asking.refused("GET", path, 403, **LATER)
    assert server.asked == []


@pytest.mark.parametrize(
    "permission",
    [
        "ROLE_FHIR_CLIENT_SUPERUSER",
        EXPORT,
        f"{EXPORT}_GROUP",
        "FHIR_EXTENDED_OPERATION_ON_ANY_INSTANCE $export",
    ],
)
async def test_a_group_is_exported_by_who_may_read_it(ward, permission):
    clinic, server = await server_behind(ward)
    asking = await backend(clinic, "system/Group.rs system/Patient.rs", "FHIR_ALL_READ", permission)
    await begun(asking, "Group/asthma/$export?_type=Patient")
    assert [target for _, target, _, _ in server.asked] == [
        "Group/asthma",
        "Group/asthma/$export?_type=Patient",
    ]
    await asking.refused("GET", "Group/none/$export", 404, **LATER)


@pytest.mark.parametrize(
    "path",
    ["$export?_type=Patient,Mine", "$export?_outputFormat=text/csv", "$export?_include=*", "$export?name=x"],
)
async def test_what_no_export_has_is_refused(ward, path):
    clinic, server = await server_behind(ward)
    asking = await backend(clinic, "system/*.rs", "FHIR_ALL_READ", EXPORT)
    await asking.refused("GET", path, 400, **LATER)
    assert server.asked == []


async def test_an_export_is_begun_with_the_wish_to_be_answered_later(ward):
    clinic, server = await server_behind(ward)
    asking = await backend(clinic, "system/*.rs", "FHIR_ALL_READ", EXPORT)
    head = await asking.send("HEAD", "$export", **LATER)
    assert head.status_code == 405
    outcome = await asking.refused("GET", "$export", 400)
    assert "Prefer: respond-async" in outcome["issue"][0]["diagnostics"]
    assert server.asked == []


async def test_an_export_may_be_posted(ward):
    clinic, server = await server_behind(ward)
    asking = await backend(clinic, "system/Patient.rs", "FHIR_ALL_READ", EXPORT)
    body = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "_since", "valueInstant": "2026-01-01T00:00:00Z"},
            {"name": "_type", "valueString": "Patient"},
        ],
    }
    answer = await asking.send("POST", "Patient/$export", body, **LATER)
    assert answer.status_code == 202, answer.text
    assert (server.last()[0], json.loads(server.last()[3])) == ("POST", body)
    assert (await asking.send("POST", "$export", **LATER)).status_code == 202
    (only,) = json.loads(server.last()[3])["parameter"]
    assert only == {"name": "_type", "valueString": "Patient"}
    named = {"name": "patient", "valueReference": {"reference": "Patient/amy"}}
    await asking.refused("POST", "Patient/$export", 403, {**body, "parameter": [named]}, **LATER)
    for parameter in (
        {"name": "_type"},
        {"name": "_type", "valueCode": "Patient", "part": []},
        3,
        {"_type": "x", "y": "z"},
    ):
        await asking.refused("POST", "$export", 400, {**body, "parameter": [parameter]}, **LATER)
    await asking.refused("POST", "$export?_type=Patient", 400, body, **LATER)
    whole = await backend(clinic, "system/*.rs", "FHIR_ALL_READ", EXPORT, name="whole")
    assert (
        await whole.send("POST", "Patient/$export", {**body, "parameter": [named]}, **LATER)
    ).status_code == 202
    assert json.loads(server.last()[3])["parameter"] == [named]


async def test_the_links_of_an_export_are_of_use_to_nobody_else(ward):
    clinic, server = await server_behind(ward)
    asking = await backend(clinic, "system/*.rs", "FHIR_ALL_READ", EXPORT)
    stranger = await backend(clinic, "system/*.rs", "FHIR_ALL_READ", EXPORT, name="stranger")
    narrower = await backend(clinic, "system/Patient.rs", "FHIR_ALL_READ", EXPORT, name="narrow")
    status = await begun(asking)
    server.polls_left = 0
    file = below(asking, (await asking.get(status)).json()["output"][0]["url"])
    before = len(server.asked)
    for other in (stranger, narrower):
        for path in (status, file):
            await other.refused("GET", path, 400)
        await other.refused("DELETE", status, 400)
    nobody = Asking(clinic.application, None)
    assert (await nobody.get(file)).status_code == 401
    for path in (f"{status}x", status.partition("?")[0], "$export-file?_job=x", f"{status}&_job=1"):
        await asking.refused("GET", path, 400)
    await asking.refused("GET", file.replace("$export-file", "$export-poll-status"), 400)
    await asking.refused("GET", status.replace("$export-poll-status", "$export-file"), 400)
    await asking.refused("DELETE", file, 405)
    assert len(server.asked) == before


async def test_a_new_token_of_the_same_scopes_goes_on(ward):
    clinic, _ = await server_behind(ward)
    asking = await backend(clinic, "system/Patient.rs system/Group.rs", "FHIR_ALL_READ", EXPORT)
    status = await begun(asking)
    later = await clinic.own("nightly", "system/Group.rs system/Patient.rs")
    assert (await later.get(status)).status_code == 202
    less = await clinic.own("nightly", "system/Patient.rs")
    await less.refused("GET", status, 400)


async def test_an_export_is_called_off(ward):
    clinic, server = await server_behind(ward)
    asking = await backend(clinic, "system/*.rs", "FHIR_ALL_READ", EXPORT)
    status = await begun(asking)
    assert (await asking.send("DELETE", status)).status_code == 202
    assert server.last()[:2] == ("DELETE", "$poll?_jobId=export")


@pytest.mark.parametrize("url", ["https://files.example/1", "{base}/../admin", "{base}/%2e%2e/x", 7, None])
async def test_links_that_lead_elsewhere_are_not_followed(ward, url):
    clinic, server = await server_behind(ward)
    asking = await backend(clinic, "system/*.rs", "FHIR_ALL_READ", EXPORT)
    url = url.replace("{base}", BASE) if isinstance(url, str) else url
    status = await begun(asking)
    told = {"output": [{"type": "Patient", "url": url}]}
    server.answers["$poll"] = UpstreamResponse(200, {}, json.dumps(told).encode())
    await asking.refused("GET", status, 502)
    headers = {"content-location": url} if isinstance(url, str) else {}
    server.answers["$export"] = UpstreamResponse(202, headers, b"")
    await asking.refused("GET", "$export", 502, **LATER)


async def test_a_manifest_in_parts_leads_on(ward):
    clinic, server = await server_behind(ward)
    asking = await backend(clinic, "system/*.rs", "FHIR_ALL_READ", EXPORT)
    status = await begun(asking)
    told = {"output": [], "link": [{"relation": "next", "url": f"{BASE}/$poll?page=2"}, {"relation": "x"}]}
    server.answers["$poll"] = UpstreamResponse(200, {}, json.dumps(told).encode())
    (link,) = (await asking.read(status))["link"]
    await asking.read(below(asking, link["url"]))
    assert server.last()[1] == "$poll?page=2"


@pytest.mark.parametrize(("status", "headers"), [(429, {"retry-after": "7"}), (503, {"retry-after": "120"})])
async def test_who_asks_too_often_is_told_when_to_come_back(ward, status, headers):
    clinic, server = await server_behind(ward)
    asking = await backend(clinic, "system/*.rs", "FHIR_ALL_READ", EXPORT)
    link = await begun(asking)
    server.answers["$poll"] = UpstreamResponse(status, headers, b"")
    answer = await asking.get(link)
    assert (answer.status_code, answer.headers["retry-after"]) == (status, headers["retry-after"])
    assert answer.json()["issue"][0]["code"] == "transient"


@pytest.mark.parametrize("link", ["$poll?plain", "$poll?a=%20b", "$poll?sig=a%2Fb;c=d&e=%FF"])
async def test_a_link_is_followed_as_it_stands(ward, link):
    clinic, server = await server_behind(ward)
    asking = await backend(clinic, "system/*.rs", "FHIR_ALL_READ", EXPORT)
    server.answers["$export"] = UpstreamResponse(202, {"content-location": f"{BASE}/{link}"}, b"")
    status = await begun(asking)
    server.answers["$poll"] = UpstreamResponse(202, {}, b"")
    await asking.get(status)
    assert server.last()[1] == link


async def test_clients_that_write_it_in_other_ways_are_understood(ward):
    clinic, server = await server_behind(ward)
    asking = await backend(clinic, "system/*.rs", "FHIR_ALL_READ", EXPORT)
    path = "$export?_outputFormat=application/fhir+ndjson"
    answer = await asking.get(path, Prefer="handling=lenient, respond-async")
    assert answer.status_code == 202, answer.text
    assert server.last()[1] == "$export?_outputFormat=application%2Ffhir%2Bndjson"


async def test_an_export_that_is_answered_at_once_is_not_passed_on(ward):
    clinic, server = await server_behind(ward)
    asking = await backend(clinic, "system/Patient.rs", "FHIR_ALL_READ", EXPORT)
    server.answers["$export"] = UpstreamResponse(200, {}, json.dumps(RATE).encode())
    outcome = await asking.refused("GET", "$export", 502, **LATER)
    assert "Patient/amy" not in json.dumps(outcome)
    del server.answers["$export"]
    status = await begun(asking)
    server.answers["$poll"] = UpstreamResponse(200, {}, json.dumps(RATE).encode())
    assert "Patient/amy" not in json.dumps(await asking.refused("GET", status, 502))


async def test_an_import_is_for_who_may_do_everything(ward):
    clinic, server = await server_behind(ward)
    writer = ("FHIR_ALL_READ", "FHIR_ALL_WRITE", "FHIR_ALL_DELETE", "FHIR_OP_INITIATE_BULK_DATA_IMPORT")
    asking = await backend(clinic, "system/*.cruds", *writer)
    body = {"resourceType": "Parameters", "parameter": [{"name": "inputFormat", "valueCode": "ndjson"}]}
    answer = await asking.send("POST", "$import", body, **LATER)
    assert answer.status_code == 202, answer.text
    assert json.loads(server.last()[3]) == body
    status = below(asking, answer.headers["content-location"])
    assert (await asking.get(status)).status_code == 202
    assert (await asking.read(status))["resourceType"] == "OperationOutcome"
    await asking.refused("GET", "$import", 400, **LATER)
    await asking.refused("POST", "$import", 400, body)
    before = len(server.asked)
    narrow = await backend(clinic, "system/*.crus", *writer, name="narrow")
    await narrow.refused("POST", "$import", 403, body, **LATER)
    reader = await backend(clinic, "system/*.cruds", *writer[:3], name="reader")
    await reader.refused("POST", "$import", 403, body, **LATER)
    assert len(server.asked) == before


async def test_no_batch_holds_what_answers_later(ward):
    clinic, server = await server_behind(ward)
    permissions = ("ROLE_FHIR_CLIENT_SUPERUSER",)
    asking = await backend(clinic, "system/*.cruds", *permissions)
    urls = [
        "$export",
        "$import",
        "$expunge",
        "$delete-expunge",
        "$export-file?_job=x",
        "Patient/amy/$binary-access-read",
    ]
    entries = [{"request": {"method": "GET", "url": url}} for url in urls]
    answer = await asking.send("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": entries})
    assert [entry["response"]["status"] for entry in answer.json()["entry"]] == ["403 Forbidden"] * len(urls)
    for entry in entries:
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
        await asking.refused("POST", "", 403, bundle)
    assert server.asked == []
