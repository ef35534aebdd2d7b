"""Embeddings in pictures: read from texts and pixels, and damaged ones refused."""

from __future__ import annotations

import base64
import json
import zlib
from random import Random

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from app.api import UserError
from app.testing.mutations import damage, random_edits
from extensions.textual_inversion.pictures import TEXT, read_picture


def embedding_json(rows=((0.5, -1.0, 2.0),), **more):
    return json.dumps({"string_to_param": {"*": {"TORCHTENSOR": [list(row) for row in rows]}}, "name": "inside", **more}).encode()


def with_text(path, text):
    info = PngImagePlugin.PngInfo()
    info.add_text(TEXT, text)
    Image.new("RGB", (8, 8)).save(path, pnginfo=info)
    return path


def with_pixels(path, raw, height=32, fill=0x30):
    """A picture with data at its edges, as A1111 writes it."""
    packed = np.frombuffer(zlib.compress(raw, 9), np.uint8)
    size = -(-len(packed) // (height * 3)) * height * 3
    packed = np.concatenate([packed, np.zeros(size - len(packed), np.uint8)])
    state, mixed = 0, []
    for _ in range(size):
        state = (1664525 * state + 1013904223) % 2**32
        mixed.append((state % 255) & 0x0F)
    noise = np.array(mixed, np.uint8)
    low, high = ((part ^ noise | fill).reshape(height, -1, 3) for part in (packed & 0x0F, packed >> 4))
    black = np.zeros((height, 1, 3), np.uint8)
    middle = np.full((height, 20, 3), 0x55, np.uint8)
    Image.fromarray(np.concatenate([low, black, middle, black, high], axis=1)).save(path, lossless=True)
    return path


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_numbers_in_the_low_bits_of_pixels(tmp_path, suffix):
    rows = ((0.25, -3.5, 1e-3), (4.0, 5.0, 6.5))
    raw = embedding_json(rows, step=7, sd_checkpoint="ab", sd_checkpoint_name="m")
    picture = read_picture(with_pixels(tmp_path / f"card{suffix}", raw))
    assert (picture.name, picture.rows, picture.step) == ("inside", rows, 7)
    assert (picture.checkpoint_hash, picture.checkpoint_name) == ("ab", "m")


def test_a_text_of_a_png_comes_first_and_a_name_may_be_missing(tmp_path):
    path = with_text(tmp_path / "stem.png", base64.b64encode(embedding_json(name="")).decode())
    assert read_picture(path).name == "stem"


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[" * 100_000,
        b"[]",
        b'{"string_to_param": {}}',
        b'{"string_to_param": {"a": 1, "b": 2}}',
        b'{"string_to_param": {"*": {"TORCHTENSOR": [[1, "x"]]}}}',
        b'{"string_to_param": {"*": {"TORCHTENSOR": [[1], [1, 2]]}}}',
        b'{"string_to_param": {"*": {"TORCHTENSOR": [[NaN]]}}}',
        b'{"string_to_param": {"*": {"TORCHTENSOR": []}}}',
        b"\xff\xfe",
    ],
    ids=range(10),
)
def test_damaged_embeddings_are_refused(tmp_path, content):
    with pytest.raises(UserError):
        read_picture(with_text(tmp_path / "bad.png", base64.b64encode(content).decode()))
    with pytest.raises(UserError):
        read_picture(with_pixels(tmp_path / "bad.png", content))


def test_a_text_that_is_no_base64(tmp_path):
    with pytest.raises(UserError, match="damaged"):
        read_picture(with_text(tmp_path / "bad.png", "ä!"))


def test_a_bomb_is_not_unpacked(tmp_path):
    with pytest.raises(UserError, match="more than"):
        read_picture(with_pixels(tmp_path / "bomb.png", bytes(9 * 2**20), height=64))


def test_ordinary_pictures_carry_none(tmp_path):
    random = np.random.default_rng(0)
    for number in range(30):
        pixels = random.integers(0, 256, (int(random.integers(1, 40)), int(random.integers(1, 40)), 3), dtype=np.uint8)
        pixels[:, random.integers(0, pixels.shape[1], 3)] = 0
        path = tmp_path / f"{number}.png"
        Image.fromarray(pixels).save(path)
        assert read_picture(path) is None
    Image.new("RGB", (20, 20)).save(tmp_path / "black.png")
    assert read_picture(tmp_path / "black.png") is None


def test_damage_anywhere_is_an_error_of_the_one_file_or_nothing(tmp_path):
    random = Random(5)
    raw = embedding_json(((0.5, -1.0),), step=1)
    pictures = [with_pixels(tmp_path / f"whole{suffix}", raw).read_bytes() for suffix in (".png", ".webp")]
    outcomes = set()
    for number in range(1000):
        path = tmp_path / "damaged.png"
        if number % 2:
            path.write_bytes(damage(pictures[number // 2 % 2], random_edits(random)))
        else:
            with_pixels(path, damage(raw, random_edits(random)))
        try:
            outcomes.add(type(read_picture(path)).__name__)
        except UserError:
            outcomes.add("refused")
    assert outcomes == {"PictureEmbedding", "NoneType", "refused"}
