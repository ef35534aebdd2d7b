"""Which texts of a prompt a text encoder gets to read."""

from __future__ import annotations

from app.generation.prompt.multicond import split_parts
from app.generation.prompt.schedule import Timeline, prompt_schedule
from app.generation.prompt.tags import take_tags


def shown_texts(prompt: str, timeline: Timeline, *, negative: bool) -> tuple[str, ...]:
    """The texts of all parts at all steps, each once, without tags.

    A negative prompt is one part, and what looks like a tag in it is text.
    """
    parts = [prompt] if negative else [part.text for part in split_parts(take_tags(prompt)[0])]
    return tuple(dict.fromkeys(step.text for part in parts for step in prompt_schedule(part, timeline)))
