"""The text of the token counters: how much of the text encoder's room a prompt takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.api import Json, count_prompt_tokens
from extensions.checkpoints.api import current

if TYPE_CHECKING:
    from app.api import Host

EMPTY = "0/75"
DEFAULT_STEPS, MOST_STEPS = 20, 150


def counted_tokens(host: Host, text: str, steps: Json, *, negative: bool, styles: Sequence[str] = ()) -> str:
    """``n/m`` as the current checkpoint's family counts, of the longest text that the prompt shows in so many steps.

    "" where the settings say that nothing is counted.
    """
    if host.settings.get("disable_token_counters"):
        return ""
    record = current(host)
    family = host.families.find(record.identity.family) if record and record.identity else None
    if family is None:
        return EMPTY
    known = min(int(steps), MOST_STEPS) if isinstance(steps, int | float) else DEFAULT_STEPS
    used, limit = count_prompt_tokens(text, family, host, steps=known, negative=negative, styles=styles)
    return f"{used}/{limit}"
