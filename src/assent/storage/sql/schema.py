"""Migrations: numbered SQL files in `migrations/`, one neutral text for both databases.

`{text}`, `{integer}`, `{bytes}`, `{boolean}`, `{json}` stand for a database's types, `{finding}` for a
collation (`statements.Dialect`), `{options}` for what it wants after a table. Owns which migrations are to run
and when a database is refused; each backend runs them in one transaction that holds a lock, so that two
processes may start at once.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from assent.storage.interface import StorageError

APPLIED_TABLE = (
    "CREATE TABLE IF NOT EXISTS assent_migrations"
    " (name {text} NOT NULL PRIMARY KEY, checksum {text} NOT NULL)"
)
READ_APPLIED = "SELECT name, checksum FROM assent_migrations ORDER BY name"


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema. `text` is neutral; `checksum` is of it."""

    name: str
    text: str

    @property
    def checksum(self) -> str:
        """The text's SHA-256, hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def statements(self, types: Mapping[str, str]) -> list[str]:
        """The SQL statements for a database with these types."""
        lines = [line for line in self.text.splitlines() if not line.startswith("--")]
        parts = "\n".join(lines).format_map(types).split(";")
        return [part.strip() for part in parts if part.strip()]


def read_migrations() -> list[Migration]:
    """Every migration of this program, in order."""
    folder = files("assent.storage.sql") / "migrations"
    found = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return [Migration(f.name.removesuffix(".sql"), f.read_text("utf-8")) for f in found]


def pending(applied: Mapping[str, str]) -> list[Migration]:
    """The migrations to run on a database where `applied` (name to checksum) ran.

    Raises `StorageError` when the database is newer than this program, or was migrated by another text.
    """
    known = {migration.name: migration for migration in read_migrations()}
    for name, checksum in applied.items():
        if name not in known:
            raise StorageError(f"the database is newer than this program: it has the migration {name}")
        if known[name].checksum != checksum:
            raise StorageError(f"the database was migrated by another text of {name}")
    return [migration for name, migration in known.items() if name not in applied]


def check_newest(applied: Mapping[str, str]) -> None:
    """Raises `StorageError` when migrations are pending."""
    names = [migration.name for migration in pending(applied)]
    if names:
        raise StorageError(f"the schema is not the newest: run `assent migrate` ({', '.join(names)})")
