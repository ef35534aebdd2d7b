"""Work of the engine that extensions may ask for; torch is imported when they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.contracts import PassContext, Run
from app.values.job import JobResult
from app.values.request import GenerationRequest

if TYPE_CHECKING:
    from torch import Tensor


def draw_request(request: GenerationRequest, run: Run) -> JobResult:
    """Draw and save the pictures of a request as a part of the job ``run``.

    A skip or an interrupt returns what exists (``stopped`` says so), a cancel is raised as JobStopped.
    """
    from app.generation.generate import generate

    return generate(request, run)


def seed_noise(context: PassContext) -> Tensor:
    """Fresh noise (B, C, h, w) of the pictures' seeds alone, for what is drawn before the pass begins."""
    from app.generation import sampling

    return sampling.seed_noise(context)
