"""Embeddings are found among the tensors of LoRA files."""

from __future__ import annotations

import gzip
import json

import pytest

from app.api import TensorInfo
from app.testing.vectors import vectors_folder
from extensions.bundled_embeddings.bundles import bundles
from extensions.textual_inversion.api import read_layout

HEADERS = sorted((vectors_folder() / "headers").glob("lora-*.json.gz"))
PREFIX = "bundle_emb."


def infos(*names):
    return {name: TensorInfo("F16", (2, 768)) for name in names}


def test_words_may_have_dots_and_every_layout():
    found = bundles(
        infos(
            "bundle_emb.v1.5 look.string_to_param.*",
            "bundle_emb.xl.clip_l",
            "bundle_emb.xl.clip_g",
            "bundle_emb.one.emb_params",
            "lora_te_x.alpha",
        )
    )
    assert {word: set(tensors) for word, tensors in found.items()} == {
        "v1.5 look": {"string_to_param.*"},
        "xl": {"clip_l", "clip_g"},
        "one": {"emb_params"},
    }
    assert (read_layout(found["one"]).vectors, read_layout(found["one"]).family) == (2, "sd1")


@pytest.mark.vectors
@pytest.mark.parametrize("path", HEADERS, ids=lambda path: path.name)
def test_headers_of_lora_files(path):
    case = json.loads(gzip.decompress(path.read_bytes()))
    tensors = {name: TensorInfo("F16", tuple(shape)) for name, shape in case["tensors"].items()}
    layouts = {word: read_layout(own) for word, own in bundles(tensors).items()}
    assert set(layouts) == {key.split(".")[1] for key in tensors if key.startswith(PREFIX)}
    assert all(layout.family == case["expect"]["family"] for layout in layouts.values())
