"""Seconds a step and peak memory of a full-size SD1.5 beside a bare diffusers pipeline: ``python -m benchmarks.full_size``.

Random weights, 512x512, classifier-free guidance. Both sides use the same file and dtype and run in processes of their own, in turn; a
step's time is the difference between a long and a short run, so that loading, encoding and decoding cancel out; the minimum of the rounds
counts.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
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


def ours(checkpoint: Path) -> Callable[[int], float]:
    """Draw with Paintbox's own generation, in process."""
    from app.generation.generate import generate
    from app.testing.hosts import temporary_host
    from app.testing.runs import RecordingRun
    from app.values.request import GenerationRequest

    data = Path(tempfile.mkdtemp())
    folder = data / "models" / "Stable-diffusion"
    folder.mkdir(parents=True)
    (folder / checkpoint.name).symlink_to(checkpoint)
    host = temporary_host(data, None, role="worker")
    run = RecordingRun(host, {"live_previews_enable": False})

    def draw(steps: int) -> float:
        request = GenerationRequest(
            prompt="a house", checkpoint=checkpoint.stem, sampler="Euler", steps=steps, width=SIZE_PX, height=SIZE_PX, seed=1, save="spool"
        )
        started = time.monotonic()
        generate(request, run)
        return time.monotonic() - started

    return draw


def diffusers(checkpoint: Path) -> Callable[[int], float]:
    """Draw with a diffusers pipeline put together from its own converters, in the dtype that our side chooses on this processor."""
    import torch
    from diffusers import AutoencoderKL, EulerDiscreteScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint
    from safetensors.torch import load_file
    from transformers import CLIPTextConfig, CLIPTextModel

    from extensions.stable_diffusion.precision import cpu_multiplies_bfloat16

    dtype = torch.bfloat16 if cpu_multiplies_bfloat16() else torch.float32
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
    pipe = StableDiffusionPipeline(vae, text_encoder, None, unet, scheduler, None, None, requires_safety_checker=False)
    pipe.set_progress_bar_config(disable=True)
    embeddings = torch.randn(2, 1, 77, 768, dtype=dtype)

    def draw(steps: int) -> float:
        started = time.monotonic()
        pipe(
            prompt_embeds=embeddings[0],
            negative_prompt_embeds=embeddings[1],
            num_inference_steps=steps,
            width=SIZE_PX,
            height=SIZE_PX,
            guidance_scale=7.0,
        )
        return time.monotonic() - started

    return draw


def measure(side: str, checkpoint: Path) -> None:
    """Runs in the child process: prints the seconds a step and the peak memory as JSON."""
    draw = ours(checkpoint) if side == "ours" else diffusers(checkpoint)
    draw(1)
    short = min(draw(SHORT) for _ in range(2))
    long = min(draw(LONG) for _ in range(2))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    sys.stdout.write(json.dumps({"step_s": (long - short) / (LONG - SHORT), "rest_s": short - (long - short) / 2, "peak_gib": peak}) + "\n")


def child(side: str, checkpoint: Path) -> dict[str, float]:
    """One measurement in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.full_size", "--side", side, "--checkpoint", str(checkpoint)]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    result: dict[str, float] = json.loads(printed.splitlines()[-1])
    return result


def main() -> None:
    """Compare both sides."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--side", choices=("ours", "diffusers"))
    parser.add_argument("--checkpoint", type=Path)
    arguments = parser.parse_args()
    if arguments.side:
        measure(arguments.side, arguments.checkpoint)
        return
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "random-sd15.safetensors"
        write_weights(checkpoint)
        results: dict[str, list[dict[str, float]]] = {"ours": [], "diffusers": []}
        for _ in range(ROUNDS):
            for side, found in results.items():
                found.append(child(side, checkpoint))
    best = {side: {key: min(item[key] for item in found) for key in found[0]} for side, found in results.items()}
    rows = [
        [name, f"{best['ours'][key]:.2f}", f"{best['diffusers'][key]:.2f}", f"{best['ours'][key] / best['diffusers'][key]:.2f}"]
        for name, key in (("seconds a step", "step_s"), ("peak memory, GiB", "peak_gib"))
    ]
    print_table("Full-size SD1.5, 512x512", ["what", "Paintbox", "diffusers", "ratio"], rows)


if __name__ == "__main__":
    main()
