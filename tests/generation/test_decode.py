"""Decoding when memory is short: in parts, in files, and stopped between two parts."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from app.errors import JobStopped, UserError
from app.generation import ladder
from app.generation.careful_vae import lifted_words
from app.generation.decode import IN_FILES, IN_PARTS, decode
from app.generation.run_helpers import GenerationRun
from app.generation.scratch import scratch_in
from app.hookspecs import hookimpl
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun, ScriptedControl
from app.testing.tiny import TinyModel
from app.values.plan import ImagePlan

LATENTS = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(1))
IMAGES = tuple(ImagePlan(index=index, prompt="", negative_prompt="", seed=1, subseed=1) for index in range(2))


class Model(TinyModel):
    """Runs out of memory in the named methods."""

    def __init__(self, *fails):
        super().__init__()
        self.fails, self.rooms = fails, []

    def decode(self, latents):
        if "whole" in self.fails:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return super().decode(latents)

    def decode_in_parts(self, latents, scratch, on_part):
        self.rooms.append(scratch)
        if "parts" in self.fails and len(self.rooms) % 2:
            raise MemoryError
        on_part()
        pixels = TinyModel.decode(self, latents)
        room = scratch(tuple(pixels.shape), pixels.dtype).copy_(pixels)
        on_part()
        return room.clone()


@pytest.fixture
def run(tmp_path):
    return GenerationRun.of(RecordingRun(temporary_host(tmp_path, [], role="worker")), {})


def _bytes(decoded):
    return [item.image.tobytes() for item in decoded.images]


def test_short_of_memory_the_pictures_are_the_same_and_it_is_told(run):
    plain = _bytes(decode(LATENTS, IMAGES, Model(), run))
    assert run.comments == []
    assert _bytes(decode(LATENTS, IMAGES, Model("whole"), run)) == plain
    assert run.comments == [IN_PARTS]
    assert _bytes(decode(LATENTS, IMAGES, Model("whole", "parts"), run)) == plain
    assert run.comments == [IN_PARTS, IN_FILES]


def test_the_estimate_spares_the_attempt(run, monkeypatch):
    monkeypatch.setattr(ladder, "available_bytes", lambda device: ladder.SPARE_BYTES)
    decode(LATENTS, IMAGES, Model(), run)
    assert run.comments == [IN_FILES]


def test_no_file_is_left(run, tmp_path):
    decode(LATENTS, IMAGES, Model("whole", "parts"), run)
    assert list((tmp_path / "tmp" / "scratch").rglob("*")) == []


@pytest.mark.parametrize("kind", ["skip", "interrupt", "cancel"])
def test_it_is_stopped_between_two_parts(run, kind):
    """The checks: one after the first part of picture 1, its end, one before picture 2, then its first part."""
    run.control = ScriptedControl(3, kind)
    if kind == "cancel":
        with pytest.raises(JobStopped):
            decode(LATENTS, IMAGES, Model("whole"), run)
        return
    decoded = decode(LATENTS, IMAGES, Model("whole"), run)
    assert ([item.index for item in decoded.images], decoded.stopped) == ([0], kind)


def test_a_vae_that_fails_in_full_precision_too_is_an_error(run, monkeypatch):
    lifted, restored = [], []
    model = SimpleNamespace(
        device="cpu",
        downscale=8,
        working_bytes=lambda *of: 0,
        decode=lambda latents: torch.full((1, 3, 8, 8), float("nan")),
        lift_precision=lambda task, precision: lifted.append((task, precision)) or len(lifted) == 1,
        restore_precision=restored.append,
    )
    with pytest.raises(UserError, match="NaN"):
        decode(LATENTS[:1], IMAGES[:1], model, run)
    assert (lifted, restored, run.comments) == ([("decode", "float32")], ["decode"], [])
    with pytest.raises(UserError, match="The model returned"):
        decode(torch.full_like(LATENTS[:1], float("nan")), IMAGES[:1], model, run)
    assert len(lifted) == 1, "what was put in lifts nothing"


def test_a_vae_that_works_in_full_precision_stays_there(run):
    model = TinyModel()
    model.modules()["vae"].half()
    real = model.decode
    model.decode = lambda latents: real(latents) * (float("nan") if next(model.modules()["vae"].parameters()).dtype.itemsize == 2 else 1)
    assert len(decode(LATENTS, IMAGES, model, run).images) == 2
    assert run.comments == [lifted_words("float32")]


class HalfVae:
    """Its decoder gives NaN until it works in one of the formats ``good``."""

    device, downscale = "cpu", 8

    def __init__(self, *good):
        self.good, self.precision = good, "float16"

    def working_bytes(self, *of):
        return 0

    def decode(self, latents):
        return torch.full((1, 3, 8, 8), 0.5 if self.precision in self.good else float("nan"))

    def lift_precision(self, task, precision):
        self.precision = precision
        return True

    def restore_precision(self, task):
        self.precision = "float16"


@pytest.mark.parametrize(
    ("settings", "good", "ends_in"),
    [
        ({}, ("bfloat16", "float32"), "float32"),
        ({"auto_vae_precision_bfloat16": True}, ("bfloat16", "float32"), "bfloat16"),
        ({"auto_vae_precision_bfloat16": True, "auto_vae_precision": False}, ("bfloat16",), "bfloat16"),
        ({"auto_vae_precision_bfloat16": True}, ("float32",), "float32"),
        ({"auto_vae_precision_bfloat16": True, "auto_vae_precision": False}, ("float32",), "float16"),
        ({"auto_vae_precision": False}, ("float32",), "float16"),
    ],
)
def test_a_vae_that_fails_in_half_precision_works_as_the_settings_say(run, settings, good, ends_in):
    run.settings = {**run.settings, **settings}
    model = HalfVae(*good)
    if ends_in in good:
        assert len(decode(LATENTS[:1], IMAGES[:1], model, run).images) == 1
    else:
        with pytest.raises(UserError, match="NaN"):
            decode(LATENTS[:1], IMAGES[:1], model, run)
    assert model.precision == ends_in


def test_scratch_in_files_is_room_as_any(tmp_path):
    with scratch_in(tmp_path / "here") as room:
        first, second = room((1, 3, 2, 5), torch.bfloat16), room((4,), torch.float32)
        first.fill_(2.0)
        second.copy_(torch.arange(4.0))
        assert (first.shape, float(first.sum()), second.tolist()) == ((1, 3, 2, 5), 60.0, [0, 1, 2, 3])
    assert list((tmp_path / "here").iterdir()) == []


def test_an_extension_may_decode_in_the_models_place(run):
    class Other:
        @hookimpl
        def decode_latents(self, latents, model):
            return torch.full((1, 3, 4, 4), 0.5) if latents is not None and latents[0, 0, 0, 0] == LATENTS[1, 0, 0, 0] else None

    first, second = _bytes(decode(LATENTS, IMAGES, Model(), run))
    run.host.hooks.register("other", Other())
    assert _bytes(decode(LATENTS, IMAGES, Model(), run)) == [first, bytes([127]) * 48]
