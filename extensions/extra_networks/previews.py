"""Pictures of cards: found beside the model file or in it, made small, and sent as WebP whatever they were."""

from __future__ import annotations

import base64
import binascii
import io
import json
import threading
from collections import OrderedDict
from pathlib import Path

from app.api import NotFoundError, OpenedImage, UserError, open_image
from extensions.extra_networks.rows import COVERS, Row

BOX_PX = (512, 768)
"""Twice the usual size of a card, for fine displays."""
QUALITY = 82
KEPT_BYTES = 32 * 1024 * 1024
LARGEST_BYTES = 64 * 1024 * 1024
AT_ONCE = 2


class Thumbnails:
    """Small pictures that were made last; thread-safe. Browsers keep their own copies, so few are asked for twice."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._making = threading.Semaphore(AT_ONCE)

    def get(self, row: Row, roots: tuple[Path, ...]) -> bytes:
        """The row's picture as WebP; raises NotFoundError, and UserError that names a file that is no picture."""
        key = (row.record.path, row.preview_version)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        with self._making:
            data = _small(_opened(row, roots))
        with self._lock:
            self._bytes += len(data) - len(self._kept.get(key, b""))
            self._kept[key] = data
            while self._bytes > KEPT_BYTES and len(self._kept) > 1:
                self._bytes -= len(self._kept.popitem(last=False)[1])
        return data


def _opened(row: Row, roots: tuple[Path, ...]) -> OpenedImage:
    if not row.preview:
        return open_image(_cover(row), f"The cover of {row.record.name}")
    path = Path(row.record.path).with_name(row.preview)
    real = path.resolve()
    if not any(real.is_relative_to(root.resolve()) for root in (*roots, path.parent)):
        raise NotFoundError(f"{row.preview} leads out of the model folders.")
    if not real.is_file() or real.stat().st_size > LARGEST_BYTES:
        raise NotFoundError(f"{row.preview} is not there, or larger than {LARGEST_BYTES >> 20} MiB.")
    return open_image(path)


def _cover(row: Row) -> bytes:
    """The first picture in the file's own metadata."""
    try:
        covers = json.loads(row.record.metadata.get(COVERS, ""))
        first = covers[0] if isinstance(covers, list) and covers else None
        return base64.b64decode(first, validate=True) if isinstance(first, str) else b""
    except (ValueError, RecursionError, binascii.Error) as error:
        raise UserError(f"The cover of {row.record.name} cannot be read.") from error


def _small(opened: OpenedImage) -> bytes:
    image = opened.image
    image.thumbnail(BOX_PX)
    if image.mode not in ("RGB", "RGBA"):
        image = image.convert("RGBA" if "A" in image.mode else "RGB")
    stream = io.BytesIO()
    image.save(stream, "WEBP", quality=QUALITY, method=2)
    return stream.getvalue()
