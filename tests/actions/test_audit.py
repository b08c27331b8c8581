"""Reading the audit log."""

import pytest

from assent.actions import audit
from assent.actions.audit import AuditFilter, list_audit
from assent.engine.events import audit_event, record
from assent.testing.server import TestServer


async def some_rows(served: TestServer) -> None:
    """Five rows, a minute apart."""
    person = await served.add_person()
    for type_, client_id, person_id in (
        ("login.succeeded", None, person.person_id),
        ("token.issued", "app", person.person_id),
        ("token.issued", "app", None),
        ("token.issued", "other", None),
        ("login.refused", None, None),
    ):
        served.clock.advance(60)
        await record(
            served.server, audit_event(served.server, type_, client_id=client_id, person_id=person_id)
        )


async def test_the_newest_is_first_and_a_page_tells_where_the_next_begins(served: TestServer) -> None:
    await some_rows(served)

    first = await list_audit(served.server, AuditFilter(), limit=2)
    second = await list_audit(served.server, AuditFilter(), limit=2, after=first.next)

    assert [row.type for row in (*first.events, *second.events)] == [
        "login.refused",
        "token.issued",
        "token.issued",
        "token.issued",
    ]
    assert first.events[1].client_id == "other"


async def test_rows_are_found_by_person_app_and_type_together(served: TestServer) -> None:
    await some_rows(served)
    everything = await list_audit(served.server, AuditFilter(client_id="app", type="token.issued"))
    [person_id] = everything.usernames

    found = await list_audit(served.server, AuditFilter(client_id="app"))

    assert len(everything.events) == 2
    assert len(found.events) == 2
    assert everything.usernames[person_id] == "amy"


async def test_since_ends_the_list(served: TestServer) -> None:
    await some_rows(served)
    now = served.server.now()

    page = await list_audit(served.server, AuditFilter(since=now - 60), limit=3)

    assert [row.at for row in page.events] == [now, now - 60]
    assert page.next is None


async def test_a_reference_finds_its_row_however_long_ago(
    served: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "LONGEST_PAGE", 2)
    await record(served.server, audit_event(served.server, "login.refused", reference="7F3K-22"))
    await some_rows(served)

    found = await list_audit(served.server, AuditFilter(reference=" 7f3k-22"))
    other_type = await list_audit(served.server, AuditFilter(type="token.issued", reference="7F3K-22"))

    assert [(row.type, row.reference) for row in found.events] == [("login.refused", "7F3K-22")]
    assert (other_type.events, other_type.next) == ((), None)
    assert (await list_audit(served.server, AuditFilter(reference="AAAA-AA"))).events == ()
