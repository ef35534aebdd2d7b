"""FreeU changes what the U-Net predicts while it is applied, and nothing afterwards."""

from __future__ import annotations

import pytest
import torch
from diffusers import UNet2DConditionModel

from app.api import PassContext
from app.testing.contracts import check_model_patch
from app.testing.hosts import temporary_host
from app.testing.plans import example_plan
from app.testing.runs import RecordingRun
from app.testing.tiny import TinyModel
from extensions.freeu import FreeUParams, describe_image, patch_model
from extensions.freeu.patch import FreeUPatch

FACTORS = {"b1": 1.5, "b2": 1.6, "s1": 0.9, "s2": 0.2}
ON = {"freeu": {"enabled": True}}
X = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(1))


class Model:
    """A U-Net of three levels."""

    def __init__(self):
        torch.manual_seed(0)
        self.unet = UNet2DConditionModel(
            block_out_channels=(32, 64, 64), layers_per_block=1, cross_attention_dim=16, attention_head_dim=8, norm_num_groups=8,
            down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        ).eval()  # fmt: skip

    def modules(self):
        return {"unet": self.unet}

    @torch.no_grad()
    def predict(self):
        return self.unet(X, torch.tensor(500), torch.ones(1, 3, 16), return_dict=False)[0]


def test_it_changes_the_prediction_and_goes_away():
    model = Model()
    plain = model.predict()
    with FreeUPatch(FACTORS).apply(model):
        assert not torch.equal(model.predict(), plain)
        with FreeUPatch({**FACTORS, "b1": 1.1}).apply(model):
            pass
        changed = model.predict()
    with FreeUPatch(FACTORS).apply(model):
        assert torch.equal(model.predict(), changed)
    assert torch.equal(model.predict(), plain)
    check_model_patch(FreeUPatch(FACTORS), model)


@pytest.fixture
def run(tmp_path):
    return RecordingRun(temporary_host(tmp_path, ["freeu"], role="worker"))


def test_only_ticked_requests_are_patched_and_described(run):
    off, on = example_plan(), example_plan(params=ON)
    assert list(patch_model(PassContext(off, 0, off.images, None, Model()), run)) == []
    [patch] = patch_model(PassContext(on, 0, on.images, None, Model()), run)
    assert patch.key == f"freeu {FACTORS}"
    assert describe_image(off.images[0], off, run) == {}
    assert describe_image(on.images[0], on, run) == {"FreeU": "True", **{f"FreeU {name}": value for name, value in FACTORS.items()}}


def test_a_model_without_such_blocks_is_told(run):
    plan = example_plan(params=ON)
    assert list(patch_model(PassContext(plan, 0, plan.images, None, TinyModel()), run)) == []
    assert "FreeU" in run.comments[0]


def test_the_infotext_is_read_back(run):
    fields = {"FreeU": "True", "FreeU b1": "1.3"}
    said = FreeUParams.read_infotext(fields, run.host)
    assert FreeUParams.model_validate(said) == FreeUParams(enabled=True, b1=1.3)
