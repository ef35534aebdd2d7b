"""All axes of a form: A1111's in its order, then one for every other field of the request, of the features and of the settings."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.api import CHECKPOINT_KIND, Axis, AxisType, Json, UserError, short_number, shown_samplers
from extensions.checkpoints.api import usable
from extensions.xyz_plot.changes import PromptTexts, check_order, in_field, in_order, in_size, in_styles
from extensions.xyz_plot.field_axes import params_axes, request_axes, settings_axes
from extensions.xyz_plot.params import NOTHING

if TYPE_CHECKING:
    from app.api import GenerationRequest, Host

IMG2IMG, TXT2IMG = ("img2img",), ("txt2img",)
CONTEXT = "axis"
"""Where the page shows axes, words may mean something else than in the rest of it."""
PROMPT_SR, PROMPT_ORDER, SEEDS = "Prompt S/R", "Prompt order", ("Seed", "Var. seed")
CHECKPOINT_COST = 1.0
SETTINGS = {
    "Negative Guidance minimum sigma": ("s_min_uncond",),
    "Sigma Churn": ("s_churn",),
    "Sigma min": ("s_tmin",),
    "Sigma max": ("s_tmax",),
    "Sigma noise": ("s_noise",),
    "Schedule min sigma": ("sigma_min",),
    "Schedule max sigma": ("sigma_max",),
    "Schedule rho": ("rho",),
    "Beta schedule alpha": ("beta_dist_alpha",),
    "Beta schedule beta": ("beta_dist_beta",),
    "Eta": ("eta_ancestral", "eta_ddim"),
    "Clip skip": ("CLIP_stop_at_last_layers",),
    "Extra noise": ("img2img_extra_noise",),
    "Cond. Image Mask Weight": ("inpainting_mask_weight",),
    "VAE": ("sd_vae",),
    "UniPC Order": ("uni_pc_order",),
    "Token merging ratio": ("token_merging_ratio",),
    "Token merging ratio high-res": ("token_merging_ratio_hr",),
    "Always discard next-to-last sigma": ("always_discard_next_to_last_sigma",),
    "SGM noise multiplier": ("sgm_noise_multiplier",),
    "RNG source": ("randn_source",),
    "FP8 mode": ("fp8_storage",),
}
"""A1111's axes that are settings, by their titles."""
API_FIELDS = {
    "Hires steps": "hr_second_pass_steps",
    "Image CFG Scale": "image_cfg_scale",
    "Hires sampler": "hr_sampler_name",
    "Denoising": "denoising_strength",
    "Initial noise multiplier": "initial_noise_multiplier",
    "Hires upscaler": "hr_upscaler",
    "Face restore": "restore_faces",
    "Refiner checkpoint": "refiner_checkpoint",
    "Refiner switch at": "refiner_switch_at",
}
"""A1111's axes that are fields of a feature, by their titles: the name of the field in the flat request."""
ORDER = (
    NOTHING, "Seed", "Var. seed", "Var. strength", "Steps", "Hires steps", "CFG Scale", "Image CFG Scale", PROMPT_SR, PROMPT_ORDER,
    "Sampler", "Hires sampler", "Checkpoint name", "Negative Guidance minimum sigma", "Sigma Churn", "Sigma min", "Sigma max",
    "Sigma noise", "Schedule type", "Schedule min sigma", "Schedule max sigma", "Schedule rho", "Beta schedule alpha",
    "Beta schedule beta", "Eta", "Clip skip", "Denoising", "Initial noise multiplier", "Extra noise", "Hires upscaler",
    "Cond. Image Mask Weight", "VAE", "Styles", "UniPC Order", "Face restore", "Token merging ratio", "Token merging ratio high-res",
    "Always discard next-to-last sigma", "SGM noise multiplier", "Refiner checkpoint", "Refiner switch at", "RNG source", "FP8 mode",
    "Size",
)  # fmt: skip
ONLY_IN = {"Hires steps": TXT2IMG, "Hires sampler": TXT2IMG, "Hires upscaler": TXT2IMG, "Image CFG Scale": IMG2IMG,
           "Cond. Image Mask Weight": IMG2IMG}  # fmt: skip


def axes_of(host: Host, form: str) -> dict[str, Axis]:
    """The axes of a form by their titles: all of A1111's, so that their numbers are its too; those of extensions replace others."""
    generated = [*params_axes(host, form, API_FIELDS), *settings_axes(host, SETTINGS), *request_axes()]
    found = {axis.title: axis for axis in (*generated, *_own(host), *(axis for axis in host.axes if axis.is_offered(form)))}
    listed = [title for title in ORDER if form in ONLY_IN.get(title, (form,))]
    others = sorted((axis for title, axis in found.items() if title not in ORDER), key=lambda axis: axis.order)
    return {title: found.get(title) or _missing(title, host) for title in listed} | {axis.title: axis for axis in others}


def axis_texts(host: Host) -> Iterator[str]:
    """The titles of all forms' axes, for tables of translations: "FreeU: {}" once, and what stands in the hole."""
    yield f"{CONTEXT}|{NOTHING}"
    for form in dict.fromkeys((*TXT2IMG, *IMG2IMG, *(form for axis in host.axes for form in axis.forms))):
        for title in axes_of(host, form):
            group, colon, field = title.partition(": ")
            yield from (f"{group}: {{}}", field) if colon else () if title == NOTHING else (title,)


def _own(host: Host) -> Iterator[Axis]:
    """Those that are more than a value in a field."""
    texts = PromptTexts(list(host.params))
    yield Axis(NOTHING, "text", lambda request, value: request, label=lambda title, value: "")
    yield _axis("Seed", "seed", "whole")
    yield _axis("Var. seed", "subseed", "whole")
    yield _axis("Var. strength", "subseed_strength", "number")
    yield _axis("Steps", "steps", "whole")
    yield _axis("CFG Scale", "cfg_scale", "number")
    yield Axis(PROMPT_SR, "text", lambda request, value: request, check=texts.check_search, label=_value_alone)
    yield Axis(PROMPT_ORDER, "text", in_order, check=check_order, label=_joined)
    yield Axis("Sampler", "text", in_field("sampler"), lambda: shown_samplers(host), label=_value_alone)
    yield Axis("Schedule type", "text", in_field("scheduler"), lambda: [schedule.label for schedule in host.schedules])
    yield Axis(
        "Checkpoint name",
        "text",
        in_field("checkpoint"),
        lambda: [record.title for record in usable(host)],
        check=lambda request, values: _check_checkpoints(host, values),
        label=_file_name,
        cost=CHECKPOINT_COST,
    )
    yield Axis("Styles", "text", in_styles)
    yield Axis("Size", "text", in_size)


def _axis(title: str, field: str, kind: AxisType) -> Axis:
    return Axis(title, kind, in_field(field), label=_labelled)


def searching(axis: Axis, values: Sequence[Json], host: Host) -> Axis:
    """Prompt S/R of these values: each of them takes the place of the first."""
    if axis.title != PROMPT_SR or not values:
        return axis
    texts, searched = PromptTexts(list(host.params)), str(values[0])

    def apply(request: GenerationRequest, value: Json) -> GenerationRequest:
        return texts.replaced(request, searched, str(value))

    return replace(axis, apply=apply)


def _missing(title: str, host: Host) -> Axis:
    """An axis of A1111 that nothing here provides: it is listed, and refused by its name, or with the reason."""

    def refuse(request: GenerationRequest, values: Sequence[Json]) -> None:
        unused = next((key for key in SETTINGS.get(title, ()) if host.settings.is_unused(key)), None)
        if unused is not None:
            host.settings.validated({unused: None})
        raise UserError("Nothing here can vary this.", hint="No installed extension provides it.")

    return Axis(title, "text", lambda request, value: request, check=refuse)


def _check_checkpoints(host: Host, values: Sequence[Json]) -> None:
    unknown = next((value for value in values if host.models.find(CHECKPOINT_KIND, str(value)) is None), None)
    if unknown is not None:
        raise UserError(f"Unknown checkpoint: {unknown}.", hint="Look at the list of checkpoints.")


# --- labels ---


def short(value: Json) -> str:
    """A value as people read it: floats without noise."""
    return str(short_number(round(value, 8))) if isinstance(value, float) else str(value)


def _labelled(title: str, value: Json) -> str:
    return f"{title}: {short(value)}"


def _value_alone(title: str, value: Json) -> str:
    return short(value)


def _joined(title: str, value: Json) -> str:
    return ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)


def _file_name(title: str, value: Json) -> str:
    return os.path.basename(str(value).replace("\\", "/"))
