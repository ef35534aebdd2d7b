"""How many tokens a prompt takes at most: what the token counter shows."""

from __future__ import annotations

from app.contracts import EncodeOptions, ModelFamily
from app.generation.prompt.multicond import split_parts
from app.generation.prompt.schedule import Timeline, prompt_schedule
from app.generation.prompt.tags import take_tags


def count_prompt_tokens(prompt: str, family: ModelFamily, *, steps: int, negative: bool, options: EncodeOptions | None = None) -> tuple[int, int]:
    """(used, limit) of the longest text that the prompt's parts show in ``steps`` steps; tags are not counted in prompts that have them out.

    Whatever the text is, there is an answer.
    """
    parts = [prompt] if negative else [part.text for part in split_parts(take_tags(prompt)[0])]
    texts = {step.text for part in parts for step in prompt_schedule(part, Timeline(steps))}
    return max(family.count_tokens(text, options) for text in texts)
