"""The texts that the prompts of a pass show, as extensions get them."""

from __future__ import annotations

from app.api import shown_prompts
from app.contracts import PassContext
from app.generation.plan import make_plan
from app.generation.prompt.schedule import Timeline
from app.generation.prompt.shown import shown_texts
from app.generation.run_helpers import GenerationRun
from app.testing.runs import RecordingRun
from app.values.request import GenerationRequest


def test_texts_come_in_their_order_and_once():
    assert shown_texts("[a:b:0.5] AND <lora:x:1>[b|c]", Timeline(4), negative=False) == ("a", "b", " b", " c")
    assert shown_texts("[a:b:0.5] AND c", Timeline(4), negative=True) == ("a AND c", "b AND c")


def test_a_pass_shows_both_prompts_of_each_picture(host):
    run = GenerationRun.of(RecordingRun(host), {})
    request = GenerationRequest(prompt="[cat:dog:0.5]", negative_prompt="rain", steps=4, batch_size=2)
    plan = make_plan(request, run)
    context = PassContext(plan, 0, plan.images, plan.first.checkpoint, None)
    assert shown_prompts(context, run) == [("cat", "dog", "rain")] * 2
