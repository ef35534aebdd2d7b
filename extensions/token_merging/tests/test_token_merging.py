"""Merging and parting of tokens, the hooks on a real U-Net, and which ratio holds where."""

from __future__ import annotations

import pytest
import torch
from diffusers import UNet2DConditionModel

from app.api import GenerationRequest, PassContext
from app.testing.contracts import check_model_patch
from app.testing.hosts import temporary_host
from app.testing.plans import example_pass, example_plan
from app.testing.runs import RecordingRun
from app.testing.tiny import TinyModel
from extensions.token_merging import describe_image, edit_request, patch_model
from extensions.token_merging.merging import find_merging
from extensions.token_merging.patch import TokenMerging


class Model:
    """A U-Net of two levels; the lower one attends too."""

    def __init__(self):
        torch.manual_seed(0)
        self.unet = UNet2DConditionModel(
            block_out_channels=(32, 64), layers_per_block=1, cross_attention_dim=16, attention_head_dim=8, norm_num_groups=8,
            down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        ).eval()  # fmt: skip

    def modules(self):
        return {"unet": self.unet}

    @torch.no_grad()
    def predict(self, x):
        return self.unet(x, torch.tensor(500), torch.ones(len(x), 3, 16), return_dict=False)[0]


@pytest.fixture(scope="module")
def model():
    return Model()


X = torch.randn((2, 4, 8, 12), generator=torch.Generator().manual_seed(1))
TOKENS = torch.randn((2, 8 * 12, 5), generator=torch.Generator().manual_seed(2))


def test_the_share_of_tokens_is_merged_and_everybody_comes_back_in_its_place():
    merging = find_merging(TOKENS, 8, 12, 0.5)
    merged = merging.merge(TOKENS)
    assert merged.shape == (2, 48, 5)
    parted = merging.unmerge(merged)
    assert parted.shape == TOKENS.shape
    kept = merging.kept[0]
    assert torch.equal(parted[0, kept], TOKENS[0, kept])
    destination = merging.destinations[merging.into[0, 0]]
    assert torch.equal(parted[0, merging.merged[0, 0]], parted[0, destination])


def test_equal_tokens_lose_nothing():
    flat = torch.ones(1, 16, 3)
    merging = find_merging(flat, 4, 4, 0.75)
    assert torch.allclose(merging.unmerge(merging.merge(flat)), flat)


def test_a_merged_token_is_the_mean_with_its_destination():
    tokens = torch.tensor([[[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [-1.0, 0.0]]])
    merging = find_merging(tokens, 2, 2, 0.25)
    assert merging.merged.tolist() == [[1]]
    assert torch.allclose(merging.merge(tokens)[0, -1], torch.tensor([0.95, 0.05]))


@pytest.mark.parametrize(("height", "width", "ratio"), [(1, 9, 0.5), (4, 4, 0.01), (2, 2, 0.0)])
def test_nothing_to_merge(height, width, ratio):
    assert find_merging(torch.ones(1, height * width, 2), height, width, ratio) is None


def test_the_hooks_change_the_prediction_a_little_the_same_way_each_time_and_go_away(model):
    plain = model.predict(X)
    sizes = []
    watch = model.unet.get_submodule("down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q")
    handle = watch.register_forward_pre_hook(lambda module, inputs: sizes.append(inputs[0].shape[1]))
    with TokenMerging(0.5).apply(model):
        changed = model.predict(X)
        assert torch.equal(changed, model.predict(X))
    handle.remove()
    assert sizes == [48, 48]
    assert not torch.equal(changed, plain) and torch.allclose(changed, plain, atol=1.0)
    assert torch.equal(model.predict(X), plain)
    check_model_patch(TokenMerging(0.5), model)


@pytest.mark.parametrize(
    ("asked", "settings", "place", "ratio", "written"),
    [
        (0, {}, (None, 0), None, {}),
        (0.5, {"token_merging_ratio": 0.3}, (None, 0), 0.5, {"Token merging ratio": 0.5}),
        (0, {"token_merging_ratio": 0.3}, (None, 1), 0.3, {"Token merging ratio": 0.3}),
        (0, {"token_merging_ratio_hr": 0.4}, (None, 1), 0.4, {"Token merging ratio hr": 0.4}),
        (0, {"token_merging_ratio_hr": 0.4}, (None, 0), None, {"Token merging ratio hr": 0.4}),
        (0, {"token_merging_ratio": 0.3, "token_merging_ratio_img2img": 0.2}, (0.5, 0), 0.2, {"Token merging ratio": 0.2}),
    ],
)
def test_which_ratio_holds(tmp_path, asked, settings, place, ratio, written):
    strength, index = place
    run = RecordingRun(temporary_host(tmp_path, ["token_merging"], role="worker"), settings)
    later = (example_pass(denoising_strength=0.5),)
    plan = example_plan(example_pass(denoising_strength=strength), later=later, params={"token_merging": {"ratio": asked}})
    keys = [patch.key for patch in patch_model(PassContext(plan, index, plan.images, None, TinyModel()), run)]
    assert keys == ([] if ratio is None else [f"token merging {ratio}"])
    assert {key: value for key, value in describe_image(plan.images[0], plan, run).items() if value} == written


@pytest.mark.parametrize(
    ("carried", "asked", "ratio"), [({"token_merging_ratio": 0.5}, 0.0, 0.5), ({"token_merging_ratio": 0.5}, 0.6, 0.6), ({}, 0.0, 0.2)]
)
def test_what_a_request_carries_comes_before_the_setting_for_img2img(tmp_path, carried, asked, ratio):
    settings = {"token_merging_ratio": 0.3, "token_merging_ratio_img2img": 0.2, **carried}
    run = RecordingRun(temporary_host(tmp_path, ["token_merging"], role="worker"), settings)
    request = edit_request(GenerationRequest(prompt="", settings=carried, params={"token_merging": {"ratio": asked}}), run)
    plan = example_plan(example_pass(denoising_strength=0.5), params=request.params)
    assert [patch.key for patch in patch_model(PassContext(plan, 0, plan.images, None, TinyModel()), run)] == [f"token merging {ratio}"]
