"""What will happen: a request with every choice made that the host knows of."""

from __future__ import annotations

from typing import Literal

from app.values.base import Json, Value

SHORT_HASH_DIGITS = 10


class SamplingOptions(Value):
    """The knobs of sampling that are settings rather than request fields; 0 and None mean "not set", defaults change nothing.

    ``s_*``: churn and noise of Karras et al. 2022; ``s_tmax`` 0: no limit. ``sigma_min``, ``sigma_max``, ``rho``: the schedule's limits.
    ``s_min_uncond``: below this sigma the negative prompt is left out (on odd calls, or on all). ``skip_early_cond``: share of the
    model calls that run without guidance. ``pad_cond_uncond*``: how prompts of different length are brought to one length.
    ``sd_noise_schedule``, ``use_downcasted_alpha_bar``: how the model's noise levels are changed. ``enable_batch_seeds``: a picture of a
    batch equals the single one. ``extra``: the settings that samplers and noise schedules name, by their keys.
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
    sd_noise_schedule: Literal["Default", "Zero Terminal SNR"] = "Default"
    use_downcasted_alpha_bar: bool = False
    no_dpmpp_sde_batch_determinism: bool = False
    enable_batch_seeds: bool = True
    extra: dict[str, Json] = {}


class ImagePlan(Value):
    """One picture of the plan; ``index`` counts over all batches of the job from 0."""

    index: int
    prompt: str
    negative_prompt: str
    seed: int
    subseed: int


class PlannedCheckpoint(Value):
    """A checkpoint that was chosen; ``path`` with its size and mtime names the weights."""

    path: str
    name: str
    title: str
    sha256: str | None
    family: str

    @property
    def short_hash(self) -> str:
        """The first digits of its hash, as people write them; "" before it is known."""
        return (self.sha256 or "")[:SHORT_HASH_DIGITS]

    @property
    def short_title(self) -> str:
        """``name [hash]``, as infotexts name a further checkpoint."""
        return f"{self.name} [{self.short_hash}]" if self.sha256 else self.name


class ModelSwitch(Value):
    """Another checkpoint takes over within a pass, when the share ``at`` of it is done.

    The share counts training timesteps from the noisiest (``by_calls``: model calls).
    """

    checkpoint: PlannedCheckpoint
    at: float
    by_calls: bool = False


class PassPlan(Value):
    """How one walk of a sampler over a batch goes; a job has at least one, others begin with what the one before left.

    ``denoising_strength`` None: from noise alone; else from given latents, of which so much is drawn anew. ``exact_steps``: that many
    steps are run whatever the strength; otherwise the strength's share of them. ``noise_multiplier`` scales the first noise,
    ``extra_noise`` is added to noised latents, in units of their noise. ``prompts`` and ``negative_prompts`` are those of all pictures
    of the job in order, empty for the plan's own. ``encoded_as``: index of a pass of the same checkpoint whose patches the model has
    while the prompts are encoded; None: this one's.
    """

    width_px: int
    height_px: int
    steps: int
    cfg_scale: float
    sampler: str
    scheduler: str
    eta: float | None = None
    denoising_strength: float | None = None
    exact_steps: bool = False
    noise_multiplier: float = 1.0
    extra_noise: float = 0.0
    checkpoint: PlannedCheckpoint
    switch: ModelSwitch | None = None
    prompts: tuple[str, ...] = ()
    negative_prompts: tuple[str, ...] = ()
    encoded_as: int | None = None

    def prompts_of(self, image: ImagePlan) -> tuple[str, str]:
        """Prompt and negative prompt of a picture in this pass."""
        return (
            self.prompts[image.index] if self.prompts else image.prompt,
            self.negative_prompts[image.index] if self.negative_prompts else image.negative_prompt,
        )


class GenerationPlan(Value):
    """Everything that decides the pixels; ``images`` in order, ``batch_size`` of them drawn at a time.

    ``first`` is the first pass, ``later`` are those that follow it. ``scheduler`` of a pass is resolved (never "Automatic" where the
    sampler has a default of its own); ``params`` are validated and complete for every registered feature. ``kind`` names the folder
    of the pictures: the setting ``outdir_<kind>_samples``; "" for those that are drawn from nothing. ``encoding_settings`` are the values
    of the settings that the model families have named as theirs; ``ignore_tags``: nothing is done for the tags in the prompts.
    """

    images: tuple[ImagePlan, ...]
    batch_size: int
    first: PassPlan
    later: tuple[PassPlan, ...] = ()
    kind: str = ""
    clip_skip: int = 1
    emphasis: Literal["Original", "No norm", "Ignore", "None"] = "Original"
    comma_padding_backtrack: int = 20
    use_old_scheduling: bool = False
    ignore_tags: bool = False
    encoding_settings: dict[str, Json] = {}
    subseed_strength: float = 0.0
    seed_resize_from_width_px: int = 0
    seed_resize_from_height_px: int = 0
    noise_source: Literal["CPU", "GPU", "NV"] = "GPU"
    eta_noise_seed_delta: int = 0
    sampling: SamplingOptions = SamplingOptions()
    params: dict[str, dict[str, Json]] = {}

    @property
    def passes(self) -> tuple[PassPlan, ...]:
        """All passes in order."""
        return (self.first, *self.later)

    def with_first(self, **changes: object) -> GenerationPlan:
        """The plan with other values of its first pass."""
        return self.model_copy(update={"first": self.first.model_copy(update=changes)})
