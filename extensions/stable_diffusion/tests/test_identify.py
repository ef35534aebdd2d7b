"""Every real-world header gives the identity that its manifest expects, and everything foreign is left to others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.api import ModelHeader, ModelIdentity, TensorInfo
from app.testing.manifests import Manifest, manifest_names, read_manifest
from extensions.stable_diffusion.identify import TITLES, identify

PREDICTIONS = {"epsilon": "epsilon", "v_prediction": "v"}
KINDS = ("checkpoint", "unet")


def is_ours(manifest: Manifest) -> bool:
    return manifest.expect["kind"] in KINDS and manifest.expect.get("family") in TITLES


def loads_here(manifest: Manifest) -> bool:
    """Supported as a whole, but not a bare U-Net, nor a parametrisation that no sampler here can run."""
    expect = manifest.expect
    return expect["supported"] and expect["kind"] == "checkpoint" and expect["prediction_type"] in PREDICTIONS


@pytest.mark.vectors
@pytest.mark.parametrize("name", manifest_names())
def test_manifest(name):
    manifest = read_manifest(name)
    identity = identify(manifest.header)
    if not is_ours(manifest):
        assert identity is None
        return
    assert identity is not None
    check_identity(identity, manifest)


def check_identity(identity: ModelIdentity, manifest: Manifest) -> None:
    expect = manifest.expect
    assert (identity.kind, identity.family, identity.variant) == (expect["kind"], expect["family"], expect["variant"])
    wanted = PREDICTIONS.get(expect["prediction_type"])
    assert identity.prediction_type in ((wanted, None) if manifest.is_open("prediction_type") else (wanted,))
    sizes = (expect["native_size"], None) if manifest.is_open("native_size") else (expect["native_size"],)
    assert identity.native_size_px in sizes
    assert identity.zero_terminal_snr == bool(expect.get("zero_terminal_snr"))
    assert identity.supported == loads_here(manifest)
    assert bool(identity.reason) != identity.supported
    if identity.reason:
        assert TITLES[identity.family] in identity.reason


@pytest.fixture
def sd1_header():
    tensors = {
        "model.diffusion_model.input_blocks.0.0.weight": TensorInfo("F16", (320, 4, 3, 3)),
        "model.diffusion_model.output_blocks.0.0.in_layers.0.weight": TensorInfo("F16", (2560,)),
        "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": TensorInfo("F16", (320, 768)),
        "first_stage_model.decoder.conv_in.weight": TensorInfo("F16", (512, 4, 3, 3)),
    }
    return ModelHeader(Path("some.safetensors"), "safetensors", 1, tensors)


def test_small_model_of_the_same_layout_takes_its_size_from_metadata(sd1_header):
    tensors = dict(sd1_header.tensors)
    tensors["model.diffusion_model.input_blocks.0.0.weight"] = TensorInfo("F16", (96, 4, 3, 3))
    tensors["model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"] = TensorInfo("F16", (96, 128))
    tensors["cond_stage_model.transformer.text_model.embeddings.token_embedding.weight"] = TensorInfo("F16", (49408, 128))
    header = replace(sd1_header, tensors=tensors, metadata={"modelspec.resolution": "128x192"})
    identity = identify(header)
    assert identity is not None
    assert (identity.family, identity.native_size_px, identity.supported) == ("sd1", 192, True)


def test_full_size_model_keeps_the_size_of_its_family_whatever_the_trainer_wrote(sd1_header):
    identity = identify(replace(sd1_header, metadata={"modelspec.resolution": "1024x1024"}))
    assert identity is not None
    assert identity.native_size_px == 512


@pytest.mark.parametrize(
    ("name", "prediction"), [("noob-vpred.safetensors", "v"), ("x_v_pred.safetensors", "v"), ("lovpredict.safetensors", "epsilon")]
)
def test_file_name_decides_last(sd1_header, name, prediction):
    identity = identify(replace(sd1_header, path=Path(name)))
    assert identity is not None
    assert identity.prediction_type == prediction
    told = identify(replace(sd1_header, path=Path(name), metadata={"modelspec.prediction_type": "epsilon"}))
    assert told is not None
    assert told.prediction_type == "epsilon"


def test_unknown_number_of_input_channels_is_refused_by_name(sd1_header):
    tensors = {**sd1_header.tensors, "model.diffusion_model.input_blocks.0.0.weight": TensorInfo("F16", (320, 13, 3, 3))}
    identity = identify(replace(sd1_header, tensors=tensors))
    assert identity is not None
    assert not identity.supported
    assert "13 input channels" in identity.reason


def test_empty_header_is_nobodys():
    assert identify(ModelHeader(Path("empty.safetensors"), "safetensors", 1, {})) is None
