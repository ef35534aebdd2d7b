"""What a 1024x1024 picture of a full-size SD1.5 takes to decode: ``python -m benchmarks.large_decode [--checkpoint FILE]``.

Random weights unless a file is given; a process of its own in the environment that a worker gets, as a job decodes. Fails above the target.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.full_size import ROOT, write_weights
from benchmarks.table import print_table

SIZE_PX = 1024
TARGET_GIB = 8.0


def decode(checkpoint: Path) -> dict[str, float]:
    """Decode one random latent as the end of a job does; runs in a process of its own."""
    import torch

    from app.generation.decode import decode_pixels
    from app.generation.run_helpers import GenerationRun
    from app.testing.hosts import temporary_host
    from app.testing.runs import RecordingRun

    with tempfile.TemporaryDirectory() as data:
        options = {"flags": {"ckpt-dir": [str(checkpoint.parent)]}, "hash_models": False}
        host = temporary_host(Path(data), None, role="worker", options=options)
        with host.running():
            run = GenerationRun.of(RecordingRun(host), {})
            with run.weights.pin(str(checkpoint), run.load_options(str(checkpoint))) as model, torch.no_grad():
                started = time.monotonic()
                decode_pixels(torch.randn(1, 4, SIZE_PX // 8, SIZE_PX // 8), model, run)
                taken = time.monotonic() - started
    return {"seconds": taken, "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2}


def main() -> int:
    """Decode in a process of its own, print; 1 above the target."""
    from extensions.local_executor.launch import worker_environment

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        sys.stdout.write(json.dumps(decode(arguments.checkpoint)) + "\n")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = arguments.checkpoint or Path(folder) / "random-sd15.safetensors"
        if arguments.checkpoint is None:
            write_weights(checkpoint)
        command = [sys.executable, "-m", "benchmarks.large_decode", "--here", "--checkpoint", str(checkpoint.resolve())]
        done = subprocess.run(command, cwd=ROOT, env=worker_environment(os.environ), check=True, stdout=subprocess.PIPE, text=True)
        found = json.loads(done.stdout.splitlines()[-1])
    rows = [["decoding, s", f"{found['seconds']:.1f}"], ["peak memory, GiB", f"{found['peak_gib']:.2f} (target {TARGET_GIB:g})"]]
    print_table(f"VAE decode at {SIZE_PX}x{SIZE_PX}", ["what", ""], rows)
    return int(found["peak_gib"] > TARGET_GIB)


if __name__ == "__main__":
    sys.exit(main())
