"""Texts written into picture files come back out of them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from app.generation.images.metadata import decode_user_comment, save_arguments
from app.generation.images.reading import open_image
from extensions.a1111_infotext.chunks import find_infotext

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "GIF")
INFOTEXT = 'a cat, 猫 🐈\nNegative prompt: ugly\nSteps: 20, Note: "a: b, c"'
TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=200)


def _written(file_format: str, infotext: str, **extra: Any) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, file_format, **save_arguments(file_format, infotext, **extra))
    return buffer.getvalue()


@pytest.mark.parametrize("file_format", FORMATS)
def test_an_infotext_comes_back(file_format: str) -> None:
    assert find_infotext(open_image(_written(file_format, INFOTEXT)).chunks) == INFOTEXT


@pytest.mark.parametrize("file_format", ["PNG", "JPEG"])
@given(text=TEXTS)
@example(text="Ā")  # its bytes could as well be two other characters in the other order
def test_any_text_comes_back(file_format: str, text: str) -> None:
    assert find_infotext(open_image(_written(file_format, text)).chunks) == text


@pytest.mark.parametrize("file_format", FORMATS)
def test_no_infotext_leaves_no_trace(file_format: str) -> None:
    assert open_image(_written(file_format, "")).chunks == {}


def test_further_texts_of_a_png_are_kept_beside_it() -> None:
    chunks = open_image(_written("PNG", "info", extra={"postprocessing": "sharpened"})).chunks
    assert chunks == {"parameters": "info", "postprocessing": "sharpened"}


def test_a_long_text_still_fits_a_jpeg_in_the_shorter_encoding() -> None:
    text = "a" * 40_000
    assert find_infotext(open_image(_written("JPEG", text)).chunks) == text


def test_a_text_that_fits_no_jpeg_does_not_cost_the_picture(caplog: pytest.LogCaptureFixture) -> None:
    assert open_image(_written("JPEG", "a" * 70_000)).chunks == {}
    assert "too long" in caplog.text


def test_both_byte_orders_of_other_programs_are_read() -> None:
    assert decode_user_comment(b"UNICODE\0" + "a cat".encode("utf-16-le")) == "a cat"
    assert decode_user_comment(b"UNICODE\0" + "a cat".encode("utf-16-be")) == "a cat"
