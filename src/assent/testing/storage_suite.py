"""What every storage backend must do: the contract of `assent.storage.interface`, one test a sentence.

The fixtures it needs, and how a backend's tests are made of it: `assent.testing.storage_fixtures`.
"""

# ruff: noqa: S101  a suite asserts

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from assent.storage.interface import (
    Act,
    Add,
    Backend,
    Change,
    ChangeAll,
    Outcomes,
    Put,
    Remove,
    Scalar,
    Storage,
    StorageError,
    Table,
    Unstorable,
    act,
)
from assent.storage.tables import (
    AUDIT,
    CLIENTS,
    CODES,
    GRANTS,
    KEPT_SECONDS,
    LAUNCHES,
    NAMES,
    PENDING,
    PEOPLE,
    REFRESH_TOKENS,
    SEEN_ASSERTIONS,
)
from assent.testing.storage_fixtures import MakeBackend, StorageFixtures
from assent.testing.storage_records import (
    NOW,
    a_client,
    a_code,
    a_grant,
    a_launch,
    a_name,
    a_pending,
    a_person,
    a_refresh_token,
    a_seen_assertion,
    an_event,
    any_record,
    hashed,
)


class StorageSuite(StorageFixtures):
    """The contract."""

    # Single writes.

    async def test_an_added_row_is_read_back(self, storage: Storage) -> None:
        assert await storage.commit(act(Add(CLIENTS, a_client()))) == Outcomes((True,))
        assert await storage.get(CLIENTS, "app") == a_client()

    async def test_a_row_that_was_never_added_is_none(self, storage: Storage) -> None:
        assert await storage.get(CLIENTS, "app") is None

    async def test_adding_a_taken_key_loses_and_changes_nothing(self, storage: Storage) -> None:
        await storage.commit(act(Add(CLIENTS, a_client())))
        outcomes = await storage.commit(act(Add(CLIENTS, replace(a_client(), client_name="Another"))))
        assert outcomes == Outcomes((False,))
        assert await storage.get(CLIENTS, "app") == a_client()

    async def test_putting_adds_and_replaces(self, storage: Storage) -> None:
        assert (await storage.commit(act(Put(CLIENTS, a_client())))).all
        new = replace(a_client(), client_name="Another", jwks={"keys": []}, scope=("openid",))
        assert (await storage.commit(act(Put(CLIENTS, new)))).all
        assert await storage.get(CLIENTS, "app") == new

    async def test_a_change_sets_the_named_fields_alone(self, storage: Storage) -> None:
        await storage.commit(act(Add(PENDING, a_pending()), Add(PENDING, a_pending("other"))))
        change = Change(PENDING, (hashed("pending"),), {"patient": "7", "session_hash": b"s"})
        assert (await storage.commit(act(change))).all
        changed = replace(a_pending(), patient="7", session_hash=b"s")
        assert await storage.get(PENDING, hashed("pending")) == changed
        assert await storage.get(PENDING, hashed("other")) == a_pending("other")

    async def test_a_change_can_set_a_field_to_none_and_to_a_document(self, storage: Storage) -> None:
        grant = replace(a_grant(), nonce="n")
        await storage.commit(act(Add(GRANTS, grant)))
        await storage.commit(
            act(Change(GRANTS, ("g1",), {"nonce": None, "context": {"a": [1, {"b": None}]}}))
        )
        assert await storage.get(GRANTS, "g1") == replace(grant, nonce=None, context={"a": [1, {"b": None}]})

    async def test_a_change_of_a_missing_row_loses(self, storage: Storage) -> None:
        assert await storage.commit(act(Change(GRANTS, ("g1",), {"revoked_at": 1}))) == Outcomes((False,))

    async def test_a_change_loses_when_a_field_differs(self, storage: Storage) -> None:
        await storage.commit(act(Add(GRANTS, a_grant())))
        where: dict[str, Scalar] = {"revoked_at": 0, "client_id": "another"}
        assert not (await storage.commit(act(Change(GRANTS, ("g1",), {"revoked_at": 1}, where)))).all
        assert await storage.get(GRANTS, "g1") == a_grant()

    async def test_a_change_compares_with_none(self, storage: Storage) -> None:
        bound = Change(LAUNCHES, (hashed("launch"),), {"browser_hash": b"b"}, {"browser_hash": None})
        await storage.commit(act(Add(LAUNCHES, a_launch())))
        assert (await storage.commit(act(bound))).all
        assert not (await storage.commit(act(bound))).all

    async def test_a_change_that_sets_nothing_is_a_condition(self, storage: Storage) -> None:
        await storage.commit(act(Add(GRANTS, a_grant())))
        condition = Change(GRANTS, ("g1",), {}, {"revoked_at": 0})
        assert (await storage.commit(act(condition, Add(CODES, a_code())))).all
        await storage.commit(act(Change(GRANTS, ("g1",), {"revoked_at": 5})))
        assert (await storage.commit(act(condition, Add(CODES, a_code("next"))))).lost_at == 0

    async def test_changing_all_reaches_every_row_that_matches(self, storage: Storage) -> None:
        grants = [a_grant("g1"), a_grant("g2"), a_grant("g3", person_id="p2")]
        await storage.commit(Act(tuple(Add(GRANTS, grant) for grant in grants)))
        change = ChangeAll(GRANTS, {"person_id": "p1", "client_id": "app"}, {"revoked_at": 9})
        assert (await storage.commit(act(change))).all
        assert [g.revoked_at for g in await storage.find(GRANTS)] == [9, 9, 0]

    async def test_changing_all_wins_where_nothing_matches(self, storage: Storage) -> None:
        change = ChangeAll(GRANTS, {"client_id": "nobody"}, {"revoked_at": 9})
        assert (await storage.commit(act(change, Add(AUDIT, an_event())))).all

    async def test_a_removal_wins_once(self, storage: Storage) -> None:
        await storage.commit(act(Add(CLIENTS, a_client())))
        assert (await storage.commit(act(Remove(CLIENTS, ("app",))))).all
        assert not (await storage.commit(act(Remove(CLIENTS, ("app",))))).all
        assert await storage.get(CLIENTS, "app") is None

    # Chains and whole acts.

    async def test_a_chain_stops_at_its_first_loser_and_keeps_what_it_did(self, storage: Storage) -> None:
        await storage.commit(act(Add(CODES, replace(a_code(), used_at=5))))
        use = Change(CODES, (hashed("code"),), {"used_at": 6}, {"used_at": 0})
        chain = act(Add(SEEN_ASSERTIONS, a_seen_assertion()), use, Add(AUDIT, an_event()))
        outcomes = await storage.commit(chain)
        assert outcomes == Outcomes((True, False, False))
        assert outcomes.lost_at == 1
        assert await storage.get(SEEN_ASSERTIONS, hashed("jti")) == a_seen_assertion()
        assert await storage.get(AUDIT, "e1") is None

    async def test_later_writes_of_a_chain_see_the_earlier_ones(self, storage: Storage) -> None:
        revoke = Change(GRANTS, ("g1",), {"revoked_at": 3}, {"revoked_at": 0})
        all_of_app = ChangeAll(GRANTS, {"client_id": "app"}, {"revoked_because": "test"})
        assert (await storage.commit(act(Add(GRANTS, a_grant()), revoke, all_of_app))).all
        expected = replace(a_grant(), revoked_at=3, revoked_because="test")
        assert await storage.get(GRANTS, "g1") == expected
        outcomes = await storage.commit(act(Remove(GRANTS, ("g1",)), Add(GRANTS, a_grant()), revoke, revoke))
        assert outcomes == Outcomes((True, True, True, False))

    async def test_a_whole_act_with_a_loser_does_nothing(self, storage: Storage) -> None:
        await storage.commit(act(Add(NAMES, a_name("bob", "p0"))))
        writes = (
            Add(PEOPLE, a_person("p1", "amy")),
            Add(NAMES, a_name("amy", "p1")),
            Add(PEOPLE, a_person("p2", "bob")),
            Add(NAMES, a_name("bob", "p2")),
        )
        outcomes = await storage.commit(Act(writes, whole=True))
        assert not outcomes.all
        assert outcomes.lost_at == 3
        assert await storage.find(PEOPLE) == []
        assert await storage.find(NAMES) == [a_name("bob", "p0")]

    async def test_a_whole_act_without_losers_does_all(self, storage: Storage) -> None:
        writes = tuple(Put(CLIENTS, a_client(f"app-{i:03}")) for i in range(120))
        assert (await storage.commit(Act(writes, whole=True))).all
        assert len(await storage.find(CLIENTS)) == 120

    async def test_an_empty_act_wins(self, storage: Storage) -> None:
        assert await storage.commit(act()) == Outcomes(())

    # Finding.

    async def test_finding_gives_rows_in_key_order(self, storage: Storage) -> None:
        names = ["b", "a", "Z", "é", "ab", "\U0001f600", "~"]
        for name in names:
            await storage.commit(act(Add(CLIENTS, a_client(name))))
        assert [c.client_id for c in await storage.find(CLIENTS)] == sorted(names)
        newest = await storage.find(CLIENTS, newest_first=True)
        assert [c.client_id for c in newest] == sorted(names, reverse=True)

    async def test_finding_pages_after_a_key(self, storage: Storage) -> None:
        await storage.commit(Act(tuple(Add(AUDIT, an_event(f"e{i}")) for i in range(5))))
        assert [e.event_id for e in await storage.find(AUDIT, after=("e1",), limit=2)] == ["e2", "e3"]
        page = await storage.find(AUDIT, {"client_id": "app"}, after=("e3",), limit=2, newest_first=True)
        assert [e.event_id for e in page] == ["e2", "e1"]
        assert await storage.find(AUDIT, after=("e4",)) == []

    async def test_finding_by_fields_gives_the_rows_where_all_are_equal(self, storage: Storage) -> None:
        await storage.commit(
            act(
                Add(AUDIT, an_event("e1", "login.refused", None)),
                Add(AUDIT, an_event("e2", "login.refused", "app")),
                Add(AUDIT, an_event("e3", "token.issued", None)),
            )
        )
        found = await storage.find(AUDIT, {"type": "login.refused", "client_id": None})
        assert [e.event_id for e in found] == ["e1"]
        assert await storage.find(AUDIT, {"type": "other"}) == []

    async def test_finding_by_a_truth(self, storage: Storage) -> None:
        await storage.commit(
            act(Add(CLIENTS, a_client("on")), Add(CLIENTS, replace(a_client("off"), enabled=False)))
        )
        assert [c.client_id for c in await storage.find(CLIENTS, {"enabled": False})] == ["off"]

    # What comes back is what went in.

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(sample=any_record())
    async def test_every_record_comes_back_equal(
        self, storage: Storage, sample: tuple[Table[Any], Any]
    ) -> None:
        table, record = sample
        key = table.key_of(record)
        won = (await storage.commit(act(Add(table, record)))).all
        if not table.append_only:
            assert (await storage.commit(act(Put(table, record)))).all
        if won or not table.append_only:
            assert await storage.get(table, *key) == record
            assert await storage.find(table, dict(zip(table.key, key, strict=True))) == [record]

    async def test_what_is_read_is_the_callers_own(self, storage: Storage) -> None:
        await storage.commit(act(Add(GRANTS, a_grant())))
        first = await storage.get(GRANTS, "g1")
        assert first is not None
        first.context["patient"] = "changed"
        assert await storage.get(GRANTS, "g1") == a_grant()

    # Refusals.

    @pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 5000], ids=["nul", "surrogate", "too long"])
    async def test_a_key_that_cannot_be_kept_is_refused_and_finds_nothing(
        self, storage: Storage, text: str
    ) -> None:
        with pytest.raises(Unstorable):
            await storage.commit(act(Add(CLIENTS, a_client(text))))
        assert await storage.get(CLIENTS, text) is None
        assert await storage.find(GRANTS, {"client_id": text}) == []

    async def test_a_text_of_any_length_can_be_kept_where_nothing_finds_by_it(self, storage: Storage) -> None:
        client = replace(a_client(), client_name="é" * 100_000)
        await storage.commit(act(Add(CLIENTS, client)))
        assert await storage.get(CLIENTS, "app") == client

    @pytest.mark.parametrize(
        "write",
        [
            Put(AUDIT, an_event()),
            Change(AUDIT, ("e1",), {"outcome": "changed"}),
            ChangeAll(AUDIT, {"type": "token.issued"}, {"outcome": "changed"}),
            Remove(AUDIT, ("e1",)),
            Change(GRANTS, ("g1",), {"grant_id": "g2"}),
            Change(GRANTS, ("g1",), {"unknown": 1}),
            Change(GRANTS, ("g1", "g2"), {"revoked_at": 1}),
            Change(GRANTS, ("g1",), {"revoked_at": 2**63}),
        ],
        ids=str,
    )
    async def test_a_write_that_cannot_be_is_refused(self, storage: Storage, write: Any) -> None:
        event = an_event("before")
        with pytest.raises(ValueError, match=r"."):
            await storage.commit(act(Add(AUDIT, event), write))
        assert await storage.get(AUDIT, "before") is None

    async def test_a_value_of_another_type_is_refused(self, storage: Storage) -> None:
        wrong: Any = b"x"
        for record in (replace(a_grant(), revoked_at=True), replace(a_grant(), scope=wrong), a_code()):
            with pytest.raises(TypeError):
                await storage.commit(act(Add(GRANTS, record)))

    # Issuers.

    async def test_issuers_share_a_database_and_nothing_else(self, storage: Storage, other: Storage) -> None:
        assert (await storage.commit(act(Add(CLIENTS, a_client()), Add(GRANTS, a_grant())))).all
        assert await other.get(CLIENTS, "app") is None
        assert await other.find(GRANTS) == []
        assert await other.find(GRANTS, {"client_id": "app"}) == []
        assert not (await other.commit(act(Change(GRANTS, ("g1",), {"revoked_at": 1})))).all
        assert not (await other.commit(act(Remove(CLIENTS, ("app",))))).all
        await other.commit(act(ChangeAll(GRANTS, {"client_id": "app"}, {"revoked_at": 1})))
        assert (await other.commit(act(Put(CLIENTS, replace(a_client(), enabled=False))))).all
        assert await storage.get(CLIENTS, "app") == a_client()
        assert await storage.get(GRANTS, "g1") == a_grant()

    async def test_the_same_key_of_two_issuers_at_the_same_time(
        self, storage: Storage, other: Storage
    ) -> None:
        outcomes = await asyncio.gather(
            storage.commit(act(Add(CODES, a_code()))), other.commit(act(Add(CODES, a_code())))
        )
        assert all(o.all for o in outcomes)
        use = act(Change(CODES, (hashed("code"),), {"used_at": 1}, {"used_at": 0}))
        assert all(o.all for o in await asyncio.gather(storage.commit(use), other.commit(use)))
        for each in (storage, other):
            assert await each.get(CODES, hashed("code")) == replace(a_code(), used_at=1)

    # A commit that was answered is seen.

    async def test_what_was_answered_is_seen_by_another_connection(
        self, make_backend: MakeBackend, storage: Storage
    ) -> None:
        second = make_backend()
        await second.open()
        try:
            there = second.scoped(storage.issuer)
            for i in range(20):
                await storage.commit(act(Add(CLIENTS, a_client(f"a{i}"))))
                assert await there.get(CLIENTS, f"a{i}") is not None
                await there.commit(act(Remove(CLIENTS, (f"a{i}",))))
                assert await storage.get(CLIENTS, f"a{i}") is None
        finally:
            await second.close()

    async def test_a_task_that_is_cancelled_spoils_nothing_for_others(self, storage: Storage) -> None:
        async def add(i: int) -> Outcomes:
            return await storage.commit(act(Add(CLIENTS, a_client(f"a{i:02}"))))

        async def read() -> object:
            return await storage.get(CLIENTS, "a00")

        tasks: list[asyncio.Task[Any]] = [asyncio.create_task(add(i)) for i in range(40)]
        tasks += [asyncio.create_task(read()) for _ in range(40)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(not isinstance(r, BaseException) for r in results[1::2])
        assert {f"a{i:02}" for i in range(1, 40, 2)} <= {c.client_id for c in await storage.find(CLIENTS)}

    # The backend.

    async def test_closing_finishes_what_was_begun(self, make_backend: MakeBackend) -> None:
        backend = make_backend()
        await backend.migrate()
        await backend.open()
        storage = backend.scoped("https://one.example")
        tasks = [
            asyncio.create_task(storage.commit(act(Add(CLIENTS, a_client(f"a{i}"))))) for i in range(300)
        ]
        await asyncio.sleep(0)
        await backend.close()
        assert all(o.all for o in await asyncio.gather(*tasks))

    async def test_a_closed_storage_refuses(self, make_backend: MakeBackend) -> None:
        backend = make_backend()
        await backend.migrate()
        await backend.open()
        storage = backend.scoped("https://one.example")
        await backend.close()
        uses: list[Callable[[], Awaitable[object]]] = [
            lambda: storage.get(CLIENTS, "app"),
            lambda: storage.find(CLIENTS),
            lambda: storage.commit(act(Add(CLIENTS, a_client()))),
        ]
        for use in uses:
            with pytest.raises(StorageError):
                await use()

    async def test_a_migrated_database_has_nothing_pending(self, backend: Backend) -> None:
        assert await backend.pending_migrations() == []
        assert await backend.migrate() == []

    async def test_the_clock_moves_forward(self, backend: Backend) -> None:
        first = await backend.now()
        assert first > 1_700_000_000
        assert await backend.now() >= first

    async def test_sweeping_drops_what_expired_long_ago_of_every_issuer(
        self, backend: Backend, storage: Storage, other: Storage
    ) -> None:
        gone, kept = NOW - KEPT_SECONDS - 1, NOW - KEPT_SECONDS + 1
        for each in (storage, other):
            codes = [a_code("gone", expires_at=gone), a_code("kept", expires_at=kept), a_code("on")]
            await each.commit(Act(tuple(Add(CODES, code) for code in codes)))
            await each.commit(act(Add(REFRESH_TOKENS, a_refresh_token("never", expires_at=0))))
        old = tuple(Add(SEEN_ASSERTIONS, a_seen_assertion(f"j{i}", gone)) for i in range(1050))
        await storage.commit(Act(old, whole=True))
        assert await backend.sweep(NOW) == 1052
        for each in (storage, other):
            assert {c.code_hash for c in await each.find(CODES)} == {hashed("kept"), hashed("on")}
            assert len(await each.find(REFRESH_TOKENS)) == 1
        assert await storage.find(SEEN_ASSERTIONS) == []
        assert await backend.sweep(NOW) == 0
