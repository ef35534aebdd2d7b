"""Finds faces by OpenCV's Haar cascades, where that package is installed."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

CASCADE = "haarcascade_frontalface_default.xml"
SMALLEST_SHARE = 0.05
LOOK_PX = 800


def cascade_file() -> Path | None:
    """The cascade for faces that comes with the package up to its version 4; None where there is none. Imports nothing."""
    spec = find_spec("cv2")
    file = Path(spec.origin).parent / "data" / CASCADE if spec and spec.origin else None
    return file if file is not None and file.is_file() else None


def face_points(image: Image.Image) -> list[tuple[float, float]]:
    """The middles of the faces, x and y in 0..1; none where the package or its cascades are missing."""
    file = cascade_file()
    if file is None:
        return []
    cv2 = import_module("cv2")
    factor = min(1.0, LOOK_PX / max(image.size))
    grey = np.asarray(image.convert("L").resize((max(1, round(image.width * factor)), max(1, round(image.height * factor)))))
    smallest = max(20, round(min(grey.shape) * SMALLEST_SHARE))
    boxes = cv2.CascadeClassifier(str(file)).detectMultiScale(grey, 1.1, 7, minSize=(smallest, smallest))
    return [((x + width / 2) / grey.shape[1], (y + height / 2) / grey.shape[0]) for x, y, width, height in boxes]
