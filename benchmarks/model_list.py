"""How long a listing of 5,000 model files takes, cold and warm: ``python -m benchmarks.model_list``."""

from __future__ import annotations

import json
import struct
import tempfile
import time
from pathlib import Path

from benchmarks.server import running
from benchmarks.table import print_table

FILES = 5000


def write_files(folder: Path) -> list[Path]:
    """Small files with the tensor names of an SD1 checkpoint's first layers."""
    names = [f"model.diffusion_model.input_blocks.{index}.0.weight" for index in range(12)]
    shapes = [[4, 4, 3, 3]] * len(names)
    header, position = {}, 0
    for name, shape in zip(names, shapes, strict=True):
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [position, position + 288]}
        position += 288
    raw = json.dumps(header).encode()
    content = struct.pack("<Q", len(raw)) + raw + bytes(position)
    paths = [folder / f"model-{index}.safetensors" for index in range(FILES)]
    for path in paths:
        path.write_bytes(content)
    return paths


def main() -> None:
    """List over the API, first with empty caches, then again."""
    with tempfile.TemporaryDirectory() as folder:
        paths = write_files(Path(folder))
        with running(["--skip-load-model-at-start", "--no-hashing", "--ckpt-dir", folder], checkpoints=()) as server:
            server.wait_for("/internal/ping")
            times = []
            for _ in range(3):
                started = time.monotonic()
                count = len(server.get("/sdapi/v1/sd-models"))
                times.append(time.monotonic() - started)
    rows = [[f"cold ({count} of {len(paths)} listed)", f"{times[0]:.2f} s"], ["again", f"{min(times[1:]):.2f} s"]]
    print_table(f"Listing {FILES} checkpoint files", ["what", "time"], rows)


if __name__ == "__main__":
    main()
