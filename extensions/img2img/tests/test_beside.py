"""What goes beside an inpainted picture: its mask, what was drawn alone, and the picture before its colours were matched."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from app.testing.hosts import temporary_host
from extensions.img2img.blur import blur_mask
from extensions.img2img.masks import doubled
from extensions.img2img.tests.conftest import box_mask, noisy, pixels_of

MASK = box_mask((24, 24, 40, 40))
SHOWN = {"return_mask": True, "return_mask_composite": True}
SAVED = {"save_mask": True, "save_mask_composite": True}
HARD = {"mask_blur_x": 0, "mask_blur_y": 0}


def saved_names(studio):
    folder = studio.host.paths.outputs / "img2img-images"
    return sorted(path.name.partition("-")[2] for path in folder.rglob("*.png"))


def shown(result, ending):
    (image,) = [image for image in result.images if image.kind == "extra" and image.path.endswith(f"{ending}.png")]
    return Image.open(image.path)


def test_by_default_there_is_the_picture_alone(studio):
    result = studio.draw(noisy(), mask=MASK, settings={"img2img_color_correction": True})
    assert [image.kind for image in result.images] == ["sample"]
    assert saved_names(studio) == ["7.png"]


def test_masks_and_composites_are_shown_after_all_pictures_and_saved_nowhere(studio):
    result = studio.draw(noisy(), mask=MASK, batch_size=2, settings={**SHOWN, "return_grid": False, "grid_save": False})
    assert [(image.kind, image.index) for image in result.images] == [
        ("sample", 0), ("sample", 1), ("extra", 0), ("extra", 0), ("extra", 1), ("extra", 1),
    ]  # fmt: skip
    assert all(image.spooled == (image.kind == "extra") for image in result.images)
    assert saved_names(studio) == ["7.png", "8.png"]
    assert result.images[2].infotext == result.images[0].infotext


def test_they_are_saved_under_their_own_names_and_not_shown(studio):
    result = studio.draw(noisy(), mask=MASK, settings=SAVED)
    assert [image.kind for image in result.images] == ["sample"]
    assert saved_names(studio) == ["7-mask-composite.png", "7-mask.png", "7.png"]
    (saved,) = (studio.host.paths.outputs / "img2img-images").rglob("*-mask.png")
    assert Image.open(saved).info["parameters"] == result.images[0].infotext


def test_nothing_is_saved_of_a_request_that_saves_nothing(studio):
    studio.draw(noisy(), mask=MASK, settings={**SAVED, "samples_save": False})
    assert not studio.host.paths.outputs.exists()


def test_the_mask_is_the_one_that_the_original_is_laid_over(studio):
    result = studio.draw(noisy(), mask=MASK, settings={**SHOWN, **SAVED})
    mask = shown(result, "-mask")
    assert mask.mode == "RGB" and np.array_equal(np.asarray(mask.convert("L")), np.asarray(doubled(blur_mask(MASK, 4, 4))))


@pytest.mark.parametrize("only_masked", [False, True])
def test_the_composite_is_what_was_drawn_where_the_mask_is_white(studio, only_masked):
    params = {**HARD, "inpaint_full_res": only_masked, "inpaint_full_res_padding": 8}
    result = studio.draw(noisy(96, 64), mask=box_mask((48, 16, 64, 32), (96, 64)), img2img=params, settings={**SHOWN, **SAVED})
    composite = np.asarray(shown(result, "-mask-composite"))
    size = (64, 96) if only_masked else (64, 64)
    assert composite.shape == (*size, 4) and np.asarray(shown(result, "-mask")).shape == (*size, 3)
    opaque, clear = composite[..., 3] == 255, composite[..., 3] == 0
    assert opaque.any() and clear.mean() > 0.8
    assert np.array_equal(composite[opaque][:, :3], pixels_of(result)[opaque])


def test_without_a_mask_or_with_one_that_does_not_count_there_are_none(studio):
    for mask in (None, Image.new("L", (64, 64))):
        result = studio.draw(noisy(), mask=mask, img2img={"inpaint_full_res": True}, settings={**SHOWN, **SAVED})
        assert [image.kind for image in result.images] == ["sample"]


def test_masks_are_cut_like_the_extended_picture(studio):
    result = studio.draw(noisy(), img2img={"outpaint_right": 20, "mask_blur_x": 0, "mask_blur_y": 0}, settings={**SHOWN, **SAVED})
    assert shown(result, "-mask").size == shown(result, "-mask-composite").size == (84, 64)
    assert (np.asarray(shown(result, "-mask"))[:, 64:] == 255).all()


def test_the_picture_before_its_colours_are_matched(studio):
    plain = studio.draw(noisy(), mask=MASK)
    (plain_file,) = (studio.host.paths.outputs / "img2img-images").rglob("*.png")
    settings = {"img2img_color_correction": True, "save_images_before_color_correction": True}
    result = studio.draw(noisy(), mask=MASK, settings=settings)
    assert saved_names(studio) == ["7-before-color-correction.png", "7.png", "7.png"]
    assert (pixels_of(result) != pixels_of(plain)).any()
    (before,) = (studio.host.paths.outputs / "img2img-images").rglob("*-before-color-correction.png")
    assert np.array_equal(np.asarray(Image.open(before)), np.asarray(Image.open(plain_file)))
    studio.draw(noisy(), mask=MASK, settings={"save_images_before_color_correction": True})
    assert saved_names(studio).count("7-before-color-correction.png") == 1, "no colours were matched"


def test_soft_inpainting_shows_where_it_has_drawn(make_studio):
    studio = make_studio("soft_inpainting")
    soft = {"params": {"soft_inpainting": {"enabled": True}}, "steps": 4, "settings": SHOWN}
    own = studio.draw(noisy(), mask=Image.linear_gradient("L").resize((64, 64)), **soft)
    hard = studio.draw(noisy(), mask=Image.linear_gradient("L").resize((64, 64)), settings=SHOWN)
    masks = [np.asarray(Image.open(result.images[1].path).convert("L")).astype(int) for result in (own, hard)]
    assert np.abs(masks[0] - masks[1]).max() > 16


def test_pictures_of_whole_folders_are_counted_without_their_masks(studio, tmp_path):
    from extensions.img2img.batch import draw_batch
    from extensions.img2img.batch_kind import Img2ImgBatch

    folder = tmp_path / "given"
    folder.mkdir()
    masks = tmp_path / "masks"
    masks.mkdir()
    MASK.save(masks / "one.png")
    for name in ("a", "b"):
        noisy().save(folder / f"{name}.png")
    studio.draw(noisy())
    request = {"prompt": "tree", "seed": 7, "steps": 1, "sampler": "Euler", "settings": SHOWN}
    batch = Img2ImgBatch.model_validate({"request": request, "input_dir": str(folder), "mask_dir": str(masks)})
    images = draw_batch(batch, studio.run).images
    assert [(image.kind, image.index) for image in images] == [
        ("sample", 0), ("extra", 0), ("extra", 0), ("sample", 1), ("extra", 1), ("extra", 1),
    ]  # fmt: skip


def test_the_settings_are_where_a1111_has_them(tmp_path):
    options = temporary_host(tmp_path, ["img2img"]).settings.options
    sections = {key: options[key].section.id for key in (*SHOWN, *SAVED, "save_images_before_color_correction", "upscaler_for_img2img")}
    assert sections == {
        "return_mask": "img2img", "return_mask_composite": "img2img", "save_mask": "saving-images", "save_mask_composite": "saving-images",
        "save_images_before_color_correction": "saving-images", "upscaler_for_img2img": "upscaling",
    }  # fmt: skip
    assert [options[key].default for key in sections] == [False] * 5 + [None]
    assert options["return_mask"].label == "For inpainting, include the greyscale mask in results for web"
    assert options["upscaler_for_img2img"].label == "Upscaler for img2img"
