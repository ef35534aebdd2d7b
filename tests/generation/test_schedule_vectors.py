"""Tables of sigmas and timesteps against recorded ones, for every registered sampler and schedule."""

from __future__ import annotations

import pytest
import torch

from app.generation.alphas import changed_alphas
from app.generation.plan_names import AUTOMATIC, resolve_schedule
from app.generation.schedule import ModelSigmas, sigma_items, sigma_levels, timestep_levels
from app.generation.start import from_latents, pass_steps
from app.testing.plans import example_pass
from app.testing.vectors import vector_cases, vectors
from app.values.plan import SamplingOptions

pytestmark = pytest.mark.vectors
NAME = "schedules.json"
INTERPOLATED = ("Uniform", "SGM Uniform", "Normal", "Automatic")
CHANGES = {
    "sd15_ztsnr": SamplingOptions(sd_noise_schedule="Zero Terminal SNR"),
    "sd15_downcast": SamplingOptions(use_downcasted_alpha_bar=True),
}


def table_of(model, **options):
    alphas = torch.tensor(vectors(NAME)["alphas_cumprod"]["sd15"])
    return ModelSigmas.of(changed_alphas(alphas, CHANGES.get(model, SamplingOptions())), family=str(model), **options)


def options_of(case):
    known = {key: value for key, value in case["options"].items() if key in SamplingOptions.model_fields}
    return SamplingOptions(**known, extra={key: value for key, value in case["options"].items() if key not in known})


def schedule_of(case, sampler, schedules):
    label = resolve_schedule(case["scheduler"], sampler, schedules)
    return None if label == AUTOMATIC else schedules.find(label)


def tolerance(case):
    if case["model"] == "sd15_ztsnr":
        return 5e-4 if case["scheduler"] == "KL Optimal" else 1e-4
    return 1e-4 if case["scheduler"] in INTERPOLATED else 1e-5


@pytest.mark.parametrize("case", vector_cases(NAME, "tables"), ids=lambda case: case["id"])
def test_sigmas(case, samplers, schedules):
    sampler = samplers.get(case["sampler"])
    options = options_of(case)
    table = table_of(case["model"], quantize=options.enable_quantization, stride=sampler.timestep_stride)
    schedule = schedule_of(case, sampler, schedules)
    sigmas = sigma_levels(sampler, schedule, case["steps"], table, options)
    assert sigmas.shape == (len(case["sigmas"]),)
    assert torch.allclose(sigmas, torch.tensor(case["sigmas"]), rtol=tolerance(case), atol=0)


@pytest.mark.parametrize("case", vector_cases(NAME, "tables"), ids=lambda case: case["id"])
def test_infotext_of_the_table(case, samplers, schedules):
    sampler = samplers.get(case["sampler"])
    schedule = schedule_of(case, sampler, schedules)
    recorded = {key: str(value) for key, value in case["infotext_added"].items() if key != "Schedule type"}
    options = options_of(case)
    shapes = {"beta_dist_alpha": 0.6, "beta_dist_beta": 0.6}
    items = sigma_items(schedule, sampler, options.model_copy(update={"extra": {**shapes, **options.extra}}))
    assert {key: str(value) for key, value in items.items()} == recorded


@pytest.mark.parametrize("case", vector_cases(NAME, "timesteps"), ids=lambda case: case["id"])
def test_timesteps(case, samplers):
    sampler = samplers.get(case["sampler"])
    options = SamplingOptions(always_discard_next_to_last_sigma=case["always_discard_next_to_last_sigma"])
    assert timestep_levels(sampler, case["steps"], options).tolist() == case["timesteps"]


@pytest.mark.parametrize(
    "case",
    [case for case in vector_cases(NAME, "discrete_maps") if not case.get("lcm_wrapper")],
    ids=lambda case: f"{case['model']}-{case['quantize']}",
)
def test_maps_between_sigma_and_timestep(case):
    table = table_of(case["model"], quantize=case["quantize"])
    timesteps = table.sigma_to_t(torch.tensor(case["sigma_in"]))
    assert torch.allclose(timesteps, torch.tensor(case["t_out"]), rtol=0, atol=1e-3)
    assert torch.allclose(table.t_to_sigma(torch.tensor(case["t_in"])), torch.tensor(case["sigma_out"]), rtol=1e-4, atol=0)
    assert float(table.sigmas[0]) == pytest.approx(case["model_sigma_min"], rel=1e-6)
    assert float(table.sigmas[-1]) == pytest.approx(case["model_sigma_max"], rel=1e-4)


@pytest.mark.parametrize("case", [case for case in vector_cases(NAME, "discrete_maps") if case.get("lcm_wrapper")], ids=["lcm"])
def test_levels_of_a_consistency_sampler(case, samplers):
    sampler = samplers.get("LCM")
    table = table_of(case["model"], stride=sampler.timestep_stride)
    assert torch.allclose(table.sigmas, torch.tensor(case["lcm_sigmas"]), rtol=1e-5, atol=0)
    sigmas = torch.tensor(case["sigma_in"])
    assert table.sigma_to_t(sigmas).tolist() == case["t_out"]
    assert torch.allclose(table.t_to_sigma(torch.tensor(case["t_in"])), torch.tensor(case["sigma_out"]), rtol=1e-4, atol=0)
    picture, x = torch.full((len(sigmas), 1, 1, 1), 2.0), torch.full((len(sigmas), 1, 1, 1), 3.0)
    scaled = sampler.precondition()(picture, x, table.sigma_to_t(sigmas))
    assert torch.allclose(scaled.flatten(), torch.tensor(case["scaled_out"]), rtol=1e-6, atol=0)


@pytest.mark.parametrize("model", CHANGES)
def test_changed_alphas(model):
    recorded = torch.tensor(vectors(NAME)["alphas_cumprod"][model])
    changed = changed_alphas(torch.tensor(vectors(NAME)["alphas_cumprod"]["sd15"]), CHANGES[model]).float()
    assert torch.allclose(changed, recorded, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("case", vector_cases(NAME, "img2img"), ids=lambda case: case["id"])
def test_levels_of_a_pass_that_starts_from_latents(case, samplers, schedules):
    explicit = case["explicit_steps"]
    step = example_pass(
        steps=explicit or case["steps"],
        denoising_strength=case["denoising_strength"],
        exact_steps=bool(explicit) or case["img2img_fix_steps"],
    )
    steps, table, latents = pass_steps(step), table_of("sd15"), torch.zeros(1, 4, 8, 8)
    assert (steps.total, steps.executed - 1) == (case["total_steps"], case["t_enc"])
    euler, ddim = samplers.get("Euler"), samplers.get("DDIM")
    if steps.total == 0:
        return  # nothing is drawn
    sigmas = sigma_levels(euler, schedules.find("Karras"), steps.total, table, SamplingOptions())
    used = from_latents(latents, latents, euler, sigmas, table, step).levels
    assert torch.allclose(used, torch.tensor(case["karras_sigmas_used"]), rtol=1e-5, atol=0)
    if "ddim_timesteps_used" not in case:
        return
    timesteps = timestep_levels(ddim, steps.total, SamplingOptions())
    start = from_latents(latents, torch.ones_like(latents), ddim, timesteps, table, step)
    assert start.levels.tolist() == case["ddim_timesteps_used"]
    noise_share = (1 - table.alphas_cumprod[case["ddim_start_timestep"]]).sqrt()
    assert float(start.latents[0, 0, 0, 0]) == pytest.approx(float(noise_share))


@pytest.mark.parametrize("case", vector_cases(NAME, "samplers"), ids=lambda case: case["name"])
def test_samplers_are_listed_as_recorded(case, samplers):
    sampler = samplers.get(case["name"])
    assert list(sampler.aliases) == case["aliases"]
    assert dict(sampler.options) == case["options"]


@pytest.mark.parametrize("case", vector_cases(NAME, "schedulers"), ids=lambda case: case["name"])
def test_schedules_are_listed_as_recorded(case, schedules):
    schedule = schedules.get(case["name"])
    assert (schedule.label, list(schedule.aliases)) == (case["label"], case["aliases"] or [])
    assert schedule.default_rho == (-1 if case["default_rho"] is None else case["default_rho"])
