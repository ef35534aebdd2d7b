"""The reports of the browser tests as people read them: Markdown from what was found."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

Found = Mapping[str, Any]
IMPACTS = ("critical", "serious", "moderate", "minor")


def accessibility(found: Found) -> str:
    """``found``: by place, what axe-core has against it."""
    lines = ["# Accessibility", "", "What axe-core finds on each tab, by impact; tests fail for anything.", ""]
    lines += _table("place", IMPACTS, {place: Counter(str(each["impact"]) for each in against) for place, against in found.items()})
    for place, against in found.items():
        for each in against:
            lines += ["", f"## {place}: {each['id']} ({each['impact']})", "", f"{each['help']}. {each['helpUrl']}", ""]
            lines += [f"* `{' '.join(map(str, node['target']))}`: `{node['html']}`" for node in each["nodes"]]
    return "\n".join(lines) + "\n"


def console(found: Found) -> str:
    """``found``: by test, for each place of the page that it was at, what came on the browser's console."""
    lines = ["# The browser's console", "", f"{len(found)} tests listened. They fail for errors that they do not expect.", ""]
    places = {f"{test}, {place}": told for test, by_place in found.items() for place, told in by_place.items() if told or len(by_place) > 1}
    counts = {place: Counter(each["type"] for each in told) for place, told in places.items()}
    lines += _table("test and place", ("error", "warning"), counts)
    lines += ["", *(f"* {place}: {each['type']}: {each['text']}" for place, told in places.items() for each in told)]
    return "\n".join(lines) + "\n"


def budgets(found: Found) -> str:
    """``found``: by what was measured, all values with their unit and the most that is allowed."""
    lines = ["# Budgets of the page", "", "Measured in Chromium while the tests ran, beside whatever else ran;"]
    lines += ["`docs/performance.md` has figures of a machine with nothing else to do.", ""]
    lines += ["| what | median | smallest | largest | at most |", "| --- | --- | --- | --- | --- |"]
    for what, each in found.items():
        values, unit = each["values"], each["unit"]
        limit = "" if each["limit"] is None else f"{each['limit']} {unit}"
        shown = (f"{value:.2f} {unit}".strip() for value in (statistics.median(values), min(values), max(values)))
        lines.append(f"| {what} | {' | '.join(shown)} | {limit} |")
    return "\n".join(lines) + "\n"


def _table(first: str, columns: tuple[str, ...], rows: Mapping[str, Mapping[str, int]]) -> list[str]:
    head = [f"| {first} | {' | '.join(columns)} |", "| --- |" + " --- |" * len(columns)]
    return head + [f"| {name} | {' | '.join(str(counts.get(column, 0)) for column in columns)} |" for name, counts in rows.items()]


PAGES: Mapping[str, Callable[[Found], str]] = {"accessibility": accessibility, "console": console, "budgets": budgets}
