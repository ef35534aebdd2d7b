"""Where the time of a picture goes: ``python -m benchmarks.steps [--checkpoint FILE] [--size PX] [--steps N]``.

Seconds a step of every sampler against the U-Net's own time in it, then what a picture costs beside its steps: prompts, decoding, encoding,
and how a step grows with the batch. The demo checkpoint unless a file is given.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from app.contracts import EncodeOptions, LoadedModel
from app.generation.generate import generate
from app.generation.run_helpers import GenerationRun
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun
from app.values.request import GenerationRequest
from benchmarks.server import DEMO
from benchmarks.table import print_table

ROUNDS = 3
BATCHES = (1, 2, 4, 8)
PROMPTS = {"short": "a house, snow", "two chunks": "a house, snow, " * 25}


@dataclass
class UNetClock:
    """Sums up the time that a model spends in its U-Net."""

    seconds: float = 0.0
    calls: int = 0
    _began: float = 0.0

    def begin(self, *of: object) -> None:
        """A call begins."""
        self._began = time.perf_counter()

    def end(self, *of: object) -> None:
        """It ends."""
        self.seconds += time.perf_counter() - self._began
        self.calls += 1


@contextmanager
def clocked(model: LoadedModel) -> Iterator[UNetClock]:
    """Watch a model's U-Net."""
    clock, unet = UNetClock(), model.modules()["unet"]
    handles = (unet.register_forward_pre_hook(clock.begin), unet.register_forward_hook(clock.end))
    try:
        yield clock
    finally:
        for handle in handles:
            handle.remove()


def best(work: Callable[[], object]) -> float:
    """The shortest of some rounds, in seconds, after one that does not count."""
    times = []
    for _ in range(ROUNDS + 1):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times[1:])


def sampler_row(name: str, draw: Callable[[str, int], float], clock: UNetClock, steps: int) -> list[str]:
    """A long picture less a short one: seconds a step, and those outside of the U-Net; the smallest of the rounds."""
    found = []
    for _ in range(ROUNDS):
        walls, inside, calls = [], [], []
        for count in (2, 2 + steps):
            before, calls_before = clock.seconds, clock.calls
            walls.append(draw(name, count))
            inside.append(clock.seconds - before)
            calls.append(clock.calls - calls_before)
        wall, unet = walls[1] - walls[0], inside[1] - inside[0]
        found.append(((wall - unet) / steps, wall / steps, unet / steps, (calls[1] - calls[0]) / steps))
    overhead, step, unet, per_step = min(found)
    return [name, f"{per_step:.1f}", f"{step:.4f}", f"{unet:.4f}", f"{1000 * overhead:.2f}", f"{100 * overhead / max(unet, 1e-9):.1f} %"]


def other_rows(model: LoadedModel, size_px: int) -> list[list[str]]:
    """What a picture costs beside its steps."""
    options = EncodeOptions(width_px=size_px, height_px=size_px)
    rows = [
        [f"prompt, {name}", f"{best(lambda text=text: model.encode_prompts([text, ''], options)):.3f}"] for name, text in PROMPTS.items()
    ]
    side = size_px // model.downscale
    latents, pixels = torch.randn(1, model.latent_channels, side, side), torch.rand(1, 3, size_px, size_px)
    with torch.no_grad():
        rows.append(["VAE decode", f"{best(lambda: model.decode(latents)):.3f}"])
        rows.append(["VAE decode in parts", f"{best(lambda: model.decode_in_parts(latents, torch_room, lambda: None)):.3f}"])
        rows.append(["VAE encode (img2img)", f"{best(lambda: model.encode_images(pixels)):.3f}"])
        rows.append(["VAE encode in parts", f"{best(lambda: model.encode_in_parts(pixels, torch_room, lambda: None)):.3f}"])
        (prompt,) = model.encode_prompts(["a house"], options)
        for count in BATCHES:
            x, t = latents.expand(count, -1, -1, -1), torch.full((count,), 500.0)
            taken = best(lambda x=x, t=t, count=count: model.predict(x, t, [prompt] * count))
            rows.append([f"U-Net, batch {count}", f"{taken:.3f} ({taken / count:.3f} a row)"])
    return rows


def torch_room(shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
    """Room in main memory."""
    return torch.empty(shape, dtype=dtype)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=DEMO)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--steps", type=int, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        options = {"flags": {"ckpt-dir": [str(arguments.checkpoint.resolve().parent)]}, "hash_models": False}
        host = temporary_host(Path(data), None, role="worker", options=options)
        with host.running():
            run = GenerationRun.of(RecordingRun(host, {"live_previews_enable": False}), {})

            def draw(sampler: str, steps: int) -> float:
                fields = {"sampler": sampler, "steps": steps, "width": arguments.size, "height": arguments.size}
                request = GenerationRequest(prompt="a house", checkpoint=arguments.checkpoint.stem, seed=1, save="spool", **fields)
                started = time.perf_counter()
                generate(request, run)
                return time.perf_counter() - started

            path = str(arguments.checkpoint.resolve())
            with run.weights.pin(path, run.load_options(path)) as model, clocked(model) as clock:
                rows = [sampler_row(name, draw, clock, arguments.steps) for name in host.samplers.names()]
                head = ["sampler", "calls a step", "s/step", "in the U-Net", "outside, ms", "share"]
                print_table(f"A step at {arguments.size} px ({model.dtype})", head, rows)
                print_table("Beside the steps", ["what", "seconds"], other_rows(model, arguments.size))


if __name__ == "__main__":
    main()
