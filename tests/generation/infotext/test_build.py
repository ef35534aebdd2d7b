"""Writing infotexts: recorded ones of A1111, with what features that are not installed here would add."""

from __future__ import annotations

import json
from operator import itemgetter
from typing import Any

import pytest

from app.contracts import NoiseSchedule, Sampler
from app.generation.infotext.build import build, version_text
from app.generation.plan_names import resolve_schedule
from app.generation.sampler_options import sampler_items
from app.generation.schedule import sigma_items
from app.registry import Registry
from app.testing.plans import CHECKPOINT, example_pass
from app.testing.vectors import DEFAULT, vector_cases
from app.values.owned import Owned
from app.values.plan import GenerationPlan, ImagePlan, SamplingOptions
from extensions.a1111_infotext.order import arrange
from extensions.a1111_infotext.params import InfotextSettings
from extensions.styles.api import apply_styles, read_styles

KNOBS = {"Euler a": ("eta",), "DPM2": ("s_churn", "s_tmin", "s_tmax", "s_noise"), "Euler": ("s_churn",), "Heun": ("s_churn",)}


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases("infotext.json", "build"), ids=itemgetter("id"))
def test_recorded_infotexts(case: dict[str, Any]) -> None:
    settings = InfotextSettings(**{key: value for key, value in case["options"].items() if key in InfotextSettings.model_fields})
    image, plan = _image(case), _plan(case)
    items = _sampling_items(case, plan) | _feature_items(case["params"]) | {"Version": case["version"]}
    items |= {"CFG scale": case["params"]["cfg_scale"], "Model hash": case["model_hash"]}
    items |= {"VAE hash": case.get("vae_hash"), "VAE": case.get("vae_name")}
    for key, value in case.get("extra_generation_params", {}).items():
        items[key] = value[case["image_index"]] if isinstance(value, list) else value
    assert build(plan, image, items, lambda items: arrange(items, settings)) == case["infotext"]


def _image(case: dict[str, Any]) -> ImagePlan:
    params, index = case["params"], case["image_index"]
    known = {style.name: style for style in read_styles(case.get("styles_csv", ""))}
    styles = [known[name] for name in params.get("styles", ()) if name in known]
    prompt, negative = apply_styles(styles, params["prompt"], params.get("negative_prompt", ""))
    return ImagePlan(
        index=index,
        prompt=prompt,
        negative_prompt=negative,
        seed=case["first_seed"] + (0 if params.get("subseed_strength") else index),
        subseed=params.get("subseed", -1) + index,
    )


def _plan(case: dict[str, Any]) -> GenerationPlan:
    params, options = case["params"], case["options"]
    sampler, schedules = _sampler(params["sampler_name"]), _schedules()
    return GenerationPlan(
        images=(_image(case),),
        batch_size=1,
        first=example_pass(
            checkpoint=CHECKPOINT.model_copy(update={"name": case["model_name"], "sha256": None}),
            width_px=params["width"],
            height_px=params["height"],
            steps=params["steps"],
            cfg_scale=params["cfg_scale"],
            sampler=sampler.name,
            scheduler=resolve_schedule(params["scheduler"], sampler, schedules),
            eta=options.get("eta_ancestral"),
        ),
        clip_skip=options.get("CLIP_stop_at_last_layers", 1),
        subseed_strength=params.get("subseed_strength", 0.0),
        seed_resize_from_width_px=params.get("seed_resize_from_w", 0),
        seed_resize_from_height_px=params.get("seed_resize_from_h", 0),
        noise_source=options.get("randn_source", "GPU"),
        eta_noise_seed_delta=options.get("eta_noise_seed_delta", 0) if sampler.options.get("uses_ensd") else 0,
        sampling=SamplingOptions(**{key: value for key, value in options.items() if key in SamplingOptions.model_fields}),
    )


def _sampling_items(case: dict[str, Any], plan: GenerationPlan) -> dict[str, Any]:
    sampler, schedule = _sampler(plan.first.sampler), _schedules().find(plan.first.scheduler)
    items: dict[str, Any] = dict(sampler_items(sampler, plan.first.eta, plan.sampling))
    items |= sigma_items(schedule, sampler, plan.sampling)
    if plan.first.scheduler == "Beta":
        items |= {"Beta schedule alpha": 0.6, "Beta schedule beta": 0.6}
    return items


def _feature_items(params: dict[str, Any]) -> dict[str, Any]:
    """What face restoration, tiling, token merging and the second pass add."""
    items: dict[str, Any] = {
        "Face restoration": "CodeFormer" if params.get("restore_faces") else None,
        "Tiling": "True" if params.get("tiling") else None,
        "Token merging ratio": params.get("token_merging_ratio"),
        "Token merging ratio hr": params.get("token_merging_ratio_hr") if params.get("enable_hr") else None,
    }
    if params.get("enable_hr"):
        width, height = params.get("hr_resize_x", 0), params.get("hr_resize_y", 0)
        items |= {
            "Denoising strength": params["denoising_strength"],
            "Hires sampler": params.get("hr_sampler_name"),
            "Hires prompt": params.get("hr_prompt"),
            "Hires negative prompt": params.get("hr_negative_prompt"),
            "Hires schedule type": params.get("hr_scheduler"),
            "Hires resize": f"{width}x{height}" if width or height else None,
            "Hires upscale": None if width or height else params.get("hr_scale", 2.0),
            "Hires steps": params.get("hr_second_pass_steps"),
            "Hires upscaler": params.get("hr_upscaler"),
        }
    return items


def _lists() -> dict[str, Any]:
    lists: dict[str, Any] = json.loads((DEFAULT / "schedules.json").read_text("utf-8"))
    return lists


def _sampler(name: str) -> Sampler:
    row = next(row for row in _lists()["samplers"] if row["name"] == name)
    return Sampler(name, _never_loaded, tuple(row["aliases"]), row["options"], knobs=KNOBS.get(name, ()))


def _schedules() -> Registry[NoiseSchedule]:
    registry: Registry[NoiseSchedule] = Registry("schedule", lambda s: s.name, lambda s: (s.label, *s.aliases))
    rows = _lists()["schedulers"]
    registry.fill(
        [
            Owned(
                "",
                NoiseSchedule(
                    row["name"], row["label"], _never_loaded, tuple(row["aliases"] or ()), row["default_rho"] or -1.0, order=order
                ),
            )
            for order, row in enumerate(rows)
        ]
    )
    return registry


def _never_loaded() -> Any:
    raise NotImplementedError


def test_items_of_features_replace_those_of_the_plan() -> None:
    params = {
        "prompt": "a cat",
        "sampler_name": "Euler",
        "scheduler": "Automatic",
        "steps": 20,
        "cfg_scale": 7.0,
        "width": 64,
        "height": 64,
    }
    case = {"params": params, "options": {}, "image_index": 0, "first_seed": 5, "model_name": "m"}
    text = build(_plan(case), _image(case), {"Steps": None, "Zoom": 2})
    assert text.startswith("a cat\nSampler: Euler, Schedule type: Automatic, CFG scale: 7, Seed: 5, Size: 64x64, Model: m")
    assert text.endswith(f"Zoom: 2, Version: {version_text()}")


@pytest.mark.parametrize(
    ("prompt", "negative", "written"),
    [
        ("a (cat:1.2)", "", True),
        ("a cat", "[dull]", True),
        ("a cat", "", False),
        ("a [cat:dog:0.5] [red|blue]", "[x:y:3]", False),
        ("a [(cat:1.2):dog:0.5]", "", True),
        ("a <thing:x(1):1>", "", False),
        ("a | [cat:dog:0.5]", "", True),
    ],
)
def test_emphasis_is_written_where_brackets_reach_the_encoder(prompt: str, negative: str, written: bool) -> None:
    plan = GenerationPlan(images=(), batch_size=1, first=example_pass(), emphasis="No norm")
    image = ImagePlan(index=0, prompt=prompt, negative_prompt=negative, seed=1, subseed=1)
    assert ("Emphasis: No norm" in build(plan, image, {})) == written
    assert "Emphasis" not in build(plan.model_copy(update={"emphasis": "Original"}), image, {})
