"""`assent init`, `check`, `doctor`, `migrate`: making an installation and looking after it."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assent.cli.installation import settings_of, target_of
from assent.cli.output import AsJson, complain, example, printable, remark, say, show_json

if TYPE_CHECKING:
    from assent.app.settings import Settings

app = typer.Typer(rich_markup_mode=None)


@app.command(
    epilog=example("assent init --public-url https://auth.example --fhir https://hapi.example/fhir"),
)
def init(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to make it; the folder of --config by default.")
    ] = None,
    public_url: Annotated[
        str, typer.Option(metavar="URL", help="What the world calls the server: https, or loopback.")
    ] = "http://localhost:9200",
    fhir: Annotated[
        str | None, typer.Option(metavar="URL", help="The FHIR server that is protected.")
    ] = None,
    database: Annotated[
        str, typer.Option(metavar="URL", help="sqlite:///file.db, or postgresql://user@host/database.")
    ] = "sqlite:///assent.db",
    as_json: AsJson = False,
) -> None:
    """Make an installation: assent.toml, a master key, the database, the first signing keys.

    What is there already is kept, and said so.
    """
    from assent.app.configuration import FILE_NAME, read_settings
    from assent.app.init import init_installation

    configuration = folder / FILE_NAME if folder is not None else target_of(context).config
    done = asyncio.run(init_installation(configuration, public_url=public_url, fhir=fhir, database=database))
    if as_json:
        show_json(
            {
                "configuration": str(done.configuration),
                "made": list(done.made),
                "kept": list(done.kept),
                "migrations": list(done.migrations),
                "keys": list(done.kids),
            }
        )
        return
    for file in done.made:
        say(f"made  {file}")
    for file in done.kept:
        say(f"kept  {file}: it was there already, and is as it was")
    if str(configuration) in done.kept:
        _tell_what_is_not_taken(context, read_settings(configuration))
    say(f"database  {', '.join(done.migrations) or 'has the newest schema'}")
    say(f"signing keys  {', '.join(done.kids)}")
    at = "" if configuration == Path(FILE_NAME) else f"--config {configuration} "
    remark("")
    remark(f"Next: assent {at}user add amy, assent {at}client add …, assent {at}check, assent {at}serve")


def _tell_what_is_not_taken(context: typer.Context, kept: "Settings") -> None:
    """Options that say otherwise than a configuration that was there already."""
    said = (
        ("public_url", "server.public_url", kept.server.public_url),
        ("fhir", "fhir.upstream", kept.fhir.upstream),
        ("database", "database.url", kept.database.url),
    )
    for name, setting, value in said:
        source = context.get_parameter_source(name)
        is_given = source is not None and source.name == "COMMANDLINE"
        if is_given and str(context.params[name]).rstrip("/") != str(value).rstrip("/"):
            remark(f"--{name.replace('_', '-')} is not taken: change {setting} in the configuration instead")


@app.command(epilog=example("assent --config /etc/assent/assent.toml check"))
def check(context: typer.Context, as_json: AsJson = False) -> None:
    """Name everything that is wrong with the installation at once. Changes nothing."""
    from assent.app.examination.check import check_installation

    config = target_of(context).config
    report = asyncio.run(check_installation(config))
    if as_json:
        show_json({"mistakes": list(report.mistakes), "warnings": list(report.warnings)})
    else:
        complain(report.mistakes)
        for warning in report.warnings:
            say(f"warning  {printable(warning)}")
        if not report.mistakes:
            say(f"{config}: no mistakes, {len(report.warnings)} warnings")
    raise typer.Exit(1 if report.mistakes else 0)


@app.command(epilog=example("assent doctor", "assent doctor --json"))
def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Examine the running installation: discovery, keys, FHIR server, database, clocks."""
    from assent.app.examination.doctor import examine

    findings = asyncio.run(examine(settings_of(context), target_of(context).config.parent))
    if as_json:
        rows = [{"status": one.status, "subject": one.subject, "detail": one.detail} for one in findings]
        show_json({"findings": rows})
    else:
        for one in findings:
            say(f"{one.status:<4}  {one.subject}: {printable(one.detail)}")
    raise typer.Exit(1 if any(one.status == "fail" for one in findings) else 0)


@app.command(epilog=example("assent migrate --plan", "assent migrate"))
def migrate(
    context: typer.Context,
    plan: Annotated[bool, typer.Option("--plan", help="Only say what would be done.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the database's schema to the newest version."""
    from assent.app.registry import open_backend

    settings = settings_of(context)
    folder = target_of(context).config.parent
    backend = open_backend(settings.database.url, folder, settings.database.connections)
    names = asyncio.run(backend.pending_migrations() if plan else backend.migrate())
    if as_json:
        show_json({"migrations": names, "done": not plan})
        return
    for name in names:
        say(f"{'would run' if plan else 'ran'}  {name}")
    if not names:
        say("the schema is the newest")
