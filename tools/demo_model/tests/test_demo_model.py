"""Checks the demo checkpoint's tools without training: pictures, captions, names and the size of the file."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
from safetensors import safe_open

from tools.demo_model.captions import CaptionIds
from tools.demo_model.dataset import sample_caption_tags, sample_scene
from tools.demo_model.export import LARGEST_FILE_BYTES, export_checkpoint
from tools.demo_model.prompts import sampled_prompts
from tools.demo_model.renderer import TAGS, TIMES, Scene, render
from tools.demo_model.text_encoder import TextModel
from tools.demo_model.tokens import CaptionTokenizer
from tools.demo_model.train_vae import normalise_latents, to_tensor
from tools.demo_model.unet import UNet
from tools.demo_model.vae import SCALING_FACTOR, AutoencoderKL

MANIFEST = Path(__file__).resolve().parents[3] / "tests" / "vectors" / "headers" / "checkpoint-sd15-pruned-fp16.json.gz"


def test_the_same_scene_gives_the_same_picture():
    first, second = (np.asarray(render(sample_scene(5))) for _ in range(2))
    assert first.shape == (128, 128, 3)
    assert (first == second).all()


def test_other_sizes_are_drawn_too():
    assert render(Scene(frozenset({"day", "water", "boat"}), 3, 192, 128)).size == (192, 128)


def test_scenes_have_one_time_and_every_tag_occurs():
    scenes = [sample_scene(seed).tags for seed in range(600)]
    assert all(len(tags.intersection(TIMES)) == 1 for tags in scenes)
    assert set().union(*scenes) == set(TAGS)
    assert 3 < np.mean([len(tags) for tags in scenes]) < 7


def test_captions_name_only_what_is_visible():
    rng = Random(0)
    tags = sample_scene(8).tags
    captions = [sample_caption_tags(tags, rng) for _ in range(400)]
    assert all(tags.issuperset(caption) for caption in captions)
    assert 0.06 < sum(not caption for caption in captions) / 400 < 0.18


def test_token_ids_are_clips():
    ids = CaptionTokenizer().ids("a photo of a cat")
    assert ids[:7] == [49406, 320, 1125, 539, 320, 2368, 49407]
    assert len(ids) == 77


def test_caption_ids_equal_the_tokenizers():
    assert CaptionIds().exact(["red house", "pine tree"]) == CaptionTokenizer().ids("red house, pine tree")


def test_prompts_cover_every_tag():
    prompts = sampled_prompts(60, seed=1)
    assert {tag for prompt in prompts for tag in prompt} == set(TAGS)
    assert all(2 <= len(prompt) <= 5 for prompt in prompts)


def test_normalised_latents_decode_to_the_same_pictures():
    torch.manual_seed(0)
    vae = AutoencoderKL()
    pictures = np.stack([np.asarray(render(sample_scene(seed))) for seed in range(4)])
    pixels = to_tensor(pictures)
    with torch.no_grad():
        before = vae.decode(vae.encode(pixels)[0])
        normalise_latents(vae, pictures)
        latents = SCALING_FACTOR * vae.encode(pixels)[0]
        after = vae.decode(vae.encode(pixels)[0])
    assert latents.mean(dim=(0, 2, 3)).abs().max() < 1e-2
    assert (latents.std(dim=(0, 2, 3)) - 1).abs().max() < 1e-2
    assert (before - after).abs().max() < 1e-3


def test_an_exported_file_has_sd1_names_and_fits(tmp_path):
    path = tmp_path / "demo.safetensors"
    size = export_checkpoint({"unet": UNet(), "vae": AutoencoderKL(), "text": TextModel()}, path)
    assert size == path.stat().st_size <= LARGEST_FILE_BYTES
    with safe_open(path, "pt") as file:
        assert file.metadata()["modelspec.architecture"] == "stable-diffusion-v1"
        shapes = {name: file.get_slice(name).get_shape() for name in file.keys()}
    assert shapes["model.diffusion_model.input_blocks.0.0.weight"][1:] == [4, 3, 3]
    assert shapes["cond_stage_model.transformer.text_model.embeddings.token_embedding.weight"] == [49408, 128]


@pytest.mark.skipif(not MANIFEST.exists(), reason="the recorded headers are not in this checkout")
def test_every_name_has_the_form_of_an_sd15_name(tmp_path):
    path = tmp_path / "demo.safetensors"
    export_checkpoint({"unet": UNet(), "vae": AutoencoderKL(), "text": TextModel()}, path)

    def form(name: str) -> str:
        return re.sub(r"\d+", "#", name)

    known = {form(name) for name in json.loads(gzip.decompress(MANIFEST.read_bytes()))["tensors"]}
    with safe_open(path, "pt") as file:
        assert {form(name) for name in file.keys()} <= known
