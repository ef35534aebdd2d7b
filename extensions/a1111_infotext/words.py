"""Words of infotexts that stand for the numbers and ticks of a request."""

from __future__ import annotations

MASKED_CONTENT = ("fill", "original", "latent noise", "latent nothing")
"""By their numbers in a request."""
ONLY_MASKED, WHOLE_PICTURE = "Only masked", "Whole picture"
NOT_MASKED, MASKED = "Inpaint not masked", "Inpaint masked"
_MEANINGS: dict[object, int | bool] = {
    **{word: number for number, word in enumerate(MASKED_CONTENT)},
    ONLY_MASKED: True, WHOLE_PICTURE: False, NOT_MASKED: True, MASKED: False,
}  # fmt: skip


def meaning_of(value: object) -> object:
    """What a word stands for; anything else as it is."""
    return _MEANINGS.get(value, value) if isinstance(value, str) else value
