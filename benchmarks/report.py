"""Medians of the rounds: a Markdown table for people, JSON lines for programs."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from benchmarks.generator import Measured

CEILING = "ceiling"


@dataclass(frozen=True, slots=True)
class Cell:
    """One peer at one workload in one round."""

    peer: str
    workload: str
    measured: Measured
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class PeerFacts:
    """What is said of a peer as a whole. Memory is the most that was seen."""

    peer: str
    start_seconds: float
    idle_mb: float
    loaded_mb: float


@dataclass(frozen=True, slots=True)
class Row:
    """The medians of one peer at one workload. `ratio` is its rate by the ceiling's."""

    workload: str
    peer: str
    per_second: float
    ratio: float | None
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    errors: int
    first_error: str
    rounds: tuple[float, ...]


def rows_of(cells: Sequence[Cell]) -> list[Row]:
    """The rows, in the order of the cells."""
    groups: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        groups.setdefault((cell.workload, cell.peer), []).append(cell)
    rates = {key: _median(cell.measured.per_second for cell in group) for key, group in groups.items()}
    return [
        _row(group, rates.get((workload, CEILING))) for (workload, _), group in sorted_by_workload(groups)
    ]


def sorted_by_workload(
    groups: dict[tuple[str, str], list[Cell]],
) -> list[tuple[tuple[str, str], list[Cell]]]:
    """The groups, those of one workload together, otherwise as they came."""
    order = list(dict.fromkeys(workload for workload, _ in groups))
    return sorted(groups.items(), key=lambda item: order.index(item[0][0]))


def table(rows: Sequence[Row], abouts: dict[str, str]) -> str:
    """The rows in Markdown. A row in which anything failed is marked."""
    lines = [
        "| workload | server | req/s | of the ceiling | p50 / p99 ms | server CPU ms | errors |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.0%}"
        errors = f"**{row.errors}: {row.first_error[:80]}**" if row.errors or row.first_error else "0"
        lines.append(
            f"| {abouts[row.workload]} | {row.peer} | {row.per_second:,.0f} | {ratio} "
            f"| {row.p50_ms:.1f} / {row.p99_ms:.1f} | {row.cpu_ms:.3f} | {errors} |"
        )
    return "\n".join(lines)


def facts_table(facts: Iterable[PeerFacts]) -> str:
    """Memory and start of each peer in Markdown."""
    lines = ["| server | start to first answer, s | memory idle / loaded, MB |", "| --- | ---: | ---: |"]
    lines += [
        f"| {one.peer} | {one.start_seconds:.2f} | {one.idle_mb:.0f} / {one.loaded_mb:.0f} |" for one in facts
    ]
    return "\n".join(lines)


def json_lines(
    machine: dict[str, Any], signatures: dict[str, float], facts: Iterable[PeerFacts], rows: Iterable[Row]
) -> str:
    """One line about the machine and its signatures, one a peer, one a row."""
    lines: list[dict[str, Any]] = [
        {"kind": "machine", **machine, "signature_ms": signatures},
        *({"kind": "peer", **asdict(one)} for one in facts),
        *({"kind": "row", **asdict(row)} for row in rows),
    ]
    return "".join(msgspec.json.encode(line).decode() + "\n" for line in lines)


def _row(group: Sequence[Cell], ceiling: float | None) -> Row:
    measured = [cell.measured for cell in group]
    per_second = _median(one.per_second for one in measured)
    return Row(
        workload=group[0].workload,
        peer=group[0].peer,
        per_second=per_second,
        ratio=round(per_second / ceiling, 3) if ceiling else None,
        p50_ms=_median(one.p50_ms for one in measured),
        p99_ms=_median(one.p99_ms for one in measured),
        cpu_ms=_median(cell.cpu_ms for cell in group),
        errors=sum(one.errors for one in measured),
        first_error=next((one.first_error for one in measured if one.first_error), ""),
        rounds=tuple(one.per_second for one in measured),
    )


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 3)
