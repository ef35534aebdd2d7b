"""A full-size SDXL of random weights: loads, one step at 512x512, decodes: ``python -m benchmarks.sdxl [--folder PLACE]``.

Writes 7 GB of float16 weights and removes them at the end. Target: 20 GiB of memory at most on a machine without a graphics card.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.table import print_table

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = ROOT / "tests" / "vectors" / "headers" / "checkpoint-sdxl-base-fp16.json.gz"
SIZE_PX = 512
TARGET_GIB = 20


def write_weights(path: Path) -> None:
    """A checkpoint with the names and shapes of the real one, a tensor at a time: safetensors' layout, written by hand to spare memory."""
    import torch

    shapes: dict[str, list[int]] = json.loads(gzip.decompress(MANIFEST.read_bytes()))["tensors"]
    header, offset = {}, 0
    for name, shape in shapes.items():
        size = 2 * math.prod(shape)
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    generator = torch.Generator().manual_seed(0)
    with path.open("wb") as stream:
        stream.write(len(text).to_bytes(8, "little") + text)
        for name, shape in shapes.items():
            scale = max(1, math.prod(shape[1:])) ** -0.5
            norm = len(shape) == 1 and "norm" in name and name.endswith("weight")
            values = torch.randn(shape, generator=generator) * scale if len(shape) > 1 else torch.full(shape, float(norm))
            stream.write(values.half().numpy().tobytes())


def draw(checkpoint: Path) -> dict[str, float]:
    """Runs in a process with a worker's environment."""
    from app.generation.generate import generate
    from app.testing.hosts import temporary_host
    from app.testing.runs import RecordingRun
    from app.values.request import GenerationRequest

    with tempfile.TemporaryDirectory() as data:
        options = {"flags": {"ckpt-dir": [str(checkpoint.parent)]}, "hash_models": False}
        host = temporary_host(Path(data), None, role="worker", options=options)
        with host.running():
            run = RecordingRun(host, {"live_previews_enable": False})
            fields = {"prompt": "a house", "checkpoint": checkpoint.stem, "sampler": "Euler", "steps": 1, "seed": 1, "save": "spool"}
            started = time.monotonic()
            result = generate(GenerationRequest(**fields, width=SIZE_PX, height=SIZE_PX), run)
            taken = time.monotonic() - started
            sys.stderr.write(f"{result.images[0].infotext}\n{result.comments}\n")
    return {"seconds": taken, "model_s": float(result.info["model_seconds"]), "peak_gib": _peak_gib()}


def _peak_gib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def main() -> int:
    """Write, draw in a process of its own, print; 1 above the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--folder", type=Path, help="where the weights are written")
    arguments = parser.parse_args()
    if arguments.checkpoint:
        sys.stdout.write(json.dumps(draw(arguments.checkpoint)) + "\n")
        return 0
    from extensions.local_executor.launch import worker_environment

    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        checkpoint = Path(folder) / "random-sdxl.safetensors"
        write_weights(checkpoint)
        command = [sys.executable, "-m", "benchmarks.sdxl", "--checkpoint", str(checkpoint)]
        done = subprocess.run(command, cwd=ROOT, env=worker_environment(os.environ), check=True, stdout=subprocess.PIPE, text=True)
        found = json.loads(done.stdout.splitlines()[-1])
    rows = [
        ["loading, one step and decoding, s", f"{found['seconds']:.1f}"],
        ["peak memory, GiB", f"{found['peak_gib']:.1f} (target {TARGET_GIB})"],
    ]
    print_table(f"Full-size SDXL, {SIZE_PX}x{SIZE_PX}", ["what", ""], rows)
    return int(found["peak_gib"] > TARGET_GIB)


if __name__ == "__main__":
    sys.exit(main())
