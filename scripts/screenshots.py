"""Every page of the running demo as a picture, to be looked at: desktop and phone, light and dark.

    python -m scripts.screenshots [NAME …]     (`make screenshots`; names of single pages, all of them by default)

Starts a demo of its own in a temporary folder, goes to each page as a person would, and writes the pictures into
`screenshots/`. The few that the documentation shows are written into `docs/images/` too.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from scripts.free_ports import free_port
from scripts.pages_to_show import EXTRA_CLIENT, JOURNEYS, Journey
from scripts.small_png import small_png

ROOT = Path(__file__).resolve().parents[1]
SCREENSHOTS = ROOT / "screenshots"
IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 100_000
PHONE, DESKTOP = {"width": 360, "height": 640}, {"width": 1280, "height": 800}
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

SHOWN = {
    "start": (DESKTOP, "light"),
    "approve": (PHONE, "light"),
    "approve-child": ({"width": 720, "height": 900}, "light"),
    "approve-changes": (PHONE, "dark"),
    "app": ({"width": 1280, "height": 620}, "light"),
    "access": ({"width": 760, "height": 560}, "light"),
}
"""What the documentation shows: the page, its window and its colours."""


def main() -> int:
    """Draws what the command line names; 1 when a page was wider than its window, 2 when there is no such page."""
    names = sys.argv[1:] or list(JOURNEYS)
    unknown = [name for name in names if name not in JOURNEYS]
    if unknown:
        print(f"no such page: {', '.join(unknown)}\nthere are: {', '.join(JOURNEYS)}", file=sys.stderr)
        return 2
    SCREENSHOTS.mkdir(exist_ok=True)
    IMAGES.mkdir(exist_ok=True)
    complaints: list[str] = []
    with demo() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=OPTIONS)
        for name in names:
            complaints += draw(browser, url, name, JOURNEYS[name])
        browser.close()
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    print(f"{len(names)} pages are in {SCREENSHOTS}")
    return 1 if complaints else 0


def draw(browser: Browser, url: str, name: str, journey: Journey) -> list[str]:
    """Goes to one page and takes its pictures; what is wrong with it."""
    context = browser.new_context(locale="en-GB", viewport=DESKTOP, reduced_motion="reduce")  # type: ignore[arg-type]
    page = journey(context.new_page(), url)
    complaints = []
    for kind, viewport in (("desktop", DESKTOP), ("phone", PHONE)):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        if page.evaluate("document.documentElement.scrollWidth") > viewport["width"]:
            complaints.append(f"{name} is wider than a {kind}")
        for colours in ("light", "dark"):
            page.emulate_media(color_scheme=colours)  # type: ignore[arg-type]
            page.screenshot(
                path=SCREENSHOTS / f"{name}-{kind}-{colours}.png", full_page=True, animations="disabled"
            )
    if name in SHOWN:
        complaints += show(browser, page, name)
    context.close()
    return complaints


def show(browser: Browser, page: Page, name: str) -> list[str]:
    """The picture for the documentation: the window alone, and small enough to be kept in the repository."""
    viewport, colours = SHOWN[name]
    page.set_viewport_size(viewport)  # type: ignore[arg-type]
    page.emulate_media(color_scheme=colours)  # type: ignore[arg-type]
    page.evaluate("scrollTo(0, 0)")
    file = IMAGES / f"{name}.png"
    file.write_bytes(small_png(browser, page.screenshot(animations="disabled")))
    size = file.stat().st_size
    return [f"{file} has {size} bytes"] if size > MOST_BYTES else []


@contextmanager
def demo() -> Iterator[str]:
    """A running demo of its own, with one more client; its URL."""
    port = free_port()
    folder, url = Path(tempfile.mkdtemp(prefix="assent-screenshots-")), f"http://localhost:{port}"
    assent = str(Path(sys.executable).with_name("assent"))
    command = [assent, "demo", "--port", str(port), "--folder", str(folder / "demo"), "--no-browser"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(f"{url}/health/ready")
        (folder / "client.json").write_text(EXTRA_CLIENT.replace("{url}", url))
        config = str(folder / "demo" / "assent.toml")
        subprocess.run(
            [assent, "--config", config, "client", "import", str(folder / "client.json")],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        yield url
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder)


def wait_for(url: str) -> None:
    """Returns when something answers there; RuntimeError after two minutes."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            if httpx.get(url, timeout=30).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"nothing answers at {url}")


def chromium() -> str:
    """The browser's program."""
    found = os.environ.get("ASSENT_TEST_CHROMIUM") or shutil.which("chromium")
    if not found:
        raise RuntimeError("no browser: install Debian's package chromium")
    return found


if __name__ == "__main__":
    sys.exit(main())
