"""Reads embeddings that A1111 has put into pictures: as a PNG text, or in the low four bits of the pixels at both edges.

The pixels hold a zlib stream of JSON: the low half of each byte in the block left of the first black column, the high half in the
block right of the last one, both mixed with the numbers of a linear congruential generator.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.api import UserError, open_image

SUFFIXES = (".png", ".webp")
TEXT = "sd-ti-embedding"
TENSOR = "TORCHTENSOR"
MAX_JSON_BYTES = 8 * 2**20
"""Twice the text of 75 vectors of 2048 numbers; more is refused."""
MULTIPLIER, INCREMENT, MODULUS, RANGE = 1664525, 1013904223, 2**32, 255
LOW = np.uint8(0x0F)

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class PictureEmbedding:
    """What a picture carries: ``rows`` are the vectors; the rest is "" or None where its maker did not say."""

    name: str
    rows: tuple[tuple[float, ...], ...]
    step: int | None = None
    checkpoint_hash: str | None = None
    checkpoint_name: str | None = None


def is_picture(path: Path) -> bool:
    """True for the suffixes of pictures that may carry an embedding."""
    return path.suffix.lower() in SUFFIXES


def is_preview(path: Path) -> bool:
    """True for ``name.preview.png``, which is a card's picture whatever it carries."""
    return path.stem.lower().endswith(".preview")


def read_picture(path: Path) -> PictureEmbedding | None:
    """The embedding in a picture, None where it carries none; raises UserError for a damaged picture or embedding."""
    opened = open_image(path)
    text = opened.chunks.get(TEXT)
    try:
        raw = _bounded(base64.b64decode(text)) if text is not None else data_in_pixels(opened.image)
    except (binascii.Error, ValueError) as error:
        raise UserError(f"the embedding in its text is damaged ({error})") from error
    return None if raw is None else _parse(raw, path.stem)


def data_in_pixels(image: Image.Image) -> bytes | None:
    """What the pixels at the edges hold, unpacked; None where there are no such blocks. Raises UserError for too much of it."""
    pixels = _without_border(np.asarray(image.convert("RGB"))) & LOW
    black = np.flatnonzero(pixels.sum(axis=(0, 2)) == 0) if pixels.size else np.empty(0, int)
    if len(black) < 2:
        return None
    low, high = pixels[:, : black[0]], pixels[:, black[-1] + 1 :]
    if low.shape != high.shape or not low.size:
        return None
    mixed = _random_nibbles(low.size).reshape(low.shape)
    return _unpack((((high ^ mixed) << 4) | (low ^ mixed)).astype(np.uint8).tobytes())


def _without_border(pixels: Bytes) -> Bytes:
    """Cut off the black edges: rows and columns at them without a pixel whose three channels are above zero."""
    lit = np.all(pixels > 0, axis=2)
    columns, rows = np.flatnonzero(np.any(lit, axis=0)), np.flatnonzero(np.any(lit, axis=1))
    if not len(columns):
        return pixels[:0, :0]
    return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _random_nibbles(count: int) -> Bytes:
    """The generator's first numbers, from 0 on, cut to four bits; x -> (a x + c) mod m, leapt over in blocks that double."""
    states = np.array([INCREMENT], dtype=np.uint64)
    factor, offset = MULTIPLIER, INCREMENT
    while len(states) < count:
        states = np.concatenate([states, (states * np.uint64(factor) + np.uint64(offset)) % np.uint64(MODULUS)])
        factor, offset = factor * factor % MODULUS, (factor * offset + offset) % MODULUS
    return (states[:count] % np.uint64(RANGE)).astype(np.uint8) & LOW


def _unpack(packed: bytes) -> bytes | None:
    reader = zlib.decompressobj()
    try:
        return _bounded(reader.decompress(packed, MAX_JSON_BYTES + 1)) if packed[:1] == b"\x78" else None
    except zlib.error:
        return None


def _bounded(raw: bytes) -> bytes:
    if len(raw) > MAX_JSON_BYTES:
        raise UserError(f"the embedding in it takes more than {MAX_JSON_BYTES:,} bytes")
    return raw


def _parse(raw: bytes, stem: str) -> PictureEmbedding:
    try:
        data = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise UserError("the embedding in it is no valid JSON") from error
    terms = data.get("string_to_param") if isinstance(data, dict) else None
    if not isinstance(terms, dict) or len(terms) != 1:
        raise UserError("what it carries is no embedding of one term")
    name, step = data.get("name"), data.get("step")
    return PictureEmbedding(
        name=name if isinstance(name, str) and name.strip() else stem,
        rows=_rows(next(iter(terms.values()))),
        step=step if isinstance(step, int) and not isinstance(step, bool) else None,
        checkpoint_hash=_text(data.get("sd_checkpoint")),
        checkpoint_name=_text(data.get("sd_checkpoint_name")),
    )


def _rows(term: Any) -> tuple[tuple[float, ...], ...]:
    values = term.get(TENSOR) if isinstance(term, dict) else None
    if isinstance(values, list) and values and not isinstance(values[0], list):
        values = [values]
    if not isinstance(values, list) or not values or not all(isinstance(row, list) and row for row in values):
        raise UserError("what it carries is no list of vectors")
    if len({len(row) for row in values}) > 1 or not all(_is_number(value) for row in values for value in row):
        raise UserError("the vectors in it are not equally long rows of numbers")
    return tuple(tuple(float(value) for value in row) for row in values)


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e38 if isinstance(value, int) else math.isfinite(value)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
