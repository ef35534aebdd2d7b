"""The page in Chromium with all built-in extensions: opening, typing, switching tabs, Generate, weight: ``python -m benchmarks.page``."""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from benchmarks.server import running
from benchmarks.table import print_table, spread

ROUNDS = 5
LETTERS = "a lighthouse, waves, dark"
LETTER_MS = 70
REST_MS = 300
PATIENCE_MS = 120_000
MIB = 1024 * 1024
LIMITS = {"open": 2000, "open again": 2000, "key": 30, "first switch": 400, "later switch": 150, "queued": 300, "weight": 5.0}
QUIET = ("--skip-load-model-at-start", "--no-hashing")
NAMES = {
    "open": ("page usable, empty cache", "ms"),
    "work: open": ("processor time of the page's process for that", "ms"),
    "open again": ("page usable, once more", "ms"),
    "work: open again": ("processor time of the page's process, once more", "ms"),
    "key": ("keystroke until it is painted", "ms"),
    "first switch": ("first switch to a tab", "ms"),
    "later switch": ("later switches", "ms"),
    "queued": ("click on Generate until the job is in the queue", "ms"),
    "weight": ("transferred with an empty cache", "MiB"),
    "requests": ("requests for that", ""),
}
USABLE = "#tabs:not([inert])"
WATCH = """() => {
    const tabs = document.querySelector("#tabs");
    const box = document.querySelector("#txt2img_generate_box[data-phase]");
    if (tabs && !tabs.inert && box) {
      watching.disconnect();
      requestAnimationFrame(() => setTimeout(() => (window.usableMs = performance.now())));
    }
  };
  const watching = new MutationObserver(look);
  watching.observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["inert", "data-phase"] });
}"""
KEYS = """() => {
  window.keyMs = [];
  let pressed = 0;
  document.addEventListener("keydown", (event) => (pressed = event.timeStamp), true);
  document.addEventListener("input", () => {
    requestAnimationFrame(() => setTimeout(() => keyMs.push(performance.now() - pressed)));
  });
}"""
SWITCH = """(id) => new Promise((done) => {
  const button = document.getElementById(`tab_${id}-button`);
  const panel = () => document.getElementById(`tab_${id}`);
  const isWaiting = (view) => view.checkVisibility() && view.querySelector(":scope > p[role=status]")?.textContent.includes("…");
  const isDrawn = () => {
    const shown = panel();
    return shown && shown.checkVisibility() && ![...shown.querySelectorAll(".page-view, .settings-view")].some(isWaiting);
  };
  const started = performance.now();
  const look = () => (isDrawn() ? setTimeout(() => done(performance.now() - started)) : requestAnimationFrame(look));
  button.click();
  requestAnimationFrame(look);
})"""
TABS = "[...document.querySelectorAll('#tabs > .tab-wrapper button[role=tab]')].map((tab) => tab.id.slice(4, -7)).filter((id) => id)"


class Served(Protocol):
    """Where the page is; ``url`` is without a slash at its end."""

    @property
    def url(self) -> str:
        """The address."""
        ...

    def get(self, path: str) -> Any:
        """GET JSON."""
        ...


@dataclass
class Measured:
    """All values by what they are of; ``complaints`` are errors of the console and refused requests."""

    values: dict[str, list[float]] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def add(self, what: str, value: float) -> None:
        """One more value."""
        self.values.setdefault(what, []).append(value)


def main() -> None:
    """Measure, print the table, and end with 1 when a limit was passed or the console had an error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    measured = Measured()
    with running(QUIET) as server, chromium() as browser:
        server.wait_for("/config")
        for _ in range(rounds):
            visit(browser, server, measured)
    passed = report(measured)
    sys.exit(0 if passed and not measured.complaints else 1)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    program = shutil.which("chromium") or shutil.which("google-chrome") or ""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield browser
        browser.close()


def visit(browser: Browser, server: Served, measured: Measured, rest_ms: int = REST_MS, letters: str = LETTERS) -> None:
    """One person with an empty cache: opens the page, opens it again, and uses it; ``rest_ms`` before each later switch."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    page = open_page(context, server, measured, "open", weigh=True)
    page.close()
    page = open_page(context, server, measured, "open again")
    page.wait_for_load_state("networkidle")
    for tab in [each for each in page.evaluate(TABS) if each != "txt2img"]:
        took = page.evaluate(SWITCH, tab)
        measured.add("first switch", took)
        measured.add(f"first switch to {tab}", took)
    for tab in page.evaluate(TABS):
        page.wait_for_timeout(rest_ms)
        measured.add("later switch", page.evaluate(SWITCH, tab))
    page.evaluate(SWITCH, "txt2img")
    type_prompt(page, measured, letters)
    generate(page, server, measured)
    context.close()


def open_page(context: BrowserContext, server: Served, measured: Measured, what: str, *, weigh: bool = False) -> Page:
    """Open the page and wait until its controls can be used and are painted."""
    page = context.new_page()
    page.on("console", lambda message: measured.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: measured.complaints.append(str(error)))
    page.on("response", lambda answer: measured.complaints.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
    weights: list[float] = []
    session = context.new_cdp_session(page)
    session.send("Performance.enable")
    if weigh:
        session.send("Network.enable")
        session.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    page.add_init_script(f"({WATCH})()")
    page.goto(server.url)
    page.wait_for_function("window.usableMs")
    measured.add(what, page.evaluate("usableMs"))
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    measured.add(f"work: {what}", metrics["ProcessTime"] * 1000)
    if weigh:
        page.wait_for_load_state("networkidle")
        measured.add("weight", sum(weights) / MIB)
        measured.add("requests", len(weights))
    return page


def type_prompt(page: Page, measured: Measured, letters: str) -> None:
    """Letters into the prompt, as somebody types them; each until it is painted."""
    page.evaluate(KEYS)
    box = page.locator("#txt2img_prompt textarea")
    box.click()
    for letter in letters:
        box.press(letter if letter != " " else "Space")
        page.wait_for_timeout(LETTER_MS)
    for value in page.evaluate("keyMs"):
        measured.add("key", value)
    page.keyboard.press("Escape")


def generate(page: Page, server: Served, measured: Measured) -> None:
    """Click on Generate until the job stands in the queue, by the clock of the machine that both are on."""
    clicked = page.evaluate("() => { const now = Date.now(); document.querySelector('#txt2img_generate').click(); return now; }")
    page.wait_for_selector("#txt2img_generate_box:not([data-phase=idle])")
    newest = max(server.get("/paintbox/v1/jobs"), key=created_ms)
    measured.add("queued", created_ms(newest) - clicked)
    page.wait_for_selector("#txt2img_generate_box[data-phase=idle]")


def created_ms(job: dict[str, Any]) -> float:
    """When a job was put into the queue, in milliseconds."""
    return float(job["created"]) * 1000


def report(measured: Measured) -> bool:
    """Print the table; whether every limit holds for the median."""
    rows, passed = [], True
    for key, (name, unit) in NAMES.items():
        values = measured.values[key]
        limit = LIMITS.get(key)
        passed = passed and (limit is None or statistics.median(values) <= limit)
        rows.append([name, spread(values, unit, 2 if unit == "MiB" else 0), "" if limit is None else f"{limit} {unit}"])
    for key in (key for key in measured.values if key.startswith("first switch to ")):
        rows.append([key, spread(measured.values[key], "ms", 0), ""])
    load = os.getloadavg()[0]
    print_table(f"The page in Chromium, {os.cpu_count()} processors, load {load:.1f}", ("what", "median (range)", "at most"), rows)
    sys.stdout.write("".join(f"console: {complaint}\n" for complaint in dict.fromkeys(measured.complaints)))
    return passed


if __name__ == "__main__":
    main()
