"""Chromium, and two kinds of sites for it: one with a staged executor, one with a real worker and the demo checkpoint."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from app.paths import CHECKOUT
from tests.reports import PARTS, add_part
from tests.web.conftest import Site, make_site  # noqa: F401  (a fixture used here too)

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
DEMO = CHECKOUT / "models" / "Stable-diffusion" / "paintbox-demo.safetensors"
START_S = 120
PATIENCE_MS = 90_000
SHOT_MS = 15_000
SHOTS = Path(os.environ.get("PAINTBOX_SCREENSHOTS", CHECKOUT / "build" / "screenshots"))
"""Where pictures of all tabs and of what each test ended with are written; git ignores it."""
FEATURES = (
    "txt2img",
    "checkpoints",
    "samplers",
    "noise_schedules",
    "stable_diffusion",
    "save_buttons",
    "prompt_drop",
    "styles",
    "comfyui_metadata",
)


def chromium_program() -> str:
    """Path of the browser; without one the test fails, because a page that no browser has shown is not tested."""
    for name in PROGRAMS:
        path = shutil.which(name)
        if path is not None:
            return path
    pytest.fail(
        "These tests need Chromium, which is not installed."
        " On Debian and Ubuntu: sudo apt-get install chromium fonts-dejavu-core libatomic1;"
        " elsewhere install Chromium or Chrome with the system's package manager. Without them: pytest -m 'not browser'.",
        pytrace=False,
    )


def present(checkpoint: Path) -> Path:
    """The file; the test fails when it is not there."""
    if not checkpoint.is_file():
        pytest.fail(f"The demo checkpoint {checkpoint} is missing. It belongs to the repository: git checkout -- models", pytrace=False)
    return checkpoint


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a file; it is gone before others run, whose event loops it would hinder."""
    program = chromium_program()
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*as_root, *FLAGS])
        yield browser
        browser.close()


@dataclass
class Visit:
    """A browser window on the page; whatever goes wrong in it is remembered in ``complaints``."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    place: str = "page"
    """Where in the page the test is, for the report of the console; ``heard`` is by place."""
    heard: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def go_to(self, place: str) -> None:
        """What comes from now on belongs to this place."""
        self.place = place
        self.heard.setdefault(place, [])

    def open(self) -> Page:
        """Go to the page and wait until it is drawn and has asked for its job."""
        self.page.goto(self.url)
        self.page.wait_for_selector("#txt2img_generate", state="attached")
        self.page.wait_for_selector("#txt2img_generate_box[data-phase]")
        self.page.wait_for_selector("#tabs:not([inert])", state="attached")
        return self.page

    def watch(self) -> None:
        """Remember errors on the console, requests to other hosts and refused requests."""
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.heard.setdefault(self.place, []).append({"type": message.type, "text": message.text})
        if message.type == "error" and "net::ERR_CONNECTION_REFUSED" not in message.text:  # the page may outlive its server
            self.complaints.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.complaints.append(f"request elsewhere: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.url}")


Visitor = Callable[..., Visit]


def wait_until(page: Page, asked: str) -> None:
    """Ask the page again until ``asked``, a function that may be asynchronous (``wait_for_function`` waits for no promise), gives true."""
    ask_again = f"async () => {{ while (!(await ({asked})())) await new Promise((go) => setTimeout(go, 100)); }}"
    page.evaluate(ask_again)


@pytest.fixture(scope="module")
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """One profile for the tests of a file, so that the page's files are fetched and compiled once; a tab's memory is its own anyway."""
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


Reporter = Callable[[str, str, Any], None]


@pytest.fixture
def report(pytestconfig: pytest.Config) -> Reporter:
    """Add to a report in ``build/reports``: ``report("accessibility", "Settings", [...])``."""
    return partial(add_part, pytestconfig.stash[PARTS])


def photograph(page: Page, test: str, number: int) -> None:
    """What a window shows when its test ends, also when it failed; ``test`` is ``file::name``."""
    file, _, name = test.rpartition("/")[2].partition(".py::")
    path = SHOTS / file.removeprefix("test_") / f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}{f'-{number}' if number else ''}.jpg"
    with suppress(PlaywrightError):  # of a window that the test has closed there is no picture
        page.screenshot(path=path, type="jpeg", quality=70, timeout=SHOT_MS)


@pytest.fixture
def visitor(context: BrowserContext, request: pytest.FixtureRequest, report: Reporter) -> Iterator[Visitor]:
    """Open windows: ``visitor(url)``; at the end each is photographed, and none of them may have complained."""
    visits: list[Visit] = []

    def open_window(url: str, *, width: int = 1280, height: int = 900) -> Visit:
        visit = Visit(context.new_page(), url)
        visit.page.set_viewport_size({"width": width, "height": height})
        visit.watch()
        visits.append(visit)
        return visit

    yield open_window
    for number, visit in enumerate(visits):
        photograph(visit.page, request.node.nodeid, number)
        visit.page.close()
    heard = [(place, told) for visit in visits for place, told in visit.heard.items()]
    report("console", request.node.nodeid, {place: [each for here, told in heard if here == place for each in told] for place, _ in heard})
    assert [complaint for visit in visits for complaint in visit.complaints] == []


@dataclass(frozen=True)
class StagedPage:
    """A served site whose executor does what the test says."""

    site: Site
    url: str


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.fixture(scope="session")
def port() -> int:
    """The port that the staged sites take one after another."""
    return free_port()


@contextmanager
def served(site: Site, port: int) -> Iterator[StagedPage]:
    """A site that listens."""
    server = uvicorn.Server(uvicorn.Config(site.client.app, port=port, log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, name="staged-site", daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        thread.join(0.02)
    try:
        yield StagedPage(site, f"http://127.0.0.1:{port}/")
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def staged(make_site: Callable[..., Site], port: int) -> Iterator[StagedPage]:  # noqa: F811
    """A served site."""
    with served(make_site(*FEATURES), port) as page:
        yield page


@pytest.fixture
def staged_img2img(make_site: Callable[..., Site], port: int) -> Iterator[StagedPage]:  # noqa: F811
    """A served site with the img2img tab."""
    with served(make_site(*FEATURES, "img2img", "soft_inpainting"), port) as page:
        yield page


@pytest.fixture
def staged_checkpoint(make_site: Callable[..., Site], port: int) -> Iterator[StagedPage]:  # noqa: F811
    """A served site with a checkpoint of the tiny family, for which a word is a token."""
    from app.testing.tiny import TinyPlugin, write_tiny_checkpoint

    site = make_site(*FEATURES)
    write_tiny_checkpoint(Path(site.host.paths.models) / "Stable-diffusion" / "first.safetensors")
    site.host.hooks.register("tiny", TinyPlugin())
    site.host.refill()
    with served(site, port) as page:
        yield page


@pytest.fixture
def staged_hires(make_site: Callable[..., Site], port: int) -> Iterator[StagedPage]:  # noqa: F811
    """A served site with hires fix."""
    with served(make_site(*FEATURES, "hires_fix"), port) as page:
        yield page


@dataclass(frozen=True)
class RealPage:
    """A running Paintbox with a worker process."""

    url: str
    data: Path
    process: subprocess.Popen[str]

    def pictures(self) -> list[Path]:
        """Finished pictures, oldest first."""
        return sorted((self.data / "outputs").rglob("*.png"))


@pytest.fixture
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealPage]:
    """``python -m app`` in a data folder of its own with the demo checkpoint."""
    demo = present(DEMO)
    data = tmp_path_factory.mktemp("real")
    folder = data / "models" / "Stable-diffusion"
    folder.mkdir(parents=True)
    shutil.copy(demo, folder)
    command = [sys.executable, "-m", "app", "--data-dir", str(data), "--port", str(free_port())]
    log = (data / "log.txt").open("w")
    process = subprocess.Popen(
        command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    try:
        yield RealPage(_url_of(process, data), data, process)
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _url_of(process: subprocess.Popen[str], data: Path) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(r"http://\S+", line)
        if found:
            return found.group()
    raise AssertionError(f"Paintbox ended without serving:\n{(data / 'log.txt').read_text()}")
