"""Where the time of a picture goes: ``python -m benchmarks.steps [--checkpoint FILE] [--size PX] [--steps N]``.

Seconds a step of every sampler, and those of them outside of the U-Net; then what a picture costs beside its steps: prompts, decoding,
encoding, and how a step grows with the batch. The demo checkpoint unless a file is given.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import torch
from PIL import Image

from app.contracts import EncodeOptions, LoadedModel
from app.generation.generate import generate
from app.generation.run_helpers import GenerationRun
from app.inputs import InputStore
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun
from app.values.request import GenerationRequest
from benchmarks.server import DEMO
from benchmarks.table import print_table

ROUNDS = 3
BATCHES = (1, 2, 4, 8)
CALLS_A_STEP = {"DPM adaptive": 3.0}
"""Of samplers that choose the number of their steps themselves."""
PROMPTS = {"short": "a house, snow", "two chunks": "a house, snow, " * 25}


@dataclass
class UNetClock:
    """When each call of a model's U-Net began and ended, in seconds."""

    begun: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)

    def begin(self, *of: object) -> None:
        """A call begins."""
        self.begun.append(time.perf_counter())

    def end(self, *of: object) -> None:
        """It ends."""
        self.ended.append(time.perf_counter())

    def forget(self) -> None:
        """Start anew."""
        self.begun.clear()
        self.ended.clear()


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


def sampler_row(name: str, draw: Callable[..., object], clock: UNetClock, steps: int) -> list[str]:
    """A step between the first and the last call of the U-Net, and how much of it lies outside of the calls; the best of some rounds."""
    found = []
    for _ in range(ROUNDS):
        clock.forget()
        draw(name, steps)
        calls = len(clock.begun)
        inside = [end - begin for begin, end in zip(clock.begun, clock.ended, strict=True)]
        between = [begin - end for begin, end in zip(clock.begun[1:], clock.ended[:-1], strict=True)]
        per_step = CALLS_A_STEP.get(name, calls / steps)
        found.append((per_step * sum(between) / len(between), per_step * sum(inside) / calls, per_step))
    outside, unet, per_step = min(found)
    return [name, f"{per_step:.1f}", f"{outside + unet:.4f}", f"{unet:.4f}", f"{1000 * outside:.2f}", f"{100 * outside / unet:.1f} %"]


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


def picture_rows(draw: Callable[..., object], size_px: int, inputs: InputStore) -> list[list[str]]:
    """Whole pictures, as jobs draw them: from noise, from a picture, and several at a time."""
    buffer = BytesIO()
    Image.new("RGB", (size_px, size_px), "grey").save(buffer, "PNG")
    rows = [["txt2img, 20 steps", f"{best(lambda: draw('Euler', 20)):.3f}"]]
    start = {"init_images": [inputs.put(buffer.getvalue(), "", "grey.png").ref], "denoising_strength": 0.75}
    rows.append(["img2img, 16 of 20 steps", f"{best(lambda: draw('Euler', 20, params={'img2img': start})):.3f}"])
    for count in BATCHES[1:]:
        taken = best(lambda count=count: draw("Euler", 20, batch_size=count))
        rows.append([f"txt2img, batch {count}", f"{taken:.3f} ({taken / count:.3f} a picture)"])
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

            def draw(sampler: str, steps: int, **more: object) -> None:
                fields = {"sampler": sampler, "steps": steps, "width": arguments.size, "height": arguments.size, **more}
                request = GenerationRequest(prompt="a house", checkpoint=arguments.checkpoint.stem, seed=1, save="spool", **fields)
                generate(request, run)

            path = str(arguments.checkpoint.resolve())
            with run.weights.pin(path, run.load_options(path)) as model, clocked(model) as clock:
                rows = [sampler_row(name, draw, clock, arguments.steps) for name in host.samplers.names()]
                head = ["sampler", "calls a step", "s/step", "in the U-Net", "outside, ms", "share"]
                print_table(f"A step at {arguments.size} px ({model.dtype})", head, rows)
                print_table("Beside the steps", ["what", "seconds"], other_rows(model, arguments.size))
                print_table("Whole pictures", ["what", "seconds"], picture_rows(draw, arguments.size, host.inputs))


if __name__ == "__main__":
    main()
