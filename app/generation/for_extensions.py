"""Work of the engine that extensions may ask for; torch is imported when they do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.contracts import Conditioning, PassContext, Run, RunImage
from app.values.job import JobResult
from app.values.plan import GenerationPlan, ImagePlan
from app.values.request import GenerationRequest

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor


def draw_request(request: GenerationRequest, run: Run) -> JobResult:
    """Draw and save the pictures of a request as a part of the job ``run``.

    A skip or an interrupt returns what exists (``stopped`` says so), a cancel is raised as JobStopped.
    """
    from app.generation.generate import generate

    return generate(request, run)


def shown_prompts(context: PassContext, run: Run) -> list[tuple[str, ...]]:
    """For each picture of the batch, every text that its prompts show in this pass: positive ones in their order, then negative ones."""
    from app.generation.conditioning import timeline_of
    from app.generation.prompt.shown import shown_texts

    timeline = timeline_of(context.plan, context.index, run)
    return [
        (
            *shown_texts(image.prompt, timeline, negative=False),
            *(text for text in shown_texts(image.negative_prompt, timeline, negative=True) if text),
        )
        for image in context.images
    ]


def encode_texts(texts: Sequence[str], context: PassContext, run: Run) -> list[Conditioning]:
    """Encode texts together, as those of a positive prompt of this pass are, by the model as it is now; nothing of it is kept.

    Raises UserError, JobStopped.
    """
    from app.generation.conditioning import pass_options
    from app.generation.ladder import with_offload

    options = replace(pass_options(context, negative=False), on_rows=run.control.check)
    return with_offload(lambda: context.model.encode_prompts(list(texts), options), context.model, run.comment)


def seed_noise(context: PassContext) -> Tensor:
    """Fresh noise (B, C, h, w) of the pictures' seeds alone, for what is drawn before the pass begins."""
    from app.generation import sampling

    return sampling.seed_noise(context)


def save_beside(images: Sequence[RunImage], plan: GenerationPlan, run: Run) -> None:
    """Save early stages of pictures while they are still being drawn; each has an ``ending``, as in ``edit_images``."""
    from app.generation.result import RESULTS

    if any(not item.ending for item in images):
        raise ValueError("an early stage of a picture needs an ending")
    run.stash[RESULTS].add(images, plan, complete=True)


def picture_checksum(picture: Image.Image, image: ImagePlan, plan: GenerationPlan, run: Run) -> str:
    """What ``SavedImage.drawn_as`` would be for this picture of the plan."""
    from app.generation import checksum

    return checksum.picture_checksum(picture, image, plan, run)
