"""One batch from its seeds to its finished latents: its passes one after another, each with its model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor

from app import hookspecs
from app.contracts import LoadedModel, PassContext, PassStarter
from app.errors import JobStopped
from app.generation.denoise import PassResult
from app.generation.encode import ENCODED
from app.generation.prefixes import FIRST_PASSES, FirstPass, encodes_pictures, first_pass_keys
from app.generation.progress import Progress
from app.generation.run_helpers import GenerationRun
from app.generation.sampling import sample_pass
from app.generation.sessions import ModelSessions, Session
from app.hooks import Hooks
from app.values.owned import Owned
from app.values.plan import GenerationPlan, ImagePlan

WHERE = "the start of a pass"


class BatchSampler:
    """Draws the batches of one plan."""

    def __init__(self, plan: GenerationPlan, sessions: ModelSessions, run: GenerationRun, progress: Progress) -> None:
        self.plan = plan
        self.run = run
        self.progress = progress
        self._sessions = sessions

    @property
    def model(self) -> LoadedModel:
        """The model that was opened last: it reads the latents that ``sample`` returned."""
        return self._sessions.current.context.model

    def sample(self, images: Sequence[ImagePlan]) -> PassResult:
        """The latents (B, C, h, w) of a batch; a skip or an interrupt returns the newest prediction, or what the pass before left."""
        result = PassResult(None)
        self.run.used.clear()
        with torch.no_grad():
            starters = [self._starter(index, images) for index in range(len(self.plan.passes))]
            for index in range(_first_needed(starters), len(starters)):
                following = self._pass(index, images, starters[index], result.latents)
                if following.stopped:
                    return following if following.latents is not None else PassResult(result.latents, following.stopped)
                result = following
        return result

    def _pass(self, index: int, images: Sequence[ImagePlan], starter: NamedStarter | None, latents: Tensor | None) -> PassResult:
        self.progress.begin(index, len(self.plan.passes))
        try:
            self.run.control.check()
            carried = starter.leave(latents, self._sessions.current.context) if starter and latents is not None else latents
            session = self._sessions.open(index, images)
            if index == 0 and starter is None:
                return self._first_pass(session, images)
            start = starter.enter(carried, session.context) if starter else latents
            return sample_pass(session, start, self._sessions, self.run, self.progress)
        except JobStopped as stop:
            if stop.kind == "cancel":
                raise
            return PassResult(None, stop.kind)

    def _first_pass(self, session: Session, images: Sequence[ImagePlan]) -> PassResult:
        """A pass from noise alone; where an earlier request of the job had the same one, what that gave."""
        known = self.run.stash.get(FIRST_PASSES, None)
        if known is None:
            return sample_pass(session, None, self._sessions, self.run, self.progress)
        bare, whole = first_pass_keys(self.plan, images, self.run)
        found = known.find(bare, whole)
        if found is not None:
            self.run.used.update(found.used)
            if found.checkpoint.path != session.context.checkpoint.path:
                session = self._sessions.open(0, images, found.checkpoint)
            return PassResult(found.latents.to(session.context.model.device))
        self.run.stash[ENCODED] = False
        result = sample_pass(session, None, self._sessions, self.run, self.progress)
        if result.latents is not None and not result.stopped:
            drawn = FirstPass(result.latents, frozenset(self.run.used), self._sessions.current.context.checkpoint)
            known.add(whole if encodes_pictures(session.context.model, self.run) else bare, drawn)
        return result

    def _starter(self, index: int, images: Sequence[ImagePlan]) -> NamedStarter | None:
        hooks = self.run.host.hooks
        owned = hooks.first(hookspecs.start_pass, strict=True, plan=self.plan, index=index, images=images, run=self.run)
        return None if owned is None else NamedStarter(owned, hooks)


def _first_needed(starters: Sequence[NamedStarter | None]) -> int:
    """The last pass that begins with nothing of the one before: those before it need not be drawn."""
    return max((index for index, starter in enumerate(starters) if starter is not None and not starter.needs_earlier), default=0)


@dataclass(frozen=True)
class NamedStarter:
    """An extension's starter whose failures name the extension."""

    owned: Owned[PassStarter]
    hooks: Hooks

    @property
    def needs_earlier(self) -> bool:
        """Whether the passes before have to be drawn."""
        return self.owned.value.needs_earlier

    def leave(self, latents: Tensor, context: PassContext) -> Tensor | Sequence[Image.Image]:
        """The end of the pass before."""
        with self.hooks.isolated(self.owned.owner, WHERE, strict=True):
            carried = self.owned.value.leave(latents, context)
        return carried

    def enter(self, carried: Tensor | Sequence[Image.Image] | None, context: PassContext) -> Tensor:
        """The beginning of the pass."""
        with self.hooks.isolated(self.owned.owner, WHERE, strict=True):
            latents = self.owned.value.enter(carried, context)
        return latents
