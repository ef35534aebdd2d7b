"""A full-size SD1.5 beside diffusers as it comes, and in bfloat16 with channels last: ``python -m benchmarks.full_size``.

Random weights, 512x512, classifier-free guidance. All sides use the same file and run in processes of their own, in turn, ours in the
environment that a worker gets; a step's time is the difference between a long and a short run, so that loading, encoding and decoding
cancel out; the minimum of the rounds counts. ``--cpu-time`` counts the processor's seconds on one thread instead of those of the clock, for
machines on which others work; ``--side NAME`` measures one side alone.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.table import print_table

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = ROOT / "tests" / "vectors" / "headers" / "checkpoint-sd15-no-position-ids-fp16.json.gz"
SHORT, LONG, ROUNDS = 2, 6, 2
SIZE_PX = 512


def write_weights(path: Path) -> None:
    """A checkpoint of random weights with the names and shapes of the real one."""
    import torch
    from safetensors.torch import save_file

    generator = torch.Generator().manual_seed(0)
    tensors = {}
    for name, shape in json.loads(gzip.decompress(MANIFEST.read_bytes()))["tensors"].items():
        fan_in = max(1, int(torch.tensor(shape[1:]).prod()) if len(shape) > 1 else 1)
        values = torch.randn(shape, generator=generator) / fan_in**0.5 if len(shape) > 1 else torch.zeros(shape)
        tensors[name] = (values + (1.0 if "norm" in name and name.endswith("weight") and len(shape) == 1 else 0.0)).half()
    save_file(tensors, str(path), {"format": "pt"})


@dataclass(frozen=True)
class Side:
    """One way to draw: ``draw`` a whole picture in so many steps, ``decode`` one latent, ``close`` at the end."""

    draw: Callable[[int], object]
    decode: Callable[[], object]
    close: Callable[[], None] = lambda: None


def ours(checkpoint: Path) -> Side:
    """Draw with Paintbox's own generation, in process."""
    import torch

    from app.generation.attention_choice import choose_attention
    from app.generation.generate import generate
    from app.generation.run_helpers import GenerationRun
    from app.testing.hosts import temporary_host
    from app.testing.runs import RecordingRun
    from app.values.request import GenerationRequest
    from extensions.stable_diffusion.attention import AttentionPatch

    place = tempfile.TemporaryDirectory()
    folder = Path(place.name) / "models" / "Stable-diffusion"
    folder.mkdir(parents=True)
    path = str(folder / checkpoint.name)
    Path(path).symlink_to(checkpoint)
    host = temporary_host(Path(place.name), None, role="worker")
    run = GenerationRun.of(RecordingRun(host, {"live_previews_enable": False}), {})

    def draw(steps: int) -> None:
        request = GenerationRequest(
            prompt="a house", checkpoint=checkpoint.stem, sampler="Euler", steps=steps, width=SIZE_PX, height=SIZE_PX, seed=1, save="spool"
        )
        result = generate(request, run)
        if result.comments:
            sys.stderr.write(f"{result.comments}\n")

    def decode() -> None:
        with run.weights.pin(path, run.load_options(path)) as model:
            attention = choose_attention(model, run)
            sys.stderr.write(f"{model.dtype}, attention {attention.name if attention else None}\n")
            with AttentionPatch(attention).apply(model) if attention else torch.no_grad():
                model.decode(torch.randn(1, 4, SIZE_PX // 8, SIZE_PX // 8))

    def close() -> None:
        host.close()
        place.cleanup()

    return Side(draw, decode, close)


def diffusers(checkpoint: Path, *, half: bool) -> Side:
    """Draw with a diffusers pipeline put together from its own converters: in float32 as it comes, or bfloat16 with channels last."""
    import torch

    pipe = pipeline(checkpoint, half=half)
    embeddings = torch.randn(2, 1, 77, 768, dtype=pipe.unet.dtype)

    def draw(steps: int) -> None:
        pipe(
            prompt_embeds=embeddings[0],
            negative_prompt_embeds=embeddings[1],
            num_inference_steps=steps,
            width=SIZE_PX,
            height=SIZE_PX,
            guidance_scale=7.0,
        )

    def decode() -> None:
        with torch.no_grad():
            pipe.vae.decode(torch.randn(1, 4, SIZE_PX // 8, SIZE_PX // 8, dtype=pipe.vae.dtype))

    return Side(draw, decode)


def pipeline(checkpoint: Path, *, half: bool) -> Any:
    """The pipeline without a tokenizer: prompts come encoded."""
    import torch
    from diffusers import AutoencoderKL, EulerDiscreteScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint
    from safetensors.torch import load_file
    from transformers import CLIPTextConfig, CLIPTextModel

    dtype = torch.bfloat16 if half else torch.float32
    tensors = load_file(str(checkpoint))
    maps = ROOT / "tests" / "vectors" / "headers" / "maps" / "architectures.json.gz"
    known: dict[str, Any] = json.loads(gzip.decompress(maps.read_bytes()))
    unet = UNet2DConditionModel(**known["unet"]["sd1"]).to(dtype)
    unet.load_state_dict(convert_ldm_unet_checkpoint(dict(tensors), known["unet"]["sd1"]))
    vae = AutoencoderKL(**known["vae"]["sd1"]).to(dtype)
    vae.load_state_dict(convert_ldm_vae_checkpoint(dict(tensors), known["vae"]["sd1"]))
    del tensors
    scheduler = EulerDiscreteScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
    text_encoder = CLIPTextModel(CLIPTextConfig(**known["text"]["clip-l"])).to(dtype)
    if half:
        unet.to(memory_format=torch.channels_last)
        vae.to(memory_format=torch.channels_last)
    pipe = StableDiffusionPipeline(vae, text_encoder, None, unet, scheduler, None, None, requires_safety_checker=False)
    pipe.set_progress_bar_config(disable=True)
    return pipe


SIDES: dict[str, Callable[[Path], Side]] = {
    "ours": ours,
    "plain": lambda checkpoint: diffusers(checkpoint, half=False),
    "half": lambda checkpoint: diffusers(checkpoint, half=True),
}


def measure(name: str, checkpoint: Path, clock: Callable[[], float]) -> dict[str, float]:
    """Runs in the child process."""
    side = SIDES[name](checkpoint)

    def taken(work: Callable[[], object]) -> float:
        started = clock()
        work()
        return clock() - started

    side.draw(1)
    short = min(taken(lambda: side.draw(SHORT)) for _ in range(2))
    long = min(taken(lambda: side.draw(LONG)) for _ in range(2))
    decode = min(taken(side.decode) for _ in range(2))
    side.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return {"step_s": (long - short) / (LONG - SHORT), "picture_s": long, "decode_s": decode, "peak_gib": peak}


def child(side: str, checkpoint: Path, *, cpu_time: bool) -> dict[str, float]:
    """One measurement in a process of its own."""
    from extensions.local_executor.launch import worker_environment

    command = [sys.executable, "-m", "benchmarks.full_size", "--side", side, "--checkpoint", str(checkpoint)]
    environment = worker_environment(os.environ) if side == "ours" else dict(os.environ)
    if cpu_time:
        command.append("--cpu-time")
        environment["OMP_NUM_THREADS"] = "1"
    printed = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    result: dict[str, float] = json.loads(printed.splitlines()[-1])
    return result


ROWS = (
    ("seconds a step", "step_s", "0.35", "0.70"),
    (f"a picture of {LONG} steps, s", "picture_s", "", ""),
    ("VAE decode, s", "decode_s", "", "0.80"),
    ("peak memory, GiB (target 4)", "peak_gib", "", ""),
)


def main() -> None:
    """Compare the sides."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", choices=SIDES)
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--cpu-time", action="store_true")
    arguments = parser.parse_args()
    if arguments.side and arguments.checkpoint:
        clock = time.process_time if arguments.cpu_time else time.monotonic
        sys.stdout.write(json.dumps(measure(arguments.side, arguments.checkpoint, clock)) + "\n")
        return
    found: dict[str, list[dict[str, float]]] = {name: [] for name in SIDES if arguments.side in (None, name)}
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "random-sd15.safetensors"
        write_weights(checkpoint)
        for _ in range(arguments.rounds):
            for side, results in found.items():
                results.append(child(side, checkpoint, cpu_time=arguments.cpu_time))
    best = {side: {key: min(item[key] for item in results) for key in results[0]} for side, results in found.items()}
    rows = [[what, *(f"{best[side][key]:.2f}" for side in best), *_ratios(best, key, targets)] for what, key, *targets in ROWS]
    print_table("Full-size SD1.5, 512x512", ["what", *best, *(f"to {side} (target)" for side in list(best)[1:])], rows)


def _ratios(best: dict[str, dict[str, float]], key: str, targets: list[str]) -> list[str]:
    """Ours as a share of each other side."""
    others = list(best)[1:]
    shares = [best["ours"][key] / best[side][key] for side in others] if "ours" in best else []
    return [f"{share:.2f}" + (f" ({target})" if target else "") for share, target in zip(shares, targets, strict=False)]


if __name__ == "__main__":
    main()
