"""What `serve`, `gateway` and `demo` do, however their command line was read."""

import gc
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from assent.app.settings import Settings

_COLLECTED_WHILE_LOADING: Final = 1_000_000
"""The garbage collector would else look through all that is being loaded, again and again, and find nothing."""


@dataclass(frozen=True, slots=True)
class Listening:
    """The installation of `config`, served; what is given here goes before what its configuration says."""

    config: Path
    host: str | None = None
    port: int | None = None
    as_json: bool = False

    def checked_settings(self) -> "Settings":
        """The settings, once the files that they name are known to be fit: every mistake is told before the start."""
        gc.set_threshold(_COLLECTED_WHILE_LOADING)
        from assent.app.configuration import ConfigurationError, read_settings
        from assent.app.rules.files import file_mistakes

        settings = read_settings(self.config)
        mistakes = file_mistakes(settings, self.config.parent)
        if mistakes:
            raise ConfigurationError(mistakes)
        server = settings.server
        return replace(
            settings,
            server=replace(
                server,
                host=self.host or server.host,
                port=self.port or server.port,
                log_format="json" if self.as_json else server.log_format,
            ),
        )


class Serve(Listening):
    """Everything of an installation."""

    def run(self) -> None:
        """Serves until it is stopped. Raises `ConfigurationError`, and what `app.serving.server.serve` does."""
        settings = self.checked_settings()
        from assent.app.serving.server import serve

        serve(settings, self.config.parent)


class Gateway(Listening):
    """The gateway alone."""

    def run(self) -> None:
        """Serves until it is stopped. Raises as `Serve` does."""
        settings = self.checked_settings()
        from assent.app.serving.server import serve_gateway

        serve_gateway(settings, self.config.parent)


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo in `folder`; on `port`, or the one that it had before, or 9200."""

    folder: Path = Path("demo")
    port: int | None = None
    browser: bool = True

    def run(self) -> None:
        """Runs it until it is stopped. Raises `DemoRefused`, and as `Serve` does."""
        gc.set_threshold(_COLLECTED_WHILE_LOADING)
        from assent.app.demo import DemoOptions, run_demo

        run_demo(DemoOptions(self.folder, self.port, self.browser))
