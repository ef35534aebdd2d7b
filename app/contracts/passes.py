"""Protocols of what takes part in a pass of sampling; no torch at import time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from app.contracts.models import LoadedModel
from app.contracts.sampling import GuidedPrediction
from app.values.plan import GenerationPlan, ImagePlan, PassPlan, PlannedCheckpoint
from app.values.prompt import PromptTag

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor


class ModelPatch(Protocol):
    """A temporary change of a loaded model; its exit restores the weights bit-equal, also after an error."""

    key: str
    """Patches with an equal key are the same change: kept applied while the next plan asks for the same set."""

    def apply(self, model: LoadedModel) -> AbstractContextManager[None]:
        """Change the model for the length of the context."""
        ...


@dataclass(frozen=True)
class PassContext:
    """One pass over one batch: pass ``index`` of the plan, with the pictures that are drawn together and the model that draws them.

    ``images`` carry the prompts of this pass as they were written; ``checkpoint`` is the model's: that of the pass, or the one that
    took over in it. ``tags`` are those of the first picture's prompt, in order: they count for all pictures of the batch.
    """

    plan: GenerationPlan
    index: int
    images: tuple[ImagePlan, ...]
    checkpoint: PlannedCheckpoint
    model: LoadedModel
    tags: tuple[PromptTag, ...] = ()

    @property
    def step(self) -> PassPlan:
        """How this pass goes."""
        return self.plan.passes[self.index]

    @property
    def latent_shape(self) -> tuple[int, int, int]:
        """Shape (C, h, w) of one picture's latent."""
        scale = self.model.downscale
        return self.model.latent_channels, self.step.height_px // scale, self.step.width_px // scale


class PassStarter(Protocol):
    """Gives a pass the latents that it begins with."""

    @property
    def needs_earlier(self) -> bool:
        """False when the pass begins with nothing that the passes before it leave: they are not drawn then."""
        ...

    def leave(self, latents: Tensor, context: PassContext) -> Tensor | Sequence[Image.Image]:
        """Take the latents (B, C, h, w) of the pass before, ``context``, while its model is still there."""
        ...

    def enter(self, carried: Tensor | Sequence[Image.Image] | None, context: PassContext) -> Tensor:
        """Clean latents (B, C, h, w) in sampling scale for the pass ``context``.

        ``carried`` is what ``leave`` returned, None where nothing was drawn before.
        """
        ...


@dataclass(frozen=True)
class DenoiseState:
    """What listeners see of a pass: ``call_index`` counts model calls from 0, ``step`` sampler steps; ``level``: sigma of the call.

    In ``space`` "sigma" the model is shown x = x0 + sigma * noise, in "timestep" sqrt(a) * x0 + sqrt(1 - a) * noise.
    """

    step: int
    steps: int
    call_index: int
    level: float
    pass_index: int = 0
    pass_count: int = 1
    space: Literal["sigma", "timestep"] = "sigma"


class DenoiseListener(Protocol):
    """Follows one sampling pass; every method may return its tensor unchanged."""

    def begin(self, latents: Tensor, state: DenoiseState) -> None:
        """Called once before the first model call with the noised start (B, C, H, W)."""
        ...

    def before_model(self, x: Tensor, state: DenoiseState) -> Tensor:
        """Change what the model is shown."""
        ...

    def after_model(self, denoised: Tensor, state: DenoiseState) -> Tensor:
        """Change the guided prediction D(x, sigma)."""
        ...

    def after_step(self, denoised: Tensor, state: DenoiseState) -> None:
        """Told after each sampler step, with the newest prediction."""
        ...

    def end(self, latents: Tensor) -> Tensor:
        """Change the finished latents."""
        ...


class GuidanceEditor(Protocol):
    """Changes the guided prediction at the calls that have a negative prompt."""

    def __call__(self, prediction: GuidedPrediction, state: DenoiseState) -> Tensor:
        """The prediction (B, C, H, W) to go on with."""
        ...


@dataclass(frozen=True)
class RunImage:
    """A decoded picture on its way to the disk; ``index`` is its ImagePlan's.

    One with an ``ending`` ("-mask", "-before-highres-fix") goes beside the picture of that index: its file's name ends so, it is
    saved if ``keep``, and part of the result if ``shown``. The others are both.
    """

    index: int
    image: Image.Image
    ending: str = ""
    keep: bool = True
    shown: bool = True
