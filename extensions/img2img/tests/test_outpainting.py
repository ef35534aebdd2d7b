"""The canvas is extended, and what was there stays."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from extensions.img2img.outpaint import Canvas
from extensions.img2img.params import Img2ImgParams
from extensions.img2img.tests.conftest import box_mask, noisy, pixels_of

REACH_PX = 12
"""How far the seam of a blur of 2 reaches into the picture at most."""


@pytest.mark.parametrize("size", [(64, 48), (61, 43)])
@pytest.mark.parametrize(
    "sides",
    [{"left": 24}, {"right": 20}, {"up": 16}, {"down": 9}, {"left": 16, "right": 8, "up": 24, "down": 8}],
    ids=lambda sides: "-".join(sides),
)
@pytest.mark.parametrize("content", [0, 1])
def test_the_result_is_the_extended_picture_with_the_original_in_it(studio, size, sides, content):
    image = noisy(*size)
    params = {f"outpaint_{side}": pixels for side, pixels in sides.items()}
    blur = {"mask_blur_x": 2, "mask_blur_y": 2, "inpainting_fill": content}
    result = pixels_of(studio.draw(image, img2img={**params, **blur}))
    left, up, right, down = (sides.get(side, 0) for side in ("left", "up", "right", "down"))
    assert result.shape == (up + size[1] + down, left + size[0] + right, 3)
    inner = result[up : up + size[1], left : left + size[0]]
    trimmed = np.s_[
        REACH_PX if up else 0 : size[1] - REACH_PX if down else size[1], REACH_PX if left else 0 : size[0] - REACH_PX if right else size[0]
    ]
    assert np.array_equal(inner[trimmed], np.asarray(image)[trimmed])
    changed = result[:, left + size[0] :] if right else result[:, :left] if left else result[:up] if up else result[up + size[1] :]
    assert len(np.unique(changed.reshape(-1, 3), axis=0)) > changed.size / 12, "the new part is drawn and not one colour"


def test_the_new_part_is_drawn_and_the_infotext_says_so(studio):
    image = noisy()
    params = {"outpaint_right": 32, "inpainting_fill": 1}
    one, two = studio.draw(image, img2img=params, seed=1), studio.draw(image, img2img=params, seed=2)
    assert (pixels_of(one)[:, 64:] != pixels_of(two)[:, 64:]).any(-1).mean() > 0.7
    assert "Outpaint: right 32" in one.images[0].infotext and "Size: 96x64" in one.images[0].infotext


def test_what_has_no_meaning_for_an_extended_picture_is_told(studio):
    params = {"outpaint_right": 32, "inpaint_full_res": True, "resize_mode": 1}
    (comment,) = studio.draw(noisy(), img2img=params, width=128, height=64).comments
    assert comment.startswith("The extended picture is drawn as a whole, with 96x64 pixels;")
    assert comment.endswith('not used: width 128, resize mode "Crop and resize", "Only masked".')
    (comment,) = studio.draw(noisy(), img2img={"outpaint_right": 32, "scale": 1.5}, width=128, height=128).comments
    assert comment.endswith("not used: resize by 1.5.")
    assert studio.draw(noisy(), img2img={"outpaint_right": 32}, width=96).comments == ()


def test_the_users_own_mask_is_drawn_too(studio):
    image = noisy()
    params = {"outpaint_right": 16, "mask_blur_x": 1, "mask_blur_y": 1}
    result = studio.pixels(image, mask=box_mask((8, 8, 24, 24)), img2img=params)
    changed = (result[:, :64] != np.asarray(image)).any(-1)
    assert changed[10:22, 10:22].all() and not changed[40:, :40].any()
    inverted = studio.pixels(image, mask=box_mask((8, 8, 24, 24)), img2img={**params, "inpainting_mask_invert": True})
    changed = (inverted[:, :64] != np.asarray(image)).any(-1)
    assert not changed[12:20, 12:20].any() and changed[40:, :40].mean() > 0.7


def test_sides_are_drawn_in_whole_latent_pixels():
    canvas = Canvas.of(Img2ImgParams(outpaint_left=3), (61, 64))
    assert canvas.wanted == (64, 64) and canvas.size_of((61, 64)) == (64, 64)
    canvas = Canvas.of(Img2ImgParams(outpaint_up=3), (61, 64))
    assert canvas.wanted == (61, 67) and canvas.size_of((61, 64)) == (64, 72)
    mask = np.asarray(canvas.mask((61, 64), Img2ImgParams(outpaint_up=3, mask_blur_x=0, mask_blur_y=0), None))
    assert (mask[:3, :61] == 255).all() and (mask[3:] == 0).all() and (mask[:, 61:] == 0).all()
    assert canvas.extended(Image.new("RGB", (61, 64))).size == (64, 72)
