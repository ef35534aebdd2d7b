"""Loading: what a checkpoint may lack or carry, and how a bad file is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file
from safetensors.torch import load_file as load_torch_file
from safetensors.torch import save_file as save_torch_file

from app.api import EncodeOptions, LoadOptions, ModelFileError, ModelRecord, UserError, read_header
from extensions.stable_diffusion.identify import identify
from extensions.stable_diffusion.precision import choose_precision
from extensions.stable_diffusion.testing import TinyCheckpoint, write_checkpoint

ONE = np.ones((), np.float32)
VAE = "first_stage_model."
CLIP = "cond_stage_model.transformer.text_model."


@pytest.fixture
def changed(tiny_files, tmp_path):
    """Rewrite the tiny SD1 checkpoint with ``change`` applied to its tensors."""

    def write(change, *, family="sd1", metadata=None):
        tensors = load_file(tiny_files[family])
        path = tmp_path / "changed.safetensors"
        save_file({name: np.ascontiguousarray(value) for name, value in change(tensors).items()}, path, metadata=metadata)
        return path

    return write


def outputs(model):
    """A prediction and a picture that depend on every part."""
    conditioning = model.encode_prompts(["a cat"], EncodeOptions())
    x = torch.linspace(-2, 2, 4 * 64).reshape(1, 4, 8, 8)
    prediction = model.predict(x, torch.tensor([500.0]), conditioning)
    pixels = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    return torch.cat([part.flatten() for part in (prediction, model.decode(prediction), model.encode_images(pixels))])


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda t: {**t, "model_ema.decay": ONE, "model_ema.num_updates": ONE}, id="ema counters"),
        pytest.param(
            lambda t: {**t, **{f"model_ema.{k[6:].replace('.', '')}": v * 0 for k, v in t.items() if k.startswith("model.")}},
            id="ema weights",
        ),
        pytest.param(lambda t: {**t, f"{CLIP}embeddings.position_ids": np.arange(77)[None]}, id="position_ids"),
        pytest.param(lambda t: {**t, f"{CLIP}embeddings.position_ids": np.full((1, 77), 3.7, np.float16)}, id="position_ids as float"),
        pytest.param(lambda t: {**t, "betas": np.ones(1000), "logvar": np.ones(3), "lora_unet_x.alpha": ONE}, id="stray keys"),
        pytest.param(lambda t: {**t, "first_stage_model.loss.logvar": ONE}, id="loss"),
        pytest.param(lambda t: {k.replace("text_model.", ""): v for k, v in t.items()}, id="CLIP names without text_model"),
        pytest.param(
            lambda t: {k: v[:, :, 0, 0] if ".attn_1." in k and v.ndim == 4 else v for k, v in t.items()}, id="VAE attention as matrices"
        ),
        pytest.param(lambda t: {k.replace("first_stage_model.", "vae."): v for k, v in t.items()}, id="vae prefix"),
    ],
)
def test_harmless_differences_change_nothing(load, models, changed, change):
    assert torch.equal(outputs(load(changed(change))), outputs(models["sd1"]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(lambda t: {k: v for k, v in t.items() if not k.startswith(VAE)}, "no VAE", id="no VAE"),
        pytest.param(lambda t: {k: v for k, v in t.items() if not k.startswith(CLIP)}, "no text encoder", id="no text encoder"),
        pytest.param(
            lambda t: {k: v for k, v in t.items() if "middle_block.0.in_layers" not in k},
            r"U-Net lacks 4 of \d+ tensors: mid_block.resnets.0.norm1.weight",
            id="missing tensors",
        ),
        pytest.param(lambda t: {k: v for k, v in t.items() if k != f"{VAE}decoder.norm_out.bias"}, "VAE lacks 1 of", id="missing in VAE"),
        pytest.param(
            lambda t: {k: v for k, v in t.items() if k != f"{CLIP}final_layer_norm.bias"}, "text encoder lacks 1 of", id="missing in text"
        ),
        pytest.param(
            lambda t: {**t, "model.diffusion_model.middle_block.0.in_layers.0.bias": np.zeros(7, np.float16)},
            r"1 tensors of a wrong size: mid_block.resnets.0.norm1.bias is \(7,\), not \(64,\)",
            id="wrong size",
        ),
        pytest.param(
            lambda t: {k: v[:9] if "token_emb" in k else v for k, v in t.items()}, "fewer than CLIP's 49,408 tokens", id="vocabulary"
        ),
        pytest.param(
            lambda t: {k: v for k, v in t.items() if "output_blocks.3" not in k}, "3 output blocks for 2 levels", id="missing block"
        ),
    ],
)
def test_damaged_checkpoints_are_refused_with_file_and_reason(load, changed, change, message):
    with pytest.raises(ModelFileError) as error:
        load(changed(change))
    assert str(error.value).startswith("changed.safetensors")
    assert re.search(message, str(error.value))


def test_truncated_file(load, tiny_files, tmp_path):
    path = tmp_path / "cut.safetensors"
    data = tiny_files["sd1"].read_bytes()
    path.write_bytes(data[:-1000])
    with pytest.raises(ModelFileError, match=f"expected {len(data):,} bytes, has {len(data) - 1000:,}"):
        load(path)


def test_file_that_is_no_checkpoint(load, tmp_path):
    path = tmp_path / "lora.safetensors"
    save_file({"a.lora_up.weight": np.zeros((2, 2), np.float16)}, path)
    with pytest.raises(ModelFileError, match=r"lora\.safetensors: not a Stable Diffusion checkpoint"):
        load(path)


def test_refused_variant_tells_why(load, changed):
    with pytest.raises(ModelFileError, match="EDM noise schedule"):
        load(changed(lambda t: {**t, "edm_mean": np.zeros(4, np.float32)}, family="sdxl"))


def test_loaded_model_does_not_need_its_file(load, changed, models):
    path = changed(lambda t: {name: value.astype(np.float32) for name, value in t.items()})
    model = load(path)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.write(bytes(size))
    assert torch.equal(outputs(model), outputs(models["sd1"]))


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.bfloat16, torch.float32])
def test_other_number_formats(load, tiny_files, models, tmp_path, dtype):
    tensors = {name: tensor.to(dtype) for name, tensor in load_torch_file(tiny_files["sd1"]).items()}
    path = tmp_path / "other.safetensors"
    save_torch_file(tensors, path)
    found, wanted = outputs(load(path)), outputs(models["sd1"])
    assert torch.nn.functional.cosine_similarity(found, wanted, dim=0) > (0.9 if dtype is torch.float8_e4m3fn else 0.999)


def test_scaled_eight_bit_weights_are_multiplied_by_their_scale(load, changed, models):
    name = "model.diffusion_model.time_embed.0"

    def change(tensors):
        return {**tensors, f"{name}.weight": tensors[f"{name}.weight"] / 4, f"{name}.scale_weight": np.array(4.0, np.float32)}

    assert torch.allclose(outputs(load(changed(change))), outputs(models["sd1"]), atol=1e-3)


def test_report_rises_to_one(load, tiny_files):
    seen = []
    load(tiny_files["sd1"], report=lambda fraction, text: seen.append((fraction, text)))
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert "sd1.safetensors" in seen[0][1]


def with_last_layer(tensors, bias):
    """The U-Net's output becomes this number everywhere."""
    return {
        **tensors,
        "model.diffusion_model.out.2.weight": tensors["model.diffusion_model.out.2.weight"] * 0,
        "model.diffusion_model.out.2.bias": np.full(4, bias, np.float16),
    }


def test_sd2_prediction_is_found_by_running_the_unet_once(load, changed):
    velocity = load(changed(lambda t: with_last_layer(t, -2.0), family="sd2"))
    assert (velocity.prediction_type, velocity.identity.prediction_type, velocity.native_size_px) == ("v", "v", 768)
    noise = load(changed(lambda t: with_last_layer(t, 0.5), family="sd2"))
    assert (noise.prediction_type, noise.native_size_px) == ("epsilon", 512)


def test_what_the_unet_told_is_learned_and_not_asked_again(load, changed, families, monkeypatch):
    path = changed(lambda t: with_last_layer(t, -2.0), family="sd2")
    learned = {}
    load(path, learn=learned.__setitem__)
    assert learned == {"prediction_type": "v", "native_size_px": 768}
    header = read_header(path)
    identity = identify(header).model_copy(update=learned)
    record = ModelRecord(path=str(path), folder_kind="checkpoint", name=path.name, size_bytes=1, mtime_ns=1, identity=identity)
    monkeypatch.setattr("extensions.stable_diffusion.prediction.probe_prediction", lambda unet: pytest.fail("the U-Net is run again"))
    again = families["sd2"].load(record, header, LoadOptions(device="cpu"))
    assert (again.prediction_type, again.native_size_px) == ("v", 768)
    path.with_suffix(".yaml").write_text("parameterization: eps\n")
    assert families["sd2"].load(record, header, LoadOptions(device="cpu")).prediction_type == "epsilon"


def test_what_a_yaml_tells_is_not_learned(load, changed):
    path = changed(lambda t: with_last_layer(t, -2.0), family="sd2")
    path.with_suffix(".yaml").write_text("parameterization: eps\n")
    learned = {}
    assert load(path, learn=learned.__setitem__).prediction_type == "epsilon"
    assert learned == {}


def test_choice_of_the_user_wins_then_the_yaml_then_the_header(load, changed):
    path = changed(lambda t: with_last_layer(t, 0.5), family="sd2", metadata={"modelspec.prediction_type": "epsilon"})
    path.with_suffix(".yaml").write_text('model:\n  params:\n    parameterization: "v"\n')
    assert load(path).prediction_type == "v"
    assert load(path, prediction_type="epsilon").prediction_type == "epsilon"


def test_sdxl_without_a_mark_predicts_noise(models):
    assert models["sdxl"].prediction_type == "epsilon"


def test_precision_of_the_parts(load, tiny_files):
    assert load(tiny_files["sd1"]).dtype is torch.float32
    model = load(tiny_files["sd1"], precision="bf16")
    modules = model.modules()
    dtypes = {name: next(module.parameters()).dtype for name, module in modules.items()}
    assert dtypes == {"unet": torch.bfloat16, "vae": torch.bfloat16, "text_encoder": torch.float32}
    assert next(load(tiny_files["sd1"], precision="bf16", vae_precision="full").modules()["vae"].parameters()).dtype is torch.float32
    assert outputs(model).dtype is torch.float32


def test_cpu_never_computes_in_fp16():
    for half in ("half", "fp16"):
        chosen = choose_precision(LoadOptions(device="cpu", precision=half, vae_precision=half), "sd1", 860_000_000)
        assert (chosen.unet, chosen.vae) == (torch.bfloat16, torch.bfloat16)


def test_full_size_models_use_what_the_processor_is_good_at(monkeypatch):
    for native, dtype in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr("torch.cpu.get_capabilities", lambda native=native: {"avx512_bf16": native})
        assert choose_precision(LoadOptions(device="cpu"), "sd1", 860_000_000).unet is dtype
    assert choose_precision(LoadOptions(device="cpu", precision="full"), "sd1", 860_000_000).unet is torch.float32


def test_gpu_keeps_the_sdxl_vae_out_of_fp16(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda: False)
    chosen = choose_precision(LoadOptions(device="cuda"), "sdxl", 2_500_000_000)
    assert (chosen.unet, chosen.vae) == (torch.float16, torch.float32)
    assert choose_precision(LoadOptions(device="cuda"), "sd1", 860_000_000).vae is torch.float16


def test_clip_skip_beyond_the_layers_is_an_error_of_the_user(models):
    with pytest.raises(UserError, match="has 4 layers"):
        models["sd1"].encode_prompts(["x"], EncodeOptions(clip_skip=5))


def test_larger_layout_with_several_blocks_and_levels(load, tmp_path):
    spec = TinyCheckpoint(unet_channels=(32, 32, 64), attention_levels=(0, 2), blocks=2, vae_channels=(32, 32, 64))
    model = load(write_checkpoint(tmp_path / "other.safetensors", spec))
    assert model.downscale == 4
    assert model.decode(torch.zeros(1, 4, 8, 8)).shape == (1, 3, 32, 32)
    prediction = model.predict(torch.randn(1, 4, 8, 8), torch.tensor([1.0]), model.encode_prompts([""], EncodeOptions()))
    assert prediction.shape == (1, 4, 8, 8)


@pytest.mark.parametrize("marked", [False, True])
def test_the_user_decides_about_the_last_noise_level_too(load, changed, marked):
    path = changed(lambda t: {**t, **({"v_pred": np.zeros(1), "ztsnr": np.zeros(1)} if marked else {})})
    by_file, chosen = load(path), load(path, zero_terminal_snr=not marked)
    last = float(by_file.alphas_cumprod[-1]), float(chosen.alphas_cumprod[-1])
    assert (min(last) < 1e-6 < 1e-3 < max(last)) and (last[0] < last[1]) == marked
    assert chosen.identity.zero_terminal_snr != marked


def test_a_depth_checkpoint_is_refused_by_name_and_not_by_the_shape_of_a_tensor(load, tmp_path):
    path = write_checkpoint(tmp_path / "512-depth-ema.safetensors", TinyCheckpoint(family="sd2", in_channels=5))
    with pytest.raises(ModelFileError, match=r"512-depth-ema\.safetensors: Stable Diffusion 2\.x depth checkpoint: .*depth map") as error:
        load(path)
    assert error.value.field == "checkpoint"
