"""`make bench`: Assent on PostgreSQL and on SQLite, beside the ceiling, workload by workload.

All servers are started once, each as one process on the last processor, idle while another is asked; load generator
and PostgreSQL share the first. In each round every workload is given to one server after the other, so that what the
machine does besides falls on all of them alike. The figures are medians of the rounds.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from benchmarks.cast import Cast
from benchmarks.generator import NoCompiler, Pace, compile_generator, run_load
from benchmarks.machine import Processors, cpu_seconds, describe, free_ports, memory_mb
from benchmarks.peers import Peer, Running, running
from benchmarks.peers.assent import Assent
from benchmarks.peers.ceiling import Ceiling
from benchmarks.report import Cell, PeerFacts, facts_table, json_lines, rows_of, table
from benchmarks.workloads import WORKLOADS, Round, Workload

POSTGRES = "ASSENT_TEST_POSTGRES"
PEERS: tuple[Peer, ...] = (
    Assent("assent-postgresql", "postgresql"),
    Assent("assent-sqlite", "sqlite"),
    Ceiling(),
)


def main() -> int:
    """The command line; its exit status: 0, 1 when a request failed, 2 when nothing could be measured."""
    asked = _arguments()
    try:
        program = compile_generator()
    except NoCompiler as error:
        return _stop(str(error))
    if POSTGRES not in os.environ:
        return _stop(f"{POSTGRES} names no PostgreSQL: run this by `make bench`")
    processors = Processors()
    processors.pin(os.getpid())
    _say(describe())
    if not processors.is_apart:
        _say(
            "There is one processor only: servers, generator and PostgreSQL share it; trust the ratios alone."
        )
    pace = Pace(asked.seconds, asked.warm_up, asked.connections)
    peers = [peer for peer in PEERS if peer.name in asked.peers]
    workloads = [workload for workload in WORKLOADS if workload.name in asked.only]
    signatures = json.loads(_output([sys.executable, "-m", "benchmarks.signatures"]))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="assent-bench-")))
        cast = Cast()
        started: list[tuple[Running, float]] = []
        ports = free_ports(len(peers))
        for number, (peer, port) in enumerate(zip(peers, ports, strict=True)):
            place = folder / peer.name
            place.mkdir()
            database = stack.enter_context(_database(f"bench_{os.getpid()}_{number}", processors))
            prepared = asyncio.run(peer.prepare(place, port, database, cast))
            server = stack.enter_context(running(prepared, place, processors))
            started.append((server, memory_mb(server.process_id)))
        cells = _measure([server for server, _ in started], workloads, asked.rounds, pace, cast, program)
        facts = [
            PeerFacts(
                server.prepared.name, round(server.start_seconds, 3), idle, memory_mb(server.process_id)
            )
            for server, idle in started
        ]
    rows = rows_of(cells)
    print(table(rows, {workload.name: workload.about for workload in workloads}), end="\n\n")
    print(facts_table(facts), end="\n\n")
    print("Bare signatures, ms: " + ", ".join(f"{name} {ms:.3f}" for name, ms in signatures.items()))
    if asked.output:
        machine = {"machine": describe(), "seconds": pace.seconds, "connections": pace.connections}
        asked.output.write_text(json_lines(machine, signatures, facts, rows))
    return 1 if any(row.errors or row.first_error for row in rows) else 0


def _measure(
    servers: Sequence[Running],
    workloads: Sequence[Workload],
    rounds: int,
    pace: Pace,
    cast: Cast,
    program: Path,
) -> list[Cell]:
    cells: list[Cell] = []
    rates: dict[tuple[str, str], float] = {}
    for number in range(1, rounds + 1):
        for workload in workloads:
            for server in servers:
                peer, key = server.prepared, (server.prepared.name, workload.name)
                load = workload.load(Round(peer, cast, pace, rates.get(key)))
                before = cpu_seconds(server.process_id)
                measured = run_load(program, peer.port, load, pace)
                cpu = cpu_seconds(server.process_id) - before
                rates[key] = measured.per_second
                cells.append(
                    Cell(peer.name, workload.name, measured, cpu * 1000 / max(measured.all_operations, 1))
                )
                failed = f"  {measured.errors} errors: {measured.first_error}" if measured.first_error else ""
                _say(
                    f"{number}/{rounds}  {workload.name:22}{peer.name:20}{measured.per_second:9,.0f}/s{failed}"
                )
    return cells


@contextmanager
def _database(name: str, processors: Processors) -> Iterator[str]:
    """A fresh PostgreSQL database's DSN; dropped in the end. Its server is kept off the servers' processor."""
    dsn = os.environ[POSTGRES]
    asyncio.run(_execute(dsn, f"CREATE DATABASE {name}"))
    try:
        _pin_postgres(asyncio.run(_execute(dsn, "SELECT current_setting('data_directory')")), processors)
        yield urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))
    finally:
        asyncio.run(_execute(dsn, f"DROP DATABASE {name} WITH (FORCE)"))


def _pin_postgres(folder: str, processors: Processors) -> None:
    try:
        processors.pin(int((Path(folder) / "postmaster.pid").read_text().split()[0]))
    except (OSError, ValueError) as error:
        _say(f"PostgreSQL could not be kept off the servers' processor: {error}")


async def _execute(dsn: str, sql: str) -> str:
    connection = await asyncpg.connect(dsn)
    try:
        return str(await connection.fetchval(sql))
    finally:
        await connection.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench ARGS=…", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [workload.name for workload in WORKLOADS]
    peers = [peer.name for peer in PEERS]
    parser.add_argument("--quick", action="store_true", help="one short round, under a minute: does it work?")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of all workloads (default 3)")
    parser.add_argument("--seconds", type=float, default=4, help="measured in each (default 4)")
    parser.add_argument("--connections", type=int, default=32, help="keep-alive connections (default 32)")
    parser.add_argument(
        "--only", nargs="+", choices=names, default=names, metavar="WORKLOAD", help=" ".join(names)
    )
    parser.add_argument(
        "--peers", nargs="+", choices=peers, default=peers, metavar="SERVER", help=" ".join(peers)
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the figures as JSON lines too")
    asked = parser.parse_args()
    asked.warm_up = 1.0
    if asked.quick:
        asked.rounds, asked.seconds, asked.warm_up = 1, 0.8, 0.2
    return asked


def _output(command: list[str]) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _stop(why: str) -> int:
    _say(why)
    return 2


if __name__ == "__main__":
    sys.exit(main())
