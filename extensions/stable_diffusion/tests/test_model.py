"""A loaded model: what prompts become, what the U-Net is shown, and pictures to latents and back."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from app.api import Conditioning, EncodeOptions, LoadedModel, TextEmbedding, UserError, apply_emphasis, chunk_prompt
from app.testing.contracts import check_loaded_model
from extensions.stable_diffusion.concatenation import EXTRA
from extensions.stable_diffusion.params import EncodingSettings
from extensions.stable_diffusion.testing import TinyCheckpoint, write_checkpoint
from extensions.stable_diffusion.text_encoder import reading_of

LONG = ", ".join(["tree"] * 60)


def ids(model, prompt):
    """The prompt's tokens with start, end and CLIP's padding."""
    tokens = model._prompts.tokenizers[-1].clip.encode([prompt])[0]
    return [49406, *tokens, 49407], 75 - len(tokens)


def test_it_is_a_loaded_model(models):
    model: LoadedModel = models["sd1"]
    assert (model.latent_channels, model.downscale, model.native_size_px) == (4, 8, 64)
    weights = sum(parameter.numel() * 4 for module in model.modules().values() for parameter in module.parameters())
    assert weights <= model.memory_bytes < weights + 10_000
    assert set(models["sdxl"].modules()) == {"unet", "vae", "text_encoder", "text_encoder_2"}


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl", "sdxl-refiner"])
def test_contract(models, family):
    check_loaded_model(models[family])


def test_vae_may_be_lifted_to_full_precision_in_use(load, tiny_files):
    model = load(tiny_files["sd1"], vae_precision="bf16")
    latents = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(4))
    rough = model.decode(latents)
    model.modules()["vae"].float()
    assert torch.allclose(model.decode(latents), rough, atol=0.1)
    assert model.encode_images(rough).shape == latents.shape


def test_noise_schedule(models):
    table = models["sd1"].alphas_cumprod
    assert table.shape == (1000,)
    assert table[0].item() == pytest.approx(1 - 0.00085, abs=1e-7)
    assert table[-1].item() == pytest.approx(0.0046600, abs=1e-6)


def test_checkpoint_marked_zero_terminal_snr_ends_in_pure_noise(load, tiny_files, tmp_path):
    tensors = {**load_file(tiny_files["sdxl"]), "v_pred": np.zeros(0, np.float32), "ztsnr": np.zeros(0, np.float32)}
    path = tmp_path / "ztsnr.safetensors"
    save_file(tensors, path)
    model = load(path)
    assert (model.prediction_type, model.identity.zero_terminal_snr) == ("v", True)
    assert model.alphas_cumprod[0].item() == pytest.approx(1 - 0.00085, abs=1e-6)
    assert 0 < model.alphas_cumprod[-1].item() < 1e-7
    assert bool((model.alphas_cumprod.diff() < 0).all())


def test_sd1_reads_the_chosen_layer_and_pads_with_the_end_token(models):
    model = models["sd1"]
    encoder = model.modules()["text_encoder"]
    tokens, padding = ids(model, "a cat")
    states = encoder(input_ids=torch.tensor([tokens + [49407] * padding]), output_hidden_states=True).hidden_states
    for skip in (1, 2, 4):
        found = model.encode_prompts(["a cat"], EncodeOptions(clip_skip=skip))[0].context
        assert torch.allclose(found, encoder.final_layer_norm(states[-skip])[0], atol=1e-5)


def test_sd2_pads_with_zeros_ignores_clip_skip_and_leaves_out_the_last_block(models):
    model = models["sd2"]
    encoder = model.modules()["text_encoder"]
    assert len(encoder.encoder.layers) == 3
    tokens, padding = ids(model, "a cat")
    wanted = encoder(input_ids=torch.tensor([tokens + [0] * padding])).last_hidden_state[0]
    for skip in (1, 2):
        assert torch.allclose(model.encode_prompts(["a cat"], EncodeOptions(clip_skip=skip))[0].context, wanted, atol=1e-5)


def test_sdxl_joins_two_penultimate_layers_and_pools_the_first_chunk(models):
    model = models["sdxl"]
    first, second = model.modules()["text_encoder"], model.modules()["text_encoder_2"]
    found = model.encode_prompts(["a cat"], EncodeOptions(width_px=96, height_px=64, clip_skip=3))[0]
    tokens, padding = ids(model, "a cat")
    left = first(input_ids=torch.tensor([tokens + [49407] * padding]), output_hidden_states=True).hidden_states[-2][0]
    output = second(input_ids=torch.tensor([tokens + [0] * padding]), output_hidden_states=True)
    assert torch.allclose(found.context, torch.cat([left, output.hidden_states[-2][0]], dim=-1), atol=1e-5)
    pooled = second.text_projection(second.text_model.final_layer_norm(output.hidden_states[-1])[0, len(tokens) - 1])
    assert torch.allclose(found.pooled, pooled, atol=1e-5)
    assert found.extra["sizes"].tolist() == [64, 96, 0, 0, 64, 96]
    long = model.encode_prompts([f"a cat BREAK {LONG}"], EncodeOptions())[0]
    assert torch.allclose(long.pooled, found.pooled, atol=1e-5)


def test_sdxl_negative_is_zero_when_all_negative_prompts_are_empty(models):
    model = models["sdxl"]
    empty = model.encode_prompts(["", ""], EncodeOptions(negative=True))
    assert all(not item.context.any() and not item.pooled.any() for item in empty)
    assert model.encode_prompts([""], EncodeOptions())[0].context.any()
    assert model.encode_prompts(["", "x"], EncodeOptions(negative=True))[0].context.any()


def test_sdxl_settings_reach_the_encoding(models):
    model = models["sdxl"]
    settings = (("sdxl_clip_l_skip", True), ("sdxl_crop_left", 32), ("sdxl_crop_top", 16))
    found = model.encode_prompts(["a cat"], EncodeOptions(width_px=96, height_px=64, clip_skip=1, settings=settings))[0]
    usual = model.encode_prompts(["a cat"], EncodeOptions(width_px=96, height_px=64, clip_skip=1))[0]
    assert found.extra["sizes"].tolist() == [64, 96, 16, 32, 64, 96]
    first = model.modules()["text_encoder"]
    tokens, padding = ids(model, "a cat")
    left = first(input_ids=torch.tensor([tokens + [49407] * padding]), output_hidden_states=True).hidden_states[-1][0]
    width = left.shape[-1]
    assert torch.allclose(found.context[:, :width], left, atol=1e-5) and not torch.allclose(usual.context[:, :width], left, atol=1e-2)
    assert torch.equal(found.context[:, width:], usual.context[:, width:])


def test_aesthetic_scores_are_settings(models):
    settings = (("sdxl_refiner_high_aesthetic_score", 7.5), ("sdxl_refiner_low_aesthetic_score", 1.0))
    for negative, score in ((False, 7.5), (True, 1.0)):
        (found,) = models["sdxl-refiner"].encode_prompts(["a cat"], EncodeOptions(negative=negative, settings=settings))
        assert found.extra["sizes"][-1] == score


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_a_prompt_counts_as_often_as_it_is_listed(models, family):
    model = models[family]
    prompts = ["a (cat:1.6)", LONG, "a (cat:1.6)", "a (cat:1.6)", "[[dog]]"]
    together = model.encode_prompts(prompts, EncodeOptions())
    assert together[0] is together[2] is together[3]
    (tokens, multipliers) = zip(*[_first_chunk(model, prompt) for prompt in prompts], strict=True)
    place = len(model._prompts.encoders) - 1
    hidden = model._prompts._read(place, [_Chunk(row) for row in tokens], reading_of(family, place, 1, EncodingSettings()))[0]
    wanted = apply_emphasis(hidden, multipliers, "Original")
    assert torch.allclose(torch.stack([one.context[:77, -hidden.shape[-1] :] for one in together]), wanted, atol=1e-5)
    alone = model.encode_prompts(["a (cat:1.6)", LONG, "[[dog]]"], EncodeOptions())
    assert not torch.equal(alone[0].context, together[0].context)


def _first_chunk(model, prompt):
    chunk = chunk_prompt(prompt, model._prompts.tokenizers[-1].clip).chunks[0]
    return chunk.tokens, chunk.multipliers


@dataclass(frozen=True)
class _Chunk:
    tokens: tuple[int, ...]
    fixes: tuple[()] = ()


def test_more_prompts_than_run_at_a_time_are_what_they_are_alone(models):
    prompts = [f"tree {number}" for number in range(70)]
    many = models["sd1"].encode_prompts(prompts, EncodeOptions())
    for number in (0, 31, 32, 69):
        (alone,) = models["sd1"].encode_prompts([prompts[number]], EncodeOptions())
        assert torch.allclose(many[number].context, alone.context, atol=1e-5)


def test_a_malformed_weight_is_named(models):
    with pytest.raises(UserError, match=r"1\.2\.3"):
        models["sd1"].encode_prompts(["a (cat:1.2.3)"], EncodeOptions())


def test_refiner_reads_one_encoder_and_an_aesthetic_score(models):
    model = models["sdxl-refiner"]
    assert set(model.modules()) == {"unet", "vae", "text_encoder"}
    options = EncodeOptions(width_px=96, height_px=64)
    positive, negative = model.encode_prompts(["a"], options)[0], model.encode_prompts(["a"], replace(options, negative=True))[0]
    assert positive.extra["sizes"].tolist() == [64, 96, 0, 0, 6.0]
    assert negative.extra["sizes"].tolist() == [64, 96, 0, 0, 2.5]
    assert positive.context.shape == (77, 32)


def test_prompts_of_any_length_are_chunks_joined(models):
    model = models["sd1"]
    long, short = model.encode_prompts([LONG, "a cat"], EncodeOptions())
    assert long.context.shape == short.context.shape == (154, 32)
    alone = model.encode_prompts(["a cat"], EncodeOptions())[0].context
    nothing = model.encode_prompts([""], EncodeOptions())[0].context
    assert torch.allclose(short.context, torch.cat([alone, nothing]), atol=1e-5)


def test_emphasis_keeps_the_mean_of_the_whole_batch(models):
    model = models["sd1"]
    plain = torch.stack([item.context for item in model.encode_prompts(["a cat", "dog"], EncodeOptions())])
    weights = torch.ones(2, 77)
    weights[0, 2] = 1.5
    for mode in ("Original", "No norm"):
        found = model.encode_prompts(["a (cat:1.5)", "dog"], EncodeOptions(emphasis=mode))
        assert torch.allclose(torch.stack([item.context for item in found]), apply_emphasis(plain, weights, mode), atol=1e-5)
    assert torch.equal(model.encode_prompts(["a (cat:1.5)", "dog"], EncodeOptions(emphasis="Ignore"))[0].context, plain[0])


def test_no_prompts_no_conditioning(models):
    assert models["sd1"].encode_prompts([], EncodeOptions()) == []


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl", "sdxl-refiner"])
def test_row_of_a_batch_equals_the_row_alone(models, family):
    model = models[family]
    conditioning = model.encode_prompts(["a cat", "a dog"], EncodeOptions(width_px=64, height_px=64))
    x = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(3))
    levels = torch.tensor([999.0, 20.5])
    both = model.predict(x, levels, conditioning)
    assert both.shape == x.shape
    assert both.dtype is torch.float32
    for row in range(2):
        assert torch.allclose(model.predict(x[row : row + 1], levels[row : row + 1], conditioning[row : row + 1])[0], both[row], atol=1e-5)
    assert not torch.allclose(model.predict(x, levels, conditioning[::-1]), both, atol=1e-3)
    assert not torch.allclose(model.predict(x, levels + 0.5, conditioning), both, atol=1e-6)


def test_sdxl_sees_the_size(models):
    model = models["sdxl"]
    x, level = torch.ones(1, 4, 8, 8), torch.tensor([500.0])
    small, large = (model.predict(x, level, model.encode_prompts(["a"], EncodeOptions(width_px=size, height_px=64))) for size in (64, 1024))
    assert not torch.allclose(small, large, atol=1e-4)


def test_decode_scales_and_clamps_to_pixels(models):
    model = models["sd1"]
    latents = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(4))
    pixels = model.decode(latents)
    assert pixels.shape == (2, 3, 64, 64)
    assert 0.0 <= float(pixels.min()) < float(pixels.max()) <= 1.0
    raw = model.modules()["vae"].decode(latents[1:] / 0.18215, return_dict=False)[0]
    assert torch.allclose(pixels[1:], (raw / 2 + 0.5).clamp(0, 1), atol=1e-5)


def test_encode_images_gives_the_mean_or_a_draw(models):
    model = models["sdxl"]
    pixels = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(5))
    posterior = model.modules()["vae"].encode(pixels * 2 - 1, return_dict=False)[0]
    assert torch.allclose(model.encode_images(pixels), posterior.mean * 0.13025, atol=1e-5)
    first, again = (model.encode_images(pixels, torch.Generator().manual_seed(6)) for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.allclose(first, posterior.mean * 0.13025, atol=1e-5)


@pytest.fixture(scope="module")
def inpainting(load, tmp_path_factory):
    path = tmp_path_factory.mktemp("inpainting") / "inpainting.safetensors"
    return load(write_checkpoint(path, TinyCheckpoint(in_channels=9)))


def test_inpainting_without_a_picture_sees_a_full_mask_over_grey(inpainting):
    assert inpainting.identity.variant == "inpaint"
    x, level = torch.randn(2, 4, 8, 8), torch.tensor([500.0, 500.0])
    plain = inpainting.encode_prompts(["a", "b"], EncodeOptions())
    grey = inpainting.encode_images(torch.full((1, 3, 64, 64), 0.5))[0]
    given = [Conditioning(item.context, extra={EXTRA: torch.cat([torch.ones(1, 8, 8), grey])}) for item in plain]
    assert torch.allclose(inpainting.predict(x, level, plain), inpainting.predict(x, level, given), atol=1e-6)
    black = [Conditioning(item.context, extra={EXTRA: torch.zeros(5, 8, 8)}) for item in plain]
    assert not torch.allclose(inpainting.predict(x, level, plain), inpainting.predict(x, level, black), atol=1e-3)
    wide = torch.cat([x, torch.zeros(2, 5, 8, 8)], dim=1)
    assert torch.equal(inpainting.predict(wide, level, plain), inpainting.predict(x, level, black))


def test_pix2pix_without_a_picture_sees_zeros(load, tmp_path):
    model = load(write_checkpoint(tmp_path / "edit.safetensors", TinyCheckpoint(in_channels=8)))
    plain = model.encode_prompts(["a"], EncodeOptions())
    given = [Conditioning(plain[0].context, extra={EXTRA: torch.zeros(4, 8, 8)})]
    x, level = torch.randn(1, 4, 8, 8), torch.tensor([500.0])
    assert torch.equal(model.predict(x, level, plain), model.predict(x, level, given))


def test_lcm_keeps_its_guidance_embedding(load, tiny_files, tmp_path):
    tensors = load_file(tiny_files["sd1"])
    name = "model.diffusion_model.time_embed.cond_proj.weight"
    predictions = []
    for scale in (0.0, 1.0):
        tensors[name] = tensors["model.diffusion_model.time_embed.0.weight"].repeat(8, axis=1)[:32] * scale
        path = tmp_path / f"lcm{scale}.safetensors"
        save_file(tensors, path)
        model = load(path)
        assert model.identity.variant == "lcm"
        predictions.append(model.predict(torch.ones(1, 4, 8, 8), torch.tensor([500.0]), model.encode_prompts(["a"], EncodeOptions())))
    assert not torch.allclose(*predictions, atol=1e-3)


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_words_stand_for_vectors_inside_the_context_alone(models, family):
    model = models[family]
    usual = model.encode_prompts(["a cat"], EncodeOptions())[0].context
    widths = {encoder.part.name: encoder.part.config["hidden_size"] for encoder in model._prompts.encoders}
    word = TextEmbedding("cat", {name: torch.full((3, width), 0.7) for name, width in widths.items()})
    with model.using_embeddings([word]):
        known = model.encode_prompts(["a cat"], EncodeOptions())[0].context
        other = model.encode_prompts(["a dog"], EncodeOptions())[0].context
    assert not torch.allclose(known, usual, atol=1e-3)
    assert torch.equal(other, model.encode_prompts(["a dog"], EncodeOptions())[0].context)
    assert torch.equal(usual, model.encode_prompts(["a cat"], EncodeOptions())[0].context)


def test_an_embedding_that_no_chunk_has_room_for_is_refused(models):
    model = models["sd1"]
    word = TextEmbedding("cat", {"text_encoder": torch.zeros(76, model._prompts.encoders[0].part.config["hidden_size"])})
    with model.using_embeddings([word]), pytest.raises(UserError, match="'cat'"):
        model.encode_prompts(["a cat"], EncodeOptions())


def test_the_encoding_of_many_chunks_can_be_stopped_between_rows(models):
    class StoppedError(Exception):
        pass

    asked = []

    def stop_at_the_fifth():
        asked.append(None)
        if len(asked) == 5:
            raise StoppedError

    forwards = []
    handle = models["sd1"].modules()["text_encoder"].register_forward_pre_hook(lambda module, given: forwards.append(None))
    try:
        with pytest.raises(StoppedError):
            models["sd1"].encode_prompts(["BREAK ".join(["a tree "] * 200)], EncodeOptions(on_rows=stop_at_the_fifth))
    finally:
        handle.remove()
    assert 0 < len(forwards) < 5
