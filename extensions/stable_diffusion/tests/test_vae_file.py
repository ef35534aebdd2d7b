"""VAE files of every layout give the layers of a loaded VAE; others are refused by what is wrong with them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from app.api import ModelFileError
from app.testing.vectors import vectors_folder
from extensions.stable_diffusion.api import read_vae
from extensions.stable_diffusion.convert import convert_vae
from extensions.stable_diffusion.load import build_vae
from extensions.stable_diffusion.parts import config_of
from extensions.stable_diffusion.testing import TinyCheckpoint, vae_tensors, write_checkpoint
from extensions.stable_diffusion.vae_file import file_names, layer_shapes

EARLY = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
SPEC = TinyCheckpoint(vae_channels=(32, 64), seed=5)


@pytest.fixture(scope="module")
def module(load, tmp_path_factory):
    path = tmp_path_factory.mktemp("vae") / "two-levels.safetensors"
    return load(write_checkpoint(path, TinyCheckpoint(vae_channels=(32, 64)))).modules()["vae"]


@pytest.fixture(scope="module")
def ldm() -> dict[str, Tensor]:
    return {name: torch.from_numpy(values) for name, values in vae_tensors(SPEC).items()}


@pytest.fixture(scope="module")
def expected(ldm, module) -> dict[str, Tensor]:
    """The same weights by the module's names, as diffusers' own converter has them."""
    return convert_vae(ldm, "", config_of(module))


@pytest.fixture(scope="module")
def real_layers() -> list[str]:
    """The layers of a VAE of the size of the published ones."""
    levels = (128, 256, 512, 512)
    blocks = {"down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4}
    return list(layer_shapes(build_vae({"block_out_channels": levels, "layers_per_block": 2, "latent_channels": 4, **blocks})))


def early(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    renamed = {}
    for name, tensor in state.items():
        for new, old in EARLY.items():
            name = name.replace(f"attentions.0.{new}.", f"attentions.0.{old}.")
        renamed[name] = tensor
    return renamed


def linear(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.flatten(1) if "attn_1" in name and tensor.ndim == 4 else tensor for name, tensor in tensors.items()}


def check(path: Path, module, expected: Mapping[str, Tensor]) -> None:
    found = read_vae(path, module)
    given = {f"{name}.weight": layer.weight for name, layer in found.layers.items()}
    given |= {f"{name}.bias": layer.bias for name, layer in found.layers.items() if layer.bias is not None}
    assert given.keys() == expected.keys() == module.state_dict().keys()
    assert all(torch.equal(given[name], expected[name]) for name in expected)
    assert (found.tensor_count, found.unmatched, found.lacks) == (len(expected), (), "")


@pytest.mark.parametrize("layout", ["ldm", "prefixed", "linear", "diffusers", "early diffusers"])
def test_every_layout_gives_the_same_weights(layout, ldm, expected, module, tmp_path):
    tensors = {
        "ldm": lambda: ldm,
        "prefixed": lambda: {f"first_stage_model.{name}": tensor for name, tensor in ldm.items()},
        "linear": lambda: linear(ldm),
        "diffusers": lambda: expected,
        "early diffusers": lambda: early(expected),
    }[layout]()
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, str(tmp_path / "a.safetensors"))
    check(tmp_path / "a.safetensors", module, expected)


@pytest.mark.parametrize("nested", [True, False])
def test_pickles_with_the_training_loss_beside_them(nested, ldm, expected, module, tmp_path):
    tensors = {**ldm, "loss.logvar": torch.zeros(()), "model_ema.decay": torch.zeros(())}
    torch.save({"state_dict": tensors, "global_step": 840000} if nested else tensors, tmp_path / "a.vae.pt")
    check(tmp_path / "a.vae.pt", module, expected)


def test_a_decoder_alone_leaves_the_encoder(ldm, module, tmp_path):
    save_file(
        {name: tensor for name, tensor in ldm.items() if name.startswith(("decoder.", "post_quant"))}, str(tmp_path / "a.safetensors")
    )
    found = read_vae(tmp_path / "a.safetensors", module)
    assert found.lacks == "encoder"
    assert {name.split(".")[0] for name in found.layers} == {"decoder", "post_quant_conv"}


def test_what_finds_no_place_is_named(ldm, module, tmp_path):
    save_file({**ldm, "decoder.extra.weight": torch.zeros(2)}, str(tmp_path / "a.safetensors"))
    found = read_vae(tmp_path / "a.safetensors", module)
    assert found.unmatched == ("decoder.extra.weight",)
    assert found.tensor_count == len(ldm) + 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda tensors: {"conv.weight": torch.zeros(2)}, "holds no VAE"),
        (
            lambda tensors: {**tensors, "decoder.conv_in.weight": torch.zeros(64, 16, 3, 3)},
            "has 16 latent channels, and the checkpoint's 4",
        ),
        (
            lambda tensors: {**tensors, "decoder.conv_in.weight": torch.zeros(32, 4, 3, 3)},
            r"another size: decoder.conv_in.weight is \(32, 4",
        ),
        (lambda tensors: {name: tensor for name, tensor in tensors.items() if "mid.block_1.conv1" not in name}, "lacks 2 of"),
        (lambda tensors: {name: tensor for name, tensor in tensors.items() if name != "quant_conv.bias"}, "lacks quant_conv.bias"),
        (lambda tensors: {**tensors, "quant_conv.bias": torch.zeros(3)}, "another size: quant_conv.bias"),
    ],
)
def test_files_that_do_not_fit_are_refused(change, says, ldm, module, tmp_path):
    save_file(change(ldm), str(tmp_path / "a.safetensors"))
    with pytest.raises(ModelFileError, match=says):
        read_vae(tmp_path / "a.safetensors", module)


def recorded_vaes():
    """The manifests of VAEs with four latent channels, by name."""
    for path in sorted((vectors_folder() / "headers").glob("vae-*.json.gz")):
        told = json.loads(gzip.decompress(path.read_bytes()))
        expect = told.get("expect", {})
        if expect.get("kind") == "vae" and expect.get("latent_channels") == 4:
            yield pytest.param(told, expect, id=path.name.partition(".")[0])


@pytest.mark.vectors
@pytest.mark.parametrize(("told", "expect"), list(recorded_vaes()))
def test_every_tensor_of_real_files_has_its_place(told, expect, real_layers):
    found = {name for layer in real_layers for name in file_names(layer, 4)}
    part = expect["components"]["vae"]
    tensors = [name.removeprefix(part["prefix"]) for name in told["tensors"]]
    placed = [name for name in tensors if name.rpartition(".")[0] in found]
    assert len(placed) == part["keys"]
    assert all(any(name.startswith(tuple(f"{candidate}." for candidate in file_names(layer, 4))) for name in placed)
               or layer.startswith(("encoder", "quant_conv")) for layer in real_layers)  # fmt: skip


def test_names_of_four_levels():
    assert file_names("decoder.up_blocks.0.resnets.2.conv_shortcut", 4)[1] == "decoder.up.3.block.2.nin_shortcut"
    assert file_names("encoder.down_blocks.1.downsamplers.0.conv", 4)[1] == "encoder.down.1.downsample.conv"
    assert file_names("decoder.conv_norm_out", 4)[1] == "decoder.norm_out"
