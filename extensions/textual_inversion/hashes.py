"""The infotext's "TI hashes"."""

from __future__ import annotations

from app.api import GenerationPlan, ImagePlan, Run
from extensions.textual_inversion.apply import used_words


def ti_hashes(image: ImagePlan, plan: GenerationPlan, run: Run) -> str | None:
    """``name: hash, name: hash`` of the embeddings that the picture was drawn with; None where there are none."""
    found = [(embedding.name.replace(":", "").replace(",", ""), embedding.digits()) for embedding in used_words(image.index, plan, run)]
    return ", ".join(f"{name}: {digits}" for name, digits in found if digits) or None
