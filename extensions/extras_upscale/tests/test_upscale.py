"""Sizes, mixing and the cache of the upscale operation."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.api import Upscaler, UserError, hookimpl
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun
from extensions.extras.api import Picture
from extensions.extras_upscale.cache import keeping_images, key_of
from extensions.extras_upscale.params import UpscaleParams
from extensions.extras_upscale.upscale import check, enlarge, prepare, target_size

PICTURE = Picture(Image.linear_gradient("L").resize((16, 32)).convert("RGB"), Path("cat.png"))


class Counted:
    """An upscaler that counts how often it works."""

    def __init__(self) -> None:
        self.calls: list[float] = []

    @hookimpl
    def register_upscalers(self) -> list[Upscaler]:
        def load() -> Any:
            def work(image: Image.Image, factor: float, run: Any) -> Image.Image:
                self.calls.append(factor)
                return Image.new("RGB", (image.width * 4, image.height * 4), "white")

            return work

        return [Upscaler("White", pixel=load)]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    host = temporary_host(tmp_path_factory.mktemp("data"), ("extras_upscale", "upscalers"), role="worker")
    counted = Counted()
    host.hooks.register("counted", counted)
    host.refill()
    return host, counted


@pytest.fixture
def run(shared: Any) -> Iterator[Any]:
    host, counted = shared
    counted.calls.clear()
    with ExitStack() as stack:
        stack.enter_context(keeping_images(host))
        run = RecordingRun(host)
        run.counted = counted
        yield run


def done(run: Any, **values: Any) -> Picture:
    (picture,) = enlarge(PICTURE, UpscaleParams(**values), run)
    return picture


def test_another_visibility_computes_nothing_again(run: Any) -> None:
    first = done(run, upscaler_1="White", upscaler_2="Lanczos", upscaler_2_visibility=0.25, resize=2)
    second = done(run, upscaler_1="White", upscaler_2="Lanczos", upscaler_2_visibility=0.5, resize=2)
    assert run.counted.calls == [2.0]
    white, grey = 255, np.asarray(PICTURE.image.resize((32, 64), Image.Resampling.LANCZOS), np.float64)
    assert np.abs(np.asarray(first.image) - (white * 0.75 + grey * 0.25)).max() <= 1.5
    assert np.abs(np.asarray(second.image) - (white * 0.5 + grey * 0.5)).max() <= 1.5
    done(run, upscaler_1="White", resize=3)
    assert run.counted.calls == [2.0, 3.0]


def test_no_more_pictures_are_kept_than_the_setting_says(run: Any) -> None:
    run.settings = {**run.settings, "upscaling_max_images_in_cache": 0}
    for _ in range(2):
        done(run, upscaler_1="White", resize=2)
    assert run.counted.calls == [2.0, 2.0]


def test_a_replaced_file_of_an_upscaler_computes_anew(tmp_path: Path) -> None:
    file = tmp_path / "white.safetensors"
    upscaler = Upscaler("White", pixel=lambda: None, model_path=str(file))  # type: ignore[arg-type, return-value]
    keys = set()
    for content, time_ns in ((b"one", 10**18), (b"two", 2 * 10**18), (b"three", 2 * 10**18)):
        file.write_bytes(content)
        os.utime(file, ns=(time_ns, time_ns))
        keys |= {key_of(PICTURE.image, upscaler, UpscaleParams(), {}) for _ in range(2)}
    file.unlink()
    assert len(keys | {key_of(PICTURE.image, upscaler, UpscaleParams(), {})}) == 4


def test_sizes(run: Any) -> None:
    assert done(run, upscaler_1="Lanczos", resize=4, max_side_length=64).image.size == (32, 64)
    assert done(run, upscaler_1="Lanczos", resize=4, max_side_length=64).facts["Max side length"] == 64
    assert done(run, upscaler_1="Lanczos", resize_mode=1, width=50, height=30).image.size == (50, 30)
    assert done(run, upscaler_1="Lanczos", resize_mode=1, width=64, height=64, crop=False).image.size == (64, 128)
    assert prepare(PICTURE, UpscaleParams(resize_mode=1, width=50, height=30), run.host).target_px == (50, 30)
    with pytest.raises(UserError, match="pixels"):
        target_size((10_000, 10_000), UpscaleParams(resize=8))


def test_what_becomes_smaller_than_eight_pixels_is_at_least_one(run: Any) -> None:
    for name in ("Lanczos", "White"):
        assert done(run, upscaler_1=name, resize=0.01).image.size == (1, 1)
        assert done(run, upscaler_1=name, resize=0.2).image.size == (3, 6)
        assert done(run, upscaler_1=name, resize_mode=1, width=1, height=1, crop=False).image.size == (1, 2)
        assert done(run, upscaler_1=name, resize_mode=1, width=4, height=4).image.size == (4, 4)


def test_what_a_picture_is_cut_from_is_no_larger_than_a_picture_may_be(run: Any) -> None:
    thin = Picture(Image.new("RGB", (16384, 1)), Path("thin.png"))
    with pytest.raises(UserError, match=r"67108864x4096, what it is cut from") as error:
        list(enlarge(thin, UpscaleParams(upscaler_1="White", resize_mode=1, width=4096, height=4096), run))
    assert (error.value.field, run.counted.calls) == ("width", [])


def test_the_middle_is_cut_out(run: Any) -> None:
    picture = done(run, upscaler_1="Nearest", resize_mode=1, width=16, height=16)
    assert np.array_equal(np.asarray(picture.image), np.asarray(PICTURE.image)[8:24])


def test_nothing_happens_without_an_upscaler_and_that_is_said(run: Any) -> None:
    picture = done(run, upscaler_1="None", resize=4)
    assert (picture.image.size, dict(picture.facts)) == ((16, 32), {})
    assert run.comments == ["Upscaler 1 is None: nothing was enlarged."]


def test_the_name_ends_with_the_upscaler_where_the_setting_says_so(run: Any) -> None:
    run.settings = {**run.settings, "use_upscaler_name_as_suffix": True}
    assert done(run, upscaler_1="Lanczos", resize=2).name_tags == ("Lanczos",)


def test_an_unknown_upscaler_is_answered_with_those_that_enlarge_pictures(shared: Any) -> None:
    with pytest.raises(UserError) as error:
        check(UpscaleParams(upscaler_1="zzzzzz"), shared[0])
    assert "Lanczos" in error.value.hint and "White" in error.value.hint and "Latent" not in error.value.hint
    assert error.value.hint.count("None") == 1 and error.value.field == "upscaler_1"
    with pytest.raises(UserError) as error:
        check(UpscaleParams(upscaler_1="Latent (nearst)"), shared[0])
    assert "Latent" not in error.value.hint
