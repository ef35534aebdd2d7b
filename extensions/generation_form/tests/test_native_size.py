"""Width and height follow the checkpoint."""

from __future__ import annotations

import pytest

from app.testing.web import running_client, with_tiny_worker
from extensions.generation_form.native_size import FALLBACK_PX, followed_size, native_size_px


@pytest.mark.parametrize(
    ("width", "height", "old", "new", "expected"),
    [
        (512, 512, "512", 1024, {"width": 1024, "height": 1024}),
        (512, 768, "512", 1024, {}),
        (640, 640, "512", 1024, {}),
        (512, 512, "512", 512, {}),
        ("512", 512, 512, 128, {"width": 128, "height": 128}),
    ],
)
def test_a_size_that_nobody_chose_follows(width, height, old, new, expected):
    assert followed_size(width, height, old, new) == expected


def test_without_a_checkpoint_it_is_a_plain_size(make_host):
    assert native_size_px(make_host("generation_form")) == FALLBACK_PX


def test_the_page_begins_with_the_size_of_the_checkpoint(make_host):
    host = make_host("txt2img", "checkpoints", "samplers", "noise_schedules", "stable_diffusion")
    with_tiny_worker(host, "tiny.safetensors")
    with running_client(host) as client:
        native_px = native_size_px(host)
        props = {each["props"].get("elem_id"): each["props"] for each in client.get("/config").json()["components"]}
        assert native_px != FALLBACK_PX
        assert [props[f"txt2img_{side}"]["value"] for side in ("width", "height")] == [native_px, native_px]
        assert props["txt2img_native_size"]["value"] == str(native_px)
