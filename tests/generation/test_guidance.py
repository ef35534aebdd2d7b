"""Guidance: which prompts meet in one model call, how they add up, and where the negative prompt may be left out."""

from __future__ import annotations

import pytest
import torch

from app.contracts import Conditioning, ConditioningPart, ConditioningStep, ImageConditioning
from app.generation.guidance import Guidance, GuidanceOptions, at_call
from app.values.plan import SamplingOptions

FOREVER = 10**9
X = torch.zeros(2, 4, 2, 2)
LEVEL = torch.tensor([3.0, 3.0])


def context(value, length=2):
    return Conditioning(torch.full((length, 1), float(value)))


def always(conditioning):
    return (ConditioningStep(FOREVER, conditioning),)


def image(*parts, negative=0.0, negative_length=2, length=2):
    positive = tuple(ConditioningPart(weight, always(context(value, length))) for value, weight in parts)
    return ImageConditioning(positive, always(context(negative, negative_length)))


class Model:
    """Predicts the sum of the prompt's vectors; remembers what it was asked."""

    def __init__(self):
        self.calls = []

    def __call__(self, x, level, conditioning):
        assert len({len(one.context) for one in conditioning}) == 1
        self.calls.append([one.context.flatten().tolist() for one in conditioning])
        sums = torch.stack([one.context.sum() for one in conditioning])
        return sums.view(-1, 1, 1, 1).expand(len(x), *x.shape[1:]).clone()


def guide(images, call=0, cfg=7.0, calls=20, empty=None, level=LEVEL, **sampling):
    model = Model()
    guidance = Guidance(model, images, GuidanceOptions(cfg, calls, SamplingOptions(**sampling), empty))
    return guidance(X[: len(images)], level, call)[:, 0, 0, 0].tolist(), model.calls


def test_one_call_for_all_prompts_of_one_length():
    values, calls = guide([image((1, 1.0), negative=0.5), image((2, 1.0), negative=0.5)])
    assert values == [1 + 7 * (2 - 1), 1 + 7 * (4 - 1)]
    assert len(calls) == 1 and len(calls[0]) == 4


def test_parts_add_up_by_their_weights():
    values, _ = guide([image((1, 1.0), (3, -0.5), negative=0)], cfg=2.0)
    assert values == [2 * (1.0 * 2 - 0.5 * 6)]


def test_prompts_of_different_length_take_two_calls():
    values, calls = guide([image((1, 1.0), length=4)])
    assert [len(call[0]) for call in calls] == [4, 2]
    assert values == [7 * 4.0]


def test_the_negative_prompt_can_be_run_apart():
    assert [len(call) for call in guide([image((1, 1.0))], batch_cond_uncond=False)[1]] == [1, 1]


def test_scale_one_needs_no_negative_prompt_and_gives_the_prompt_itself():
    values, calls = guide([image((1, 1.0), negative=5)], cfg=1.0)
    assert values == [2.0] and calls == [[[1.0, 1.0]]]


def test_scale_one_still_needs_it_for_weighted_parts():
    values, calls = guide([image((1, 0.5), negative=5)], cfg=1.0)
    assert values == [10 + 0.5 * (2 - 10)] and len(calls[0]) == 2


@pytest.mark.parametrize(
    ("call", "level", "both", "skipped"), [(1, 3.0, False, True), (2, 3.0, False, False), (2, 3.0, True, True), (1, 5.0, True, False)]
)
def test_below_its_sigma_the_negative_prompt_is_skipped_on_odd_calls_or_all(call, level, both, skipped):
    values, _ = guide([image((1, 1.0), negative=5)], call, level=torch.tensor([level]), s_min_uncond=4.0, s_min_uncond_all=both)
    assert values == ([2.0] if skipped else [10 + 7 * (2 - 10)])


def test_early_calls_may_run_without_guidance():
    assert guide([image((1, 1.0), negative=5)], call=4, skip_early_cond=0.2)[0] == [2.0]
    assert guide([image((1, 1.0), negative=5)], call=5, skip_early_cond=0.2)[0] != [2.0]


@pytest.mark.parametrize("sampling", [{"skip_early_cond": 0.5}, {"s_min_uncond": 4.0, "s_min_uncond_all": True}])
def test_no_option_leaves_the_negative_prompt_out_where_the_parts_count_on_it(sampling):
    """cond 3, imgcond 2, uncond 1: uncond + cfg (cond - imgcond) + image cfg (imgcond - uncond) with the scales 7 and 2."""
    parts = (ConditioningPart(1.0, always(context(1.5))), ConditioningPart((2.0 - 7.0) / 7.0, always(context(1.0))))
    edited = ImageConditioning(parts, always(context(0.5)), may_pause=False)
    assert guide([edited], 1, **sampling)[0] == [pytest.approx(1 + 7 * (3 - 2) + 2 * (2 - 1))]
    assert guide([ImageConditioning(parts, always(context(0.5)))], 1, **sampling)[0] != [pytest.approx(10.0)]


def used(images, call=1, cfg=7.0, **sampling):
    labels = []
    empty = context(0.25)
    options = GuidanceOptions(cfg, 20, SamplingOptions(**sampling), empty, used=labels.append)
    Guidance(Model(), images, options)(X[: len(images)], LEVEL, call)
    return labels


@pytest.mark.parametrize(
    ("sampling", "call", "cfg", "label"),
    [
        ({"skip_early_cond": 0.2}, 4, 7.0, "Skip Early CFG"),
        ({"skip_early_cond": 0.2}, 5, 7.0, None),
        ({"skip_early_cond": 0.2}, 4, 1.0, None),
        ({"s_min_uncond": 4.0}, 1, 7.0, "NGMS"),
        ({"s_min_uncond": 4.0}, 2, 7.0, None),
        ({"pad_cond_uncond": True}, 1, 7.0, "Pad conds"),
        ({"pad_cond_uncond_v0": True}, 1, 7.0, "Pad conds v0"),
    ],
)
def test_an_option_is_told_when_it_has_changed_a_call(sampling, call, cfg, label):
    assert used([image((1, 1.0), length=4)], call, cfg, **sampling) == ([label] if label else [])
    if "pad" in str(label).lower():
        assert used([image((1, 1.0))], call, cfg, **sampling) == []


def test_padding_with_empty_prompts_makes_one_call():
    empty = context(0.25)
    values, calls = guide([image((1, 1.0), length=6, negative=0.5)], empty=empty, pad_cond_uncond=True)
    assert calls == [[[1.0] * 6, [0.5, 0.5, 0.25, 0.25, 0.25, 0.25]]]
    assert values == [2.0 + 7 * (6 - 2.0)]
    assert guide([image((1, 1.0), negative_length=4)], empty=empty, pad_cond_uncond=True)[1] == [[[1.0, 1.0, 0.25, 0.25], [0.0] * 4]]


@pytest.mark.parametrize(("length", "negative"), [(4, [3.0] * 4), (1, [3.0])])
def test_the_older_padding_repeats_the_last_vector_or_cuts(length, negative):
    assert guide([image((1, 1.0), length=length, negative=3)], pad_cond_uncond_v0=True)[1] == [[[1.0] * length, negative]]


def test_parts_of_one_picture_are_brought_to_one_length():
    parts = (ConditioningPart(1.0, always(context(1, 2))), ConditioningPart(1.0, always(context(2, 4))))
    _, calls = guide([ImageConditioning(parts, always(context(0, 4)))])
    assert calls[0][0] == [1.0, 1.0, 1.0, 1.0]


def test_variants_change_with_the_call():
    steps = (ConditioningStep(2, context(1)), ConditioningStep(5, context(2)))
    assert [float(at_call(steps, call).context[0, 0]) for call in range(8)] == [1, 1, 1, 2, 2, 2, 1, 1]


def test_the_base_is_told_beside_the_guided_prediction():
    guidance = Guidance(Model(), [image((1, 1.0), negative=0.5)], GuidanceOptions(7.0, 20))
    parts = guidance.parts(X[:1], LEVEL[:1], 0)
    assert (float(parts.guided.mean()), float(parts.negative.mean())) == (8.0, 1.0)


@pytest.mark.parametrize(("always", "base", "rows"), [(False, 2.0, 1), (True, 1.0, 2)])
def test_at_scale_1_the_negative_prompt_is_predicted_only_for_those_who_need_it(always, base, rows):
    model = Model()
    guidance = Guidance(model, [image((1, 1.0), negative=0.5)], GuidanceOptions(1.0, 20, always_negative=always))
    assert float(guidance.parts(X[:1], LEVEL[:1], 0).negative.mean()) == base
    assert len(model.calls[0]) == rows


def test_where_guidance_pauses_the_base_is_the_prompts_own_prediction():
    sampling = SamplingOptions(skip_early_cond=0.5)
    guidance = Guidance(Model(), [image((1, 1.0), negative=0.5)], GuidanceOptions(7.0, 20, sampling, always_negative=True))
    parts = guidance.parts(X[:1], LEVEL[:1], 0)
    assert torch.equal(parts.guided, parts.negative)
