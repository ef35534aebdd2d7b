"""First use, change of weight and removal of a LoRA on a full-size SD1.5, beside diffusers with peft: ``python -m benchmarks.lora``.

Random weights; a LoRA of rank 16 on all 264 layers that kohya's scripts train. Both sides take the same files, compute in bfloat16 and
run in processes of their own, in turn. Ours is what a job does beside drawing: the LoRA is looked up and read, and the layers are
changed; diffusers' is ``load_lora_weights`` and ``fuse_lora`` (first use), ``unfuse_lora`` and ``fuse_lora`` (another weight),
``unfuse_lora`` and ``unload_lora_weights`` (removal). The minimum of the rounds counts; the first use is measured with a file that was
not read before. Then the seconds of a step with and without the LoRA, ours. The exit code is 1 where a ratio is above its target.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.full_size import pipeline, write_weights
from benchmarks.table import print_table

ROOT = Path(__file__).resolve().parents[1]
RANK, ROUNDS = 16, 5
STEP_ROUNDS, STEPS = 3, 4
SIZE_PX = 512
WORK_TARGET, STEP_TARGET = 0.5, 1.01
MOMENTS = ("first use", "another weight", "removal")
UNET_LAYERS = ("to_q", "to_k", "to_v", "to_out_0")


def lora_layers() -> dict[str, tuple[int, int, bool]]:
    """Kohya's names of the layers, with outputs, inputs, and whether it is a convolution of 1x1."""
    found: dict[str, tuple[int, int, bool]] = {}
    levels = [(f"down_blocks_{level}_attentions_{index}", width) for level, width in enumerate((320, 640, 1280)) for index in range(2)]
    levels += [("mid_block_attentions_0", 1280)]
    levels += [(f"up_blocks_{level}_attentions_{index}", width) for level, width in ((1, 1280), (2, 640), (3, 320)) for index in range(3)]
    for block, width in levels:
        name = f"lora_unet_{block}_"
        found |= {f"{name}proj_in": (width, width, True), f"{name}proj_out": (width, width, True)}
        inner = f"{name}transformer_blocks_0_"
        for attention, context in (("attn1", width), ("attn2", 768)):
            for layer in UNET_LAYERS:
                found[f"{inner}{attention}_{layer}"] = (width, context if layer in ("to_k", "to_v") else width, False)
        found |= {f"{inner}ff_net_0_proj": (8 * width, width, False), f"{inner}ff_net_2": (width, 4 * width, False)}
    for index in range(12):
        name = f"lora_te_text_model_encoder_layers_{index}_"
        found |= {f"{name}self_attn_{part}_proj": (768, 768, False) for part in ("q", "k", "v", "out")}
        found |= {f"{name}mlp_fc1": (3072, 768, False), f"{name}mlp_fc2": (768, 3072, False)}
    return found


def write_lora(path: Path, seed: int) -> None:
    """A LoRA of random weights in kohya's names, half precision."""
    import torch
    from safetensors.torch import save_file

    generator = torch.Generator().manual_seed(seed)
    tensors = {}
    for name, (outputs, inputs, is_convolution) in lora_layers().items():
        tail = (1, 1) if is_convolution else ()
        tensors[f"{name}.lora_down.weight"] = (torch.randn(RANK, inputs, *tail, generator=generator) / inputs**0.5).half()
        tensors[f"{name}.lora_up.weight"] = (0.01 * torch.randn(outputs, RANK, *tail, generator=generator)).half()
        tensors[f"{name}.alpha"] = torch.tensor(float(RANK))
    save_file(tensors, str(path), {"ss_network_dim": str(RANK)})


@contextmanager
def our_host(checkpoint: Path, loras: list[Path]) -> Iterator[Any]:
    """A worker's host with these files in its folders."""
    from app.testing.hosts import temporary_host

    with tempfile.TemporaryDirectory() as place:
        for folder, files in (("Stable-diffusion", [checkpoint]), ("Lora", loras)):
            (Path(place) / "models" / folder).mkdir(parents=True)
            for file in files:
                (Path(place) / "models" / folder / file.name).symlink_to(file)
        host = temporary_host(Path(place), None, role="worker", options={"hash_models": False})
        with host.running():
            yield host


def ours(checkpoint: Path, loras: list[Path]) -> dict[str, float]:
    """Seconds of each moment, and of a step with and without the LoRA."""
    from app.generation.run_helpers import GenerationRun
    from app.testing.runs import RecordingRun

    with our_host(checkpoint, loras) as host:
        run = GenerationRun.of(RecordingRun(host, {"live_previews_enable": False}), {})
        moments = our_moments(run, str(host.models.find("checkpoint", checkpoint.stem).path), loras)
        plain, changed = our_steps(run, checkpoint, loras[0])
    return {**moments, "step": plain, "step with it": changed}


def our_moments(run: Any, checkpoint: str, loras: list[Path]) -> dict[str, float]:
    """The least seconds of each moment."""
    from app.contracts import PassContext
    from app.generation.weight_edits import edit_weights
    from app.testing.plans import example_pass, example_plan
    from app.values.prompt import PromptTag

    plan = example_plan(example_pass())
    found: dict[str, list[float]] = {moment: [] for moment in MOMENTS}
    with run.weights.pin(checkpoint, run.load_options(checkpoint)) as model:

        def become(*tags: PromptTag) -> float:
            context = PassContext(plan, 0, plan.images, plan.first.checkpoint, model, tags)
            started = time.monotonic()
            edit_weights(context, run)
            return time.monotonic() - started

        for lora in loras:
            found["first use"].append(become(PromptTag(type="lora", items=(lora.stem, "1"))))
            found["another weight"].append(become(PromptTag(type="lora", items=(lora.stem, "0.7"))))
            found["removal"].append(become())
    return {moment: min(times) for moment, times in found.items()}


def our_steps(run: Any, checkpoint: Path, lora: Path) -> tuple[float, float]:
    """The least seconds of a step without the LoRA and with it, measured in turn."""
    from app.generation.generate import generate
    from app.values.request import GenerationRequest

    def step_s(prompt: str) -> float:
        taken = []
        for steps in (1, 1 + STEPS):
            request = GenerationRequest(
                prompt=prompt, checkpoint=checkpoint.stem, sampler="Euler", steps=steps, width=SIZE_PX, height=SIZE_PX, seed=1, save="spool"
            )
            started = time.monotonic()
            generate(request, run)
            taken.append(time.monotonic() - started)
        return (taken[1] - taken[0]) / STEPS

    step_s("a house")
    rounds = [(step_s("a house"), step_s(f"a house <lora:{lora.stem}:1>")) for _ in range(STEP_ROUNDS)]
    return min(plain for plain, _ in rounds), min(changed for _, changed in rounds)


def peft(checkpoint: Path, loras: list[Path]) -> dict[str, float]:
    """Seconds of each moment with diffusers' pipeline."""
    pipe = pipeline(checkpoint, half=True)
    found: dict[str, list[float]] = {moment: [] for moment in MOMENTS}

    def taken(*works: Callable[[], object]) -> float:
        started = time.monotonic()
        for work in works:
            work()
        return time.monotonic() - started

    for lora in loras:
        found["first use"].append(taken(lambda lora=lora: pipe.load_lora_weights(str(lora), adapter_name="a"), pipe.fuse_lora))
        found["another weight"].append(taken(pipe.unfuse_lora, lambda: pipe.fuse_lora(lora_scale=0.7)))
        found["removal"].append(taken(pipe.unfuse_lora, pipe.unload_lora_weights))
    return {moment: min(times) for moment, times in found.items()}


SIDES: dict[str, Callable[[Path, list[Path]], dict[str, float]]] = {"ours": ours, "peft": peft}


def child(side: str, checkpoint: Path, loras: list[Path]) -> dict[str, float]:
    """One side in a process of its own; ours in the environment that a worker gets."""
    from extensions.local_executor.launch import worker_environment

    command = [sys.executable, "-m", "benchmarks.lora", "--side", side, "--checkpoint", str(checkpoint), "--loras", *map(str, loras)]
    environment = worker_environment(os.environ) if side == "ours" else dict(os.environ)
    printed = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    result: dict[str, float] = json.loads(printed.splitlines()[-1])
    return result


def main() -> int:
    """Compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", choices=SIDES)
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--loras", type=Path, nargs="+")
    arguments = parser.parse_args()
    if arguments.side:
        sys.stdout.write(json.dumps(SIDES[arguments.side](arguments.checkpoint, arguments.loras)) + "\n")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = arguments.checkpoint or Path(folder) / "random-sd15.safetensors"
        if not checkpoint.exists():
            write_weights(checkpoint)
        loras = [Path(folder) / f"random-{seed}.safetensors" for seed in range(ROUNDS)]
        for seed, lora in enumerate(loras):
            write_lora(lora, seed)
        mine, theirs = child("ours", checkpoint, loras), child("peft", checkpoint, loras)
    ratios = {moment: mine[moment] / theirs[moment] for moment in MOMENTS}
    steps = mine["step with it"] / mine["step"]
    rows = [[moment, f"{mine[moment]:.3f}", f"{theirs[moment]:.3f}", f"{ratios[moment]:.2f}", str(WORK_TARGET)] for moment in MOMENTS]
    rows.append(
        ["a step with it, beside one without", f"{mine['step with it']:.2f}", f"{mine['step']:.2f}", f"{steps:.3f}", str(STEP_TARGET)]
    )
    print_table("A LoRA of rank 16 on SD1.5, seconds", ["", "ours", "diffusers + peft", "ratio", "target"], rows)
    return int(steps > STEP_TARGET or any(ratio > WORK_TARGET for ratio in ratios.values()))


if __name__ == "__main__":
    sys.exit(main())
