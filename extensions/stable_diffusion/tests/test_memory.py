"""Decoding in parts gives the same picture; attention can be exchanged; precision can be lifted."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from app.api import Attention, DeviceFacts, EncodeOptions, LoadOptions
from app.testing.contracts import check_model_patch
from extensions.stable_diffusion import decoding, patch_model
from extensions.stable_diffusion.attention import AttentionPatch
from extensions.stable_diffusion.offload import RESTING, WAYS, Residence, blocks_of, choose_offload
from extensions.stable_diffusion.precision import choose_layout, precision_items
from extensions.stable_diffusion.testing import TinyCheckpoint, write_checkpoint


def room(shape, dtype):
    return torch.full(shape, float("nan"), dtype=dtype)


@pytest.fixture
def model(load, tmp_path):
    """One of one's own, whose VAE changes its width on the way."""
    spec = TinyCheckpoint(family="sd1", vae_channels=(32, 64, 64, 96))
    return load(write_checkpoint(tmp_path / "own.safetensors", spec))


@pytest.fixture
def latents():
    return torch.randn(1, 4, 6, 9, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("padding", ["zeros", "circular"])
@pytest.mark.parametrize("band_bytes", [1, 50_000, 1 << 30])
def test_parts_have_no_seam(model, latents, band_bytes, padding, monkeypatch):
    monkeypatch.setattr(decoding, "BAND_BYTES", band_bytes)
    for layer in model.modules()["vae"].modules():
        if isinstance(layer, torch.nn.Conv2d):
            layer.padding_mode = padding
    parts = []
    found = model.decode_in_parts(latents, room, lambda: parts.append(1))
    assert (found - model.decode(latents)).abs().max() < 2e-5
    assert len(parts) > 100 if band_bytes == 1 else len(parts) > 10


def test_parts_in_half_precision_are_as_near_to_the_truth_as_the_whole(model, latents):
    exact = model.decode(latents)
    model.modules()["vae"].bfloat16()
    whole, parts = model.decode(latents), model.decode_in_parts(latents, room, lambda: None)
    assert (parts - exact).abs().mean() < 1.2 * (whole - exact).abs().mean()


def test_parts_take_less_room(model):
    whole = model.working_bytes("decode", 512, 512)
    assert model.working_bytes("decode_in_parts", 512, 512) <= 0.6 * whole
    assert model.working_bytes("decode", 1024, 1024) == 4 * whole
    assert 0 < model.working_bytes("predict", 512, 512) < whole


def test_it_can_be_stopped_between_two_parts(model, latents):
    class Stop(Exception):
        pass

    def stop():
        raise Stop

    with pytest.raises(Stop):
        model.decode_in_parts(latents, room, stop)


@pytest.mark.parametrize("task", ["predict", "decode"])
def test_precision_is_lifted_once(model, task):
    part = model.modules()["unet" if task == "predict" else "vae"].bfloat16()
    assert model.lift_precision(task)
    assert next(part.parameters()).dtype is torch.float32 is model.dtype
    assert not model.lift_precision(task)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize(("task", "name"), [("predict", "unet"), ("decode_in_parts", "vae")])
def test_restored_precision_leaves_every_bit_as_it_was(model, task, name, dtype):
    part = model.modules()[name].to(dtype)
    before = {key: tensor.clone() for key, tensor in part.state_dict().items()}
    model.restore_precision(task)
    assert model.lift_precision(task)
    model.restore_precision(task)
    assert all(tensor.dtype is dtype and tensor.equal(before[key]) for key, tensor in part.state_dict().items())
    model.restore_precision(task)
    assert next(part.parameters()).dtype is dtype


def test_weights_that_changed_after_a_lifting_are_kept_by_the_next_ones_undoing(model):
    part = model.modules()["vae"].half()
    assert model.lift_precision("decode", "bfloat16")
    part.decoder.conv_in.weight.data.fill_(0.5)
    assert model.lift_precision("decode")
    model.restore_precision("decode")
    assert part.decoder.conv_in.weight.dtype is torch.bfloat16 and (part.decoder.conv_in.weight == 0.5).all()


@pytest.mark.parametrize(
    ("unet", "vae", "expected"),
    [
        ("full", "full", {}),
        ("bf16", "auto", {"Precision": "bf16", "Text encoder precision": "fp32"}),
        ("bf16", "full", {"Precision": "bf16", "VAE precision": "fp32", "Text encoder precision": "fp32"}),
        ("full", "bf16", {"VAE precision": "bf16"}),
    ],
)
def test_the_number_formats_in_use_are_told(load, tiny_files, unet, vae, expected):
    assert load(tiny_files["sd1"], precision=unet, vae_precision=vae).describe() == expected


def test_what_was_lifted_on_the_way_is_told_as_it_is_now(load, tiny_files):
    model = load(tiny_files["sd1"], precision="bf16")
    model.lift_precision("predict")
    assert model.describe() == {"VAE precision": "bf16"}
    assert precision_items(torch.float16, torch.float16, [torch.float16, torch.float32])["Text encoder precision"] == "fp16 and fp32"


@pytest.mark.parametrize("channels_last", [True, False])
def test_the_measured_memory_layout_is_used(load, tiny_files, channels_last, monkeypatch):
    monkeypatch.setattr("extensions.stable_diffusion.precision.FULL_SIZE_PARAMETERS", 1)
    facts = DeviceFacts(fast_bfloat16=False, channels_last=channels_last)
    plain, model = (load(tiny_files["sd1"], precision="full", measured=measured) for measured in (lambda: None, lambda: facts))
    seen = []
    for name in ("unet", "vae"):
        part = model.modules()[name]
        layers = [layer for layer in part.modules() if isinstance(layer, torch.nn.Conv2d) and layer.kernel_size == (3, 3)]
        assert all(layer.weight.is_contiguous(memory_format=torch.channels_last) == channels_last for layer in layers)
        layers[0].register_forward_pre_hook(lambda layer, given: seen.append(given[0]))
    x, t = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(1)), torch.tensor([500.0, 500.0])
    prompts = model.encode_prompts(["a house"] * 2, EncodeOptions())
    assert (model.predict(x, t, prompts) - plain.predict(x, t, prompts)).abs().max() < 1e-4
    model.encode_images(torch.rand(1, 3, 64, 64))
    assert len(seen) == 2 and all(one.is_contiguous(memory_format=torch.channels_last) == channels_last for one in seen)


def _exact(query, key, value, mask):
    scores = query @ key.transpose(2, 3) * query.shape[-1] ** -0.5
    return (scores if mask is None else scores + mask).softmax(-1) @ value


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl", "sdxl-refiner"])
def test_attention_is_exchanged_without_a_trace(models, family, latents):
    model = models[family]
    calls = []

    def counted(*tensors):
        calls.append([tuple(tensor.shape) for tensor in tensors if tensor is not None])
        return _exact(*tensors)

    patch = AttentionPatch(Attention("counted", "Counted", lambda: counted))
    (prompt,) = model.encode_prompts(["a house"], EncodeOptions())
    x, t = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1)), torch.tensor([500.0])
    before, decoded = model.predict(x, t, [prompt]), model.decode(latents)
    with patch.apply(model):
        assert (model.predict(x, t, [prompt]) - before).abs().max() < 1e-4
        layers = len(calls)
        assert (model.decode(latents) - decoded).abs().max() < 1e-4
    assert layers >= 2 and len(calls) == layers + 1
    assert model.predict(x, t, [prompt]).equal(before) and len(calls) == layers + 1
    check_model_patch(patch, model)


@contextmanager
def in_bfloat16(part):
    """A part of a model that others use too; its weights come back as they were."""
    before = {name: tensor.clone() for name, tensor in part.state_dict().items()}
    try:
        yield part.bfloat16()
    finally:
        part.float().load_state_dict(before)


def test_attention_can_be_computed_in_float32_by_a_model_in_half_precision(models):
    model, formats = models["sd1"], []

    def noted(query, key, value, mask):
        formats.append(query.dtype)
        return _exact(query, key, value, mask)

    attention = Attention("noted", "Noted", lambda: noted)
    (prompt,) = model.encode_prompts(["a house"], EncodeOptions())
    x, t = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1)), torch.tensor([500.0])
    with in_bfloat16(model.modules()["unet"]):
        for upcast, used in ((False, torch.bfloat16), (True, torch.float32)):
            formats.clear()
            with AttentionPatch(attention, upcast=upcast).apply(model):
                model.predict(x, t, [prompt])
            assert set(formats) == {used}
    assert AttentionPatch(attention).key != AttentionPatch(attention, upcast=True).key


@pytest.mark.parametrize("upcast", [False, True])
def test_the_setting_asks_for_it_where_the_model_is_in_half_precision(models, upcast):
    model = models["sd1"]
    host = SimpleNamespace(attention=[], options=SimpleNamespace(flag=lambda name: False))
    settings = {"upcast_attn": upcast, "cross_attention_optimization": "None"}
    run = SimpleNamespace(host=host, settings=settings, comment=lambda text: None)
    assert list(patch_model(SimpleNamespace(model=model), run)) == []
    with in_bfloat16(model.modules()["unet"]):
        patches = list(patch_model(SimpleNamespace(model=model), run))
        assert len(patches) == upcast
        with patches[0].apply(model) if upcast else nullcontext():
            assert model.describe().get("Upcast attention") == ("True" if upcast else None)
        assert "Upcast attention" not in model.describe()


@pytest.mark.parametrize(
    ("flags", "family", "device", "expected"),
    [
        ({"medvram"}, "sd1", "cuda", "parts"),
        ({"medvram-sdxl"}, "sd1", "cuda", ""),
        ({"medvram-sdxl"}, "sdxl-refiner", "cuda", "parts"),
        ({"medvram", "lowvram"}, "sd1", "cuda", "layers"),
        ({"lowvram"}, "sd1", "cpu", ""),
        (set(), "sdxl", "cuda", ""),
    ],
)
def test_flags_choose_what_stays_in_main_memory(flags, family, device, expected):
    assert choose_offload(lambda name: name in flags, family, torch.device(device)) == expected


@pytest.mark.parametrize(("device", "expected"), [("cuda", ["parts", "parts", "layers"]), ("cpu", ["", "", ""])])
def test_what_the_load_asks_for_counts_if_it_is_more(device, expected):
    found = [choose_offload(lambda name: name == "medvram", "sd1", torch.device(device), least) for least in WAYS]
    assert found == expected


@pytest.mark.parametrize("on_the_way", [False, True])
@pytest.mark.parametrize("offload", ["parts", "layers"])
def test_one_part_at_a_time_is_on_the_device(model, latents, offload, on_the_way, monkeypatch):
    """The processor plays the device: what is moved where is noted, and the results are the same."""
    x, t = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1)), torch.tensor([500.0])
    (prompt,) = model.encode_prompts(["a house"], EncodeOptions())
    expected = model.predict(x, t, [prompt]), model.decode(latents)
    there, most = [], []
    real = torch.nn.Module.to
    card = torch.device("cpu", 0)

    def to(self, *where, **options):
        if where == (card,):
            there.append(self)
        elif where == (RESTING,) and self in there:
            there.remove(self)
        most.append(len(there))
        return real(self, *where, **options)

    monkeypatch.setattr(torch.nn.Module, "to", to)
    model._residence = Residence(model.modules(), card, "" if on_the_way else offload)
    while model.offload != offload:
        assert model.offload_more() and there == []
    model._prompts = replace(model._prompts, bring=model._residence.bring)
    (again,) = model.encode_prompts(["a house"], EncodeOptions())
    assert model.predict(x, t, [again]).equal(expected[0]) and model.predict(x, t, [again]).equal(expected[0])
    assert model.decode(latents).equal(expected[1])
    assert max(most) == 1
    moves = 3 if offload == "parts" else 2 + 2 * len(blocks_of(model.modules()["unet"]))
    assert most.count(1) >= moves and there == [model.modules()["vae"]]
    assert model.offload_more() == (offload == "parts") and (there == []) == (offload == "parts")


def test_a_processor_has_no_other_memory(model):
    assert not model.offload_more() and model.offload == ""


@pytest.mark.parametrize(("device", "last"), [("mps", False), ("cuda", True), ("cpu", True)])
def test_the_layout_where_nothing_was_measured(device, last):
    assert choose_layout(LoadOptions(device=device), 1 << 30) is (torch.channels_last if last else torch.contiguous_format)


@pytest.mark.parametrize("padding", ["zeros", "circular"])
@pytest.mark.parametrize("band_bytes", [1, 50_000, 1 << 30])
def test_encoding_in_parts_has_no_seam(model, band_bytes, padding, monkeypatch):
    monkeypatch.setattr(decoding, "BAND_BYTES", band_bytes)
    for layer in model.modules()["vae"].modules():
        if isinstance(layer, torch.nn.Conv2d):
            layer.padding_mode = padding
    pixels, parts = torch.rand(2, 3, 48, 72, generator=torch.Generator().manual_seed(4)), []
    found = model.encode_in_parts(pixels, room, lambda: parts.append(1))
    whole = model.encode_images(pixels)
    assert found.shape == whole.shape == (2, 4, 6, 9)
    assert (found - whole).abs().max() < 2e-5 * whole.abs().max()
    assert len(parts) > 200 if band_bytes == 1 else len(parts) > 10


def test_encoding_in_parts_in_half_precision_is_as_near_to_the_truth_as_the_whole(model):
    pixels = torch.rand(1, 3, 48, 72, generator=torch.Generator().manual_seed(4))
    exact = model.encode_images(pixels)
    model.modules()["vae"].bfloat16()
    whole, parts = model.encode_images(pixels), model.encode_in_parts(pixels, room, lambda: None)
    assert (parts - exact).abs().mean() < 1.2 * (whole - exact).abs().mean()


def test_encoding_in_parts_takes_less_room(model):
    whole = model.working_bytes("encode", 512, 512)
    assert model.working_bytes("encode_in_parts", 512, 512) <= 0.6 * whole
    assert whole < model.working_bytes("decode", 512, 512)
