"""What the extension keeps in the stash of a run."""

from __future__ import annotations

from app.api import StashKey

PRECISION = StashKey[str]("precision")
"""The number format of the U-Net that draws now, as the infotext names it; "" for full precision."""
