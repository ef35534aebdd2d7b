"""Followers of a sampling pass whose failures name the extension that they come from."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from app.contracts import DenoiseListener, DenoiseState, GuidanceEditor, GuidedPrediction
from app.hooks import Hooks
from app.values.owned import Owned

WHERE = "following the denoising"


@dataclass(frozen=True)
class NamedListener:
    """Passes everything on to an extension's listener."""

    owned: Owned[DenoiseListener]
    hooks: Hooks

    def begin(self, latents: Tensor, state: DenoiseState) -> None:
        """The pass begins."""
        with self.hooks.isolated(self.owned.owner, WHERE, strict=True):
            self.owned.value.begin(latents, state)

    def before_model(self, x: Tensor, state: DenoiseState) -> Tensor:
        """What the model is shown."""
        with self.hooks.isolated(self.owned.owner, WHERE, strict=True):
            x = self.owned.value.before_model(x, state)
        return x

    def after_model(self, denoised: Tensor, state: DenoiseState) -> Tensor:
        """The guided prediction."""
        with self.hooks.isolated(self.owned.owner, WHERE, strict=True):
            denoised = self.owned.value.after_model(denoised, state)
        return denoised

    def after_step(self, denoised: Tensor, state: DenoiseState) -> None:
        """A step is done."""
        with self.hooks.isolated(self.owned.owner, WHERE, strict=True):
            self.owned.value.after_step(denoised, state)

    def end(self, latents: Tensor) -> Tensor:
        """The finished latents."""
        with self.hooks.isolated(self.owned.owner, WHERE, strict=True):
            latents = self.owned.value.end(latents)
        return latents


@dataclass(frozen=True)
class NamedEditor:
    """An extension's change of the guidance."""

    owned: Owned[GuidanceEditor]
    hooks: Hooks

    def __call__(self, prediction: GuidedPrediction, state: DenoiseState) -> Tensor:
        """The prediction to go on with."""
        with self.hooks.isolated(self.owned.owner, "changing the guidance", strict=True):
            guided = self.owned.value(prediction, state)
        return guided
