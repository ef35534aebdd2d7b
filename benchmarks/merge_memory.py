"""How much memory and time a merge of full-size checkpoints takes: ``python -m benchmarks.merge_memory CHECKPOINT``.

Each merge runs in a process of its own, of which the largest resident set is reported; the files are links to the one given and lie,
like the results, in a temporary folder beside it, which is removed at the end.
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
from collections.abc import Mapping
from pathlib import Path

from benchmarks.table import print_table

MERGES: Mapping[str, Mapping[str, object]] = {
    "weighted sum": {"primary": "a", "secondary": "b"},
    "add difference": {"primary": "a", "secondary": "b", "tertiary": "c", "method": "Add difference"},
    "no interpolation, to bfloat16": {"primary": "a", "method": "No interpolation", "save_as": "bfloat16"},
}
KIB_PER_GIB = 1024 * 1024


def merge(data: Path, request: Mapping[str, object]) -> dict[str, float]:
    """Do one merge here; gigabytes of the result, the resident set before and at its largest in GiB, seconds."""
    from app.testing.hosts import temporary_host
    from app.testing.runs import RecordingRun
    from extensions.checkpoint_merger.merge import merge as run_merge
    from extensions.checkpoint_merger.params import MergeRequest

    host = temporary_host(data, ["checkpoint_merger", "stable_diffusion"], role="worker", options={"hash_models": False})
    with host.running():
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_GIB
        started = time.monotonic()
        result = run_merge(RecordingRun(host), MergeRequest.model_validate(request))
        seconds = time.monotonic() - started
    size = result.info["size_bytes"]
    assert isinstance(size, int)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_GIB
    return {"size": size / 1024**3, "before": before, "peak": peak, "seconds": seconds}


def measure(data: Path, request: Mapping[str, object]) -> dict[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.merge_memory", "--data", str(data), "--request", json.dumps(request)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(told.splitlines()[-1])
    return found


def compare(checkpoint: Path) -> None:
    """Run all merges and print the table."""
    rows = []
    with tempfile.TemporaryDirectory(dir=checkpoint.parent) as folder:
        models = Path(folder) / "models" / "Stable-diffusion"
        models.mkdir(parents=True)
        for name in "abc":
            os.link(checkpoint, models / f"{name}.safetensors")
        for title, request in MERGES.items():
            found = measure(Path(folder), {**request, "custom_name": "result"})
            (models / "result.safetensors").unlink()
            ratio = found["peak"] / found["size"]
            row = [title, *(f"{found[key]:.2f} GiB" for key in ("size", "before", "peak")), f"{ratio:.2f}", f"{found['seconds']:.1f} s"]
            rows.append(row)
    head = ["merge", "result", "resident before", "resident at most", "of the result's size", "time"]
    print_table(f"Merging {checkpoint.name}", head, rows)


def main() -> None:
    """Measure, or be the process that is measured."""
    parser = argparse.ArgumentParser(description="Memory and time of merges of full-size checkpoints.")
    parser.add_argument("checkpoint", type=Path, nargs="?")
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--request", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.data:
        sys.stdout.write(json.dumps(merge(options.data, json.loads(options.request))) + "\n")
    elif options.checkpoint:
        compare(options.checkpoint)
    else:
        parser.error("name a checkpoint")


if __name__ == "__main__":
    main()
