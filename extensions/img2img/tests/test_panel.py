"""The tab is on the page, with A1111's names."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from app.api import SavedImage
from app.testing.web import running_client
from extensions.img2img.receiving import Wanted, picture_of, received
from extensions.img2img.tests.conftest import noisy

NAMES = """tab_img2img img2img_toprow img2img_prompt img2img_neg_prompt img2img_generate mode_img2img img2img_img2img_tab img2img_image
    img2img_img2img_sketch_tab img2img_sketch img2img_inpaint_tab img2maskimg img2img_inpaint_sketch_tab inpaint_sketch
    img2img_inpaint_upload_tab img_inpaint_base img_inpaint_mask img2img_batch_tab img2img_batch_source img2img_batch_upload_tab
    img2img_batch_upload img2img_batch_from_dir_tab img2img_batch_input_dir img2img_batch_output_dir img2img_batch_inpaint_mask_dir
    img2img_batch_use_png_info img2img_batch_png_info_dir img2img_copy_to_img2img img2img_copy_to_inpaint resize_mode inpaint_controls
    img2img_mask_blur img2img_mask_alpha img2img_mask_mode img2img_inpainting_fill img2img_inpaint_full_res
    img2img_inpaint_full_res_padding sampler_selection_img2img img2img_tabs_resize img2img_tab_resize_to img2img_width img2img_height
    img2img_detect_image_size_btn img2img_tab_resize_by img2img_scale img2img_scale_resolution_preview img2img_batch_count
    img2img_cfg_scale img2img_denoising_strength img2img_image_cfg_scale img2img_seed img2img_subseed_show img2img_gallery
    img2img_send_to_img2img img2img_send_to_inpaint""".split()


def test_every_control_is_there_once(make_host):
    with running_client(make_host("img2img", "tiling")) as client:
        props = [each["props"] for each in client.get("/config").json()["components"]]
    ids = [each.get("elem_id") for each in props]
    assert [name for name in NAMES if ids.count(name) != 1] == []
    assert ids.count("img2img_tiling") == 1, "panels of the slot generation are drawn in this tab as well"
    guided = next(each for each in props if each.get("elem_id") == "img2img_image_cfg_scale")
    assert guided["visible"] is False


def test_txt2img_has_the_buttons_that_send(make_host):
    with running_client(make_host("img2img", "txt2img")) as client:
        ids = [each["props"].get("elem_id") for each in client.get("/config").json()["components"]]
    assert {"txt2img_send_to_img2img", "txt2img_send_to_inpaint"} <= set(ids)


@pytest.mark.parametrize(
    ("settings", "left_alone"),
    [({}, set()), ({"send_seed": False}, {"seed"}), ({"send_size": False}, {"width", "height"})],
)
def test_a_picture_is_sent_with_seed_and_size_unless_the_settings_say_otherwise(make_host, tmp_path, settings, left_alone):
    host = make_host("img2img", "txt2img", "samplers", "noise_schedules")
    host.settings.set(settings)
    noisy().save(tmp_path / "one.png")
    text = "a hill\nSteps: 5, Sampler: Euler, Seed: 9, Size: 64x64"
    facts = {"width_px": 64, "height_px": 64, "index": 0, "seed": 9, "subseed": 0, "prompt": "a hill", "negative_prompt": ""}
    picture = SavedImage(path=str(tmp_path / "one.png"), infotext=text, **facts)
    page = SimpleNamespace(host=host, picture=lambda *asked: picture, owner=lambda request: "")
    sent, _ = received(host, picture_of(Wanted(job="job", number="0"), page, None))
    assert {"seed", "width", "height"} - set(sent) == left_alone and {"prompt", "steps", "picture"} <= set(sent)


@pytest.mark.parametrize("tab", ["txt2img", "img2img"])
def test_hidden_samplers_are_not_offered(make_host, tab):
    host = make_host("img2img", "txt2img", "samplers", "noise_schedules")
    host.settings.set({"hide_samplers": ["LMS", "Gone"]})
    with running_client(host) as client:
        props = [each["props"] for each in client.get("/config").json()["components"]]
    (offered,) = [each["choices"] for each in props if each.get("elem_id") == f"{tab}_sampling"]
    assert {"LMS", "Euler"} & {name for name, _ in offered} == {"Euler"}
