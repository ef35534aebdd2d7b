"""Names what a picture was drawn with: equal checksums mean that drawing it again would give the same pixels."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from PIL import Image

from app.contracts import Run
from app.values.base import Json
from app.values.plan import GenerationPlan, ImagePlan
from app.version import HOST_VERSION

NOT_PIXELS = {"images", "batch_size", "kind"}
"""Fields of a plan that say nothing about the pixels of one picture."""


def picture_checksum(picture: Image.Image, image: ImagePlan, plan: GenerationPlan, run: Run) -> str:
    """A checksum of a decoded picture ("RGB") and of everything that has decided its pixels."""
    facts: dict[str, Json] = {
        "plan": plan.model_dump(mode="json", exclude=NOT_PIXELS),
        "image": image.model_dump(mode="json", exclude={"index"}),
        "settings": dict(run.settings),
        "files": [file_state(step.checkpoint.path) for step in plan.passes],
        "device": run.device,
        "version": HOST_VERSION,
        "size": list(picture.size),
    }
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    digest.update(picture.convert("RGB").tobytes())
    return digest.hexdigest()


def file_state(path: str) -> Json:
    """Size and time of a file; None when it is not there."""
    try:
        stat = Path(path).stat()
    except OSError:
        return None
    return [stat.st_size, stat.st_mtime_ns]
