"""How many tokens a prompt takes at most: what the token counter shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app import hookspecs
from app.contracts import EncodeOptions, ModelFamily
from app.generation.prompt.schedule import Timeline
from app.generation.prompt.shown import shown_texts
from app.values.base import Json, Value

if TYPE_CHECKING:
    from app.host import Host


class _CountedSettings(Value):
    """The settings, by their keys, that decide how a prompt is cut into tokens."""

    emphasis: str = "Original"
    comma_padding_backtrack: int = 20


def count_prompt_tokens(
    prompt: str, family: ModelFamily, host: Host, *, steps: int, negative: bool = False, styles: Sequence[str] = ()
) -> tuple[int, int]:
    """(used, limit) of the longest text that the prompt shows within ``steps`` model calls, with these styles merged in.

    Whatever the text is, there is an answer, and no torch is needed.
    """
    chosen: dict[str, Json] = {key: host.settings.get(key) for key in _CountedSettings.model_fields}
    settings = _CountedSettings.model_validate(chosen)
    words = tuple(item for owned in host.hooks.collect(hookspecs.count_embeddings, host=host) for item in owned.value.items())
    options = EncodeOptions(
        emphasis=settings.emphasis, comma_padding_backtrack=settings.comma_padding_backtrack, embeddings=tuple(sorted(words))
    )
    edited = host.hooks.fold(hookspecs.edit_counted_prompt, prompt, negative=negative, styles=styles, host=host)
    return max(family.count_tokens(text, options) for text in shown_texts(edited, Timeline(steps), negative=negative))
