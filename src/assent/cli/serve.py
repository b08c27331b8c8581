"""`assent serve`, `gateway`, `demo`: what runs until it is stopped. SIGTERM and Ctrl-C finish what has begun."""

import gc
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assent.cli.installation import settings_of, target_of
from assent.cli.output import example

if TYPE_CHECKING:
    from assent.app.settings import Settings

app = typer.Typer(rich_markup_mode=None)

_COLLECTED_WHILE_LOADING: Final = 100_000
"""The garbage collector would else look through all that is being loaded, a hundred times, and find nothing."""

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
    settings = _checked_settings(context, host, port, as_json=as_json)
    from assent.app.serving.server import serve as serve_installation

    serve_installation(settings, target_of(context).config.parent)


@app.command(epilog=example("assent gateway --port 9201"))
def gateway(
    context: typer.Context,
    host: Host = None,
    port: Port = None,
    as_json: JsonLogs = False,
) -> None:
    """Serve the gateway alone, in front of the FHIR server."""
    settings = _checked_settings(context, host, port, as_json=as_json)
    from assent.app.serving.server import serve_gateway

    serve_gateway(settings, target_of(context).config.parent)


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
    from assent.app.demo import DemoOptions, run_demo

    run_demo(DemoOptions(folder, port, browser))


def _checked_settings(
    context: typer.Context, host: str | None, port: int | None, *, as_json: bool
) -> "Settings":
    """The settings, once the files that they name are known to be fit: every mistake is told before the start."""
    gc.set_threshold(_COLLECTED_WHILE_LOADING)
    from assent.app.configuration import ConfigurationError
    from assent.app.rules.files import file_mistakes

    settings = settings_of(context)
    mistakes = file_mistakes(settings, target_of(context).config.parent)
    if mistakes:
        raise ConfigurationError(mistakes)
    server = settings.server
    return replace(
        settings,
        server=replace(
            server,
            host=host or server.host,
            port=port or server.port,
            log_format="json" if as_json else server.log_format,
        ),
    )
