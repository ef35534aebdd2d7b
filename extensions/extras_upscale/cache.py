"""Keeps the pictures that upscalers made last, so that mixing them anew computes nothing again."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import Json, StashKey, Upscaler
from extensions.extras_upscale.params import UpscaleParams

if TYPE_CHECKING:
    from PIL import Image

    from app.api import Host

Key = tuple[str, ...]
SETTINGS = ("tile", "overlap")
"""Ends of the names of settings by which upscalers compute otherwise."""


class UpscaledImages:
    """The last few pictures by how they were made; usable from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._images: OrderedDict[Key, Image.Image] = OrderedDict()

    def get(self, key: Key) -> Image.Image | None:
        """The picture, which must not be changed; None when it is not kept."""
        with self._lock:
            if key in self._images:
                self._images.move_to_end(key)
            return self._images.get(key)

    def put(self, key: Key, image: Image.Image, limit: int) -> None:
        """Keep a picture, and at most ``limit`` of them."""
        with self._lock:
            self._images[key] = image
            while len(self._images) > limit:
                self._images.popitem(last=False)


CACHE = StashKey[UpscaledImages]("upscaled pictures of the Extras tab")


@contextmanager
def keeping_images(host: Host) -> Iterator[None]:
    """Keep them while the host runs."""
    host.stash[CACHE] = UpscaledImages()
    try:
        yield
    finally:
        del host.stash[CACHE]


def key_of(image: Image.Image, upscaler: Upscaler, params: UpscaleParams, settings: Mapping[str, Json]) -> Key:
    """Everything that decides the result of one upscaler."""
    pixels = hashlib.sha256(image.tobytes()).hexdigest()
    asked = params.model_dump_json(exclude={"upscaler_1", "upscaler_2", "upscaler_2_visibility"})
    tiles = [f"{name}={value}" for name, value in sorted(settings.items()) if name.casefold().endswith(SETTINGS)]
    return (pixels, image.mode, str(image.size), upscaler.name, *_file_of(upscaler), asked, *tiles)


def _file_of(upscaler: Upscaler) -> tuple[str, str]:
    """Its file, and size and time of that, by which a replaced file is another one."""
    if upscaler.model_path is None:
        return ("", "")
    try:
        stat = Path(upscaler.model_path).stat()
    except OSError:
        return (upscaler.model_path, "")
    return (upscaler.model_path, f"{stat.st_size} {stat.st_mtime_ns}")
