"""The installation that a command is about, opened for as long as the command runs."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import typer

if TYPE_CHECKING:
    from assent.app.installation import Installation
    from assent.app.settings import IssuerSettings, Settings
    from assent.engine.sealing import Sealer
    from assent.engine.server import AuthorizationServer
    from assent.fhir.people import FhirRecords
    from assent.fhir.upstream import Upstream

DEFAULT_ISSUER: Final = "default"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Target:
    """What the options before the command say."""

    config: Path
    issuer: str


@dataclass(frozen=True, slots=True)
class Opened:
    """An issuer of an open installation, and who works on it."""

    server: "AuthorizationServer"
    sealer: "Sealer"
    actor: str
    settings: "IssuerSettings"
    records: "FhirRecords"
    upstream: "Upstream"
    installation: "Installation"


def target_of(context: typer.Context) -> Target:
    """The options before the command."""
    target = context.find_root().obj
    if not isinstance(target, Target):
        raise TypeError("the root command sets the target")
    return target


def settings_of(context: typer.Context) -> "Settings":
    """The installation's settings. Raises `ConfigurationError`."""
    from assent.app.configuration import read_settings

    return read_settings(target_of(context).config)


def on_issuer(
    context: typer.Context,
    work: Callable[[Opened], Awaitable[_T]],
    records_of: "Callable[[Settings], Upstream | None]" = lambda _settings: None,
) -> _T:
    """What `work` gives on the issuer that the command is about; a running server sees at once what it changed.

    `records_of` gives what stands for the FHIR server of the settings; None: itself.
    """
    from assent.actions.definitions import nearest
    from assent.actions.refusals import Refused
    from assent.app.configuration import quiet
    from assent.app.installation import open_installation

    target = target_of(context)
    settings = quiet(settings_of(context))
    known = settings.all_issuers()
    if target.issuer not in known:
        raise Refused([f"--issuer: there is no issuer {target.issuer!r}{nearest(target.issuer, known)}"])

    async def run() -> _T:
        folder, upstream = target.config.parent, records_of(settings)
        async with open_installation(settings, folder, upstream=upstream) as installation:
            server = installation.servers[target.issuer]
            opened = Opened(
                server,
                installation.sealer,
                _actor(),
                known[target.issuer],
                installation.records[target.issuer],
                installation.upstreams[target.issuer],
                installation,
            )
            return await work(opened)

    return asyncio.run(run())


def _actor() -> str:
    """Who works here, as the audit log names them."""
    import getpass

    try:
        return f"command:{getpass.getuser()}"
    except (OSError, KeyError):
        return "command"  # a user id without a name, as containers have
