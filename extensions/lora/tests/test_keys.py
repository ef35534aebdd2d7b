"""Keys of files find the layers that they are for."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from functools import cache

import pytest
import torch
from torch import nn

from app.testing.vectors import vector_cases, vectors, vectors_folder
from extensions.lora.keys import LayerNames
from extensions.lora.network import layer_name
from extensions.lora.unet_names import ldm_names

MAP = vectors("lora_key_map.json")
TEXTS = {
    "sd15": {"text_encoder": "text_sd15"},
    "sd2": {"text_encoder": "text_sd2"},
    "sdxl": {"text_encoder": "text_sdxl_te1", "text_encoder_2": "text_sdxl_te2"},
}
UP = ".lora_up.weight"


class Skeleton(nn.Module):
    """Has layers of these names, without their weights."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__()
        for name in names:
            module: nn.Module = self
            for piece in name.split(".")[:-1]:
                if piece not in module._modules:
                    module.add_module(piece, nn.Module())
                module = module.get_submodule(piece)
            last = module.get_submodule(name.rsplit(".", 1)[-1]) if name.rsplit(".", 1)[-1] in module._modules else nn.Module()
            last.register_parameter("weight", nn.Parameter(torch.zeros(1), requires_grad=False))
            module.add_module(name.rsplit(".", 1)[-1], last)


def unet_rows(model):
    return [dict(zip(MAP["unet_columns"], row, strict=False)) for row in MAP.get(f"unet_{model}", [])]


@cache
def names_of(model):
    modules = {"unet": Skeleton(row["diffusers"] for row in unet_rows(model))}
    for part, table in TEXTS[model].items():
        paths = {row[1] for row in MAP[table]}
        norms = {f"{path.split('.self_attn.')[0]}.layer_norm1" for path in paths if ".self_attn." in path}
        modules[part] = Skeleton(paths | norms)
    return LayerNames(modules)


MODELS = [model for model in TEXTS if f"unet_{model}" in MAP]


@pytest.mark.vectors
@pytest.mark.parametrize("model", MODELS)
def test_every_layer_of_the_unet_is_found_by_both_its_names(model):
    rows, names = unet_rows(model), names_of(model)
    ldm = ldm_names(row["diffusers"] for row in rows)
    for row in rows:
        assert ldm[row["diffusers"]] == row["ldm"]
        for key in (row["key"], row["other_key"]):
            assert names.find(key + UP) == (f"unet.{row['diffusers']}", UP[1:]), key


@pytest.mark.vectors
@pytest.mark.parametrize("model", MODELS)
def test_every_layer_of_the_text_encoders_is_found(model):
    names = names_of(model)
    for part, table in TEXTS[model].items():
        for key, path, *_ in MAP[table]:
            assert names.find(key + UP) == (f"{part}.{path}", UP[1:]), key


@pytest.mark.vectors
@pytest.mark.parametrize("model", MODELS)
def test_whatever_the_reference_matches_is_matched(model):
    names, ldm = names_of(model), {row["ldm"]: row["diffusers"] for row in unet_rows(model)}
    for case in vector_cases("lora_key_map.json", "key_match"):
        if case["model"] == model and case["layer"] and case["layer"].startswith("diffusion_model_"):
            assert names.find(case["key"]) == (f"unet.{ldm[case['module']]}", case["key"].split(".", 1)[1]), case["key"]
        elif case["model"] == model and case["layer"]:
            assert names.find(case["key"]) is not None, case["key"]


def test_a_second_text_encoder_is_not_mistaken_for_the_first():
    one = LayerNames({"text_encoder": Skeleton(["text_model.encoder.layers.0.mlp.fc1"])})
    assert one.find("lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_up.weight") is None
    assert one.find("lora_te_text_model_encoder_layers_0_mlp_fc1.lora_up.weight") is not None


QUERY = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"
OUT = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_out.0"
FC1 = "text_model.encoder.layers.0.mlp.fc1"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (f"unet.{QUERY}.lora_A.weight", ("unet." + QUERY, "lora_A.weight")),
        (f"base_model.model.{QUERY}.lora_B.weight", ("unet." + QUERY, "lora_B.weight")),
        (f"base_model.model.{QUERY}.lora_B.default.weight", ("unet." + QUERY, "lora_B.weight")),
        (f"unet.{QUERY}.lora.up.weight", ("unet." + QUERY, "lora_up.weight")),
        (f"unet.{QUERY}.lora_magnitude_vector", ("unet." + QUERY, "dora_scale")),
        ("down_blocks.0.attentions.0.transformer_blocks.0.attn1.processor.to_q_lora.down.weight", ("unet." + QUERY, "lora_down.weight")),
        ("unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.processor.to_out_lora.up.weight", ("unet." + OUT, "lora_up.weight")),
        (f"text_encoder.{FC1}.lora_linear_layer.up.weight", ("text_encoder." + FC1, "lora_up.weight")),
        (f"text_encoder.{FC1}.lora_A.weight", ("text_encoder." + FC1, "lora_A.weight")),
        ("lora_unet_" + QUERY.replace(".", "_") + ".alpha", ("unet." + QUERY, "alpha")),
        ("nothing.of.the.kind", None),
        ("", None),
    ],
)
def test_names_of_diffusers_and_peft(key, expected):
    names = LayerNames({"unet": Skeleton([QUERY, OUT]), "text_encoder": Skeleton([FC1])})
    assert names.find(key) == expected


HEADERS = sorted(path.name for path in (vectors_folder() / "headers").glob("l*-sd*.json.gz"))


@pytest.mark.vectors
@pytest.mark.parametrize("header", HEADERS)
def test_files_of_all_trainers_find_a_place_for_every_layer(header):
    document = json.loads(gzip.decompress((vectors_folder() / "headers" / header).read_bytes()))
    model = {"sd15": "sd15", "sd21": "sd2", "sdxl": "sdxl"}[header.split("-")[1]]
    names = names_of(model)
    lost = {layer_name(key) for key in document["tensors"] if names.find(key) is None and not key.startswith("bundle_emb")}
    assert lost == set()
