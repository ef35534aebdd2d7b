"""Example values for tests."""

from __future__ import annotations

from typing import Any

from app.values.plan import GenerationPlan, ImagePlan


def example_plan(**changes: Any) -> GenerationPlan:
    """A plan for one picture; ``changes`` replace its fields."""
    fields: dict[str, Any] = {
        "images": (ImagePlan(index=0, prompt="a tree", negative_prompt="", seed=1, subseed=2),),
        "batch_size": 1,
        "checkpoint_path": "/models/example.safetensors",
        "checkpoint_name": "example.safetensors",
        "checkpoint_sha256": None,
        "family": "example",
        "prediction_type": "epsilon",
        "width_px": 64,
        "height_px": 64,
        "steps": 4,
        "cfg_scale": 7.0,
        "sampler": "Example",
        "scheduler": "Automatic",
    }
    return GenerationPlan.model_validate({**fields, **changes})
