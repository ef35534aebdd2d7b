"""Which tags of its prompts count in a batch, and what is said about those that nobody understands."""

from __future__ import annotations

from collections.abc import Sequence

from app.generation.prompt.tags import take_tags
from app.generation.run_helpers import GenerationRun
from app.values.plan import GenerationPlan, ImagePlan
from app.values.prompt import PromptTag


def batch_tags(images: Sequence[ImagePlan], plan: GenerationPlan, run: GenerationRun) -> tuple[PromptTag, ...]:
    """The tags of the first picture's prompt; none where the plan ignores them."""
    if plan.ignore_tags or not images:
        return ()
    _, tags = take_tags(images[0].prompt)
    understood = {name for kind in run.host.network_types for name in kind.tags}
    for tag in tags:
        if tag.type not in understood:
            run.comment(f"The tag {tag} in the prompt was left out: no installed extension understands {tag.type!r}.")
    for tag in take_tags(images[0].negative_prompt)[1]:
        if tag.type in understood:
            run.comment(f"The tag {tag} in the negative prompt is read as plain words: such tags work in the prompt only.")
    return tags
