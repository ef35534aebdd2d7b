"""What the host adds to each picture, and requests per second: ``python -m benchmarks.throughput``."""

from __future__ import annotations

import concurrent.futures
import time

from benchmarks.server import Server, running
from benchmarks.table import print_table, spread

REQUESTS = 16
BODY = {"prompt": "day, mountain, house", "steps": 20, "cfg_scale": 6, "seed": 1}


def draw(server: Server, seed: int) -> float:
    """Seconds for one picture over the API."""
    started = time.monotonic()
    server.post("/sdapi/v1/txt2img", {**BODY, "seed": seed})
    return time.monotonic() - started


def main() -> None:
    """Compare the wall time of a request with the time its job spent in the model."""
    with running() as server:
        server.wait_for("/internal/ping")
        draw(server, 0)
        walls, overheads = [], []
        for seed in range(1, 9):
            wall = draw(server, seed)
            newest = server.get("/paintbox/v1/jobs?limit=1")[0]
            model_s = float(newest.get("job", newest)["result"]["info"]["model_seconds"])
            walls.append(wall)
            overheads.append(wall - model_s)
        rows = [["wall time per picture", spread(walls, digits=3)], ["of it outside the model", spread(overheads, digits=3)]]
        for clients in (1, 8):
            with concurrent.futures.ThreadPoolExecutor(clients) as pool:
                started = time.monotonic()
                list(pool.map(lambda seed: draw(server, seed), range(REQUESTS)))
                rate = REQUESTS / (time.monotonic() - started)
            rows.append([f"pictures per second, {clients} client(s)", f"{rate:.2f}"])
    print_table("Host overhead, demo checkpoint, 20 steps", ["what", "median (range)"], rows)


if __name__ == "__main__":
    main()
