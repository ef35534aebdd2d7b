"""Pictures drawn with LoRA files: they change as the strength says, the truth is told, and all comes back."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from app.api import GenerationRequest, LoadOptions, UserError, parse_infotext
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun, draw
from extensions.additional_networks.params import AdditionalNetworksParams
from extensions.lora.api import lora_hash
from extensions.lora.network import NetworkEdit
from extensions.lora.testing import write_lora
from extensions.stable_diffusion.testing import write_checkpoint

EXTENSIONS = ("lora", "lycoris", "additional_networks", "stable_diffusion", "samplers", "noise_schedules", "checkpoints")
ATTENTION = "transformer_blocks.0.attn1"
LAYERS = (f"unet.down_blocks.1.attentions.0.{ATTENTION}.to_q", "unet.conv_in", "text_encoder.text_model.encoder.layers.0.mlp.fc1")


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    data = tmp_path_factory.mktemp("lora")
    folder = data / "models" / "Stable-diffusion"
    folder.mkdir(parents=True)
    write_checkpoint(folder / "tiny.safetensors")
    built = temporary_host(data, EXTENSIONS, role="worker", options={"hash_models": False})
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


def test_a_name_that_comes_twice_counts_once_and_is_told(run):
    twice, result = pixels(run, "a house<lora:style:0.5><lyco:style:1>")
    assert np.array_equal(twice, pixels(run, "a house<lora:style:0.5>")[0])
    (comment,) = result.comments
    assert "<lyco:style:1> was left out" in comment and "<lora:style:0.5>" in comment
    assert len(result.networks) == 1 and result.images[0].infotext.count("style: ") == 1


def test_hashes_stand_in_the_infotext(run):
    _, result = pixels(run, "a house<lora:style:1>")
    assert 'Lora hashes: "style: ' in result.images[0].infotext


def test_a_missing_file_and_one_that_does_not_fit_are_errors(run):
    with pytest.raises(UserError, match="no LoRA 'nobody'") as missing:
        pixels(run, "a house<lora:nobody:1>")
    assert missing.value.field == "prompt"
    with pytest.raises(UserError) as mistyped:
        pixels(run, "a house<lora:OTHER:1>")
    assert mistyped.value.hint == "Did you mean 'other'?"
    with pytest.raises(UserError, match=r"foreign\.safetensors"):
        pixels(run, "a house<lora:foreign:1>")
    for number in ("strong", "nan", "1:inf"):
        with pytest.raises(UserError, match=f"<lora:style:{number}>"):
            pixels(run, f"a house<lora:style:{number}>")


def test_they_are_warnings_where_the_settings_say_so(run):
    base, _ = pixels(run, "a house")
    drawn, result = pixels(run, "a house<lora:nobody:1>", settings={"lora_on_missing": "warning"})
    assert np.array_equal(drawn, base)
    assert any("nobody" in comment for comment in result.comments)
    assert result.networks[0].total == 0


def test_parts_of_a_layer_that_do_nothing_and_damaged_ones_are_told(run, files):
    tensors = load_file(files / "other.safetensors")
    (layer,) = {name.partition(".")[0] for name in tensors}
    beside = {f"{layer}.diff_b": torch.ones(8), f"{layer}.surprise.weight": torch.ones(2)}
    damaged = {"lora_unet_conv_in.diff": torch.ones(3)}
    save_file({**tensors, **beside, **damaged}, str(files / "odd.safetensors"))
    run.host.models.refresh("lora")
    drawn, result = pixels(run, "a house<lora:odd:1>")
    assert np.array_equal(drawn, pixels(run, "a house<lora:other:1>")[0])
    (use,) = result.networks
    assert (use.applied, use.total) == (1, 4)
    assert use.unmatched == ("lora_unet_conv_in", *sorted(beside))
    assert "diff_b means nothing beside alpha, lora_down.weight, lora_up.weight" in use.note and "unet.conv_in" in use.note
    assert result.comments != ()
    save_file(damaged, str(files / "odd.safetensors"))
    run.host.models.refresh("lora")
    with pytest.raises(UserError, match=r"Nothing of the LoRA odd.safetensors fits .*unet.conv_in has the shape"):
        pixels(run, "a house<lora:odd:1>")


def test_the_setting_adds_a_network_once(run):
    added, result = pixels(run, "a house", settings={"sd_lora": "style"})
    written, _ = pixels(run, "a house<lora:style:1.0>")
    assert np.array_equal(added, written)
    assert "<lora:style:1.0>" in result.images[0].prompt
    _, named = pixels(run, "a house<lora:style:0.3>", settings={"sd_lora": "style"})
    assert named.images[0].prompt.count("<lora:") == 1


# --- weights by block ---


def numbers(**by_block):
    names = ["BASE", *(f"IN{index:02}" for index in range(12)), "M00", *(f"OUT{index:02}" for index in range(12))]
    return ",".join(str(by_block.get(name, 0)) for name in names)


def test_block_weights_are_factors_of_the_layers_in_a_block(run):
    base, _ = pixels(run, "a house")
    whole, _ = pixels(run, "a house<lora:style:1>")
    all_blocks, result = pixels(run, f"a house<lora:style:1:lbw={numbers(BASE=1, IN00=1, IN03=1)}>")
    assert np.array_equal(all_blocks, whole)
    assert result.networks[0].strength.startswith("1, blocks 1,1,0")
    none, _ = pixels(run, f"a house<lora:style:1:lbw={numbers()}>")
    assert np.array_equal(none, base)
    attention, _ = pixels(run, f"a house<lora:style:1:lbw={numbers(IN03=1)}>")
    alone, _ = pixels(run, "a house<lora:other:1>")
    assert differ(base, whole, attention)
    assert np.array_equal(attention, alone)
    half, _ = pixels(run, f"a house<lora:other:1:lbw={numbers(IN03=0.5)}>")
    assert np.array_equal(half, pixels(run, "a house<lora:other:0.5>")[0])


def test_presets_have_names_and_blocks_without_a_number_are_told(run):
    text, result = pixels(run, "a house<lora:style:1:lbw=outall>")
    assert np.array_equal(text, pixels(run, f"a house<lora:style:1:lbw={numbers(BASE=1)}>")[0])
    (comment,) = result.comments
    assert "IN00, IN03" in comment
    own = {"lora_block_presets": f"mine:1,2;MINE: {numbers(IN03=1)}"}
    named, _ = pixels(run, "a house<lora:other:1:lbw=Mine>", settings=own)
    assert np.array_equal(named, pixels(run, "a house<lora:other:1>")[0])


@pytest.mark.parametrize("blocks", ["nobody", "1,2,3", ",".join(["1"] * 12), "1,nan"])
def test_block_weights_that_cannot_be_are_errors(run, blocks):
    with pytest.raises(UserError, match="lock weights") as error:
        pixels(run, f"a house<lora:style:1:lbw={blocks}>")
    assert error.value.field == "prompt"


def test_what_a_tag_says_beside_is_told(run):
    _, result = pixels(run, "a house<lora:style:1:start=5>")
    assert any("start" in comment for comment in result.comments)


# --- the panel ---


def panel(*rows, **fields):
    return {"params": {"additional_networks": {"enabled": True, "separate_weights": True, "networks": list(rows), **fields}}}


def test_a_row_of_the_panel_does_what_a_tag_does(run):
    tag, _ = pixels(run, "a house<lora:style:0.5:0.8>")
    row, result = pixels(run, "a house", **panel({"model": "style", "unet": 0.8, "text_encoder": 0.5}))
    assert np.array_equal(row, tag)
    assert "<lora" not in result.images[0].infotext
    (use,) = result.networks
    assert (use.type, use.name, use.file, use.applied, use.total) == ("lora", "style.safetensors (row 1)", "style.safetensors", 3, 3)
    one_weight, _ = pixels(run, "a house", **panel({"model": "style", "unet": 0.8, "text_encoder": 0.5}, separate_weights=False))
    assert np.array_equal(one_weight, pixels(run, "a house<lora:style:0.8>")[0])


def test_rows_come_on_top_of_the_prompt_and_of_each_other(run):
    twice, result = pixels(run, "a house<lora:other:0.25>", **panel({"model": "other", "unet": 0.25}, {"model": "other", "unet": 0.5}))
    assert np.abs(twice.astype(int) - pixels(run, "a house<lora:other:1>")[0]).max() <= 1
    assert len(result.networks) == 3
    rows = [{"model": "style", "blocks": numbers(IN03=1)}]
    blocks, _ = pixels(run, "a house", **panel(*rows))
    assert np.array_equal(blocks, pixels(run, f"a house<lora:style:1:lbw={numbers(IN03=1)}>")[0])


def test_rows_that_are_off_do_nothing(run):
    base, _ = pixels(run, "a house")
    rows = [{"model": "style", "enabled": False}, {"model": "None"}, {"model": "other", "unet": 0, "text_encoder": 0}]
    off, result = pixels(run, "a house", **panel(*rows))
    assert np.array_equal(off, base)
    assert "AddNet" not in result.images[0].infotext
    unticked, _ = pixels(run, "a house", **panel({"model": "style"}, enabled=False))
    assert np.array_equal(unticked, base)


def test_only_what_a_changed_row_changes_is_computed_again(run, monkeypatch):
    applied = []
    real = NetworkEdit.apply
    monkeypatch.setattr(NetworkEdit, "apply", lambda self, layer: applied.append(self) or real(self, layer))
    pixels(run, "a house", **panel({"model": "style", "unet": 0.3, "text_encoder": 0.7}))
    applied.clear()
    pixels(run, "a house", **panel({"model": "style", "unet": 0.3, "text_encoder": 0.7}))
    assert applied == []
    pixels(run, "a house", **panel({"model": "style", "unet": 0.3, "text_encoder": 0.6}))
    assert [edit.strength for edit in applied] == [0.6]


def test_rows_stand_in_the_infotext_and_come_back(run, host, files):
    rows = [{"model": "style", "unet": 0.8, "text_encoder": 0.5}, {"model": "other", "unet": 1, "blocks": numbers(IN03=1)}]
    drawn, result = pixels(run, "a house", **panel(*rows))
    fields = parse_infotext(result.images[0].infotext)
    digits = fields["AddNet Model 1"].removeprefix("style(").removesuffix(")")
    assert len(digits) == 12
    assert [fields[key] for key in ("AddNet Enabled", "AddNet Module 1", "AddNet Weight A 1", "AddNet Weight B 1", "AddNet Module 2")] == [
        "True", "LoRA", "0.8", "0.5", "LoRA",
    ]  # fmt: skip
    told = AdditionalNetworksParams.read_infotext(fields, host)
    (files / "style.safetensors").rename(files / "renamed.safetensors")
    host.models.refresh("lora")
    try:
        lora_hash(next(record for record in host.models.records("lora") if record.stem == "renamed"), host)  # as the hashing service does
        elsewhere = AdditionalNetworksParams.read_infotext(fields, host)
        asked = {**rows[0], "model": f"style({digits})"}
        by_hash, _ = pixels(run, "a house", **panel(asked, rows[1]))
    finally:
        (files / "renamed.safetensors").rename(files / "style.safetensors")
        host.models.refresh("lora")
    assert np.array_equal(by_hash, drawn)
    assert [row["model"] for row in told["networks"]] == ["style", "other"]
    assert [row["model"] for row in elsewhere["networks"]] == ["renamed", "other"]
    again, _ = pixels(run, "a house", params={"additional_networks": told})
    assert np.array_equal(again, drawn)


def test_missing_files_name_the_panel(run):
    with pytest.raises(UserError, match="no LoRA 'nobody'") as missing:
        pixels(run, "a house", **panel({"model": "nobody"}))
    assert missing.value.field == "params.additional_networks.networks"
    with pytest.raises(UserError, match=r"foreign\.safetensors"):
        pixels(run, "a house", **panel({"model": "foreign"}))
    _, result = pixels(run, "a house", **panel({"model": "nobody"}), settings={"lora_on_missing": "warning"})
    assert any("nobody" in comment for comment in result.comments)
    _, changed = pixels(run, "a house", **panel({"model": "style(00000000abcd)"}))
    assert any("another file" in comment for comment in changed.comments)


def differ(*pictures):
    return len({picture.tobytes() for picture in pictures}) == len(pictures)
