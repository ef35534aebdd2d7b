"""Plans for tests: complete, with every field to be overridden by name."""

from __future__ import annotations

from typing import Any

from app.values.plan import GenerationPlan, ImagePlan, PassPlan, PlannedCheckpoint

CHECKPOINT = PlannedCheckpoint(path="/models/x.safetensors", name="x", title="x.safetensors", sha256="0123456789abcdef", family="tiny")


def example_pass(**fields: Any) -> PassPlan:
    """A pass of 20 steps at 64x64 pixels; ``fields`` are others of its values."""
    values: dict[str, Any] = {
        "width_px": 64,
        "height_px": 64,
        "steps": 20,
        "cfg_scale": 7.0,
        "sampler": "DPM++ 2M",
        "scheduler": "Karras",
        "checkpoint": CHECKPOINT,
    }
    return PassPlan(**{**values, **fields})


def example_plan(first: PassPlan | None = None, **fields: Any) -> GenerationPlan:
    """A plan for one picture; ``fields`` are others of its values."""
    picture = ImagePlan(index=0, prompt="a tree", negative_prompt="rain", seed=7, subseed=1)
    values: dict[str, Any] = {"images": (picture,), "batch_size": 1, "first": first or example_pass()}
    return GenerationPlan(**{**values, **fields})
