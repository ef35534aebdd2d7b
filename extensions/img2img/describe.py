"""What the infotext of a picture says about the picture it began with, under A1111's labels."""

from __future__ import annotations

from app.api import GenerationPlan, ImagePlan, PlanInfo, Run, pick
from extensions.a1111_infotext.api import MASKED_CONTENT, NOT_MASKED, ONLY_MASKED
from extensions.img2img.params import Img2ImgSettings
from extensions.img2img.state import Img2ImgJob

ORIGINAL = 1


def describe(image: ImagePlan, plan: GenerationPlan, job: Img2ImgJob) -> PlanInfo:
    """The items of one picture."""
    params, settings = job.params, job.settings
    noise = plan.first.noise_multiplier
    return {
        "Denoising strength": params.denoising_strength,
        "Image CFG scale": params.image_cfg_scale if job.variant == "pix2pix" else None,
        "Init image hash": job.pictures[job.number_of(image.index)].md5 if settings.save_init_img else None,
        **(_mask_items(job) if job.mask else {}),
        "Noise multiplier": noise if noise != 1.0 else None,
        "Extra noise": plan.first.extra_noise or None,
        **job.own_items,
    }


def mask_weight(plan: GenerationPlan, run: Run) -> float | None:
    """The setting, where an inpainting checkpoint draws: A1111 writes it also for pictures that are drawn from nothing."""
    records = (run.host.models.find("checkpoint", step.checkpoint.path) for step in plan.passes)
    draws = any(record is not None and record.identity is not None and record.identity.variant == "inpaint" for record in records)
    return pick(Img2ImgSettings, run.settings).inpainting_mask_weight if draws else None


def _mask_items(job: Img2ImgJob) -> PlanInfo:
    params, only_masked = job.params, job.mask is not None and job.mask.area is not None
    return {
        "Mask mode": NOT_MASKED if params.inpainting_mask_invert else None,
        "Mask blur": params.mask_blur_x,
        "Inpaint area": ONLY_MASKED if only_masked else None,
        "Masked area padding": params.inpaint_full_res_padding if only_masked else None,
        "Masked content": MASKED_CONTENT[params.inpainting_fill] if params.inpainting_fill != ORIGINAL else None,
    }
