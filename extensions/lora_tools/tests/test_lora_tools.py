"""A LoRA of two checkpoints makes one of the other; a checkpoint with a LoRA baked in draws what the tag draws."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from pydantic import ValidationError
from safetensors.torch import load_file, save_file

from app.api import GenerationRequest, JobStopped, LoadOptions, NotFoundError, UserError
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun, ScriptedControl, draw
from extensions.lora.api import Difference
from extensions.lora.testing import write_lora
from extensions.lora_tools.bake import bake
from extensions.lora_tools.extract import extract
from extensions.lora_tools.params import BakeRequest, ExtractRequest
from extensions.stable_diffusion.testing import TinyCheckpoint, write_checkpoint

EXTENSIONS = ("lora_tools", "model_recognition", "lora", "lycoris", "stable_diffusion", "samplers", "noise_schedules", "checkpoints")
FULL = 4096
OUTSIDE = (
    "time_embed",
    "embedding",
    "norm",
    "input_blocks.0.0",
    "out.",
    "first_stage",
    "label_emb",
    "in_layers.0",
    "out_layers.0",
    "text_projection",
    "logit_scale",
)
FAMILIES = ("sd1", "sd2", "sdxl")


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    data = tmp_path_factory.mktemp("lora_tools")
    (data / "models" / "Stable-diffusion").mkdir(parents=True)
    (data / "models" / "Lora").mkdir()
    built = temporary_host(data, EXTENSIONS, role="worker", options={"hash_models": False})
    with built.running():
        yield built


@pytest.fixture
def run(host):
    return RecordingRun(host, {"live_previews_enable": False})


def checkpoint(host, name, family="sd1", seed=0):
    path = host.paths.models / "Stable-diffusion" / f"{name}.safetensors"
    if not path.is_file():
        write_checkpoint(path, TinyCheckpoint(family=family, seed=seed))
    host.models.refresh()
    return path


def random_lora(host, run, name, checkpoint_path, layers):
    with run.weights.pin(str(checkpoint_path), LoadOptions(device="cpu")) as model:
        modules = model.modules()
        known = [layer if _has(modules, layer) else layer.replace("text_model.", "") for layer in layers]
        write_lora(host.paths.models / "Lora" / f"{name}.safetensors", modules, known, size=0.3)
    host.models.refresh()


def _has(modules, layer):
    part, _, path = layer.partition(".")
    return path in dict(modules[part].named_modules())


def pixels(run, prompt, model):
    request = GenerationRequest(prompt=prompt, checkpoint=model, seed=3, steps=2, width=64, height=64, save="spool")
    return np.asarray(Image.open(draw(run, request).images[0].path)).astype(int)


@pytest.mark.parametrize("family", FAMILIES)
def test_an_extracted_lora_of_full_rank_makes_b_of_a(host, run, family):
    a, b = checkpoint(host, f"a-{family}", family), checkpoint(host, f"b-{family}", family, seed=1)
    names = {"base": f"a-{family}", "tuned": f"b-{family}", "name": f"full {family}"}
    result = extract(run, ExtractRequest(**names, rank=FULL, conv_rank=FULL, clamp_quantile=1, number_format="float32"))
    assert result.info["lost"] < 1e-5 and any("does not hold" in comment for comment in run.comments)
    bake(run, BakeRequest(checkpoint=f"a-{family}", loras=[{"name": f"full {family}"}], name=f"back {family}", number_format="float32"))
    (use,) = run.networks
    assert use.applied == use.total == result.info["layers"]
    back = load_file(a.with_name(f"back {family}.safetensors"))
    first, second = load_file(a), load_file(b)
    reached = [
        name
        for name in back
        if not any(part in name for part in OUTSIDE) and name.endswith(("weight", "in_proj_weight")) and second[name].ndim > 1
    ]
    last = "transformer.resblocks.3"  # SD2 does not use its text encoder's last block
    assert len(reached) > 60
    for name in reached:
        expected = first[name] if family == "sd2" and last in name else second[name]
        torch.testing.assert_close(back[name], expected.float(), rtol=1e-3, atol=1e-3, msg=name)
        assert not first[name].equal(second[name])


def test_kohyas_names_and_notes_and_what_is_left_out(host, run):
    checkpoint(host, "a-sd1")
    checkpoint(host, "b-sd1", seed=1)
    result = extract(run, ExtractRequest(base="a-sd1", tuned="b-sd1", rank=2))
    record = host.models.find("lora", result.info["name"])
    assert record.name == "b-sd1 - a-sd1 rank 2.safetensors" and record.sha256 == result.info["sha256"]
    tensors = load_file(record.path)
    assert "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q.lora_down.weight" in tensors
    assert any(key.startswith("lora_te_text_model_encoder_layers_0_mlp_fc1.") for key in tensors)
    assert not any("resnets" in key for key in tensors) and {tensor.dtype for tensor in tensors.values()} == {torch.float16}
    assert all(tensors[key].item() == 2 for key in tensors if key.endswith(".alpha"))
    assert (record.metadata["ss_network_dim"], record.metadata["ss_base_model_version"]) == ("2", "sd_v1")
    assert record.identity.kind == "lora" and record.identity.family == "sd1"
    assert any("beyond the rank" in comment for comment in run.comments)


def test_a_text_encoder_that_hardly_differs_is_left_out(host, run):
    tensors = load_file(checkpoint(host, "a-sd1"))
    for name, tensor in tensors.items():
        if "mlp.fc1.weight" in name:
            tensor += 0.005
        if "attn1.to_q.weight" in name:
            tensor += 0.5
    save_file(tensors, str(host.paths.models / "Stable-diffusion" / "near.safetensors"))
    host.models.refresh()
    result = extract(run, ExtractRequest(base="a-sd1", tuned="near", rank=2, name="near"))
    assert all(key.startswith("lora_unet") and "attn1_to_q" in key for key in load_file(result.info["path"]))
    nothing = ExtractRequest(base="a-sd1", tuned="near", rank=2, name="more", min_diff=0.001)
    assert any(key.startswith("lora_te_") for key in load_file(extract(run, nothing).info["path"]))


def test_a_baked_checkpoint_draws_what_the_tags_draw(host, run):
    path = checkpoint(host, "a-sd1")
    attention = "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q"
    random_lora(host, run, "one", path, [attention, "unet.conv_in", "text_encoder.text_model.encoder.layers.0.mlp.fc1"])
    random_lora(host, run, "other", path, [attention, "unet.up_blocks.0.resnets.0.conv1"])
    loras = [{"name": "one", "weight": 0.8, "text_weight": 0.4}, {"name": "other", "weight": -0.5}]
    result = bake(run, BakeRequest(checkpoint="a-sd1", loras=loras, number_format="float32"))
    assert result.info["name"] == "a-sd1 + 0.8(one) + -0.5(other).safetensors"
    assert [use.sentence() for use in run.networks][0].startswith("lora one: 3/3 keys applied")
    baked = pixels(run, "a house", result.info["name"])
    tagged = pixels(run, "a house<lora:one:0.4:0.8><lora:other:-0.5>", "a-sd1")
    assert abs(baked - tagged).max() <= 1
    assert abs(baked - pixels(run, "a house", "a-sd1")).max() > 10
    note = host.models.find("checkpoint", result.info["name"]).metadata["paintbox_baked_loras"]
    assert '"text_weight": 0.4' in note


def test_a_bias_without_a_place_is_told_and_no_change_is_computed_for_that_alone(host, run, monkeypatch):
    path = checkpoint(host, "a-sd1")
    with run.weights.pin(str(path), LoadOptions(device="cpu")) as model:
        modules = dict(model.modules()["unet"].named_modules())
    paths = [name for name in modules if name.endswith(("attn1.to_q", "attn1.to_k"))][:2]
    shapes = [tuple(modules[name].weight.shape) for name in paths]
    keys = ["lora_unet_" + name.replace(".", "_") for name in paths]
    whole = {f"{key}.diff": torch.ones(shape) for key, shape in zip(keys, shapes, strict=True)}
    beside = {f"{keys[0]}.diff_b": torch.ones(shapes[0][0]), f"{keys[0]}.surprise": torch.ones(1)}
    save_file({**whole, **beside}, str(host.paths.models / "Lora" / "whole.safetensors"))
    host.models.refresh()
    computed = []
    real = Difference.changed
    monkeypatch.setattr(Difference, "changed", lambda self, layer, strength: computed.append(self) or real(self, layer, strength))
    bake(run, BakeRequest(checkpoint="a-sd1", loras=[{"name": "whole"}], number_format="float16"))
    assert len(computed) == 2
    assert [comment for comment in run.comments if "no place for" in comment and f"unet.{paths[0]}" in comment]
    (use,) = run.networks
    assert (use.applied, use.total, use.unmatched) == (2, 3, (f"{keys[0]}.surprise",))


@pytest.mark.parametrize("weight", ["nan", "inf"])
def test_strengths_are_finite(weight):
    with pytest.raises(ValidationError):
        BakeRequest(checkpoint="a", loras=[{"name": "b", "weight": float(weight)}])


def test_query_key_and_value_of_openclip_lie_in_one_tensor(host, run):
    path = checkpoint(host, "a-sdxl", "sdxl")
    layer = "lora_te2_text_model_encoder_layers_0_self_attn_k_proj"
    change = torch.randn(32, 2), torch.randn(2, 32)
    save_file(
        {f"{layer}.lora_up.weight": change[0], f"{layer}.lora_down.weight": change[1]}, str(host.paths.models / "Lora" / "key.safetensors")
    )
    host.models.refresh()
    result = bake(run, BakeRequest(checkpoint="a-sdxl", loras=[{"name": "key"}], number_format="float32", name="key only"))
    before, after = load_file(path), load_file(result.info["path"])
    name = "conditioner.embedders.1.model.transformer.resblocks.0.attn.in_proj_weight"
    expected = before[name].float()
    expected[32:64] += change[0] @ change[1]
    torch.testing.assert_close(after[name], expected)
    assert all(after[other].equal(before[other].float()) for other in before if other != name)


def test_a_stopped_job_leaves_nothing(host):
    checkpoint(host, "a-sd1")
    checkpoint(host, "b-sd1", seed=1)
    run = RecordingRun(host, control=ScriptedControl(stop_at=40, kind="cancel"))
    with pytest.raises(JobStopped):
        extract(run, ExtractRequest(base="a-sd1", tuned="b-sd1", name="stopped"))
    assert not list((host.paths.models / "Lora").glob("*stopped*"))


def test_what_cannot_be_done_is_refused_by_the_field(host, run):
    checkpoint(host, "a-sd1")
    checkpoint(host, "a-sd2", "sd2")
    save_file(
        {"lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_up.weight": torch.zeros(2, 2)},
        str(host.paths.models / "Lora" / "foreign.safetensors"),
    )
    save_file({"x": torch.zeros(1)}, str(host.paths.models / "Stable-diffusion" / "odd.safetensors"))
    host.models.refresh()
    cases = [
        (lambda: extract(run, ExtractRequest(base="a-sd1", tuned="a-sd1")), UserError, "tuned", "same file"),
        (lambda: extract(run, ExtractRequest(base="a-sd1", tuned="a-sd2")), UserError, "tuned", "sd2"),
        (lambda: extract(run, ExtractRequest(base="odd", tuned="a-sd1")), UserError, "base", "odd"),
        (lambda: extract(run, ExtractRequest(base="a-sd1", tuned="none")), NotFoundError, "tuned", "none"),
        (lambda: bake(run, BakeRequest(checkpoint="a-sd1")), UserError, "loras", "at least one"),
        (lambda: bake(run, BakeRequest(checkpoint="a-sd1", loras=[{"name": "nobody"}])), NotFoundError, "loras", "nobody"),
        (lambda: bake(run, BakeRequest(checkpoint="a-sd1", loras=[{"name": "foreign"}])), UserError, "loras", "foreign"),
        (lambda: bake(run, BakeRequest(checkpoint="a-sd1", loras=[{"name": "foreign"}], name="a-sd2")), UserError, "name", "already"),
    ]
    for call, kind, field, words in cases:
        with pytest.raises(kind) as caught:
            call()
        assert caught.value.field == field and words in caught.value.what
