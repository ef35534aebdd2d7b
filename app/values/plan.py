"""What will happen: a request with every choice made; the same plan gives the same pictures."""

from __future__ import annotations

from typing import Literal

from app.values.base import Json, Value
from app.values.model import PredictionType


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
    params: dict[str, dict[str, Json]] = {}
