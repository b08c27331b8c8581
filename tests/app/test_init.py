"""`assent init`: what it makes, and what it leaves alone."""

import stat
from pathlib import Path

import pytest

from assent.app.configuration import ConfigurationError, read_settings
from assent.app.examination.check import check_installation
from assent.app.init import Initialised, init_installation
from assent.app.installation import InstallationError
from assent.storage.interface import StorageError


async def init(folder: Path, **options: str) -> Initialised:
    """Makes an installation with the defaults of the command."""
    defaults = {"public_url": "http://localhost:9300", "database": "sqlite:///assent.db"}
    chosen = {**defaults, **options}
    return await init_installation(
        folder / "assent.toml",
        public_url=chosen["public_url"],
        fhir=chosen.get("fhir"),
        database=chosen["database"],
    )


def contents(folder: Path) -> dict[str, bytes]:
    """The configuration and the master key, as they are."""
    return {file.name: file.read_bytes() for file in folder.glob("*.[tk]*")}


async def test_a_new_installation_has_all_that_serving_needs(tmp_path: Path) -> None:
    done = await init(tmp_path / "new", fhir="https://hapi.example/fhir")

    assert [Path(file).name for file in done.made] == ["assent.toml", "master.key"]
    assert done.migrations
    assert [kid.partition("-")[0] for kid in done.kids] == ["rs256"]
    report = await check_installation(tmp_path / "new" / "assent.toml")
    assert report.mistakes == ()
    assert report.warnings == ()
    settings = read_settings(tmp_path / "new" / "assent.toml")
    assert settings.server.port == 9300
    assert settings.fhir.upstream == "https://hapi.example/fhir"


async def test_what_it_writes_is_for_its_owner_alone(tmp_path: Path) -> None:
    await init(tmp_path)

    for name in ("assent.toml", "master.key", "assent.db"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) & 0o077 == 0


async def test_a_second_run_keeps_everything(tmp_path: Path) -> None:
    first = await init(tmp_path)
    before = contents(tmp_path)

    second = await init(tmp_path, public_url="https://other.example")

    assert second.made == ()
    assert second.migrations == ()
    assert second.kept == first.made
    assert second.kids == first.kids
    assert contents(tmp_path) == before


async def test_no_new_master_key_is_made_beside_what_another_one_sealed(tmp_path: Path) -> None:
    await init(tmp_path)
    (tmp_path / "master.key").unlink()

    with pytest.raises(InstallationError, match="bring it back"):
        await init(tmp_path)

    assert not (tmp_path / "master.key").exists()


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"public_url": "http://auth.example"}, "server.public_url"),
        ({"fhir": "fhir.example"}, "fhir.upstream"),
        ({"database": "oracle://x"}, "database.url"),
        ({"public_url": 'x"\n[engine]\n'}, "server.public_url"),
    ],
)
async def test_a_wrong_option_writes_nothing(tmp_path: Path, options: dict[str, str], path: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await init(tmp_path / "new", **options)

    assert caught.value.mistakes[0].startswith(f"{path}: ")
    assert not (tmp_path / "new").exists()


async def test_a_database_that_cannot_be_reached_leaves_nothing_that_another_try_would_keep(
    tmp_path: Path,
) -> None:
    with pytest.raises(StorageError, match=r"database\.url: PostgreSQL"):
        await init(tmp_path, database="postgresql://nobody@127.0.0.1:1/records")

    assert contents(tmp_path) == {}
    assert (await init(tmp_path)).made
