"""Pictures drawn with LoRA files: they change as the strength says, the truth is told, and all comes back."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from app.api import GenerationRequest, LoadOptions, UserError
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun, draw
from extensions.lora.testing import write_lora
from extensions.stable_diffusion.testing import write_checkpoint

EXTENSIONS = ("lora", "lycoris", "stable_diffusion", "samplers", "noise_schedules", "checkpoints")
ATTENTION = "transformer_blocks.0.attn1"
LAYERS = (f"unet.down_blocks.1.attentions.0.{ATTENTION}.to_q", "unet.conv_in", "text_encoder.text_model.encoder.layers.0.mlp.fc1")


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    data = tmp_path_factory.mktemp("lora")
    folder = data / "models" / "Stable-diffusion"
    folder.mkdir(parents=True)
    write_checkpoint(folder / "tiny.safetensors")
    built = temporary_host(
        data,
        ["lora", "lycoris", "stable_diffusion", "samplers", "noise_schedules", "checkpoints"],
        role="worker",
        options={"hash_models": False},
    )
    with built.running():
        yield built


@pytest.fixture
def run(host):
    return RecordingRun(host, {"live_previews_enable": False})


@pytest.fixture(scope="module")
def model_modules(host):
    run = RecordingRun(host)
    path = str(host.paths.data / "models" / "Stable-diffusion" / "tiny.safetensors")
    with run.weights.pin(path, LoadOptions(device="cpu")) as model:
        yield model.modules()


@pytest.fixture(scope="module", autouse=True)
def files(host, model_modules):
    folder = host.paths.data / "models" / "Lora"
    layers = [layer if layer.split(".", 1)[1] in dict(model_modules[layer.split(".")[0]].named_modules()) else None for layer in LAYERS]
    known = [layer or layer_without_level(name) for layer, name in zip(layers, LAYERS, strict=True)]
    write_lora(folder / "style.safetensors", model_modules, known, metadata={"ss_output_name": "painted"})
    write_lora(folder / "other.safetensors", model_modules, known[:1])
    save_file({"lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_up.weight": torch.zeros(2, 2)}, str(folder / "foreign.safetensors"))
    return folder


def layer_without_level(name):
    return name.replace("text_model.", "")


def pixels(run, prompt, **fields):
    request = GenerationRequest(prompt=prompt, checkpoint="tiny", seed=3, steps=2, width=64, height=64, save="spool", **fields)
    result = draw(run, request)
    return np.asarray(Image.open(result.images[0].path)), result


def test_a_lora_changes_the_picture_by_its_strength_and_leaves_nothing_behind(run):
    base, _ = pixels(run, "a house")
    some, result = pixels(run, "a house<lora:style:0.5>")
    more, _ = pixels(run, "a house<lora:style:1>")
    assert (some != base).any()
    assert (more != some).any()
    again, _ = pixels(run, "a house")
    assert np.array_equal(again, base)
    (use,) = result.networks
    assert (use.applied, use.total, use.parts) == (3, 3, {"U-Net": 2, "text encoder": 1})
    assert use.sentence() == "lora style: 3/3 keys applied (U-Net 2, text encoder 1)"
    assert result.comments == ()


def test_strength_0_is_the_base_picture_bit_by_bit(run):
    base, _ = pixels(run, "a house")
    none, _ = pixels(run, "a house<lora:style:0>")
    assert np.array_equal(none, base)


def test_text_and_unet_have_strengths_of_their_own(run):
    both = {strength: pixels(run, f"a house<lora:style:{strength}>")[0] for strength in ("1:0", "0:1", "1:1")}
    assert len({picture.tobytes() for picture in both.values()}) == 3
    named, _ = pixels(run, "a house<lora:style:te=0:unet=1>")
    assert np.array_equal(named, both["0:1"])


def test_the_order_of_two_and_their_aliases(run):
    two, result = pixels(run, "a house<lora:style:0.5><lora:other:0.7>")
    alias, _ = pixels(run, "a house<lora:painted:0.5><lyco:other:0.7>")
    assert np.array_equal(two, alias)
    assert [use.name for use in result.networks] == ["style", "other"]


def test_hashes_stand_in_the_infotext(run):
    _, result = pixels(run, "a house<lora:style:1>")
    assert 'Lora hashes: "style: ' in result.images[0].infotext


def test_a_missing_file_and_one_that_does_not_fit_are_errors(run):
    with pytest.raises(UserError, match="no LoRA 'nobody'") as missing:
        pixels(run, "a house<lora:nobody:1>")
    assert missing.value.field == "prompt"
    with pytest.raises(UserError, match=r"foreign\.safetensors"):
        pixels(run, "a house<lora:foreign:1>")
    with pytest.raises(UserError, match="'strong'"):
        pixels(run, "a house<lora:style:strong>")


def test_they_are_warnings_where_the_settings_say_so(run):
    base, _ = pixels(run, "a house")
    drawn, result = pixels(run, "a house<lora:nobody:1>", settings={"lora_on_missing": "warning"})
    assert np.array_equal(drawn, base)
    assert any("nobody" in comment for comment in result.comments)
    assert result.networks[0].total == 0


def test_the_setting_adds_a_network_once(run):
    added, result = pixels(run, "a house", settings={"sd_lora": "style"})
    written, _ = pixels(run, "a house<lora:style:1.0>")
    assert np.array_equal(added, written)
    assert "<lora:style:1.0>" in result.images[0].prompt
    _, named = pixels(run, "a house<lora:style:0.3>", settings={"sd_lora": "style"})
    assert named.images[0].prompt.count("<lora:") == 1
