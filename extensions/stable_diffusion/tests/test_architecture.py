"""From shapes alone: the configurations of real checkpoints, and every tensor of each finds its place on the meta device."""

from __future__ import annotations

from functools import cache

import pytest
import torch

from app.testing.manifests import Manifest, manifest_names, read_manifest, read_map
from extensions.stable_diffusion.architecture.shapes import strip_prefix
from extensions.stable_diffusion.architecture.text import TextPart
from extensions.stable_diffusion.convert import convert_text, convert_unet, convert_vae, text_names, unet_names, vae_names
from extensions.stable_diffusion.identify import TITLES, identify
from extensions.stable_diffusion.load import blueprint, build_text, build_unet, build_vae

pytestmark = pytest.mark.vectors

NO_TARGET = ("text_projection", "logit_scale")
MAPS = {"unet-sd1": "sd1", "unet-sd2-base": "sd2", "unet-sdxl": "sdxl", "unet-sdxl-refiner": "sdxl-refiner", "unet-ssd-1b": "sdxl"}


def complete_checkpoints() -> list[str]:
    """Checkpoints of our families that lack nothing and are supported by somebody."""
    names = []
    for name in manifest_names():
        expect = read_manifest(name).expect
        ours = expect["kind"] == "checkpoint" and expect.get("family") in TITLES
        if ours and expect["supported"] and not expect["missing"]:
            names.append(name)
    return names


@cache
def _empty(kind: str, config: tuple[tuple[str, object], ...]) -> dict[str, torch.Size]:
    """State shapes of a part; built once per configuration, because building a large one takes a second."""
    build = {"unet": build_unet, "vae": build_vae}[kind]
    return {name: tensor.shape for name, tensor in build(dict(config)).state_dict().items()}


def meta_tensors(manifest: Manifest, names: list[str]) -> dict[str, torch.Tensor]:
    return {name: torch.empty(manifest.header.tensors[name].shape, device="meta") for name in names}


def assert_fits(state: dict[str, torch.Tensor], wanted: dict[str, torch.Size]) -> None:
    assert {name: tensor.shape for name, tensor in state.items()} == wanted


@pytest.mark.parametrize("name", complete_checkpoints())
def test_every_tensor_is_used_and_none_is_missing(name):
    manifest = read_manifest(name)
    tensors = manifest.header.tensors
    plan = blueprint({key: info.shape for key, info in tensors.items()}, manifest.header, identify(manifest.header))
    components = manifest.expect["components"]

    unet = unet_names(tensors, plan.unet_prefix)
    assert len(unet) == components["unet"]["keys"]
    state = convert_unet(meta_tensors(manifest, unet), plan.unet_prefix, plan.unet_config)
    assert_fits(state, _empty("unet", tuple(plan.unet_config.items())))

    vae = vae_names(tensors, plan.vae_prefix)
    assert len(vae) == components["vae"]["keys"]
    state = convert_vae(meta_tensors(manifest, vae), plan.vae_prefix, plan.vae_config)
    assert_fits(state, _empty("vae", tuple(plan.vae_config.items())))

    used = {*unet, *vae}
    for part, component in zip(plan.text, components["text_encoders"], strict=True):
        used |= check_text(manifest, part, component["keys"])
    assert_rest_is_expected(set(tensors) - used, manifest)


def check_text(manifest: Manifest, part: TextPart, keys: int) -> set[str]:
    """The tensors of a text encoder with those that have no target."""
    names = text_names(manifest.header.tensors, part)
    module = build_text(part)
    state = convert_text(meta_tensors(manifest, names), part, module)
    assert_fits(state, {name: tensor.shape for name, tensor in module.state_dict().items()})
    unused = f"{part.prefix}transformer.resblocks.{part.blocks}."
    dropped = {
        name
        for name in manifest.header.tensors
        if part.layout == "openclip" and (name.startswith(unused) or name.removeprefix(part.prefix) in NO_TARGET)
    }
    assert len({*names, *dropped}) == keys
    return {*names, *dropped}


def assert_rest_is_expected(rest: set[str], manifest: Manifest) -> None:
    ema = manifest.expect["ema"] or {"prefix": "model_ema.", "keys": 0}
    ignored = manifest.expect["ignored"]
    others = {name for name in rest if not name.startswith(tuple(ignored.get("prefixes", {})))} - set(ignored["keys"])
    assert len(others) == ema["keys"]
    assert all(name.startswith(ema["prefix"]) for name in others)


@pytest.mark.parametrize("name", [name for name in MAPS if read_map(name)])
def test_unet_names_agree_with_the_key_map(name):
    table = read_map(name)["map"]
    shapes = dict.fromkeys(table, (32, 32, 3, 3))
    tensors = {source: torch.empty(shape, device="meta") for source, shape in shapes.items()}
    config = read_map("architectures")["unet"][read_map(name)["architecture"]]
    state = convert_unet(tensors, "", config)
    places = {id(tensor): target for target, tensor in state.items()}
    assert {source: places[id(tensor)] for source, tensor in tensors.items()} == table


@pytest.mark.parametrize("name", complete_checkpoints())
def test_configuration_is_that_of_the_real_model(name):
    manifest = read_manifest(name)
    shapes = {key: info.shape for key, info in manifest.header.tensors.items()}
    plan = blueprint(shapes, manifest.header, identify(manifest.header))
    architectures = read_map("architectures")
    components = manifest.expect["components"]
    unet = architectures["unet"][components["unet"]["architecture"]]
    levels = len(unet["block_out_channels"])
    for key, value in unet.items():
        if key in ("sample_size", "upcast_attention"):
            continue
        found = plan.unet_config[key]
        if key == "transformer_layers_per_block" and isinstance(value, int):
            assert {found[level] for level in range(levels) if plan.unet_config["down_block_types"][level] != "DownBlock2D"} == {value}
        else:
            assert _plain(found) == _plain(value), key
    vae = architectures["vae"][components["vae"]["architecture"]]
    for key in ("block_out_channels", "layers_per_block", "latent_channels", "norm_num_groups", "scaling_factor"):
        assert _plain(plan.vae_config[key]) == _plain(vae[key]), key
    for part, component in zip(plan.text, components["text_encoders"], strict=True):
        text = architectures["text"][component["architecture"].replace("openclip-h", "openclip-h-23")]
        assert all(part.config[key] == text[key] for key in part.config)


def test_shapes_below_a_prefix():
    assert strip_prefix({"a.b": (1,), "c.b": (2,)}, "a.") == {"b": (1,)}


def _plain(value: object) -> object:
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
