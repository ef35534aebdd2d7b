"""Typing into the prompt with 200,000 tags to complete from, in Chromium: ``python -m benchmarks.autocomplete``."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import statistics
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.networks_panel import longest_work
from benchmarks.server import Server, running
from benchmarks.table import print_table

FEW, MANY = 0, 200_000
QUIET = ("--skip-load-model-at-start", "--no-hashing")
SYLLABLES = "ka mi ro ta shi no blue red eye hair long short dress hat cat dog sky star moon light dark wing leaf ear tail hand".split()
PHRASES = (
    "masterpiece, long hair, blue eyes, cat ears, looking up, ",
    "dress, zzqx, shi, a cat with a blue tail, moonlight, nothing like this, ",
)
LETTER_MS = 110
LIMITS = {"work_ms": 30.0, "keystroke_ms": 30.0, "list_ms": 100.0}
"""The longest task of the page's own thread, in processor time; of nineteen letters in twenty: until it, or the list, is painted."""
NOISE = 1.5
"""Where the machine is so busy that a page without tags misses a limit too, one with tags may take so many times as long."""
WATCH = """() => {
  window.typed = { letters: [], lists: [] };
  const box = document.querySelector("#txt2img_prompt textarea");
  let began = 0;
  window.addEventListener("keydown", (event) => (began = event.timeStamp), true);
  box.addEventListener("input", () => {
    const start = began;
    requestAnimationFrame(() => setTimeout(() => window.typed.letters.push(performance.now() - start)));
  });
  new MutationObserver((records) => {
    if (!records.some(({ target }) => target.matches && target.matches(".tag-completions") && target.childElementCount)) return;
    const start = began;
    requestAnimationFrame(() => setTimeout(() => window.typed.lists.push(performance.now() - start)));
  }).observe(document.body, { childList: true, subtree: true });
}"""


@dataclass
class Figures:
    """Milliseconds of each letter: until it was painted, and until the list for it was; how long the first list took."""

    letters: list[float] = field(default_factory=list)
    lists: list[float] = field(default_factory=list)
    first: float = 0.0
    work: float = 0.0

    def judged(self) -> dict[str, float]:
        """What is held against the limits."""
        return {"work_ms": self.work, "keystroke_ms": usual(self.letters), "list_ms": usual(self.lists)}


def write_tags(count: int, data: Path) -> None:
    """Tags of one to four words with categories, counts and aliases, as the files of tag sites have them."""
    if not count:
        return
    chance, names = random.Random(1), set[str]()
    while len(names) < count:
        words = ("".join(chance.choices(SYLLABLES, k=chance.randint(1, 2))) for _ in range(chance.randint(1, 4)))
        names.add("_".join(words))
    (data / "tags").mkdir()
    with (data / "tags" / "danbooru.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for number, name in enumerate(sorted(names, key=lambda _: chance.random())):
            aliases = [f"{chance.choice(SYLLABLES)}{number}" for _ in range(chance.randint(0, 2))]
            writer.writerow([name, chance.choice((0, 0, 0, 1, 3, 4, 5)), 5_000_000 // (number + 1), ",".join(aliases)])


def measure(browser: Browser, server: Server) -> Figures:
    """Type letter by letter; the first letters bring the index and are counted apart."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(server.url)
    page.wait_for_selector("#txt2img_generate_box[data-phase]")
    page.wait_for_selector("#tabs:not([inert])", state="attached")
    page.wait_for_timeout(1000)
    figures = Figures()
    page.click("#txt2img_prompt textarea")
    page.evaluate(WATCH)
    figures.first = _first_list(page)
    page.evaluate("() => { window.typed.letters.length = window.typed.lists.length = 0; }")
    browser.start_tracing(page=page, categories=["toplevel", "devtools.timeline"])
    for phrase in PHRASES:
        page.keyboard.type(phrase, delay=LETTER_MS)
    page.wait_for_timeout(500)
    figures.work = longest_work(json.loads(browser.stop_tracing())["traceEvents"])
    told: dict[str, Any] = page.evaluate("window.typed")
    figures.letters, figures.lists = told["letters"], told["lists"]
    page.close()
    return figures


def _first_list(page: Page) -> float:
    """From the first letter until a list is there, files fetched and read; 0 where there is nothing to complete."""
    page.keyboard.type("lo", delay=LETTER_MS)
    page.wait_for_timeout(4000)
    lists: list[float] = page.evaluate("window.typed.lists")
    page.keyboard.type(", ", delay=LETTER_MS)
    return max(lists, default=0.0)


def usual(values: list[float]) -> float:
    """Nineteen in twenty are no larger."""
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else 0.0


def report(figures: dict[int, Figures]) -> list[str]:
    """Print the table; returns what is above its limit."""
    rows = [
        [f"{count:,}", *(_three(values) for values in (one.letters, one.lists)), f"{one.work:.1f}", f"{one.first:.0f}"]
        for count, one in figures.items()
    ]
    head = ["tags", "letter painted, ms", "list painted, ms", "longest work for a letter, CPU ms", "first list, ms"]
    print_table("Typing into the prompt: median, nineteen of twenty, longest", head, rows)
    load = os.getloadavg()[1] if hasattr(os, "getloadavg") else 0.0
    print_table("Measured", ["what", ""], [["load of the last five minutes", f"{load:.1f}"], ["processors", str(os.cpu_count())]])
    allowed = {name: max(limit, NOISE * figures[FEW].judged()[name]) for name, limit in LIMITS.items()}
    measured = figures[MANY].judged()
    return [f"{name}: {value:.1f} is above {allowed[name]:.1f}" for name, value in measured.items() if value > allowed[name]]


def _three(values: list[float]) -> str:
    return f"{statistics.median(values):.1f}, {usual(values):.1f}, {max(values):.1f} ({len(values)})" if values else "none"


def main() -> None:
    """Measure and judge."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    figures = {}
    with ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for count in (FEW, MANY):
            with running(QUIET, prepare=partial(write_tags, count)) as server:
                server.wait_for("/internal/ping")
                figures[count] = measure(browser, server)
        browser.close()
    above = report(figures)
    for sentence in above:
        sys.stderr.write(f"{sentence}\n")
    sys.exit(1 if above else 0)


if __name__ == "__main__":
    main()
