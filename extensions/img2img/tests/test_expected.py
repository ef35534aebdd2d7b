"""The size of a result is known before it is drawn."""

from __future__ import annotations

import pytest
from PIL import Image

from app.api import Asked, GenerationRequest, expected_size
from app.testing.drawing import put_picture, tiny_host


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    return tiny_host(tmp_path_factory.mktemp("expected"), "img2img", role="web")


@pytest.mark.parametrize(
    ("params", "size"),
    [
        ({}, (64, 128)),
        ({"scale": 1.95}, (192, 72)),
        ({"outpaint_left": 10}, (110, 40)),
        ({"mask": "M", "inpaint_full_res": True}, (100, 40)),
        ({"inpaint_full_res": True}, (64, 128)),
    ],
)
def test_it_follows_from_the_picture_where_it_is_not_asked_for(host, params, size):
    picture = put_picture(host, Image.new("RGB", (100, 40)))
    own = {"init_images": [picture], **params, **({"mask": picture} if "mask" in params else {})}
    request = GenerationRequest(width=64, height=128, params={"img2img": own})
    assert expected_size(Asked(request, {}, host, "")) == size
    assert expected_size(Asked(request, {}, host, "somebody else")) == (64, 128)
