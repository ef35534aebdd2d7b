"""The model in the sampler's units: noise and velocity predictions describe the same picture."""

from __future__ import annotations

import pytest
import torch

from app.contracts import EncodeOptions, Sampler
from app.generation.denoise import predictor, signal_and_noise
from app.generation.schedule import ModelSigmas
from app.generation.start import from_latents, from_noise
from app.testing.plans import example_pass
from app.testing.tiny import TinyModel
from app.values.plan import SamplingOptions

X = torch.randn((2, 4, 8, 8), generator=torch.Generator().manual_seed(1))


def sampler(space):
    return Sampler("any", lambda: lambda task: task.x, space=space)


def predict(prediction_type, space, level):
    model = TinyModel(prediction_type=prediction_type)
    conditioning = model.encode_prompts(["tree", "snow"], EncodeOptions())
    table = ModelSigmas.of(model.alphas_cumprod)
    return predictor(model, sampler(space), table)(X * (level if space == "sigma" else 1), torch.full((2,), level), conditioning), table


@pytest.mark.parametrize(("space", "level"), [("sigma", "exact"), ("timestep", 401.0)])
def test_noise_and_velocity_models_agree(space, level):
    table = ModelSigmas.of(TinyModel().alphas_cumprod)
    level = float(table.sigmas[400]) if level == "exact" else level
    noise, _ = predict("epsilon", space, level)
    velocity, _ = predict("v", space, level)
    assert torch.allclose(noise, velocity, atol=1e-4)


def test_both_spaces_describe_the_same_picture():
    table = ModelSigmas.of(TinyModel().alphas_cumprod)
    timestep = torch.full((2,), 400.0)
    sigma = float(table.sigmas[400])
    denoised, _ = predict("epsilon", "sigma", sigma)
    model = TinyModel()
    conditioning = model.encode_prompts(["tree", "snow"], EncodeOptions())
    signal, noise = signal_and_noise(table, timestep)
    x = X * sigma * signal
    predicted = predictor(model, sampler("timestep"), table)(x, timestep, conditioning)
    assert torch.allclose((x - noise * predicted) / signal, denoised, atol=1e-4)


def test_the_start_is_scaled_for_its_level():
    levels = torch.tensor([10.0, 1.0, 0.0])
    assert torch.equal(from_noise(X, sampler("sigma"), levels, SamplingOptions()).latents, X * 10)
    assert torch.allclose(from_noise(X, sampler("sigma"), levels, SamplingOptions(sgm_noise_multiplier=True)).latents, X * 101**0.5)
    assert torch.equal(from_noise(X, sampler("timestep"), levels, SamplingOptions()).latents, X)


def test_a_picture_is_noised_for_the_level_where_its_strength_begins():
    table = ModelSigmas.of(TinyModel().alphas_cumprod)
    step = example_pass(steps=4, denoising_strength=0.5, extra_noise=0.25)
    start = from_latents(X, X.flip(0), sampler("sigma"), torch.tensor([8.0, 4.0, 2.0, 1.0, 0.0]), table, step)
    assert start.levels.tolist() == [4.0, 2.0, 1.0, 0.0]
    assert torch.allclose(start.latents, X + 4.25 * X.flip(0), atol=1e-5)
    timed = from_latents(X, X.flip(0), sampler("timestep"), torch.tensor([1, 251, 501, 751]), table, step)
    alpha = table.alphas_cumprod[501]
    assert timed.levels.tolist() == [1, 251]
    assert torch.allclose(timed.latents, alpha.sqrt() * (X + 0.25 * X.flip(0)) + (1 - alpha).sqrt() * X.flip(0), atol=1e-5)
