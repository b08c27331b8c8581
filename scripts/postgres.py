"""A PostgreSQL cluster of our own: in a temporary folder, on a free loopback port, thrown away afterwards.

Durable as a real one (`fsync` and `synchronous_commit` stay on): tests kill servers and count what survived.
PostgreSQL's programs refuse to run as root, who runs them as the user `postgres` of Debian's package.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from scripts.free_ports import free_port

OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "logging_collector": "off",
    "log_min_messages": "warning",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster: where its programs and its folder are, and how one connects as superuser."""

    programs: str
    folder: str
    dsn: str

    def is_running(self) -> bool:
        """Whether its server answers to `pg_ctl status`."""
        return Path(self.folder).exists() and _call(self, "pg_ctl", "status").returncode == 0


def start_cluster() -> Cluster:
    """Make a cluster and start it, ready for connections; else RuntimeError, in the server's own words."""
    folder = Path(tempfile.mkdtemp(prefix="assent-postgres-"))
    port, password = free_port(), secrets.token_urlsafe(18)
    (folder / "password").write_text(password)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        shutil.chown(folder / "password", "postgres")
    cluster = Cluster(
        _find_programs(), str(folder), f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
    )
    try:
        _must(cluster, "initdb", "--username=postgres", f"--pwfile={folder}/password", "--auth=scram-sha-256",
              "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        options = " ".join(f"-c {name}='{value}'" for name, value in ({"port": str(port)} | OPTIONS).items())
        _must(
            cluster,
            "pg_ctl",
            "start",
            "--wait",
            "--timeout=180",
            "--silent",
            f"--log={folder}/log",
            f"--options={options}",
        )
    except BaseException:
        stop_cluster(cluster)
        raise
    return cluster


def stop_cluster(cluster: Cluster) -> None:
    """Stop the server at once and remove everything it kept; one that is gone already is no error."""
    if Path(cluster.folder).exists():
        _call(cluster, "pg_ctl", "stop", "--mode=immediate", "--silent")
        shutil.rmtree(cluster.folder, ignore_errors=True)


def _find_programs() -> str:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    initdb = str(debian[-1]) if debian else shutil.which("initdb")
    if initdb is None:
        raise RuntimeError("PostgreSQL's programs were not found: install Debian's package postgresql")
    return str(Path(initdb).parent)


def _must(cluster: Cluster, program: str, *arguments: str) -> None:
    done = _call(cluster, program, *arguments)
    if done.returncode != 0:
        log = Path(cluster.folder, "log")
        raise RuntimeError(f"{program} failed:\n{done.stdout}{log.read_text() if log.exists() else ''}")


def _call(cluster: Cluster, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    command = [
        *as_postgres,
        f"{cluster.programs}/{program}",
        f"--pgdata={cluster.folder}/cluster",
        *arguments,
    ]
    # In a session of its own, so that Ctrl-C in the terminal ends the tests and not the database under them.
    # Output goes to a file: the server that stays behind would hold a pipe open.
    with tempfile.TemporaryFile("w+") as output:
        code = subprocess.call(
            command,
            cwd=cluster.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        output.seek(0)
        return subprocess.CompletedProcess(command, code, output.read())
