"""`assent serve`, `gateway`, `demo`: what runs until it is stopped. SIGTERM and Ctrl-C finish what has begun."""

from pathlib import Path
from typing import Annotated

import typer

from assent.cli.installation import target_of
from assent.cli.output import example
from assent.cli.serving import Demo, Gateway, Serve

app = typer.Typer(rich_markup_mode=None)

Host = Annotated[str | None, typer.Option(metavar="ADDRESS", help="Listen here instead.")]
Port = Annotated[int | None, typer.Option(metavar="PORT", help="Listen here instead.", min=1, max=65535)]
JsonLogs = Annotated[bool, typer.Option("--json", help="Log JSON lines, also on a terminal.")]


@app.command(epilog=example("assent serve", "assent --config /etc/assent/assent.toml serve --json"))
def serve(
    context: typer.Context,
    host: Host = None,
    port: Port = None,
    as_json: JsonLogs = False,
) -> None:
    """Serve the authorization server, its pages, and the gateway unless fhir.gateway is off."""
    Serve(target_of(context).config, host, port, as_json).run()


@app.command(epilog=example("assent gateway --port 9201"))
def gateway(
    context: typer.Context,
    host: Host = None,
    port: Port = None,
    as_json: JsonLogs = False,
) -> None:
    """Serve the gateway alone, in front of the FHIR server."""
    Gateway(target_of(context).config, host, port, as_json).run()


@app.command(epilog=example("assent demo", "assent demo --port 9300 --folder /tmp/demo --no-browser"))
def demo(
    port: Annotated[
        int | None,
        typer.Option(metavar="PORT", help="The port, and so the issuer; 9200 by default.", min=1, max=65535),
    ] = None,
    folder: Annotated[
        Path, typer.Option(metavar="DIR", help="Where the demo is kept; one that is there goes on.")
    ] = Path("demo"),
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the start page, where there is a display.")
    ] = True,
) -> None:
    """Run everything at once on this machine, with made-up people and records. Never for real ones."""
    Demo(folder, port, browser).run()
