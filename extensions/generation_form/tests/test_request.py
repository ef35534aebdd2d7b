"""The form's values become a request."""

from __future__ import annotations

import pytest

from app.api import GenerationRequest, UserError
from extensions.generation_form.request import NATIVE_SIZE, SUBSEED_SHOWN, make_request

FORM = {
    "prompt": "a boat", "negative_prompt": "", "sampler": "Euler", "scheduler": "Automatic", "steps": 20, "cfg_scale": 7, "width": 512,
    "height": 512, "seed": -1, "batch_count": 1, "batch_size": 2, "params.tiling.tiling": True, NATIVE_SIZE: "512",
}  # fmt: skip


def test_it_is_a_valid_request():
    request = GenerationRequest.model_validate(make_request(FORM))
    assert (request.prompt, request.sampler, request.batch_size) == ("a boat", "Euler", 2)
    assert request.params == {"tiling": {"tiling": True}}


@pytest.mark.parametrize(("typed", "meant"), [(None, -1), ("", -1), ("123", 123), (4294967295, 4294967295), (12.0, 12)])
def test_what_people_type_as_a_seed(typed, meant):
    assert make_request({**FORM, "seed": typed})["seed"] == meant


@pytest.mark.parametrize("value", ["many", None, [1], float("inf")])
def test_what_is_no_number_is_named(value):
    with pytest.raises(UserError, match="Batch count") as caught:
        make_request({**FORM, "batch_count": value})
    assert caught.value.field == "batch_count"


@pytest.mark.parametrize("typed", [99999999999999999999, 1e20, "9007199254740992", -(2**53)])
def test_a_seed_that_the_page_cannot_hold_exactly_is_refused(typed):
    with pytest.raises(UserError, match="Seed can be 9007199254740991 at most") as caught:
        make_request({**FORM, "seed": typed})
    assert caught.value.field == "seed"
    assert make_request({**FORM, "seed": 2**53 - 1})["seed"] == 2**53 - 1


def test_fields_are_named_as_their_labels_name_them():
    with pytest.raises(UserError, match="^CFG Scale must be a number"):
        make_request({**FORM, "cfg_scale": "much"})
    with pytest.raises(UserError, match="^Variation seed can be"):
        make_request({**FORM, "subseed": 2**60, SUBSEED_SHOWN: True})


EXTRA = {"subseed": None, "subseed_strength": 0.25, "seed_resize_from_width": 512, "seed_resize_from_height": 0}


def test_the_extra_block_counts_only_while_it_is_open():
    assert not EXTRA.keys() & make_request({**FORM, **EXTRA, SUBSEED_SHOWN: False}).keys()
    request = GenerationRequest.model_validate(make_request({**FORM, **EXTRA, SUBSEED_SHOWN: True}))
    assert (request.subseed, request.subseed_strength, request.seed_resize_from_width) == (-1, 0.25, 512)
