"""What the note below a form's prompts says after a paste; it lasts until it is closed or replaced."""

from __future__ import annotations

import json

from extensions.generation_form.paste import Pasted

NOT_RESTORED = "Not restored:"
FROM_LAST = "The prompt was empty, so these are the parameters of the last generation."
LONGEST_TEXT = 20_000
"""Characters; a longer pasted text is hardly that of a dropped picture."""


def told_of(text: str, pasted: Pasted) -> str:
    """What the script writes after a paste of ``text``; "" asks for the last generation."""
    titles = [FROM_LAST] if not text.strip() else []
    titles += [NOT_RESTORED] if pasted.problems else []
    return _told(text, " ".join(titles), pasted.problems)


def told_error(text: str, error: str) -> str:
    """What the script writes after a paste that failed."""
    return _told(text, error, error=True)


def _told(text: str, title: str, lines: tuple[str, ...] = (), *, error: bool = False) -> str:
    return json.dumps({"text": text[:LONGEST_TEXT], "title": title, "lines": lines, "error": error})
