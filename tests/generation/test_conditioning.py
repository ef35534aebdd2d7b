"""Encoded prompts are found again, and never where they would be wrong."""

from __future__ import annotations

import os

import pytest

from app.contracts import Conditioning, EncodeOptions
from app.generation.conditioning import ConditioningCache, PromptKey
from app.generation.generate import generate
from app.hookspecs import hookimpl
from app.testing.runs import RecordingRun
from app.testing.tiny import TinyModel
from app.values.request import GenerationRequest


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


def test_the_longest_unused_prompt_goes_first():
    cache = ConditioningCache(size=2)
    keys = [PromptKey((), name, EncodeOptions()) for name in "abc"]
    value = Conditioning(context=None)
    cache.put(keys[0], value)
    cache.put(keys[1], value)
    cache.get(keys[0])
    cache.put(keys[2], value)
    assert [cache.get(key) is value for key in keys] == [True, False, True]
