"""Where the parts of a tab stand, as A1111 has them and as settings change it."""

from __future__ import annotations

from typing import Any

from app.testing.web import running_client

FEATURES = ("txt2img", "img2img", "hires_fix", "tiling", "samplers", "noise_schedules")
IN_ORDER = """txt2img_prompt txt2img_neg_prompt txt2img_generate paste txt2img_problem txt2img_extra_tabs txt2img_sampling
    txt2img_scheduler txt2img_steps txt2img_hr-checkbox txt2img_width txt2img_height txt2img_batch_count txt2img_batch_size
    txt2img_cfg_scale txt2img_seed txt2img_override_settings txt2img_tiling txt2img_gallery""".split()
CHANGED = {
    "compact_prompt_box": True,
    "samplers_in_dropdown": False,
    "dimensions_and_batch_together": False,
    "ui_reorder_list": ["seed", "cfg"],
    "hidden_tabs": ["img2img"],
}
CHANGED_ORDER = """txt2img_prompt paste txt2img_extra_tabs txt2img_seed txt2img_cfg_scale txt2img_sampling txt2img_hr-checkbox txt2img_width
    txt2img_batch_count txt2img_tiling txt2img_generate txt2img_problem txt2img_gallery""".split()
AMONG_BLOCKS = """txt2img_extra_tabs txt2img_sampling txt2img_prompt txt2img_neg_prompt paste txt2img_cfg_scale txt2img_generate""".split()


def parts(make_host: Any, settings: dict[str, Any]) -> dict[str, str]:
    """Type of each component by its id, in the order of the page."""
    host = make_host(*FEATURES)
    host.settings.set(settings)
    with running_client(host) as client:
        components = client.get("/config").json()["components"]
    return {str(each["props"].get("elem_id")): each["type"] for each in components}


def test_the_order_is_that_of_a1111(make_host: Any) -> None:
    found = parts(make_host, {})
    assert [name for name in found if name in IN_ORDER] == IN_ORDER
    assert found["txt2img_sampling"] == "dropdown"


def test_settings_change_the_order(make_host: Any) -> None:
    found = parts(make_host, CHANGED)
    assert [name for name in found if name in CHANGED_ORDER] == CHANGED_ORDER
    assert found["txt2img_sampling"] == "radio" and "img2img_prompt" not in found and "tab_img2img" not in found


def test_the_parameters_may_stand_in_an_accordion(make_host: Any) -> None:
    found = parts(make_host, {"txt2img_settings_accordion": True})
    assert found["txt2img_settings_accordion"] == "accordion" and "img2img_settings_accordion" not in found


def test_compact_prompts_are_a_block_among_the_others_where_their_place_says_so(make_host: Any) -> None:
    found = parts(make_host, {"compact_prompt_box": True, "ui_reorder_list": ["sampler", "prompt"]})
    assert [name for name in found if name in AMONG_BLOCKS] == AMONG_BLOCKS
