"""Every sampler repeats, draws batches like single pictures, and does what its paper says at the ends of its knobs."""

from __future__ import annotations

import pytest
import torch

from app.api import GuidedPrediction, SamplerOptions, SamplingTask
from app.testing.contracts import check_sampler
from extensions.samplers import register_samplers
from extensions.samplers.dpm_fast import solver_orders
from extensions.samplers.karras_sigmas import karras_sigmas
from extensions.samplers.restart import HIGH, LOW, step_list

SAMPLERS = {sampler.name: sampler for sampler in register_samplers(host=None)}
SIGMAS = torch.tensor([10.0, 4.0, 1.5, 0.5, 0.1, 0.0], dtype=torch.float64)
MEAN = 0.7
ALPHAS = torch.linspace(0.999, 0.005, 1000)


class CountedNoise:
    """Noise that counts its draws."""

    def __init__(self):
        self.draws = 0
        self.generator = torch.Generator().manual_seed(1)

    def next(self):
        self.draws += 1
        return torch.randn((1, 4, 8, 8), generator=self.generator)

    def between(self, sigma, sigma_next):
        return self.next()


def run(name, levels=SIGMAS, model=None, alphas=ALPHAS, **options):
    noise = CountedNoise()
    model = model or (lambda x, level: torch.full_like(x, MEAN))
    start = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    task = SamplingTask(
        model=model,
        x=start * levels[0] if SAMPLERS[name].space == "sigma" else start,
        levels=levels,
        noise=noise,
        alphas_cumprod=alphas,
        options=SamplerOptions(**options),
        on_step=lambda step: None,
        brownian=noise,
        guided=lambda x, level: GuidedPrediction(model(x, level), model(x, level), model(x, level)),
    )
    return SAMPLERS[name].load()(task), noise.draws


@pytest.mark.parametrize("name", SAMPLERS)
def test_contract(name):
    check_sampler(SAMPLERS[name])


@pytest.mark.parametrize("name", [name for name, one in SAMPLERS.items() if one.space == "sigma" and not name.startswith("DPM ")])
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


GAUSSIAN = lambda x, level: x * 0.25 / (0.25 + level[0] ** 2)  # noqa: E731
FINE = torch.cat([torch.logspace(1, -3, 200, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)])


SOLVERS = ["Heun", "LMS", "DPM2", "DPM2 a", "DPM++ 2M", "DPM++ SDE", "DPM++ 2M SDE", "DPM++ 2M SDE Heun", "DPM++ 3M SDE"]


@pytest.mark.parametrize("name", SOLVERS)
def test_without_noise_all_solvers_reach_the_exact_solution(name):
    result, draws = run(name, FINE, GAUSSIAN, **({"eta": 0.0} if "eta" in SAMPLERS[name].knobs else {}))
    start = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(5), dtype=torch.float64) * 10
    exact = start * 0.5 / (0.25 + 10.0**2) ** 0.5
    assert torch.allclose(result, exact, rtol=0, atol=5e-3 * float(exact.abs().max()))


@pytest.mark.parametrize("name", [name for name, one in SAMPLERS.items() if "s_noise" in one.knobs])
def test_the_noise_knob_reaches_the_sampler(name):
    options = {"s_churn": 3.0} if "s_churn" in SAMPLERS[name].knobs else {}
    assert not torch.equal(run(name, model=GAUSSIAN, s_noise=1.02, **options)[0], run(name, model=GAUSSIAN, **options)[0])


@pytest.mark.parametrize("name", [name for name, one in SAMPLERS.items() if "s_noise" not in one.knobs])
def test_the_noise_knob_does_not_reach_the_others(name):
    levels = SIGMAS if SAMPLERS[name].space == "sigma" else torch.arange(0, 1000, 100) + 1
    assert torch.equal(run(name, levels, GAUSSIAN, s_noise=1.02)[0], run(name, levels, GAUSSIAN)[0])


@pytest.mark.parametrize(("calls", "orders"), [(1, [1]), (2, [2]), (3, [2, 1]), (7, [3, 3, 1]), (8, [3, 3, 2]), (9, [3, 3, 2, 1])])
def test_dpm_fast_makes_as_many_calls_as_steps(calls, orders):
    assert solver_orders(calls) == orders and sum(orders) == calls


def test_restart_goes_through_its_interval_again_from_20_steps_on():
    karras = karras_sigmas(20, 0.03, 14.6, torch.zeros(1))
    few, many = torch.cat([karras[::2], torch.zeros(1)]), torch.cat([karras, torch.zeros(1)])
    assert len(step_list(few)) == 10
    steps = step_list(many)
    rises = [(float(before[1]), float(after[0])) for before, after in zip(steps, steps[1:], strict=False) if after[0] > before[1]]
    assert len(steps) == 20 and len(rises) == 1
    assert rises[0] == (pytest.approx(LOW, rel=0.5), pytest.approx(HIGH, rel=0.5))


def test_dpm_adaptive_takes_more_steps_where_the_model_is_harder():
    steps = [0, 0]

    def counted(index, model):
        def call(x, level):
            steps[index] += 1
            return model(x, level)

        return call

    run("DPM adaptive", model=counted(0, lambda x, level: torch.full_like(x, MEAN)), eta=0.0)
    bumpy = lambda x, level: torch.tanh(3 * x / (0.05 + level.view(-1, 1, 1, 1) ** 2))  # noqa: E731
    run("DPM adaptive", model=counted(1, bumpy), eta=0.0)
    assert steps[1] > steps[0]


def test_cfgpp_moves_along_the_prediction_without_guidance():
    levels = torch.tensor([1, 501])
    alphas = torch.linspace(0.999, 0.005, 1000)
    task = SamplingTask(
        model=lambda x, level: x,
        x=torch.ones(1, 1, 1, 1, dtype=torch.float64),
        levels=levels,
        noise=CountedNoise(),
        alphas_cumprod=alphas,
        options=SamplerOptions(),
        on_step=lambda step: None,
        guided=lambda x, level: GuidedPrediction(torch.full_like(x, 0.5), torch.full_like(x, 0.25), torch.full_like(x, -2.0)),
    )
    alpha, lowest = alphas[501].double(), alphas[1].double()
    picture = (1 - (1 - alpha) ** 0.5 * 0.5) / alpha**0.5
    expected = lowest**0.5 * picture + (1 - lowest) ** 0.5 * -2.0
    assert float(SAMPLERS["DDIM CFG++"].load()(task)) == pytest.approx(float(expected))


@pytest.mark.parametrize("variant", ["bh1", "bh2", "vary_coeff"])
@pytest.mark.parametrize("steps", [1, 2, 40])
def test_unipc_follows_the_exact_path_in_every_variant(variant, steps):
    alphas = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2, 0)
    noise = lambda x, level: x * (1 - share(level)) ** 0.5 / (0.25 * share(level) + 1 - share(level))  # noqa: E731

    def share(level):
        low = level[0].floor().long()
        logs = alphas.double().log()
        return (logs[low] + (level[0] - low) * (logs[min(int(low) + 1, 999)] - logs[low])).exp()

    settings = {"uni_pc_variant": variant, "uni_pc_skip_type": "logSNR"}
    result, _ = run("UniPC", torch.arange(steps) + 1, noise, alphas, settings=settings)
    error = 1.0 if steps < 40 else 0.03 if variant == "vary_coeff" else 1e-3
    start = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    first, last = alphas[-1].double(), alphas[0].double()
    exact = start * ((0.25 * last + 1 - last) / (0.25 * first + 1 - first)) ** 0.5
    assert torch.allclose(result, exact, rtol=0, atol=error * float(exact.abs().max()))


def test_lcm_is_the_identity_at_timestep_0_and_the_prediction_elsewhere():
    boundary = SAMPLERS["LCM"].precondition()
    picture, x = torch.full((2, 1, 1, 1), 2.0), torch.full((2, 1, 1, 1), 3.0)
    assert boundary(picture, x, torch.tensor([0.0, 999.0])).flatten().tolist() == pytest.approx([3.0, 2.0], abs=1e-4)
