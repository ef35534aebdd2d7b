"""The model in the sampler's units: noise and velocity predictions describe the same picture."""

from __future__ import annotations

import pytest
import torch

from app.contracts import EncodeOptions, Sampler
from app.generation.denoise import predictor, signal_and_noise, start_latents
from app.generation.schedule import ModelSigmas
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
    assert torch.equal(start_latents(X, sampler("sigma"), levels, SamplingOptions()), X * 10)
    assert torch.allclose(start_latents(X, sampler("sigma"), levels, SamplingOptions(sgm_noise_multiplier=True)), X * 101**0.5)
    assert torch.equal(start_latents(X, sampler("timestep"), levels, SamplingOptions()), X)
