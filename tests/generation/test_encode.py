"""Encoding when memory is short or half precision fails: in parts, in files, stopped between two parts, and in full precision."""

from __future__ import annotations

import logging

import pytest
import torch

from app.errors import JobStopped, UserError
from app.generation import ladder
from app.generation.careful_vae import lifted_words
from app.generation.encode import IN_FILES, IN_PARTS, encode_pixels
from app.generation.run_helpers import GenerationRun
from app.hookspecs import hookimpl
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun, ScriptedControl
from app.testing.tiny import TinyModel

PIXELS = torch.rand(2, 3, 64, 48, generator=torch.Generator().manual_seed(1))


class Model(TinyModel):
    """Runs out of memory in the named methods; ``nan``: how often it returns no numbers."""

    def __init__(self, *fails, nan=0):
        super().__init__()
        self.fails, self.nan, self.tries = fails, nan, 0

    def encode_images(self, pixels, generator=None):
        if "whole" in self.fails:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        self.nan -= 1
        return super().encode_images(pixels) * (float("nan") if self.nan >= 0 else 1)

    def encode_in_parts(self, pixels, scratch, on_part):
        self.tries += 1
        if "parts" in self.fails and self.tries % 2:
            raise MemoryError
        on_part()
        latents = TinyModel.encode_images(self, pixels)
        room = scratch(tuple(latents.shape), latents.dtype).copy_(latents)
        on_part()
        return room.clone()

    def restore_precision(self, task):
        """Nothing is kept."""

    def lift_precision(self, task, precision):
        assert task == "encode"
        return True


@pytest.fixture
def run(tmp_path):
    return GenerationRun.of(RecordingRun(temporary_host(tmp_path, [], role="worker")), {})


def test_short_of_memory_the_latents_are_the_same_and_it_is_told(run, caplog):
    plain = encode_pixels(PIXELS, Model(), run)
    assert plain.equal(TinyModel().encode_images(PIXELS)) and run.comments == []
    with caplog.at_level(logging.WARNING):
        assert encode_pixels(PIXELS, Model("whole"), run).equal(plain)
        assert run.comments == [IN_PARTS]
        assert encode_pixels(PIXELS, Model("whole", "parts"), run).equal(plain)
    assert run.comments == [IN_PARTS, IN_FILES]
    assert {IN_PARTS, IN_FILES} <= set(caplog.messages)


def test_the_estimate_spares_the_attempt(run, monkeypatch):
    monkeypatch.setattr(ladder, "available_bytes", lambda device: ladder.SPARE_BYTES)
    encode_pixels(PIXELS, Model(), run)
    assert run.comments == [IN_FILES]


def test_it_can_be_stopped_between_two_parts(run):
    run.control = ScriptedControl(1, "interrupt")
    with pytest.raises(JobStopped):
        encode_pixels(PIXELS, Model("whole"), run)


def test_no_numbers_are_encoded_again_in_full_precision(run):
    assert encode_pixels(PIXELS[:1], Model(nan=1), run).isfinite().all()
    assert run.comments == [lifted_words("float32")]
    with pytest.raises(UserError, match="The VAE"):
        encode_pixels(PIXELS[:1], Model(nan=2), run)


def test_an_extension_may_encode_in_the_models_place(tmp_path):
    class Other:
        @hookimpl
        def encode_pixels(self, pixels):
            return torch.ones(1, 4, 1, 1) if torch.equal(pixels, PIXELS[1:]) else None

    run = GenerationRun.of(RecordingRun(temporary_host(tmp_path, [], role="worker")), {})
    assert not torch.equal(encode_pixels(PIXELS[1:], Model(), run), torch.ones(1, 4, 1, 1))
    run.host.hooks.register("other", Other())
    assert torch.equal(encode_pixels(PIXELS[1:], Model(), run), torch.ones(1, 4, 1, 1))
    assert encode_pixels(PIXELS[:1], Model(), run).shape == (1, 4, 8, 6)
