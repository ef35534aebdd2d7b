"""What differs from the defaults stands in the infotext where it matters, and comes back from it."""

from __future__ import annotations

import pytest
from PIL import Image

from app.api import parse_infotext
from extensions.generation_form.api import read_pasted
from extensions.img2img.params import Img2ImgParams
from extensions.img2img.tests.conftest import box_mask, noisy

MASK = box_mask((24, 24, 40, 40))
SMALL, CLEAR = noisy(48, 64), Image.new("RGBA", (64, 64), (9, 9, 9, 100))


@pytest.fixture
def written(make_studio):
    studio = make_studio("a1111_infotext", "soft_inpainting")

    def draw(image=None, **changes):
        text = studio.draw(image or noisy(), **{"steps": 1, **changes}).images[0].infotext
        return studio, text, parse_infotext(text)

    return draw


@pytest.mark.parametrize(
    ("image", "changes", "label", "text"),
    [
        (SMALL, {"img2img": {"resize_mode": 2}}, "Resize mode", "Resize and fill"),
        (SMALL, {"img2img": {"resize_mode": 3}}, "Resize mode", "Just resize (latent upscale)"),
        (None, {"mask": MASK, "img2img": {"mask_round": False}}, "Round mask", "False"),
        (None, {"mask": MASK, "img2img": {"mask_blur_y": 9}}, "Mask blur y", "9"),
        (None, {"mask": MASK, "img2img": {"mask_blur_x": 0, "mask_blur_y": 0}}, "Mask blur", "0"),
        (None, {"img2img": {"outpaint_left": 16, "outpaint_down": 8}}, "Outpaint", "left 16, down 8"),
    ],
)
def test_what_a_request_asks_for_comes_back(written, image, changes, label, text):
    studio, _, items = written(image, **changes)
    assert items[label] == text
    read = Img2ImgParams.model_validate(Img2ImgParams.read_infotext(items, studio.host)).changed()
    assert read == changes["img2img"]


@pytest.mark.parametrize(
    ("image", "mask", "key", "value", "label"),
    [
        (None, None, "img2img_color_correction", True, "Color correction"),
        (None, None, "img2img_fix_steps", True, "Exact steps"),
        (None, MASK, "overlay_inpaint", False, "Overlay original"),
        (CLEAR, None, "img2img_background_color", "#00ff00", "Background color"),
    ],
)
def test_what_the_settings_said_comes_back_as_override_settings(written, image, mask, key, value, label):
    studio, text, items = written(image, mask=mask, settings={key: value})
    assert items[label] == str(value)
    pasted = read_pasted(text, studio.host)
    assert f"{label}: {value}" in pasted.values["override_settings"] and pasted.problems == ()
    assert f"{label}:" not in written(image, mask=mask)[1]


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({"img2img": {"resize_mode": 2}}, "Resize mode"),
        ({"mask": MASK, "width": 128, "img2img": {"resize_mode": 2, "inpaint_full_res": True}}, "Resize mode"),
        ({"img2img": {"mask_round": False, "mask_blur_y": 9}}, "Round mask"),
        ({"img2img": {"mask_blur_y": 9}}, "Mask blur y"),
        ({"settings": {"overlay_inpaint": False}}, "Overlay original"),
        ({"settings": {"img2img_background_color": "#00ff00"}}, "Background color"),
        ({"settings": {"img2img_fix_steps": True}, "img2img": {"denoising_strength": 1.0}}, "Exact steps"),
        ({"mask": MASK, "img2img": {"mask_round": False}, "params": {"soft_inpainting": {"enabled": True}}}, "Round mask"),
    ],
)
def test_what_has_changed_nothing_is_left_out(written, changes, label):
    assert label not in written(**changes)[2]


def test_our_labels_follow_those_of_a1111(written):
    changes = {"mask_blur_y": 9, "mask_round": False, "inpainting_fill": 0}
    text = written(mask=MASK, img2img=changes, settings={"img2img_extra_noise": 0.1})[1]
    assert "Mask blur: 4, Masked content: fill, Extra noise: 0.1, Mask blur y: 9, Round mask: False, Version" in text


def test_what_was_painted_over_how_thickly_comes_back(written):
    studio, _, _ = written()
    sketch = noisy()
    sketch.paste((255, 0, 0), (20, 20, 36, 36))
    result = studio.draw(noisy(), steps=1, img2img={"sketch": studio.put(sketch), "mask_transparency": 12.5})
    items = parse_infotext(result.images[0].infotext)
    assert items["Mask transparency"] == "12.5" and Img2ImgParams.read_infotext(items, studio.host)["mask_transparency"] == "12.5"


@pytest.mark.parametrize("text", ["left", "left 64 up 8", "left -4", "in 4", "left 64,"])
def test_another_text_for_an_extension_is_named(written, text):
    studio, _, _ = written()
    pasted = read_pasted(f'x\nSteps: 1, Sampler: Euler, Seed: 1, Outpaint: "{text}"', studio.host)
    assert any(f"{text!r} for Outpaint" in problem for problem in pasted.problems)
