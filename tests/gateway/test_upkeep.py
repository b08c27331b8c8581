"""Expunging, cascading deletions, the rewriting of history; attachments as bytes."""

import json

import pytest

from assent.fhir.upstream import UpstreamResponse
from gateway.bulk_server import BASE, BulkServer, Json
from gateway.clinic import Asking, Clinic
from gateway.test_bulk import AMY, CHIDI, RATE, backend, server_behind

WRITER = ("FHIR_ALL_READ", "FHIR_ALL_WRITE", "FHIR_ALL_DELETE")
DELETED = {"name": "expungeDeletedResources", "valueBoolean": True}
PREVIOUS = {"name": "expungePreviousVersions", "valueBoolean": True}
ALL = {"name": "expungeEverything", "valueBoolean": True}
LIMIT = {"name": "limit", "valueInteger": 10}
COUNT = {"resourceType": "Parameters", "parameter": [{"name": "count", "valueInteger": 3}]}


def parameters(*listed: object) -> Json:
    return {"resourceType": "Parameters", "parameter": list(listed)}


def answering(server: BulkServer, path: str, value: Json, status: int = 200) -> None:
    server.answers[path] = UpstreamResponse(status, {}, json.dumps(value).encode())


@pytest.mark.parametrize(
    ("permission", "path", "given"),
    [
        ("FHIR_EXPUNGE_DELETED", "$expunge", DELETED),
        ("FHIR_EXPUNGE_DELETED", "Patient/$expunge", DELETED),
        ("FHIR_EXPUNGE_PREVIOUS_VERSIONS", "Patient/amy/$expunge", PREVIOUS),
        ("FHIR_EXPUNGE_EVERYTHING", "$expunge", ALL),
        ("ROLE_FHIR_CLIENT_SUPERUSER", "$expunge", ALL),
    ],
)
async def test_each_kind_of_expunge_has_a_permission_of_its_own(ward, permission, path, given):
    clinic, server = await server_behind(ward)
    answering(server, path, COUNT)
    asking = await backend(clinic, "system/*.cruds", *WRITER, permission)
    answer = await asking.send("POST", path, parameters(LIMIT, given))
    assert (answer.status_code, answer.json()) == (200, COUNT)
    assert (server.last()[1], json.loads(server.last()[3])) == (path, parameters(LIMIT, given))


@pytest.mark.parametrize(
    ("permissions", "path", "given"),
    [
        ((), "$expunge", [DELETED]),
        (("FHIR_EXPUNGE_DELETED",), "$expunge", [PREVIOUS]),
        (("FHIR_EXPUNGE_DELETED",), "$expunge", [DELETED, ALL]),
        (("FHIR_EXPUNGE_PREVIOUS_VERSIONS",), "$expunge", [PREVIOUS, DELETED]),
        (("FHIR_EXPUNGE_EVERYTHING",), "Patient/$expunge", [ALL]),
        (("FHIR_EXPUNGE_DELETED",), "Patient/$expunge", [ALL]),
        (("FHIR_EXTENDED_OPERATION_ON_SERVER $expunge",), "$expunge", [DELETED]),
        (("FHIR_DELETE_EXPUNGE",), "$expunge", [DELETED]),
    ],
)
async def test_no_expunge_goes_further_than_its_permission(ward, permissions, path, given):
    clinic, server = await server_behind(ward)
    asking = await backend(clinic, "system/*.cruds", *WRITER, *permissions)
    await asking.refused("POST", path, 403, parameters(*given))
    assert server.asked == []


@pytest.mark.parametrize(
    "body",
    [
        parameters(),
        parameters({"name": "expungeDeletedResources", "valueBoolean": False}),
        parameters(DELETED, {"name": "expungeDeletedResources", "valueBoolean": False}),
        parameters(DELETED, {"name": "expungeEverything", "valueString": "true"}),
        parameters(DELETED, {"name": "expungeEverything", "valueBoolean": False, "valueString": "true"}),
        parameters(DELETED, {"name": "expunge", "valueBoolean": True}),
        parameters(DELETED, {"name": "limit", "valueInteger": -1}),
        parameters(DELETED, {"name": "limit", "valueInteger": True}),
        parameters(DELETED, {"name": ["expungeEverything"], "valueBoolean": True}),
        parameters(DELETED, 3),
        {"resourceType": "Parameters", "parameter": {"name": "expungeEverything"}},
        {"resourceType": "Bundle"},
    ],
)
async def test_an_expunge_is_read_strictly(ward, body):
    clinic, server = await server_behind(ward)
    asking = await backend(clinic, "system/*.cruds", *WRITER, "FHIR_EXPUNGE_DELETED")
    await asking.refused("POST", "$expunge", 400, body)
    assert server.asked == []


async def test_an_expunge_is_posted_without_a_query_and_for_who_may_do_everything(ward):
    clinic, server = await server_behind(ward)
    asking = await backend(clinic, "system/*.cruds", *WRITER, "FHIR_EXPUNGE_DELETED")
    await asking.refused("GET", "$expunge", 400)
    await asking.refused("POST", "$expunge?expungeEverything=true", 400, parameters(DELETED))
    narrow = await backend(clinic, "system/*.cruds", *WRITER[:2], "FHIR_EXPUNGE_DELETED", name="narrow")
    await narrow.refused("POST", "$expunge", 403, parameters(DELETED))
    assert server.asked == []


async def test_a_deletion_that_expunges_has_its_permission(ward):
    clinic, server = await server_behind(ward)
    answering(server, "$delete-expunge", COUNT)
    body = parameters({"name": "url", "valueString": "Patient?active=false"})
    asking = await backend(clinic, "system/*.cruds", *WRITER, "FHIR_DELETE_EXPUNGE")
    assert (await asking.send("POST", "$delete-expunge", body)).json() == COUNT
    assert json.loads(server.last()[3]) == body
    cascading = parameters(body["parameter"][0], {"name": "cascade", "valueBoolean": True})
    await asking.refused("POST", "$delete-expunge", 403, cascading)
    both = ("FHIR_DELETE_EXPUNGE", "FHIR_DELETE_CASCADE_ALLOWED")
    cascader = await backend(clinic, "system/*.cruds", *WRITER, *both, name="cascader")
    assert (await cascader.send("POST", "$delete-expunge", cascading)).status_code == 200
    for odd in (
        {"name": "cascade", "valueString": "true"},
        {"name": "batchSize", "valueInteger": True},
        {"name": "x"},
        3,
    ):
        await asking.refused("POST", "$delete-expunge", 400, parameters(odd))
    await asking.refused("POST", "$delete-expunge?cascade=true", 400, body)
    other = await backend(clinic, "system/*.cruds", *WRITER, "FHIR_EXPUNGE_DELETED", name="other")
    await other.refused("POST", "$delete-expunge", 403, body)
    await asking.refused("DELETE", "Patient/amy?_expunge=true", 400)


async def deleting(ward, *permissions: str, scope: str = "system/*.cruds") -> tuple[Asking, BulkServer]:
    clinic, server = await server_behind(ward)
    told = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "information", "code": "informational"}],
    }
    answering(server, "Patient/chidi", told)
    return await backend(clinic, scope, *WRITER, *permissions), server


@pytest.mark.parametrize(
    ("path", "headers"),
    [("Patient/chidi?_cascade=delete", {}), ("Patient/chidi", {"X_Cascade": "delete"})],
)
async def test_a_deletion_takes_with_it_what_refers_to_it(ward, path, headers):
    asking, server = await deleting(ward, "FHIR_DELETE_CASCADE_ALLOWED")
    answer = await asking.send("DELETE", path, If_Match='W/"2"', **headers)
    assert answer.status_code == 200, answer.text
    method, target, sent, _ = server.last()
    assert (method, target, sent["if-match"]) == ("DELETE", "Patient/chidi?_cascade=delete", 'W/"2"')


@pytest.mark.parametrize(
    ("permissions", "scope", "path", "status"),
    [
        ((), "system/*.cruds", "Patient/chidi?_cascade=delete", 403),
        (
            ("FHIR_DELETE_CASCADE_ALLOWED",),
            "system/*.rs system/Patient.d",
            "Patient/chidi?_cascade=delete",
            403,
        ),
        (("FHIR_DELETE_CASCADE_ALLOWED",), "system/*.d", "Patient/chidi?_cascade=delete", 403),
        (("FHIR_DELETE_CASCADE_ALLOWED",), "system/*.cruds", "Patient/chidi?_cascade=all", 400),
        ((), "system/*.cruds", "Patient/chidi?_cascade=none&_cascade=delete", 403),
        ((), "system/*.cruds", "Patient/chidi?_Cascade=delete", 403),
        (
            ("FHIR_DELETE_CASCADE_ALLOWED",),
            "system/*.cruds",
            "Patient/chidi?_cascade=delete&_maxRounds=1",
            400,
        ),
    ],
)
async def test_who_may_delete_one_does_not_delete_others(ward, permissions, scope, path, status):
    asking, server = await deleting(ward, *permissions, scope=scope)
    await asking.refused("DELETE", path, status)
    assert server.asked == []


async def test_a_bound_that_is_not_heeded_is_refused(ward):
    asking, server = await deleting(ward, "FHIR_DELETE_CASCADE_ALLOWED")
    await asking.refused("DELETE", "Patient/chidi", 400, X_Cascade="delete; max-rounds=4")
    assert server.asked == []


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("DELETE", "Patient/chidi??_cascade=delete"),
        ("DELETE", "Patient/chidi?x=1;_cascade=delete"),
        ("DELETE", "Patient/chidi?_cascade=delete#x"),
        ("PUT", "Patient/chidi?identifier=x"),
        ("PUT", "Patient/chidi?_cascade=delete"),
        ("POST", "Patient?identifier=x"),
    ],
)
async def test_nothing_of_a_transaction_is_left_unread(ward, method, url):
    asking, server = await deleting(ward, "FHIR_TRANSACTION", "FHIR_DELETE_CASCADE_ALLOWED")
    entry = {"request": {"method": method, "url": url}, "resource": CHIDI}
    await asking.refused("POST", "", 400, {"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
    assert server.asked == []


async def test_no_cascade_is_a_plain_deletion(ward):
    asking, server = await deleting(ward)
    assert (await asking.send("DELETE", "Patient/chidi?_cascade=none")).status_code == 200
    assert server.last()[:2] == ("DELETE", "Patient/chidi")


async def test_a_transaction_cascades_only_with_the_permission(ward):
    asking, server = await deleting(ward, "FHIR_TRANSACTION")
    entry = {"request": {"method": "DELETE", "url": "Patient/chidi?_cascade=delete"}}
    await asking.refused("POST", "", 403, {"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
    assert server.asked == []


REWRITTEN = "Patient/amy/_history/1"


async def rewriting(ward, scope: str, *permissions: str) -> tuple[Asking, BulkServer]:
    clinic, server = await server_behind(ward)
    answering(server, REWRITTEN, AMY)
    return await backend(clinic, scope, *permissions), server


async def test_history_is_rewritten_by_who_may_update_all_of_the_type(ward):
    asking, server = await rewriting(
        ward,
        "system/Patient.ru",
        "FHIR_READ_ALL_OF_TYPE Patient",
        "FHIR_WRITE_ALL_OF_TYPE Patient",
        "FHIR_UPDATE_REWRITE_HISTORY",
    )
    answer = await asking.send("PUT", REWRITTEN, AMY, X_Rewrite_History="true")
    assert (answer.status_code, answer.json()["id"]) == (200, "amy")
    method, target, headers, body = server.last()
    assert (method, target, headers["x-rewrite-history"]) == ("PUT", REWRITTEN, "true")
    assert json.loads(body) == AMY
    before = len(server.asked)
    await asking.refused("PUT", REWRITTEN, 400, CHIDI, X_Rewrite_History="true")
    await asking.refused("PUT", REWRITTEN, 400, RATE, X_Rewrite_History="true")
    await asking.refused("PUT", REWRITTEN, 405, AMY)
    await asking.refused("PUT", "Patient/amy", 400, AMY, X_Rewrite_History="true")
    await asking.refused("PUT", REWRITTEN, 400, AMY, X_Rewrite_History="yes")
    await asking.refused("PUT", REWRITTEN, 400, AMY, X_Rewrite_History="true", If_Match='W/"1"')
    assert len(server.asked) == before


@pytest.mark.parametrize(
    ("scope", "permissions"),
    [
        ("system/Patient.ru", WRITER),
        ("system/Patient.u", (*WRITER, "FHIR_UPDATE_REWRITE_HISTORY")),
        ("system/Patient.ru?active=true", (*WRITER, "FHIR_UPDATE_REWRITE_HISTORY")),
        (
            "system/Patient.ru",
            (
                "FHIR_READ_ALL_OF_TYPE Patient",
                "FHIR_WRITE_INSTANCE Patient/amy",
                "FHIR_UPDATE_REWRITE_HISTORY",
            ),
        ),
    ],
)
async def test_history_stays_as_it_is_for_everybody_else(ward, scope, permissions):
    asking, server = await rewriting(ward, scope, *permissions)
    await asking.refused("PUT", REWRITTEN, 403, AMY, X_Rewrite_History="true")
    assert server.asked == []


PATH = "path=DocumentReference.content[0].attachment"
READ, WRITE = "FHIR_OP_BINARY_ACCESS_READ", "FHIR_OP_BINARY_ACCESS_WRITE"
PICTURE = b"\x89PNG\r\n\x00\xff"


def letter_of(id_: str) -> Json:
    return {
        "resourceType": "DocumentReference",
        "id": f"letter-{id_}",
        "subject": {"reference": f"Patient/{id_}"},
    }


async def with_letters(ward) -> tuple[Clinic, BulkServer]:
    clinic, server = await server_behind(ward)
    for id_ in ("amy", "chidi"):
        server.resources[f"DocumentReference/letter-{id_}"] = letter_of(id_)
        path = f"DocumentReference/letter-{id_}/$binary-access-read"
        server.answers[path] = UpstreamResponse(200, {"content-type": "image/png; x=y"}, PICTURE)
    return clinic, server


async def patient(clinic: Clinic, *permissions: str) -> Asking:
    person = await clinic.person("amy-herself", "Patient/amy", permissions)
    return await clinic.asking(await clinic.client("app"), person, "patient/*.cruds", "amy")


async def test_an_attachment_is_read_by_who_may_read_the_resource(ward):
    clinic, server = await with_letters(ward)
    asking = await patient(clinic, READ)
    answer = await asking.get(f"DocumentReference/letter-amy/$binary-access-read?{PATH}", Accept="image/png")
    assert (answer.status_code, answer.content) == (200, PICTURE)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == "attachment"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert [target for _, target, _, _ in server.asked] == [
        "DocumentReference/letter-amy",
        "DocumentReference/letter-amy/$binary-access-read?path=DocumentReference.content%5B0%5D.attachment",
    ]
    for id_ in ("chidi", "nobody"):
        await asking.refused("GET", f"DocumentReference/letter-{id_}/$binary-access-read?{PATH}", 404)
    assert server.is_open == 0
    head = await asking.send("HEAD", f"DocumentReference/letter-amy/$binary-access-read?{PATH}")
    assert (head.status_code, head.content, server.is_open) == (200, b"", 0)
    assert "content-length" not in head.headers


@pytest.mark.parametrize(
    "query",
    [
        "",
        "path=",
        "path=DocumentReference.subject.resolve().photo",
        "path=Patient.photo",
        "path=DocumentReference.content.attachment|Patient.photo",
        "path=DocumentReference.content.attachment&path=DocumentReference.x",
        "path=DocumentReference.content.attachment&_format=json",
    ],
)
async def test_a_path_leads_to_one_element_and_no_further(ward, query):
    clinic, server = await with_letters(ward)
    asking = await patient(clinic, READ)
    await asking.refused("GET", f"DocumentReference/letter-amy/$binary-access-read?{query}", 400)
    assert server.asked == []


async def test_attachments_have_permissions_of_their_own(ward):
    clinic, server = await with_letters(ward)
    asking = await patient(clinic, WRITE)
    await asking.refused("GET", f"DocumentReference/letter-amy/$binary-access-read?{PATH}", 403)
    write = f"DocumentReference/letter-amy/$binary-access-write?{PATH}"
    await asking.refused("POST", write, 403, PICTURE, content_type="image/png")  # not all of the type is hers
    assert server.asked == []


@pytest.mark.parametrize(("status", "told"), [(400, 404), (404, 404), (401, 502), (500, 502), (302, 502)])
async def test_an_attachment_that_is_not_given_is_told(ward, status, told):
    clinic, server = await with_letters(ward)
    server.answers["DocumentReference/letter-amy/$binary-access-read"] = UpstreamResponse(status, {}, b"Amy")
    asking = await patient(clinic, READ)
    outcome = await asking.refused("GET", f"DocumentReference/letter-amy/$binary-access-read?{PATH}", told)
    assert "Amy" not in json.dumps(outcome)
    assert server.is_open == 0


async def test_an_attachment_is_written_as_the_bytes_that_were_sent(ward):
    clinic, server = await with_letters(ward)
    answering(server, "DocumentReference/letter-amy/$binary-access-write", letter_of("amy"))
    asking = await backend(clinic, "system/DocumentReference.cru", *WRITER, WRITE)
    path = f"DocumentReference/letter-amy/$binary-access-write?{PATH}"
    answer = await asking.send("POST", path, PICTURE, content_type="image/png")
    assert (answer.status_code, answer.json()["id"]) == (200, "letter-amy")
    method, _, headers, body = server.last()
    assert (method, headers["content-type"], body) == ("POST", "image/png", PICTURE)
    await asking.refused("GET", path, 400)
    await asking.refused("POST", path, 400)
    await asking.refused("POST", path, 400, PICTURE, content_type="image/png", If_Match='W/"1"')
    named = await backend(
        clinic,
        "system/*.rs",
        "FHIR_ALL_READ",
        "FHIR_EXTENDED_OPERATION_ON_TYPE $binary-access-read",
        name="named",
    )
    await named.refused("GET", "Patient/$binary-access-read?path=Patient.photo", 400)
    assert BASE not in answer.text
