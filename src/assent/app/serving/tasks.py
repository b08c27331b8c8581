"""Work of a serving process beside its requests: the clock, what has expired, apps' logos, what is loaded late.

Each round of what is periodic stands for itself.
"""

import asyncio
import gc
import importlib
import random

from assent.app.installation import Installation
from assent.storage.interface import StorageError
from assent.web.languages import BUILT_IN, built_in_file
from assent.web.log import Log

CLOCK_SECONDS = 20.0
SWEEP_SECONDS = 300.0
LOADS_AHEAD_AFTER_SECONDS = 1.0
_LOADED_AHEAD = (
    "assent.app.serving.browsers",
    "jinja2",
    "assent.app.outbound.session",
    "assent.app.outbound.smtp",
)


async def periodic_work(installation: Installation, log: Log) -> None:
    """Runs until it is cancelled."""
    await asyncio.gather(_keep_time(installation, log), _sweep(installation, log))


async def work_beside_pages(installation: Installation, log: Log) -> None:
    """The same of a process that shows pages, which fetches the logos for them, too."""
    await asyncio.gather(_load_ahead(), periodic_work(installation, log), installation.logos.work(log))


async def _load_ahead() -> None:
    """Loads what a server can listen without, so that nobody's request waits for it; nor does the start."""
    await asyncio.sleep(LOADS_AHEAD_AFTER_SECONDS)
    await asyncio.to_thread(_load)
    gc.freeze()  # it stays, as what was loaded before does


def _load() -> None:
    for module in _LOADED_AHEAD:
        importlib.import_module(module)
    for language in BUILT_IN:
        built_in_file(language)


async def _keep_time(installation: Installation, log: Log) -> None:
    while True:
        await asyncio.sleep(CLOCK_SECONDS)
        try:
            await installation.clock.synchronise(installation.backend)
        except StorageError as error:
            log.warning("clock_not_synchronised", cause=str(error))


async def _sweep(installation: Installation, log: Log) -> None:
    while True:
        # nodes of one installation do not sweep at the same moment
        await asyncio.sleep(SWEEP_SECONDS * random.uniform(0.7, 1.3))  # noqa: S311 - spreads load, hides nothing
        try:
            dropped = await installation.backend.sweep(int(installation.clock()))
        except StorageError as error:
            log.warning("not_swept", cause=str(error))
            continue
        if dropped:
            log.info("swept", rows=dropped)
