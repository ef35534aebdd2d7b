"""What an axis of a row does to a request."""

from __future__ import annotations

import pytest

from app.api import GenerationRequest
from extensions.additional_networks.axes import row_axes
from extensions.additional_networks.params import AdditionalNetworksParams

ROWS = [{"model": "style", "unet": 0.8, "text_encoder": 0.5}]


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("AddNet Weight 1", (0.3, 0.3)),
        ("AddNet UNet Weight 1", (0.3, 0.5)),
        ("AddNet TEnc Weight 1", (0.8, 0.3)),
        ("AddNet Weight 2", (0.8, 0.5)),
    ],
)
def test_a_weight_is_that_of_both_or_of_one(make_host, title, wanted):
    axis = next(axis for axis in row_axes(make_host("additional_networks")) if axis.title == title)
    params = {"additional_networks": {"enabled": True, "separate_weights": True, "networks": ROWS}}
    (row,) = AdditionalNetworksParams.of(axis.apply(GenerationRequest(params=params), 0.3).params).used
    assert (row.unet, row.text_encoder) == wanted


def test_a_chosen_file_switches_its_row_on_and_no_other(make_host):
    axis = next(axis for axis in row_axes(make_host("additional_networks")) if axis.title == "AddNet Model 2")
    params = {"additional_networks": {"enabled": False, "networks": ROWS}}
    (row,) = AdditionalNetworksParams.of(axis.apply(GenerationRequest(params=params), "other").params).used
    assert row.model == "other"
    assert AdditionalNetworksParams.of(axis.apply(GenerationRequest(params=params), "None").params).used == ()
