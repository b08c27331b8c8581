"""Pictures that strangers sent, made into PNGs of our own by a process that may do little (`app.picture_program`).

Owns the process: one at a time, no environment, a limit of time. Fulfils `actions.apps.logos.MakePicture`.
"""

import asyncio
import sys
from typing import Final

from assent.actions.apps.logos import BadPicture

SECONDS: Final = 20.0
_PROGRAM: Final = "assent.app.picture_program"
_LONGEST_REASON: Final = 200


class PictureMaker:
    """Makes PNGs, one at a time."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def __call__(self, content: bytes) -> bytes:
        """A small PNG of the picture in `content`. Raises `BadPicture`."""
        async with self._turn:
            process = await _start()
            try:
                async with asyncio.timeout(SECONDS):
                    png, reason = await process.communicate(content)
            except TimeoutError as error:
                raise BadPicture("it took too long to decode") from error
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        if process.returncode == 1 and reason:
            raise BadPicture(reason.decode(errors="replace").splitlines()[-1][:_LONGEST_REASON])
        if process.returncode != 0 or not png:
            raise BadPicture(f"the decoder ended with status {process.returncode}")
        return png


async def _start() -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-I", "-m", _PROGRAM),  # isolated: nothing of the user's or of the folder's is imported
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={},
            cwd="/",
        )
    except OSError as error:
        raise BadPicture(f"the decoder could not be started: {error.strerror}") from error
