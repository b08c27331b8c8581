"""What must happen once happens once, however many try at the same time."""

# ruff: noqa: S101  a suite asserts

import asyncio
from collections.abc import Callable
from dataclasses import replace

from assent.storage.interface import Act, Add, Change, Remove, Storage, act
from assent.storage.tables import AUDIT, CLIENTS, CODES, GRANTS, LAUNCHES, REFRESH_TOKENS, SEEN_ASSERTIONS
from assent.testing.storage_fixtures import StorageFixtures
from assent.testing.storage_records import (
    a_client,
    a_code,
    a_grant,
    a_launch,
    a_refresh_token,
    a_seen_assertion,
    an_event,
    hashed,
)

RACERS = 200


class RaceSuite(StorageFixtures):
    """Races between the tasks of one process; many of them share one batch."""

    async def test_a_code_is_used_once(self, storage: Storage) -> None:
        await storage.commit(act(Add(CODES, a_code())))

        def redeem(i: int) -> Act:
            use = Change(CODES, (hashed("code"),), {"used_at": i + 1}, {"used_at": 0})
            return act(use, Add(REFRESH_TOKENS, a_refresh_token(f"r{i}")), Add(AUDIT, an_event(f"e{i}")))

        winner = await self._race(storage, redeem)
        assert await storage.get(CODES, hashed("code")) == replace(a_code(), used_at=winner + 1)
        assert await storage.find(REFRESH_TOKENS) == [a_refresh_token(f"r{winner}")]
        assert await storage.find(AUDIT) == [an_event(f"e{winner}")]

    async def test_a_refresh_token_is_used_once(self, storage: Storage) -> None:
        await storage.commit(act(Add(GRANTS, a_grant()), Add(REFRESH_TOKENS, a_refresh_token())))

        def rotate(i: int) -> Act:
            use = Change(REFRESH_TOKENS, (hashed("token"),), {"used_at": i + 1}, {"used_at": 0})
            touch = Change(GRANTS, ("g1",), {"last_used_at": i + 1})
            return act(
                use, touch, Add(REFRESH_TOKENS, a_refresh_token(f"r{i}")), Add(AUDIT, an_event(f"e{i}"))
            )

        winner = await self._race(storage, rotate)
        assert len(await storage.find(REFRESH_TOKENS, {"grant_id": "g1"})) == 2
        assert await storage.get(GRANTS, "g1") == replace(a_grant(), last_used_at=winner + 1)
        assert await storage.find(AUDIT) == [an_event(f"e{winner}")]

    async def test_an_assertion_is_seen_once(self, storage: Storage) -> None:
        def see(i: int) -> Act:
            return act(Add(SEEN_ASSERTIONS, a_seen_assertion()), Add(AUDIT, an_event(f"e{i}")))

        winner = await self._race(storage, see)
        assert await storage.find(AUDIT) == [an_event(f"e{winner}")]

    async def test_a_launch_handle_is_spent_once(self, storage: Storage) -> None:
        await storage.commit(act(Add(LAUNCHES, a_launch())))

        def spend(i: int) -> Act:
            use = Change(LAUNCHES, (hashed("launch"),), {"spent_at": i + 1}, {"spent_at": 0})
            return act(use, Add(GRANTS, a_grant(f"g{i}")), Add(CODES, a_code(f"c{i}", f"g{i}")))

        winner = await self._race(storage, spend)
        assert [g.grant_id for g in await storage.find(GRANTS)] == [f"g{winner}"]

    async def test_a_row_is_removed_once(self, storage: Storage) -> None:
        await storage.commit(act(Add(CLIENTS, a_client())))
        await self._race(storage, lambda i: act(Remove(CLIENTS, ("app",)), Add(AUDIT, an_event(f"e{i}"))))

    async def test_many_acts_on_many_rows_each_happen_once(self, storage: Storage) -> None:
        await storage.commit(Act(tuple(Add(CODES, a_code(f"c{i}")) for i in range(50))))

        async def redeem(i: int) -> tuple[int, bool]:
            use = Change(CODES, (hashed(f"c{i % 50}"),), {"used_at": i + 1}, {"used_at": 0})
            return i % 50, (await storage.commit(act(use, Add(AUDIT, an_event(f"e{i:03}"))))).all

        results = await asyncio.gather(*(redeem(i) for i in range(300)))
        assert sorted(code for code, won in results if won) == list(range(50))
        assert len(await storage.find(AUDIT)) == 50

    async def _race(self, storage: Storage, make: Callable[[int], Act]) -> int:
        """Commits an act of each racer; gives the number of the one that won."""
        outcomes = await asyncio.gather(*(storage.commit(make(i)) for i in range(RACERS)))
        winners = [i for i, o in enumerate(outcomes) if o.all]
        assert len(winners) == 1
        assert {o.lost_at for o in outcomes} == {None, 0}
        return winners[0]
