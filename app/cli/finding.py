"""One line of what ``doctor`` found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "note", "wrong"]


@dataclass(frozen=True)
class Finding:
    """``subject`` in a word or two, ``text`` what is the case, ``remedy`` what to do about it."""

    verdict: Verdict
    subject: str
    text: str
    remedy: str = ""
