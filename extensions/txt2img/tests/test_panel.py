"""The tab is on the page, with A1111's names."""

from __future__ import annotations

from app.testing.web import running_client

NAMES = (
    "tab_txt2img", "txt2img_toprow", "txt2img_prompt", "txt2img_neg_prompt", "txt2img_generate", "sampler_selection_txt2img",
    "txt2img_sampling", "txt2img_width", "txt2img_height", "txt2img_batch_count", "txt2img_cfg_scale", "txt2img_seed",
    "txt2img_subseed_show", "txt2img_seed_extras", "txt2img_subseed", "txt2img_random_subseed", "txt2img_reuse_subseed",
    "txt2img_subseed_strength", "txt2img_seed_resize_from_w", "txt2img_seed_resize_from_h", "txt2img_gallery",
    "txt2img_prompt_container", "txt2img_accordions",
)  # fmt: skip


def test_every_control_is_there_once(make_host):
    with running_client(make_host("txt2img")) as client:
        ids = [each["props"].get("elem_id") for each in client.get("/config").json()["components"]]
    assert [name for name in NAMES if ids.count(name) != 1] == []
