"""The block stands in the form of img2img alone, with A1111's names, ranges and defaults."""

from __future__ import annotations

from app.testing.web import running_client

SLIDERS = {
    "mask_blend_power": ("Schedule bias", 0, 8, 0.1, 1),
    "mask_blend_scale": ("Preservation strength", 0, 8, 0.05, 0.5),
    "inpaint_detail_preservation": ("Transition contrast boost", 1, 32, 0.5, 4),
    "composite_mask_influence": ("Mask influence", 0, 1, 0.05, 0),
    "composite_difference_threshold": ("Difference threshold", 0, 8, 0.25, 0.5),
    "composite_difference_contrast": ("Difference contrast", 0, 8, 0.25, 2),
}


def test_every_control_is_there_once(make_host):
    with running_client(make_host("soft_inpainting", "txt2img")) as client:
        drawn = [each["props"] for each in client.get("/config").json()["components"]]
    ids = [props.get("elem_id") for props in drawn]
    assert ids.count("soft_inpainting_enabled") == ids.count("soft_inpainting_enabled-checkbox") == 1
    found = {props["elem_id"]: props for props in drawn if props.get("elem_id") in SLIDERS}
    facts = ("label", "minimum", "maximum", "step", "value")
    assert {name: tuple(props[fact] for fact in facts) for name, props in found.items()} == SLIDERS
