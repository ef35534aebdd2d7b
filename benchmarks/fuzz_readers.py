"""Damaged files by the million through every reader of files from outside: ``python -m benchmarks.fuzz_readers --inputs 1000000``.

Each part runs in a process that may take 256 MiB beside what it begins with; an input that makes it fail, die or take seconds is kept
in the folder that is named at the end, and the exit code is 1. The same ``--seed`` gives the same inputs.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random

from app.errors import UserError
from app.testing.mutations import damage, damage_inside, random_edits
from app.testing.readers import READERS
from app.weights.header_child import MEMORY_BYTES
from benchmarks.table import print_table

SHARES = {"pickle": 0.5, "tensors": 0.1, "safetensors": 0.2, "image": 0.2}
PART = 20_000
SLOW_SECONDS = 5.0
PART_SECONDS = 1800.0
SLOW_MARK = "slow"


def make_input(seeds: list[bytes], number: str) -> bytes:
    """The input of this name, the same every time."""
    random = Random(number)
    raw = random.choice(seeds)
    edits = random_edits(random)
    return damage(raw, edits) if random.random() < 0.4 else damage_inside(raw, edits, random.randrange(20))


def run_part(name: str, numbers: range, seed: int, kept: Path) -> dict[str, float]:
    """Try some inputs in this process; returns what came of them."""
    reader = READERS[name]
    seeds = reader.seeds()
    found: Counter[str] = Counter()
    slowest, current = 0.0, kept / f"{name}-{os.getpid()}.current"
    if name == "tensors":
        importlib.import_module("torch")  # what it takes is not counted
    _limit_memory()
    for number in numbers:
        raw = make_input(seeds, f"{seed}-{name}-{number}")
        current.write_bytes(raw)
        started = time.perf_counter()
        try:
            reader.read(raw)
            found["read"] += 1
        except UserError:
            found["refused"] += 1
        except Exception:  # noqa: BLE001 - whatever else it is, it is what this looks for
            found["failed"] += 1
            current.replace(kept / f"{name}-{number}.bin")
            (kept / f"{name}-{number}.txt").write_text(traceback.format_exc(), encoding="utf-8")
        seconds = time.perf_counter() - started
        slowest = max(slowest, seconds)
        if seconds > SLOW_SECONDS:
            found[SLOW_MARK] += 1
            (kept / f"{name}-{number}.{SLOW_MARK}").write_bytes(raw)
    current.unlink(missing_ok=True)
    return {**found, "slowest": slowest, "peak": _peak_bytes()}


def _limit_memory() -> None:
    import resource

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _peak_bytes() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def run_apart(name: str, numbers: range, seed: int, kept: Path) -> dict[str, float]:
    """Try some inputs in a process of their own."""
    command = [sys.executable, "-m", "benchmarks.fuzz_readers", "--part", name, "--seed", str(seed), "--kept", str(kept)]
    command += ["--first", str(numbers.start), "--inputs", str(len(numbers))]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PART_SECONDS)
    except subprocess.TimeoutExpired:
        return {"died": 1}
    if done.returncode != 0:
        (kept / f"{name}-{numbers.start}.txt").write_text(done.stderr[-4000:], encoding="utf-8")
        return {"died": 1}
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> int:
    """Try all of them, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", choices=READERS, help=argparse.SUPPRESS)
    parser.add_argument("--first", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--kept", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    kept = given.kept or Path(tempfile.mkdtemp(prefix="fuzz-"))
    if given.part:
        result = run_part(given.part, range(given.first, given.first + given.inputs), given.seed, kept)
        sys.stdout.write(json.dumps(result) + "\n")
        return 0
    rows, bad = [], 0
    for name, share in SHARES.items():
        row = _run_reader(name, max(1, round(share * given.inputs)), given.seed, kept)
        bad += int(row["failed"] + row["died"] + row[SLOW_MARK])
        rows.append([name, *(f"{int(row[key]):,}" for key in ("read", "refused", "failed", SLOW_MARK, "died")), *_times(row)])
    print_table(
        f"{given.inputs:,} damaged files", ["reader", "read", "refused", "failed", "slow", "died", "slowest", "peak memory", "time"], rows
    )
    if bad:
        sys.stdout.write(f"\nInputs and tracebacks are in {kept}\n")
    return 1 if bad else 0


def _run_reader(name: str, count: int, seed: int, kept: Path) -> Counter[str]:
    total: Counter[str] = Counter()
    started = time.monotonic()
    for first in range(0, count, PART):
        part = run_apart(name, range(first, min(count, first + PART)), seed, kept)
        for key in ("slowest", "peak"):
            total[key] = max(total[key], part.pop(key, 0))  # type: ignore[assignment]
        total.update({key: int(value) for key, value in part.items()})
        sys.stderr.write(f"{name}: {min(count, first + PART):,} of {count:,}\n")
    total["time"] = round(time.monotonic() - started)
    return total


def _times(row: Counter[str]) -> list[str]:
    return [f"{1000 * row['slowest']:.0f} ms", f"{row['peak'] / (1 << 20):.0f} MiB", f"{row['time']} s"]


if __name__ == "__main__":
    sys.exit(main())
