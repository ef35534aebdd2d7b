"""Jobs of several passes: each with its size, prompts and model, started from what the one before left."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pytest
import torch
from PIL import Image

from app.errors import UserError
from app.generation.checkpoint_choice import plan_checkpoint
from app.generation.generate import generate
from app.hookspecs import hookimpl
from app.testing.runs import RecordingRun, ScriptedControl
from app.testing.tiny import TinyModel, write_tiny_checkpoint
from app.values.events import JobProgress, WorkerStatus
from app.values.plan import ModelSwitch
from app.values.request import GenerationRequest


def draw(host, control=None, **fields):
    run = RecordingRun(host, None, control)
    return generate(GenerationRequest(**{"prompt": "tree", "steps": 4, "seed": 7, "sampler": "Euler", **fields}), run), run


def pixels(result):
    return np.asarray(Image.open(result.images[0].path).convert("RGB")).astype(int)


class Enlarging:
    """Adds a second pass at twice the size; ``changes`` are further values of it."""

    def __init__(self, **changes):
        self.changes = changes
        self.carried = []

    @hookimpl
    def edit_plan(self, plan, request, run):
        changes = {name: plan_checkpoint(value, run) if name == "checkpoint" else value for name, value in self.changes.items()}
        later = {"width_px": 128, "height_px": 128, "denoising_strength": 0.5, "exact_steps": True, **changes}
        return plan.model_copy(update={"later": (plan.first.model_copy(update=later),)})

    @hookimpl
    def start_pass(self, plan, index, images, run):
        return self if index else None

    needs_earlier = True

    def leave(self, latents, context):
        self.carried.append((context.index, context.checkpoint.name))
        return torch.nn.functional.interpolate(latents, scale_factor=2)

    def enter(self, carried, context):
        self.carried.append((context.index, context.checkpoint.name))
        return carried


def test_the_second_pass_decides_the_size_and_both_show_their_progress(host):
    host.hooks.register("enlarging", Enlarging())
    result, run = draw(host, batch_count=2)
    assert Image.open(result.images[-1].path).size == (128, 128)
    progress = run.reported(JobProgress)
    assert {(event.pass_index, event.pass_count) for event in progress if event.steps > 1} == {(0, 2), (1, 2)}
    fractions = [event.fraction for event in progress]
    assert fractions == sorted(fractions)


def test_exact_steps_are_all_run_and_others_by_their_share(host, monkeypatch):
    levels = []
    real = TinyModel.predict
    monkeypatch.setattr(TinyModel, "predict", lambda self, x, *rest: levels.append(x.shape[-1]) or real(self, x, *rest))
    enlarging = Enlarging()
    host.hooks.register("enlarging", enlarging)
    draw(host)
    assert (levels.count(8), levels.count(16)) == (4, 4)
    levels.clear()
    enlarging.changes = {"exact_steps": False}
    draw(host)
    assert (levels.count(8), levels.count(16)) == (4, 3)


def test_a_pass_has_its_own_prompts_and_its_own_checkpoint(host, tmp_path):
    enlarging = Enlarging()
    host.hooks.register("enlarging", enlarging)
    plain = pixels(draw(host)[0])
    enlarging.changes = {"prompts": ("sea",)}
    assert (pixels(draw(host)[0]) != plain).any()
    write_tiny_checkpoint(tmp_path / "models" / "Stable-diffusion" / "second.safetensors", seed=5)
    host.models.refresh()
    enlarging.carried.clear()
    enlarging.changes = {"checkpoint": "second"}
    result, run = draw(host)
    assert enlarging.carried == [(0, "first"), (1, "second")]
    assert (pixels(result) != plain).any()
    assert [status.model.split(".")[0] for status in run.reported(WorkerStatus)] == ["first", "second"]


def test_an_interrupt_at_the_second_pass_returns_the_first_ones_picture(host):
    first = pixels(draw(host)[0])
    host.hooks.register("enlarging", Enlarging())
    result, _ = draw(host, ScriptedControl(stop_at=5))
    assert (result.stopped, pixels(result).shape) == ("interrupt", (64, 64, 3))
    assert (pixels(result) == first).all()


def test_no_strength_leaves_the_picture_as_it_was(host):
    enlarging = Enlarging(denoising_strength=0.0)
    host.hooks.register("enlarging", enlarging)
    result, run = draw(host)
    assert pixels(result).shape == (128, 128, 3)
    assert max(event.pass_index for event in run.reported(JobProgress) if event.step) == 0 or result.stopped == ""


def test_a_start_without_a_strength_is_an_error(host):
    host.hooks.register("enlarging", Enlarging(denoising_strength=None))
    with pytest.raises(UserError, match="denoising strength"):
        draw(host)


class Switching:
    """Lets the checkpoint "second" take over."""

    def __init__(self, at, by_calls=False):
        self.at, self.by_calls = at, by_calls

    @hookimpl
    def edit_plan(self, plan, request, run):
        return plan.with_first(switch=ModelSwitch(checkpoint=plan_checkpoint("second", run), at=self.at, by_calls=self.by_calls))


@pytest.mark.parametrize(("sampler", "by_calls"), [("Euler", False), ("DDIM", False), ("Euler", True)])
def test_another_checkpoint_takes_over_within_a_pass(host, tmp_path, sampler, by_calls):
    write_tiny_checkpoint(tmp_path / "models" / "Stable-diffusion" / "second.safetensors", seed=5)
    host.models.refresh()
    first = pixels(draw(host, sampler=sampler)[0])
    second = pixels(draw(host, sampler=sampler, checkpoint="second")[0])
    switching = Switching(0.5, by_calls)
    host.hooks.register("switching", switching)
    mixed, run = draw(host, sampler=sampler)
    assert (pixels(mixed) != first).any() and (pixels(mixed) != second).any()
    assert [status.model.split(".")[0] for status in run.reported(WorkerStatus)] == ["first", "second"]
    switching.at = 0.0
    assert (pixels(draw(host, sampler=sampler)[0]) == second).all()


def test_decoded_pictures_are_changed_before_they_are_saved(host):
    class Inverting:
        @hookimpl
        def edit_images(self, images, plan, run):
            from dataclasses import replace

            from PIL import ImageOps

            return [replace(item, image=ImageOps.invert(item.image)) for item in images]

    plain = pixels(draw(host)[0])
    host.hooks.register("inverting", Inverting())
    assert (pixels(draw(host)[0]) == 255 - plain).all()


def test_what_guides_the_pictures_can_be_changed(host):
    class Reversing:
        @hookimpl
        def edit_conditioning(self, conditioning, context, run):
            return list(reversed(conditioning))

    host.hooks.register("prompts", Prompts())
    plain = [np.asarray(Image.open(image.path)) for image in draw(host, batch_size=2)[0].images if image.kind == "sample"]
    host.hooks.register("reversing", Reversing())
    changed = [np.asarray(Image.open(image.path)) for image in draw(host, batch_size=2)[0].images if image.kind == "sample"]
    assert all((one != other).any() for one, other in zip(plain, changed, strict=True))


class Prompts:
    """Gives each picture of a batch its own prompt."""

    @hookimpl
    def edit_plan(self, plan, request, run):
        texts = ("sea", "tree")
        return plan.model_copy(update={"images": tuple(i.model_copy(update={"prompt": texts[i.index]}) for i in plan.images)})


class Louder:
    """Makes the text encoder louder in each pass, and notes how loud it was at every call."""

    def __init__(self):
        self.heard = []

    @hookimpl
    def patch_model(self, context, run):
        return [Loudness(context.index + 2)]


class Loudness:
    """A ModelPatch: multiplies a weight."""

    def __init__(self, factor):
        self.factor = factor
        self.key = f"loudness {factor}"

    @contextmanager
    def apply(self, model):
        weight = model.modules()["text_encoder"].weight
        before = weight.clone()
        weight.mul_(self.factor)
        try:
            yield
        finally:
            weight.copy_(before)


@pytest.mark.parametrize(("encoded_as", "heard"), [(None, [2, 2, 3, 3]), (0, [2, 2, 2, 3])])
def test_prompts_may_be_encoded_with_the_patches_of_another_pass(host, monkeypatch, encoded_as, heard):
    seen = []

    def note(name):
        real = getattr(TinyModel, name)

        def noted(self, *given):
            seen.append((name, self.modules()["text_encoder"].weight.abs().sum().item()))
            return real(self, *given)

        monkeypatch.setattr(TinyModel, name, noted)

    host.hooks.register("enlarging", Enlarging(encoded_as=encoded_as, prompts=("sea",)))
    note("encode_prompts")
    note("predict")
    draw(host, cfg_scale=1.0)
    plain = seen[0][1]
    seen.clear()
    host.hooks.register("louder", Louder())
    draw(host, cfg_scale=1.0, prompt="a new tree")
    first, second = [name for name, _ in seen].index("predict"), len(seen) - 1
    again = next(index for index in range(first, len(seen)) if seen[index][0] == "encode_prompts")
    assert [round(seen[index][1] / plain) for index in (0, first, again, second)] == heard


def test_with_another_checkpoint_they_are_not(host, tmp_path):
    write_tiny_checkpoint(tmp_path / "models" / "Stable-diffusion" / "second.safetensors", seed=5)
    host.models.refresh()
    host.hooks.register("louder", Louder())
    enlarging = Enlarging(checkpoint="second", prompts=("sea",))
    host.hooks.register("enlarging", enlarging)
    own = pixels(draw(host)[0])
    enlarging.changes = {**enlarging.changes, "encoded_as": 0}
    assert (pixels(draw(host)[0]) == own).all()


def test_passes_before_one_that_needs_nothing_of_them_are_not_drawn(host, monkeypatch):
    sides = []
    real = TinyModel.predict
    monkeypatch.setattr(TinyModel, "predict", lambda self, x, *rest: sides.append(x.shape[-1]) or real(self, x, *rest))
    enlarging = Enlarging()
    host.hooks.register("enlarging", enlarging)
    enlarging.needs_earlier = False
    enlarging.enter = lambda carried, context: torch.zeros(1, *context.latent_shape)
    result, _ = draw(host)
    assert pixels(result).shape == (128, 128, 3) and set(sides) == {16} and enlarging.carried == []
