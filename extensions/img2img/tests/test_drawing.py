"""Pictures that begin with a picture: steps, strengths, masks, sizes, and what their infotext says."""

from __future__ import annotations

from hashlib import md5
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from app.api import OpenedImage, UserError, open_image
from app.testing.runs import ScriptedControl
from app.testing.tiny import TinyModel
from extensions.img2img.blur import blur_mask
from extensions.img2img.init_images import png_of
from extensions.img2img.masks import doubled
from extensions.img2img.tests.conftest import box_mask, noisy, pixels_of

MASK = box_mask((24, 24, 40, 40))


@pytest.fixture
def calls(monkeypatch):
    """Latent shapes that the model was called with."""
    shapes = []
    real = TinyModel.predict
    monkeypatch.setattr(TinyModel, "predict", lambda self, x, *rest: shapes.append(tuple(x.shape[2:])) or real(self, x, *rest))
    return shapes


@pytest.mark.parametrize(("strength", "executed"), [(0.0, 1), (0.3, 4), (0.75, 8), (1.0, 10)])
def test_the_strength_decides_how_many_steps_are_done(studio, calls, strength, executed):
    studio.draw(noisy(), steps=10, img2img={"denoising_strength": strength})
    assert len(calls) == executed


def test_exact_steps_by_the_setting(studio, calls):
    plain = studio.pixels(noisy(), steps=6, img2img={"denoising_strength": 0.5})
    calls.clear()
    exact = studio.pixels(noisy(), steps=6, img2img={"denoising_strength": 0.5}, settings={"img2img_fix_steps": True})
    assert len(calls) == 6 and (exact != plain).any()


def test_the_picture_matters_and_equal_requests_give_equal_pictures(studio):
    first = studio.pixels(noisy(seed=1), img2img={"denoising_strength": 0.3})
    assert np.array_equal(first, studio.pixels(noisy(seed=1), img2img={"denoising_strength": 0.3}))
    assert (first != studio.pixels(noisy(seed=2), img2img={"denoising_strength": 0.3})).any()


@pytest.mark.parametrize("sampler", ["Euler", "Euler a", "DDIM"])
@pytest.mark.parametrize("content", range(4))
@pytest.mark.parametrize("only_masked", [False, True])
def test_outside_of_the_blurred_mask_every_pixel_is_the_originals(studio, sampler, content, only_masked):
    image = noisy(96, 64)
    mask = box_mask((50, 24, 66, 40), (96, 64))
    params = {
        "inpainting_fill": content,
        "inpaint_full_res": only_masked,
        "inpaint_full_res_padding": 8,
        "mask_blur_x": 2,
        "mask_blur_y": 3,
    }
    result = studio.pixels(image, mask=mask, width=96, height=64, sampler=sampler, img2img=params)
    white = np.asarray(blur_mask(mask, 2, 3)) > 0
    original = np.asarray(image)
    assert np.array_equal(result[~white], original[~white])
    assert (result[26:38, 52:64] != original[26:38, 52:64]).any(-1).mean() > 0.9


def test_also_when_the_picture_is_resized_and_interrupted(studio):
    image = noisy(80, 48)
    mask = box_mask((30, 10, 50, 30), (80, 48))
    resized = np.asarray(image.resize((64, 64), Image.Resampling.LANCZOS))
    for control in (None, ScriptedControl(stop_at=4)):
        result = studio.pixels(image, mask=mask, width=64, height=64, steps=8, control=control)
        small = doubled(blur_mask(mask, 4, 4).resize((64, 64), Image.Resampling.LANCZOS))
        outside = np.asarray(small) == 0
        assert outside.any() and np.array_equal(result[outside], resized[outside])


def test_inverting_swaps_what_is_kept(studio):
    image = noisy()
    params = {"mask_blur_x": 0, "mask_blur_y": 0, "inpainting_mask_invert": True}
    result = studio.draw(image, mask=MASK, img2img=params)
    changed = (pixels_of(result) != np.asarray(image)).any(-1)
    assert not changed[24:40, 24:40].any() and changed.mean() > 0.8
    assert "Mask mode: Inpaint not masked, Mask blur: 0, Version" in result.images[0].infotext


def test_each_masked_content_gives_another_picture(studio):
    results = [studio.pixels(noisy(), mask=MASK, img2img={"inpainting_fill": content}) for content in range(4)]
    assert all((results[one] != results[two]).any() for one in range(4) for two in range(one))


def test_without_the_overlay_also_kept_pixels_have_gone_through_the_vae(studio):
    result = studio.pixels(noisy(), mask=MASK, settings={"overlay_inpaint": False})
    assert (result != np.asarray(noisy())).any(-1).mean() > 0.9


def test_a_blank_mask_has_no_surroundings_so_all_is_drawn_and_that_is_said(studio):
    image = noisy()
    result = studio.draw(image, mask=Image.new("L", (64, 64)), img2img={"inpaint_full_res": True})
    assert np.array_equal(pixels_of(result), studio.pixels(image))
    assert any("mask is blank" in comment for comment in result.comments) and "Mask blur" not in result.images[0].infotext


@pytest.mark.parametrize("content", range(4))
def test_a_blank_mask_over_the_whole_picture_keeps_all_of_it(studio, content):
    image = noisy()
    result = studio.draw(image, mask=Image.new("L", (64, 64)), img2img={"inpainting_fill": content, "denoising_strength": 1.0})
    assert np.array_equal(pixels_of(result), np.asarray(image))
    assert "The mask is blank, so all of the picture is kept." in result.comments and "Mask blur: 4" in result.images[0].infotext
    white = studio.draw(image, mask=Image.new("L", (64, 64), 255), img2img={"inpainting_mask_invert": True})
    assert np.array_equal(pixels_of(white), np.asarray(image))


def test_several_pictures_begin_one_result_each_and_one_begins_all(studio):
    images = [noisy(seed=seed) for seed in (1, 2)]
    result = studio.draw(*images, batch_size=4, batch_count=2, seed=5)
    assert [image.seed for image in result.images if image.kind == "sample"] == [5, 6, 7, 8]
    samples = [number for number, image in enumerate(result.images) if image.kind == "sample"]
    for number, place in enumerate(samples):
        alone = studio.pixels(images[number % 2], seed=5 + number)
        assert np.abs(pixels_of(result, place) - alone).max() <= 1
    with pytest.raises(UserError, match="3 pictures to start from") as error:
        studio.draw(noisy(), noisy(), noisy(), batch_size=2)
    assert error.value.field == "init_images"


def test_latent_noise_belongs_to_the_seed_of_each_picture(studio):
    params = {"inpainting_fill": 2, "denoising_strength": 0.0}
    result = studio.draw(noisy(), mask=MASK, batch_size=2, img2img=params, seed=5)
    samples = [number for number, image in enumerate(result.images) if image.kind == "sample"]
    assert (pixels_of(result, samples[0]) != pixels_of(result, samples[1])).any()
    assert np.abs(pixels_of(result, samples[1]) - studio.pixels(noisy(), mask=MASK, img2img=params, seed=6)).max() <= 1


def test_sizes(studio):
    assert studio.pixels(noisy(100, 60), width=64, height=128).shape == (128, 64, 3)
    assert studio.pixels(noisy(100, 60)).shape == (64, 64, 3), "the checkpoint's native size"
    assert studio.pixels(noisy(100, 60), img2img={"scale": 1.5}).shape == (88, 144, 3)
    with pytest.raises(UserError, match="would have") as error:
        studio.draw(noisy(), img2img={"scale": 0.01})
    assert error.value.field == "scale"


def test_resize_modes_draw_from_other_pictures(studio):
    results = [studio.pixels(noisy(96, 40), img2img={"resize_mode": mode, "denoising_strength": 0.0}) for mode in range(4)]
    assert all((results[one] != results[two]).any() for one in range(4) for two in range(one))


def test_the_latent_is_resized_by_the_last_mode(studio, calls):
    flat = Image.new("RGB", (128, 128), (10, 200, 90))
    latent = studio.pixels(flat, img2img={"resize_mode": 3, "denoising_strength": 0.2})
    assert calls[0] == (8, 8)
    assert np.abs(latent - studio.pixels(flat, img2img={"denoising_strength": 0.2})).max() <= 1


def test_transparent_pictures_lie_on_the_background(studio):
    clear = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    blue = Image.new("RGB", (64, 64), (0, 0, 255))
    drawn = studio.pixels(clear, settings={"img2img_background_color": "#0000ff"})
    assert np.array_equal(drawn, studio.pixels(blue)) and (drawn != studio.pixels(clear)).any()


def test_noise_multiplier_and_extra_noise(studio):
    plain = studio.draw(noisy())
    for settings, words in (
        ({"initial_noise_multiplier": 0.8}, "Noise multiplier: 0.8"),
        ({"img2img_extra_noise": 0.2}, "Extra noise: 0.2"),
    ):
        result = studio.draw(noisy(), settings=settings)
        assert words in result.images[0].infotext and (pixels_of(result) != pixels_of(plain)).any()
    own = studio.draw(noisy(), settings={"initial_noise_multiplier": 0.8}, img2img={"initial_noise_multiplier": 1.0})
    assert np.array_equal(pixels_of(own), pixels_of(plain)) and "Noise multiplier" not in own.images[0].infotext


def test_the_infotext_names_what_inpainting_was_asked_for(studio):
    params = {"inpaint_full_res": True, "inpaint_full_res_padding": 16, "inpainting_fill": 2, "denoising_strength": 1.0}
    text = studio.draw(noisy(), mask=MASK, img2img=params).images[0].infotext
    wanted = "Mask blur: 4, Inpaint area: Only masked, Masked area padding: 16, Masked content: latent noise, Version"
    assert wanted in text and "Denoising strength: 1.0" in text
    uneven = studio.draw(noisy(), mask=MASK, img2img={"mask_blur_x": 1}).images[0].infotext
    assert "Mask blur: 1, " in uneven and "Mask blur y: 4" in uneven and "Inpaint area" not in uneven


def test_a_painted_over_picture_masks_itself(studio):
    image = noisy()
    sketch = image.copy()
    sketch.paste((255, 0, 0), (20, 20, 36, 36))
    params = {"sketch": studio.put(sketch), "mask_blur_x": 0, "mask_blur_y": 0, "denoising_strength": 0.4}
    result = studio.pixels(image, img2img=params)
    changed = (result != np.asarray(image)).any(-1)
    assert changed[20:36, 20:36].mean() > 0.9
    changed[20:36, 20:36] = False
    assert not changed.any()
    with pytest.raises(UserError, match="same size"):
        studio.draw(noisy(32, 32), img2img=params)


def kept_pictures(studio):
    return {path.stem: open_image(path) for path in studio.host.paths.resolve("outputs/init-images").iterdir()}


def test_pictures_are_kept_beside_the_results_where_the_settings_say_so(studio):
    image = noisy()
    result = studio.draw(image, settings={"save_init_img": True})
    ((checksum, kept),) = kept_pictures(studio).items()
    assert np.array_equal(np.asarray(kept.image), np.asarray(image)) and checksum == md5(image.tobytes()).hexdigest()
    assert f"Init image hash: {checksum}" in result.images[0].infotext
    assert "img2img-images" in result.images[0].path


@pytest.mark.parametrize("how", ["outpaint", "sketch"])
def test_they_are_kept_as_they_were_given(studio, how):
    image = noisy().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize((64, 64)))
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "a barn\nSteps: 3, Sampler: Euler, Seed: 1, Size: 64x64")
    info.add_text("note", "the user's own")
    data = BytesIO()
    image.save(data, "PNG", pnginfo=info)
    ref = studio.host.inputs.put(data.getvalue(), "").ref
    sketch = studio.put(Image.new("RGB", (64, 64), (255, 0, 0)))
    changes = {"outpaint_left": 16} if how == "outpaint" else {"sketch": sketch}
    folder = studio.host.paths.resolve("outputs/init-images")
    folder.mkdir(parents=True)
    (folder / f"{md5(image.tobytes()).hexdigest()}.png").write_bytes(b"what an earlier program left")
    studio.draw(settings={"save_init_img": True}, img2img={"init_images": [ref], **changes})
    ((checksum, kept),) = kept_pictures(studio).items()
    assert checksum == md5(image.tobytes()).hexdigest() == md5(kept.image.tobytes()).hexdigest() and kept.image.mode == "RGBA"
    assert kept.chunks["parameters"].startswith("a barn\nSteps: 3") and kept.chunks["note"] == "the user's own"


@pytest.mark.parametrize(("mode", "kept"), [("CMYK", "RGB"), ("PA", "RGBA"), ("F", "RGB"), ("I", "I"), ("1", "1"), ("LA", "LA")])
def test_a_picture_of_any_mode_can_be_kept(mode, kept):
    texts = {"exif_user_comment": "a barn, ä", "exif_make": "Camera", "gif_comment": "made by hand"}
    again = open_image(png_of(OpenedImage(noisy().convert("RGBA" if mode == "PA" else mode).convert(mode), texts)))
    assert (again.image.mode, again.chunks) == (kept, {"parameters": "a barn, ä"})


def test_a_mask_without_a_picture_is_an_error(studio):
    with pytest.raises(UserError, match="no picture to start from") as error:
        studio.draw(mask=MASK)
    assert error.value.field == "init_images"


def test_a_picture_that_is_not_there_names_the_field(studio):
    with pytest.raises(UserError) as error:
        studio.draw(noisy(), img2img={"mask": "0" * 32 + ".img"})
    assert (error.value.field, error.value.status) == ("mask", 404)


def test_requests_without_pictures_are_as_if_the_feature_were_absent(studio):
    result = studio.draw()
    assert "Denoising strength" not in result.images[0].infotext and "txt2img-images" in result.images[0].path
