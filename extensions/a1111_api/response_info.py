"""The ``info`` of an answer: A1111's facts about what was drawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.api import HOST_VERSION, Job, Json, SavedImage, parse_infotext
from extensions.a1111_api.body import DrawingBody
from extensions.a1111_infotext.api import FIXED_LABELS

MASK_WEIGHT = "Conditional mask weight"


def response_info(body: DrawingBody, job: Job, remarks: list[str]) -> dict[str, Json]:
    """All keys of A1111, ``comments``: warnings about this request, and ``networks``: what became of each file beside the checkpoint.

    A job that drew nothing has the values that were asked for.
    """
    asked = _asked(body, job)
    facts = asked | {key: value for key, value in job.result.info.items() if key in asked}
    return {
        "prompt": _first(facts["all_prompts"]),
        "negative_prompt": _first(facts["all_negative_prompts"]),
        "seed": _first(facts["all_seeds"]),
        "subseed": _first(facts["all_subseeds"]),
        **facts,
        "restore_faces": bool(body.restore_faces),
        "face_restoration_model": None,
        **_vae(job),
        "denoising_strength": body.denoising_strength,
        "extra_generation_params": _extra_params(job.result.images),
        "infotexts": [image.infotext for image in job.result.images],
        "styles": list(body.styles),
        "is_using_inpainting_conditioning": any(MASK_WEIGHT in parse_infotext(image.infotext) for image in job.result.images[:1]),
        "version": f"Paintbox {HOST_VERSION}",
        "comments": [*remarks, *job.result.comments],
        "networks": [network.told() for network in job.result.networks],
    }


def _asked(body: DrawingBody, job: Job) -> dict[str, Json]:
    """What was asked for, by the keys under which a job tells what it drew."""
    started = datetime.fromtimestamp(job.started or job.created)
    return {
        "all_prompts": [body.prompt],
        "all_negative_prompts": [body.negative_prompt],
        "all_seeds": [body.seed],
        "all_subseeds": [body.subseed],
        "sampler_name": body.sampler_name or body.sampler_index,
        "cfg_scale": body.cfg_scale,
        "steps": body.steps,
        "width": body.width or 0,
        "height": body.height or 0,
        "batch_size": body.batch_size,
        "subseed_strength": body.subseed_strength,
        "seed_resize_from_w": max(0, body.seed_resize_from_w),
        "seed_resize_from_h": max(0, body.seed_resize_from_h),
        "clip_skip": 1,
        "sd_model_name": "",
        "sd_model_hash": "",
        "index_of_first_image": 0,
        "job_timestamp": started.strftime("%Y%m%d%H%M%S"),
    }


def _vae(job: Job) -> dict[str, Json]:
    """Name and short hash of the VAE file that the first pass was drawn with; null for the checkpoint's own."""
    used = next((use for use in job.result.networks if use.type == "vae" and use.file), None)
    return {"sd_vae_name": used.name if used else None, "sd_vae_hash": used.sha256[:10] or None if used else None}


def _extra_params(images: Sequence[SavedImage]) -> dict[str, Json]:
    """The items of the first picture's infotext that features have added."""
    fields = parse_infotext(images[0].infotext) if images else {}
    return {label: value for label, value in fields.items() if label.removesuffix("-1").removesuffix("-2") not in FIXED_LABELS}


def _first(values: Json) -> Json:
    return values[0] if isinstance(values, list) and values else None
