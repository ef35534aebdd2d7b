"""Which A1111 setting each infotext label stands for, with the setting's default there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.api import Json, UserError


@dataclass(frozen=True)
class Label:
    """An infotext label that stands for a setting; the default decides the type of its values (None: the value in use does)."""

    label: str
    setting: str
    default: str | int | float | bool | None


LABELS = (
    Label("Face restoration", "face_restoration", False),
    Label("Model hash", "sd_model_checkpoint", None),
    Label("Emphasis", "emphasis", "Original"),
    Label("Clip skip", "CLIP_stop_at_last_layers", 1),
    Label("RNG", "randn_source", "GPU"),
    Label("Tiling", "tiling", False),
    Label("Hires refiner", "hires_fix_refiner_pass", "second pass"),
    Label("VAE", "sd_vae", "Automatic"),
    Label("VAE Encoder", "sd_vae_encode_method", "Full"),
    Label("VAE Decoder", "sd_vae_decode_method", "Full"),
    Label("Conditional mask weight", "inpainting_mask_weight", 1.0),
    Label("Noise multiplier", "initial_noise_multiplier", 1.0),
    Label("Extra noise", "img2img_extra_noise", 0.0),
    Label("NGMS", "s_min_uncond", 0.0),
    Label("NGMS all steps", "s_min_uncond_all", False),
    Label("Token merging ratio", "token_merging_ratio", 0.0),
    Label("Token merging ratio hr", "token_merging_ratio_hr", 0.0),
    Label("Pad conds", "pad_cond_uncond", False),
    Label("Pad conds v0", "pad_cond_uncond_v0", False),
    Label("Old prompt editing timelines", "use_old_scheduling", False),
    Label("Downcast alphas_cumprod", "use_downcasted_alpha_bar", False),
    Label("Refiner switch by sampling steps", "refiner_switch_by_sample_steps", False),
    Label("Eta DDIM", "eta_ddim", 0.0),
    Label("Eta", "eta_ancestral", 1.0),
    Label("Sigma churn", "s_churn", 0.0),
    Label("Sigma tmin", "s_tmin", 0.0),
    Label("Sigma tmax", "s_tmax", 0.0),
    Label("Sigma noise", "s_noise", 1.0),
    Label("Schedule min sigma", "sigma_min", 0.0),
    Label("Schedule max sigma", "sigma_max", 0.0),
    Label("Schedule rho", "rho", 0.0),
    Label("ENSD", "eta_noise_seed_delta", 0),
    Label("Discard penultimate sigma", "always_discard_next_to_last_sigma", False),
    Label("SGM noise multiplier", "sgm_noise_multiplier", False),
    Label("UniPC variant", "uni_pc_variant", "bh1"),
    Label("UniPC skip type", "uni_pc_skip_type", "time_uniform"),
    Label("UniPC order", "uni_pc_order", 3),
    Label("UniPC lower order final", "uni_pc_lower_order_final", True),
    Label("Noise Schedule", "sd_noise_schedule", "Default"),
    Label("Skip Early CFG", "skip_early_cond", 0.0),
    Label("Beta scheduler alpha", "beta_dist_alpha", 0.6),
    Label("Beta scheduler beta", "beta_dist_beta", 0.6),
)

AS_WRITTEN = (
    Label("Beta schedule alpha", "beta_dist_alpha", 0.6),
    Label("Beta schedule beta", "beta_dist_beta", 0.6),
)
"""Labels that A1111 writes and does not read back."""


def override_settings(pairs: Iterable[str], current: Mapping[str, Json] | None = None, labels: Iterable[Label] = LABELS) -> dict[str, Json]:
    """Settings of a list of ``label: value`` texts; unknown labels are left out, values get the type of their setting.

    ``current`` holds the values in use; they give the type where the setting has no default.
    """
    values: dict[str, str] = {}
    for pair in pairs:
        label, _, value = pair.partition(":")
        values[label] = value.strip()
    return {label.setting: _cast(label, values[label.label], current or {}) for label in labels if label.label in values}


def _cast(label: Label, value: str, current: Mapping[str, Json]) -> Json:
    example = label.default if label.default is not None else current.get(label.setting)
    if isinstance(example, bool):
        return value != "False"
    if not isinstance(example, int | float | str):
        return None
    try:
        return type(example)(value)
    except ValueError:
        raise UserError(f'"{label.label}: {value}" cannot be used: {value!r} is not a number.', field=label.setting) from None
