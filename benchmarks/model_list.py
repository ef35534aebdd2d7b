"""How long a listing of 5,000 checkpoint files takes, cold and warm: ``python -m benchmarks.model_list``."""

from __future__ import annotations

import gzip
import json
import struct
import tempfile
import time
from pathlib import Path

from benchmarks.server import ROOT, running
from benchmarks.table import print_table

FILES = 5000
MANIFEST = ROOT / "tests" / "vectors" / "headers" / "checkpoint-sd15-pruned-fp16.json.gz"


def write_files(folder: Path) -> list[Path]:
    """Sparse files with the whole header of a real SD1.5 checkpoint, two gigabytes each by name only."""
    header, position = {}, 0
    for name, shape in json.loads(gzip.decompress(MANIFEST.read_bytes()))["tensors"].items():
        size = 2
        for length in shape:
            size *= length
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [position, position + size]}
        position += size
    raw = json.dumps(header, separators=(",", ":")).encode()
    paths = [folder / f"model-{index}.safetensors" for index in range(FILES)]
    for path in paths:
        with path.open("wb") as file:
            file.write(struct.pack("<Q", len(raw)) + raw)
            file.truncate(8 + len(raw) + position)
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
