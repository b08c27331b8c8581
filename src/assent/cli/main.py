"""`assent`, begun: who reads its command line, and how a failure is told."""

import sys
from collections.abc import Sequence

from assent.cli.plain import read_plain


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command line and exits: 0 done, 1 refused, 2 misused, 130 interrupted."""
    try:
        plain = read_plain(sys.argv[1:] if arguments is None else arguments)
        if plain is None:
            from assent.cli.commands import app

            app(arguments, prog_name="assent")
        else:
            plain.run()
            sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        mistakes = _expected(error)
        if mistakes is None:
            raise
        from assent.cli.output import complain

        complain(mistakes)
        sys.exit(1)


def _expected(error: Exception) -> Sequence[str] | None:
    """What to tell of a failure that may happen to anybody; None for one that is a bug."""
    kinds = tuple(getattr(sys.modules[module], name) for module, name in _EXPECTED if module in sys.modules)
    if not isinstance(error, kinds):
        return None
    mistakes: Sequence[str] = getattr(error, "mistakes", [str(error)])
    return mistakes


_EXPECTED = (
    ("assent.actions.refusals", "Refused"),
    ("assent.app.configuration", "ConfigurationError"),
    ("assent.app.demo", "DemoRefused"),
    ("assent.app.installation", "InstallationError"),
    ("assent.app.serving.server", "PortTaken"),
    ("assent.engine.sealing", "SealBroken"),
    ("assent.engine.server", "RecordSystemDown"),
    ("assent.fhir.upstream", "UpstreamDown"),
    ("assent.storage.interface", "StorageError"),
    ("assent.web.skins.findings", "SkinRefused"),
)
"""By module and name: an error can only have been raised by what was imported, and nothing is imported to look."""
