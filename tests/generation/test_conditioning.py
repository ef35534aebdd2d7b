"""Encoded prompts are found again, and never where they would be wrong."""

from __future__ import annotations

import os

import pytest
import torch

from app.contracts import Conditioning, EncodeOptions, Sampler
from app.errors import JobStopped
from app.generation.conditioning import ConditioningCache, PromptEncoder, PromptKey
from app.generation.generate import generate
from app.generation.plan import make_plan
from app.generation.run_helpers import GenerationRun
from app.generation.sessions import ModelSessions
from app.hookspecs import hookimpl
from app.testing.runs import RecordingRun, ScriptedControl
from app.testing.tiny import TinyModel
from app.values.request import GenerationRequest

TWICE = "Twice"


@pytest.fixture
def encoded(monkeypatch):
    """The prompts that were really encoded."""
    prompts = []
    real = TinyModel.encode_prompts

    def encode(self, texts, options):
        prompts.extend(texts)
        return real(self, texts, options)

    monkeypatch.setattr(TinyModel, "encode_prompts", encode)
    return prompts


def draw(host, configured=None, **fields):
    generate(GenerationRequest(**{"prompt": "tree", "steps": 1, **fields}), RecordingRun(host, configured))


def test_a_prompt_is_encoded_once_for_all_batches_and_jobs(host, encoded):
    draw(host, batch_count=3, batch_size=2)
    draw(host, seed=5, steps=2)
    assert encoded == ["tree", ""]
    draw(host, negative_prompt="rain")
    assert encoded == ["tree", "", "rain"]


def test_whatever_changes_the_encoding_encodes_again(host, encoded):
    draw(host)
    changes = ({"configured": {"CLIP_stop_at_last_layers": 2}}, {"configured": {"emphasis": "No norm"}}, {"width": 96})
    for number, change in enumerate(changes, start=2):
        draw(host, **change)
        assert encoded.count("tree") == number, change


def test_a_changed_file_or_patch_encodes_again(host, encoded, tmp_path):
    draw(host)
    path = tmp_path / "models" / "Stable-diffusion" / "first.safetensors"
    os.utime(path, ns=(1, 1))
    host.models.refresh()
    draw(host)
    assert encoded.count("tree") == 2

    class Patch:
        key = "lora: x"

        def apply(self, model):
            from contextlib import nullcontext

            return nullcontext()

    class Patching:
        @hookimpl
        def patch_model(self, context, run):
            return [Patch()]

    host.hooks.register("patching", Patching())
    draw(host)
    assert encoded.count("tree") == 3


def vectors_of(*sizes):
    """Encoded texts of so many bytes."""
    return tuple(Conditioning(torch.zeros(size, dtype=torch.uint8)) for size in sizes)


def test_the_longest_unused_prompt_goes_first():
    cache = ConditioningCache(size_bytes=20)
    keys = [PromptKey((), (name,), EncodeOptions()) for name in "abc"]
    cache.put(keys[0], vectors_of(10))
    cache.put(keys[1], vectors_of(4, 6))
    cache.get(keys[0])
    cache.put(keys[2], vectors_of(10))
    assert [cache.get(key) is not None for key in keys] == [True, False, True]
    cache.put(keys[1], vectors_of(50))
    assert [cache.get(key) is not None for key in keys] == [False, True, False]


def test_texts_that_are_shared_take_room_once():
    cache = ConditioningCache(size_bytes=20)
    (shared,) = vectors_of(10)
    keys = [PromptKey((), (name,), EncodeOptions()) for name in "ab"]
    cache.put(keys[0], (shared, shared, shared))
    cache.put(keys[0], (shared, shared))
    cache.put(keys[1], vectors_of(10))
    assert [cache.get(key) is not None for key in keys] == [True, True]


class Twice:
    """A sampler that is expected to call the model twice a step."""

    @hookimpl
    def register_samplers(self, host):
        return [Sampler(TWICE, load=lambda: None, options={"second_order": True})]


def encoder(host, index=0, later=(), settings=None, **fields):
    """The encoder of a pass of a job that was asked for."""
    run = GenerationRun.of(RecordingRun(host), settings or {})
    plan = make_plan(GenerationRequest(**{"prompt": "tree", "steps": 10, "sampler": "Euler", **fields}), run)
    plan = plan.model_copy(update={"later": tuple(plan.first.model_copy(update=changes) for changes in later)})
    with ModelSessions(plan, run) as sessions:
        session = sessions.open(index, plan.images[: plan.batch_size])
        return PromptEncoder(session.context, session.patch_keys, run), session.context, run


def ends(steps):
    return [step.end_at_step for step in steps]


def test_parts_have_weights_and_schedules(host):
    made, context, _ = encoder(host, prompt="red [cat:dog:0.5] :0.7 AND night :-1", negative_prompt="a AND [b|c] :2")
    (image,) = made.batch()
    assert [(part.weight, ends(part.steps)) for part in image.positive] == [(0.7, [5, 10]), (-1.0, [10])]
    assert ends(image.negative) == list(range(1, 11))
    plain = context.model.encode_prompts(["red cat", "red dog", " night", "a AND b :2", "a AND c :2"], EncodeOptions())
    found = [step.conditioning for part in image.positive for step in part.steps] + [step.conditioning for step in image.negative[:2]]
    assert all(torch.equal(one.context, other.context) for one, other in zip(found, plain, strict=True))


def test_a_second_order_sampler_counts_its_calls(host):
    host.hooks.register("twice", Twice())
    host.refill()
    made, _, _ = encoder(host, prompt="[a:b:0.5] [c:3]", sampler=TWICE)
    assert ends(made.batch()[0].positive[0].steps) == [3, 10, 20]


def test_later_passes_go_on_in_the_timeline_of_the_first(host):
    host.hooks.register("twice", Twice())
    host.refill()
    later = ({"steps": 4, "denoising_strength": 0.5, "sampler": TWICE},)
    made, _, _ = encoder(host, index=1, later=later, prompt="[a:b:0.5] [c:d:1.5] [e:f:13]")
    assert ends(made.batch()[0].positive[0].steps) == [3, 4, 8]
    old, _, _ = encoder(host, index=1, later=later, prompt="[a:b:0.5] [c:d:1.5]", settings={"use_old_scheduling": True})
    assert ends(old.batch()[0].positive[0].steps) == [1, 5, 10]


def test_a_changed_part_encodes_nothing_else_anew(host, encoded):
    draw(host, prompt="tree AND house", negative_prompt="rain")
    draw(host, prompt="tree AND castle", negative_prompt="rain")
    assert encoded == ["tree", " house", "rain", " castle"]


def test_texts_of_a_schedule_are_encoded_together(host, monkeypatch):
    calls = []
    real = TinyModel.encode_prompts
    monkeypatch.setattr(TinyModel, "encode_prompts", lambda self, texts, options: calls.append(tuple(texts)) or real(self, texts, options))
    draw(host, prompt="[a|b] AND c", steps=3, sampler="Euler")
    assert calls == [("a", "b", "a"), (" c",), ("",)]


def test_tags_are_taken_out_told_and_kept_in_the_infotext(host, encoded):
    run = RecordingRun(host)
    result = generate(GenerationRequest(prompt="tree <thing:x:0.5>", negative_prompt="<thing:y>", steps=1), run)
    assert encoded == ["tree", "<thing:y>"]
    assert [comment for comment in result.comments if "thing" in comment] == [
        "The tag <thing:x:0.5> in the prompt was left out: no installed extension understands 'thing'."
    ]
    assert result.images[-1].infotext.startswith("tree <thing:x:0.5>\nNegative prompt: <thing:y>")


def test_the_tags_of_the_first_picture_count(host):
    _, context, _ = encoder(host, prompt="tree <thing:x:0.5> <other:y>", batch_size=2)
    assert [str(tag) for tag in context.tags] == ["<thing:x:0.5>", "<other:y>"]
    later = ({"prompts": ("a <thing:z>", "b"), "negative_prompts": ("", ""), "denoising_strength": 0.5},)
    _, context, _ = encoder(host, index=1, later=later, prompt="tree <thing:x>", batch_size=2)
    assert [str(tag) for tag in context.tags] == ["<thing:z>"]


def test_tags_can_be_ignored(host):
    made, context, run = encoder(host, prompt="tree <thing:x:0.5>", ignore_tags=True)
    assert context.tags == () and run.comments == []
    assert len(made.batch()[0].positive) == 1


def test_the_old_timeline_is_written_where_it_matters(host):
    def item(prompt, **settings):
        result = generate(GenerationRequest(prompt=prompt, steps=4, settings=settings), RecordingRun(host))
        return "Old prompt editing timelines: True" in result.images[-1].infotext

    assert item("[a:b:2.0]", use_old_scheduling=True)
    assert not item("[a:b:2.0]")
    assert not item("[a:b:2]", use_old_scheduling=True)


@pytest.mark.parametrize("kind", ["interrupt", "cancel"])
def test_a_stop_during_the_encoding_ends_it_at_once(host, monkeypatch, kind):
    rows = []

    def slowly(self, texts, options):
        for row in range(1000):
            options.on_rows()
            rows.append(row)
        raise AssertionError("nobody stopped it")

    monkeypatch.setattr(TinyModel, "encode_prompts", slowly)
    run = RecordingRun(host, control=ScriptedControl(stop_at=5, kind=kind))
    request = GenerationRequest(prompt="tree", steps=1)
    if kind == "cancel":
        with pytest.raises(JobStopped):
            generate(request, run)
    else:
        assert generate(request, run).stopped == "interrupt"
    assert 0 < len(rows) <= 5
