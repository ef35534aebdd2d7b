"""Every sampler repeats, draws batches like single pictures, and does what its paper says at the ends of its knobs."""

from __future__ import annotations

import pytest
import torch

from app.api import SamplerOptions, SamplingTask
from app.testing.contracts import check_sampler
from extensions.samplers import register_samplers

SAMPLERS = {sampler.name: sampler for sampler in register_samplers(host=None)}
SIGMAS = torch.tensor([10.0, 4.0, 1.5, 0.5, 0.1, 0.0], dtype=torch.float64)
MEAN = 0.7


class CountedNoise:
    """Noise that counts its draws."""

    def __init__(self):
        self.draws = 0
        self.generator = torch.Generator().manual_seed(1)

    def next(self):
        self.draws += 1
        return torch.randn((1, 4, 8, 8), generator=self.generator)


def run(name, levels=SIGMAS, model=None, **options):
    noise = CountedNoise()
    start = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    task = SamplingTask(
        model=model or (lambda x, level: torch.full_like(x, MEAN)),
        x=start * levels[0] if SAMPLERS[name].space == "sigma" else start,
        levels=levels,
        noise=noise,
        alphas_cumprod=torch.linspace(0.999, 0.005, 1000),
        options=SamplerOptions(**options),
        on_step=lambda step: None,
    )
    return SAMPLERS[name].load()(task), noise.draws


@pytest.mark.parametrize("name", SAMPLERS)
def test_contract(name):
    check_sampler(SAMPLERS[name])


@pytest.mark.parametrize("name", ["Euler", "Euler a", "DPM++ 2M"])
def test_a_model_that_is_sure_of_its_picture_gets_it(name):
    result, _ = run(name)
    assert torch.allclose(result, torch.full_like(result, MEAN), atol=1e-9)


def test_ancestral_without_eta_is_euler_and_draws_nothing():
    model = lambda x, level: x * 0.25 / (0.25 + level[0] ** 2)  # noqa: E731
    ancestral, draws = run("Euler a", model=model, eta=0.0)
    assert draws == 0
    assert torch.allclose(ancestral, run("Euler", model=model)[0], rtol=1e-12)


def test_churn_needs_noise_at_every_step_and_changes_the_picture():
    model = lambda x, level: x * 0.25 / (0.25 + level[0] ** 2)  # noqa: E731
    plain, draws = run("Euler", model=model)
    churned, churned_draws = run("Euler", model=model, s_churn=3.0, s_tmin=0.4, s_tmax=5.0)
    assert (draws, churned_draws) == (0, len(SIGMAS) - 1)
    assert not torch.allclose(churned, plain, atol=1e-3)


def test_ddim_follows_the_exact_path_when_the_noise_is_known():
    alphas = torch.linspace(0.999, 0.005, 1000).double()
    levels = torch.arange(0, 1000, 100) + 1
    noise = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    picture = torch.full_like(noise, MEAN)

    def known(x, level):
        alpha = alphas[int(level[0])]
        return (x - alpha**0.5 * picture) / (1 - alpha) ** 0.5

    result, draws = run("DDIM", levels, known)
    lowest = alphas[1]
    start = noise
    first = (start - alphas[901] ** 0.5 * picture) / (1 - alphas[901]) ** 0.5
    assert draws == 0
    assert torch.allclose(result, lowest**0.5 * picture + (1 - lowest) ** 0.5 * first, atol=1e-6)


def test_ddim_draws_noise_with_eta():
    levels = torch.arange(0, 1000, 100) + 1
    model = lambda x, level: x * 0.5  # noqa: E731
    assert run("DDIM", levels, model, eta=1.0)[1] == len(levels) - 1
