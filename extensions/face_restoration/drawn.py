"""Restores the faces in pictures that were just drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.api import Run, RunImage
from extensions.face_restoration.restorers import in_use

ENDING = "-before-face-restoration"


def restored(images: Sequence[RunImage], run: Run) -> Sequence[RunImage]:
    """The pictures with restored faces; copies from before go beside them where the settings ask for that."""
    restorer = in_use(run.host, run.settings)
    if restorer is None:
        return images
    restore, made = restorer.load(), list[RunImage]()
    for item in images:
        if item.ending:
            made.append(item)
            continue
        run.control.check()
        run.tell(f"Restoring faces with {restorer.name}")
        if run.settings.get("save_images_before_face_restoration"):
            made.append(replace(item, ending=ENDING, shown=False))
        made.append(replace(item, image=restore(item.image.convert("RGB"), weight_of(run), run)))
    return made


def weight_of(run: Run) -> float:
    """0: the strongest."""
    weight = run.settings.get("code_former_weight")
    return float(weight) if isinstance(weight, int | float) else 0.5
