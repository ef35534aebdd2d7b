"""Whether a worker's memory grows: 300 pictures, then 30 changes of checkpoint, VAE and LoRA: ``python -m benchmarks.endurance``.

The demo checkpoint with its companions, and a copy of it, over the API of a real server. The memory after a warm-up of each kind is
compared with that at its end; the target is 3 % at most.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.server import DEMO, Server, running
from benchmarks.table import print_table

WARM_PICTURES, WARM_SWITCHES = 20, 6
VAE = DEMO.parents[1] / "VAE" / "demo-vivid.safetensors"
LORA = DEMO.parents[1] / "Lora" / "demo-framed.safetensors"
TARGET_PERCENT = 3.0
BODY = {"prompt": "day, mountain, house", "steps": 2, "cfg_scale": 6, "width": 128, "height": 128}


def put_companions(data: Path) -> None:
    """The files that are changed, into the folders of a data folder."""
    for file in (VAE, LORA):
        place = data / "models" / file.parent.name
        place.mkdir(parents=True)
        (place / file.name).symlink_to(file)


def worker_bytes(server: Server) -> int:
    """Memory of the worker process: its own pages, without those of files."""
    children = psutil.Process(server.process.pid).children(recursive=True)
    workers = [child for child in children if "worker" in child.cmdline()]
    if len(workers) != 1:
        raise RuntimeError(f"{len(workers)} workers")
    info = workers[0].memory_full_info()
    return int(info.uss)


@dataclass(frozen=True)
class Way:
    """What a picture is drawn with."""

    checkpoint: str
    vae: str = "None"
    tag: str = ""


def draw(server: Server, seed: int, way: Way) -> None:
    """One picture, with a prompt and a size that change now and then."""
    prompt = f"{BODY['prompt']}, {seed % 7}{way.tag}"
    body = {**BODY, "seed": seed, "prompt": prompt, "width": 128 + 64 * (seed % 3 == 0)}
    server.post("/sdapi/v1/txt2img", {**body, "override_settings": {"sd_model_checkpoint": way.checkpoint, "sd_vae": way.vae}})


def growth(server: Server, ways: Sequence[Way], count: int, warm: int) -> list[str]:
    """Draw in one way after another; the numbers of a row."""
    for seed in range(warm):
        draw(server, seed, ways[seed % len(ways)])
    before = worker_bytes(server)
    for seed in range(count):
        draw(server, seed, ways[seed % len(ways)])
    after = worker_bytes(server)
    return [f"{before / 1024**2:.1f}", f"{after / 1024**2:.1f}", f"{100 * (after / before - 1):+.2f} %"]


def main() -> int:
    """Draw and print; 1 where it grows by more than the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=300)
    parser.add_argument("--switches", type=int, default=30)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "paintbox-copy.safetensors"
        shutil.copyfile(DEMO, copy)
        with running(["--no-hashing"], [DEMO, copy], prepare=put_companions) as server:
            server.wait_for("/internal/ping")
            plain = Way(DEMO.stem)
            changes = {
                "checkpoint": Way(copy.stem),
                "VAE": Way(DEMO.stem, vae=VAE.name),
                "LoRA": Way(DEMO.stem, tag=f" <lora:{LORA.stem}:1>"),
            }
            rows = [[f"{arguments.pictures} pictures", *growth(server, [plain], arguments.pictures, WARM_PICTURES)]]
            rows += [
                [f"{arguments.switches} changes of the {what}", *growth(server, [plain, other], arguments.switches, WARM_SWITCHES)]
                for what, other in changes.items()
            ]
    print_table("Memory of the worker, MiB", ["after a warm-up", "before", "after", "growth"], rows)
    return int(any(float(row[-1].split()[0]) > TARGET_PERCENT for row in rows))


if __name__ == "__main__":
    sys.exit(main())
