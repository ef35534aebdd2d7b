"""Networks change layers, changed ones alone are computed anew, and all comes back bit-equal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from app.contracts import LayerWeights, NetworkType, WeightEdits
from app.errors import UserError
from app.generation.generate import generate
from app.generation.weight_edits import EditedWeights
from app.hookspecs import hookimpl
from app.testing.runs import RecordingRun
from app.testing.tiny import TinyModel
from app.values.request import GenerationRequest

FIRST, LAST, TEXT = "unet.0", "unet.2", "text_encoder"


@dataclass
class Scale:
    """Multiplies a layer; remembers how often it was asked."""

    by: float
    fails: bool = False
    shape: Any = None
    asked: list[float] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"times {self.by}"

    def apply(self, layer: LayerWeights) -> LayerWeights:
        self.asked.append(self.by)
        if self.fails:
            raise UserError("The network does not fit.")
        weight = layer.weight * self.by
        return LayerWeights(weight if self.shape is None else weight.reshape(self.shape), layer.bias)


def weights(model: TinyModel) -> dict[str, torch.Tensor]:
    return {f"{part}.{name}": tensor.clone() for part, module in model.modules().items() for name, tensor in module.named_parameters()}


def changed_layers(model: TinyModel, before: dict[str, torch.Tensor]) -> set[str]:
    return {name for name, tensor in weights(model).items() if not torch.equal(tensor, before[name])}


@pytest.fixture
def model() -> TinyModel:
    return TinyModel()


def test_edits_of_a_layer_follow_one_another_and_all_comes_back(model):
    before, edited = weights(model), EditedWeights()
    edited.become([WeightEdits({FIRST: Scale(2)}), WeightEdits({FIRST: Scale(3), TEXT: Scale(0.5)})], model)
    assert changed_layers(model, before) == {"unet.0.weight", "text_encoder.weight"}
    assert torch.equal(weights(model)["unet.0.weight"], before["unet.0.weight"] * 2 * 3)
    edited.become([], model)
    assert changed_layers(model, before) == set()


def test_only_layers_with_other_edits_are_computed_anew(model):
    edited, kept, changing = EditedWeights(), Scale(2), Scale(3)
    edited.become([WeightEdits({FIRST: kept}), WeightEdits({LAST: changing})], model)
    other = Scale(4)
    edited.become([WeightEdits({FIRST: kept}), WeightEdits({LAST: other})], model)
    assert (kept.asked, changing.asked, other.asked) == ([2], [3], [4])
    assert torch.equal(weights(model)["unet.2.weight"], weights(TinyModel())["unet.2.weight"] * 4)


def test_what_prompts_depend_on_is_named_by_the_layers_that_read_them(model):
    edited = EditedWeights()
    edited.become([WeightEdits({FIRST: Scale(2)})], model)
    assert edited.prompt_keys == ()
    edited.become([WeightEdits({FIRST: Scale(2), TEXT: Scale(3)})], model)
    assert edited.prompt_keys == ("text_encoder=times 3",)


def test_a_failure_leaves_the_checkpoints_own_weights(model):
    before, edited = weights(model), EditedWeights()
    with pytest.raises(UserError, match="does not fit"):
        edited.become([WeightEdits({FIRST: Scale(2), LAST: Scale(3, fails=True)})], model)
    assert changed_layers(model, before) == set()
    edited.become([WeightEdits({FIRST: Scale(2)})], model)
    assert changed_layers(model, before) == {"unet.0.weight"}


@pytest.mark.parametrize(
    ("edits", "reason"),
    [({"unet.9": Scale(2)}, "unet.9"), ({"nose.1": Scale(2)}, "nose"), ({FIRST: Scale(2, shape=(-1,))}, "shape")],
)
def test_what_does_not_fit_is_refused_by_name(model, edits, reason):
    with pytest.raises(UserError, match=reason):
        EditedWeights().become([WeightEdits(edits)], model)


def test_half_precision_comes_back_bit_equal(model):
    half = TinyModel()
    for module in half.modules().values():
        module.bfloat16()
    before, edited = weights(half), EditedWeights()
    edited.become([WeightEdits({FIRST: Scale(1.37)})], half)
    assert changed_layers(half, before) == {"unet.0.weight"}
    edited.become([], half)
    assert changed_layers(half, before) == set()


class Networks:
    """An extension with a tag of its own, which scales the U-Net's first layer."""

    @hookimpl
    def register_network_types(self, host):
        return [NetworkType("scale", "Scale", "checkpoint", tags=("scale",))]

    @hookimpl
    def edit_weights(self, context, run):
        return [WeightEdits({FIRST: Scale(float(tag.items[0]))}) for tag in context.tags if tag.type == "scale"]


def test_tags_of_an_extension_change_the_picture_and_are_understood(host):
    host.hooks.register("networks", Networks())
    host.refill()

    def drawn(prompt):
        run = RecordingRun(host)
        request = GenerationRequest(prompt=prompt, steps=2, seed=7, sampler="Euler", width=64, height=64, save="spool")
        result = generate(request, run)
        return np.asarray(Image.open(result.images[0].path)), result.comments

    plain, none = drawn("tree")
    scaled, told = drawn("tree <scale:3>")
    assert (scaled != plain).any() and told == none
    again, unknown = drawn("tree <paint:3>")
    assert np.array_equal(again, plain) and "<paint:3>" in unknown[-1]
