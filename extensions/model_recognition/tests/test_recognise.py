"""Every kind of model file is named as its manifest expects, with a reason why it cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.api import ModelHeader, TensorInfo
from app.testing.manifests import manifest_names, read_manifest
from extensions.model_recognition.recognise import recognise

LEFT_TO_OTHERS = ("sd1", "sd2", "sdxl", "sdxl-refiner")
SAME_KIND = {"lycoris": "lora"}


@pytest.mark.vectors
@pytest.mark.parametrize("name", manifest_names())
def test_manifest(name):
    manifest = read_manifest(name)
    expect = manifest.expect
    identity = recognise(manifest.header)
    if expect["kind"] in ("checkpoint", "unet") and expect["family"] in LEFT_TO_OTHERS:
        assert identity is None
        return
    assert identity is not None
    assert identity.kind == SAME_KIND.get(expect["kind"], expect["kind"])
    if not manifest.is_open("family"):
        assert identity.family == (expect.get("family") or "")
    if expect.get("variant"):
        assert identity.variant == expect["variant"]
    assert not identity.supported


def header(names: dict[str, tuple[int, ...]], file: str = "x.safetensors") -> ModelHeader:
    return ModelHeader(Path(file), "safetensors", 1, {name: TensorInfo("F16", shape) for name, shape in names.items()})


def test_refusal_names_the_family():
    identity = recognise(header({"double_blocks.0.a": (1,), "single_blocks.0.a": (1,), "img_in.weight": (3072, 64)}))
    assert identity is not None
    assert identity.variant == "schnell"
    assert identity.reason == "Flux checkpoint: no installed extension provides this family."


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        ({"motion_modules.0.weight": (1,), "a": (1,)}, "motion-module"),
        ({"style_embedding": (1, 8, 1024)}, "t2i-adapter"),
        ({"quantize.embedding.weight": (1024, 256), "position_emb": (256, 512)}, "face-restoration"),
    ],
)
def test_kinds_without_a_manifest(names, kind):
    identity = recognise(header(names))
    assert identity is not None
    assert identity.kind == kind


def test_unknown_files_are_left_alone():
    assert recognise(header({})) is None
    assert recognise(header({"some.layer.weight": (3, 3), "other.layer.weight": (4, 4, 4)})) is None


def test_one_stray_lora_tensor_does_not_make_a_lora():
    assert recognise(header({"lora_unet_mid_block_attentions_0_proj_in.lora_up.weight": (320, 4), "x.weight": (3, 3, 3)})) is None


def test_pickle_without_tensors_is_named():
    identity = recognise(ModelHeader(Path("old.ckpt"), "pickle", 1, {}))
    assert identity is not None
    assert "no tensor" in identity.reason


def test_pickles_are_told_by_their_tensors_like_other_files():
    tensors = {"768.0.linear.0.weight": TensorInfo("F32", (1536, 768)), "768.1.linear.0.weight": TensorInfo("F32", (1536, 768))}
    identity = recognise(ModelHeader(Path("style.pt"), "pickle", 1, tensors, {"step": "20000"}))
    assert identity is not None
    assert (identity.kind, identity.family) == ("hypernetwork", "sd1")


@pytest.mark.parametrize(
    ("widths", "family"),
    [((320, 640, 768, 1280), "sd1"), ((320, 1024), "sd2"), ((640, 1280, 2048), "sdxl"), ((640, 1280), ""), ((128,), "")],
)
def test_the_family_of_a_hypernetwork_is_that_of_the_texts_it_changes(widths, family):
    identity = recognise(header({f"{width}.{side}.linear.0.weight": (2 * width, width) for width in widths for side in (0, 1)}))
    assert identity is not None
    assert (identity.kind, identity.family) == ("hypernetwork", family)


@pytest.mark.parametrize(("width", "family"), [(2048, "sdxl"), (768, "sd1"), (128, "")])
def test_a_lora_with_the_old_names_of_layers_is_of_the_family_whose_texts_it_reads(width, family):
    layer = "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k"
    identity = recognise(header({f"{layer}.lora_down.weight": (8, width), f"{layer}.lora_up.weight": (640, 8)}))
    assert identity is not None
    assert (identity.kind, identity.family) == ("lora", family)


def test_gguf_is_refused_by_name():
    identity = recognise(header({}, "flux1-dev-Q4.gguf"))
    assert identity is not None
    assert "GGUF" in identity.reason
