"""How long from the command to the page, to a ready worker and to the first picture: ``python -m benchmarks.start``."""

from __future__ import annotations

import time

from benchmarks.server import running
from benchmarks.table import print_table, spread

RUNS = 3


def main() -> None:
    """Start Paintbox several times on the demo checkpoint."""
    pages: list[float] = []
    pictures: list[float] = []
    for _ in range(RUNS):
        with running() as server:
            pages.append(server.wait_for("/"))
            server.post("/sdapi/v1/txt2img", {"prompt": "day, house", "steps": 20, "seed": 1})
            pictures.append(time.monotonic() - server.started)
    rows = [["start to page", spread(pages)], ["start to first picture (20 steps, demo checkpoint)", spread(pictures)]]
    print_table("Start", ["what", f"median of {RUNS} (range)"], rows)


if __name__ == "__main__":
    main()
