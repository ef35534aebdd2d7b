"""Tiled pictures wrap around, others do not, and the model is as before."""

from __future__ import annotations

import pytest
import torch

from app.api import GenerationRequest, Params, PassContext
from app.testing.contracts import check_model_patch
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun
from app.testing.tiny import TinyModel
from extensions.tiling import TilingParams, describe_image, edit_request, patch_model
from extensions.tiling.circular import CircularPadding

LATENTS = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(4))


class Plan:
    """The part of a plan that tiling reads."""

    def __init__(self, tiling):
        self.params = {"tiling": {"tiling": tiling}}


@pytest.fixture
def run(tmp_path):
    return RecordingRun(temporary_host(tmp_path, ["tiling"], role="worker"))


def rolled_decode(model, shift):
    """Decode the latents moved around the edge, and move the picture back."""
    moved = model.decode(LATENTS.roll((shift, 2 * shift), (2, 3)))
    return moved.roll((-8 * shift, -16 * shift), (2, 3))


def test_a_tiled_picture_has_no_edge():
    model = TinyModel()
    assert not torch.allclose(rolled_decode(model, 3), model.decode(LATENTS), atol=1e-3)
    with CircularPadding().apply(model):
        assert torch.allclose(rolled_decode(model, 3), model.decode(LATENTS), atol=1e-5)


def test_the_unet_wraps_around_too():
    model = TinyModel()
    unet = model.modules()["unet"]
    with CircularPadding().apply(model):
        assert torch.allclose(unet(LATENTS.roll(3, 3)), unet(LATENTS).roll(3, 3), atol=1e-5)
    assert not torch.allclose(unet(LATENTS.roll(3, 3)), unet(LATENTS).roll(3, 3), atol=1e-3)


def test_the_model_is_as_before():
    model = TinyModel()
    before = model.decode(LATENTS)
    check_model_patch(CircularPadding(), model)
    with pytest.raises(ZeroDivisionError), CircularPadding().apply(model):
        raise ZeroDivisionError
    assert torch.equal(model.decode(LATENTS), before)


@pytest.mark.parametrize("tiling", [True, False])
def test_only_ticked_requests_are_patched_and_described(run, tiling):
    plan = Plan(tiling)
    assert [patch.key for patch in patch_model(PassContext(plan, 0, (), None, TinyModel()), run)] == (["tiling"] if tiling else [])
    assert describe_image(None, plan, run) == {"Tiling": "True" if tiling else None}


@pytest.mark.parametrize(
    ("setting", "asked", "tiled"), [(True, None, True), (True, False, False), (False, True, True), (False, None, False)]
)
def test_the_setting_counts_where_a_request_does_not_say(run, setting, asked, tiled):
    run.settings = {**run.settings, "tiling": setting}
    params = {} if asked is None else {"tiling": {"tiling": asked}}
    edited = edit_request(GenerationRequest(params=params), run)
    assert TilingParams.of(edited.params).tiling is tiled


def test_the_tick_is_registered(run):
    assert issubclass(run.host.params.get("tiling"), Params)
