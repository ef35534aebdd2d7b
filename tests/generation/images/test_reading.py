"""Pictures from outside: recorded files, good and hostile."""

from __future__ import annotations

import tracemalloc
from operator import itemgetter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from app.contracts import Sampler
from app.errors import UserError
from app.generation.images.metadata import EXIF_USER_COMMENT, GIF_COMMENT, INFOTEXT
from app.generation.images.reading import OpenedImage, open_image
from app.registry import Registry
from app.testing.vectors import vector_cases, vectors_folder
from app.values.owned import Owned
from extensions.a1111_infotext import read_metadata as read_a1111
from extensions.novelai_metadata import read_metadata as read_novelai

LOSSLESS = {".png", ".gif"}
NOT_TEXT = ("bytes", "tuple")
PLACES = (EXIF_USER_COMMENT, GIF_COMMENT, INFOTEXT)
LARGEST_ALLOCATION_BYTES = 80_000_000


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases("files.json", "images"), ids=itemgetter("file"))
def test_recorded_files(case: dict[str, Any]) -> None:
    path = vectors_folder() / case["file"]
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    if case["expect"] == "open":
        _assert_opens(path, case)
        return
    tracemalloc.start()
    try:
        if case["expect"] == "fail_cleanly":
            with pytest.raises(UserError, match=path.name):
                open_image(path)
        else:
            _open_or_refuse(path)
        assert tracemalloc.get_traced_memory()[1] < LARGEST_ALLOCATION_BYTES
    finally:
        tracemalloc.stop()


def _assert_opens(path: Path, case: dict[str, Any]) -> None:
    opened = open_image(path)
    assert list(opened.image.size) == case["size"]
    assert opened.image.mode == case["mode"]
    if case["corner_pixels"]:
        tolerance = 0 if path.suffix in LOSSLESS else 8
        for corner, expected in zip(_corners(opened.image), case["corner_pixels"], strict=True):
            assert corner == pytest.approx(expected, abs=tolerance)
    assert _infotext(opened) == case["geninfo"]
    texts = {key: value for key, value in case["other_info"].items() if isinstance(value, str) and value not in NOT_TEXT}
    assert {key: value for key, value in opened.chunks.items() if key not in PLACES} == texts


def _corners(image: Image.Image) -> list[tuple[int, ...]]:
    """Colours a little inside the corners: top left, top right, bottom left, bottom right."""
    plain = image.convert("RGB")
    right, bottom = plain.width - 3, plain.height - 3
    return [plain.getpixel(place) for place in ((2, 2), (right, 2), (2, bottom), (right, bottom))]  # type: ignore[misc]


def _infotext(opened: OpenedImage) -> str | None:
    """What the extensions that understand metadata make of a picture."""
    samplers: Registry[Sampler] = Registry("sampler", lambda sampler: sampler.name, lambda sampler: sampler.aliases)
    samplers.fill([Owned("", Sampler("Euler a", _never_loaded, ("k_euler_ancestral",)))])
    host: Any = SimpleNamespace(samplers=samplers)
    reading = read_novelai(opened.metadata, host) or read_a1111(opened.metadata, host)
    return reading and reading.infotext


def _never_loaded() -> Any:
    raise NotImplementedError


def _open_or_refuse(path: Path) -> None:
    try:
        open_image(path)
    except UserError as error:
        assert path.name in str(error)


def test_the_name_given_is_the_one_complained_about() -> None:
    with pytest.raises(UserError, match=r"init image 2"):
        open_image(b"no picture", "init image 2")


def test_pictures_over_the_limit_are_refused_before_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "wide.png"
    Image.new("1", (300, 200)).save(path)
    monkeypatch.setattr("app.generation.images.reading.MAX_PIXELS", 59_999)
    with pytest.raises(UserError, match="300x200"):
        open_image(path)
