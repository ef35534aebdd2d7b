"""What will happen: a request with every choice made; the same plan gives the same pictures."""

from __future__ import annotations

from typing import Literal

from app.values.base import Json, Value
from app.values.model import PredictionType


class SamplingOptions(Value):
    """The knobs of sampling that are settings rather than request fields; 0 and None mean "not set", defaults change nothing.

    ``s_*``: churn and noise of Karras et al. 2022; ``s_tmax`` 0: no limit. ``sigma_min``, ``sigma_max``, ``rho``: the schedule's limits.
    ``s_min_uncond``: below this sigma the negative prompt is left out (on odd calls, or on all). ``skip_early_cond``: share of the
    model calls that run without guidance. ``pad_cond_uncond*``: how prompts of different length are brought to one length.
    """

    s_churn: float = 0.0
    s_tmin: float = 0.0
    s_tmax: float = 0.0
    s_noise: float = 1.0
    sigma_min: float = 0.0
    sigma_max: float = 0.0
    rho: float = 0.0
    use_old_karras_scheduler_sigmas: bool = False
    always_discard_next_to_last_sigma: bool = False
    enable_quantization: bool = False
    sgm_noise_multiplier: bool = False
    s_min_uncond: float = 0.0
    s_min_uncond_all: bool = False
    skip_early_cond: float = 0.0
    pad_cond_uncond: bool = False
    pad_cond_uncond_v0: bool = False
    batch_cond_uncond: bool = True


class ImagePlan(Value):
    """One picture of the plan; ``index`` counts over all batches of the job from 0."""

    index: int
    prompt: str
    negative_prompt: str
    seed: int
    subseed: int


class GenerationPlan(Value):
    """Everything that decides the pixels; ``images`` in order, ``batch_size`` of them drawn at a time.

    ``checkpoint_path`` with its size and mtime names the weights; ``scheduler`` is resolved (never "Automatic" where the sampler
    has a default of its own); ``params`` are validated and complete for every registered feature.
    """

    images: tuple[ImagePlan, ...]
    batch_size: int
    checkpoint_path: str
    checkpoint_name: str
    checkpoint_sha256: str | None
    family: str
    prediction_type: PredictionType
    zero_terminal_snr: bool = False
    width_px: int
    height_px: int
    steps: int
    cfg_scale: float
    sampler: str
    scheduler: str
    eta: float | None = None
    clip_skip: int = 1
    emphasis: Literal["Original", "No norm", "Ignore", "None"] = "Original"
    comma_padding_backtrack: int = 20
    subseed_strength: float = 0.0
    seed_resize_from_width_px: int = 0
    seed_resize_from_height_px: int = 0
    noise_source: Literal["CPU", "GPU", "NV"] = "CPU"
    eta_noise_seed_delta: int = 0
    precision: str = "auto"
    sampling: SamplingOptions = SamplingOptions()
    params: dict[str, dict[str, Json]] = {}
